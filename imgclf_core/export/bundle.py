"""One zip with everything needed to use a model elsewhere."""

import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from imgclf_core import __version__
from imgclf_core.errors import ModelError
from imgclf_core.evaluation import calibration
from imgclf_core.training import run as runs
from imgclf_core.training.run import Run

FORMAT = 1
_TEST_FIGURES = ("accuracy", "interval", "n")
LABELS_FILE, README_FILE = "labels.json", "README.txt"

_README = """\
{name}

This model tells apart {count} kinds of picture: {classes}.
Trained on {trained} photos of the data set {dataset}.
{tested}

It was taught with few photos and tested little. Do not use it for judgements about people.

model.keras    for Keras: keras.models.load_model("model.keras")
model.tflite   for LiteRT; outputs scores, embedding and cam
labels.json    names of the classes in the order of the scores, settings, versions

Both take photos as RGB numbers from 0 to 255, {side} x {side}, upright; rescaling is inside.
This is how the app brings a photo to that size ("fit": "{fit}"): crop keeps the centre, pad
adds white borders, stretch changes the shape.

"confidence" in labels.json: with a score below the threshold the app answers "not sure". The
temperature is part of the last layer already.
"""


def labels(run: Run) -> dict:
    """What `labels.json` holds."""
    side = run.settings.image_size
    return {
        "format": FORMAT,
        "made_with": f"imgclf {__version__}",
        "name": run.name,
        "dataset": run.dataset_name,
        "class_names": list(run.class_names),
        "image_size": [side, side],
        "fit": run.settings.fit,
        "settings": run.settings.to_json(),
        "weights": run.weights,
        "versions": run.versions,
        "confidence": asdict(calibration.load(run.folder)),
        "test": {k: run.report().get("test", {}).get(k) for k in _TEST_FIGURES},
    }


def write(run: Run, file: BinaryIO | Path) -> None:
    """Writes the bundle of a packed run.

    Raises:
        ModelError: The run has not been packed.
    """
    if not run.packed:
        raise ModelError(
            f"The model of the run '{run.name}' is not packed yet. Wait until packing is done."
        )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(run.folder / runs.KERAS_FILE, runs.KERAS_FILE)
        archive.write(run.folder / runs.LITERT_FILE, runs.LITERT_FILE)
        archive.writestr(LABELS_FILE, json.dumps(labels(run), ensure_ascii=False, indent=1))
        archive.writestr(README_FILE, _readme(run))


def _readme(run: Run) -> str:
    report = run.report()
    return _README.format(
        name=run.name,
        count=len(run.class_names),
        classes=", ".join(run.class_names),
        trained=report["training"]["n"],
        dataset=run.dataset_name,
        tested=_tested(report.get("test")),
        side=run.settings.image_size,
        fit=run.settings.fit,
    )


def _tested(test: dict | None) -> str:
    if test is None:
        return "It was not tested: there were no photos to test with."
    low, high = test["interval"]
    return (
        f"On {test['n']} photos it had never seen it was right on {test['right']} "
        f"({test['accuracy']:.1%}; likely between\n{low:.1%} and {high:.1%}). Always guessing "
        f"'{test['baseline_class']}' would get {test['baseline']:.1%}."
    )
