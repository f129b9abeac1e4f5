"""Does a bundle answer the same elsewhere? In a fresh environment, on a hundred odd photos.

    python -m tests.benchmarks.export_proof RUN_DIR [RUN_DIR ...] --odd odd-images.zip

For each run a bundle is exported, a new virtual environment is made with nothing but its own
`requirements.txt`, and its `predict.py` answers photos of every odd kind: made ones (eight
orientations in four formats, CMYK, transparency, 16 bits, HEIC) and those of a zip. Printed are
the largest difference to the scores of the app, and that of `model.keras` on the decoded photos.
"""

import argparse
import csv
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from imgclf_core.errors import ImageError
from imgclf_core.inference import predictor
from imgclf_core.runs import run_store
from tests.bundles.exporting import export
from tests.bundles.odd_pictures import every_kind
from tests.conftest import picture

_ENDINGS = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".gif", ".bmp", ".heif", ".avif")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--odd", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        python = None
        for path in options.runs:
            place = Path(folder) / path.resolve().parent.name / path.name
            place.mkdir(parents=True)
            run = run_store.load(path.resolve())
            with zipfile.ZipFile(export(run, place / "model.zip")) as archive:
                archive.extractall(place)
            python = python or _environment(Path(folder), place / "requirements.txt")
            _compare(run, place, python, _photos(place / "photos", run, options.odd))


def _environment(folder: Path, requirements: Path) -> Path:
    """A Python with these packages and no others."""
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "-r", requirements], check=True)
    return python


def _photos(folder: Path, run, odd: Path | None) -> dict[str, np.ndarray]:
    """At least a hundred photos that the app can read, with what it answers."""
    folder.mkdir()
    photos = every_kind()
    if odd:
        with zipfile.ZipFile(odd) as archive:
            for i, name in enumerate(archive.namelist()):
                if name.lower().endswith(_ENDINGS):
                    photos[f"odd {i:03d} {name.split('/')[-1]}"] = archive.read(name)
    photos |= {f"{i}.jpg": picture(i, (60 + i, 80)) for i in range(max(125 - len(photos), 0))}
    model, scores = predictor.open_run(run), {}
    for name, data in photos.items():
        try:
            scores[name] = model.answer(data).scores
        except ImageError:
            continue  # a broken one, which the app refuses
        (folder / name).write_bytes(data)
    return scores


def _compare(run, place: Path, python: Path, expected: dict[str, np.ndarray]) -> None:
    table = place / "answers.csv"
    subprocess.run(
        [python, "-I", place / "predict.py", place / "photos", "--csv", table],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with open(table, encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    there = {Path(row[0]).name: np.array(row[3:-2], float) for row in rows}
    missing = sorted(set(expected) - set(there))
    largest = max(float(np.abs(there[name] - expected[name]).max()) for name in there)
    import keras

    model, opened = keras.models.load_model(place / run_store.KERAS_FILE), predictor.open_run(run)
    names = sorted(expected)
    images = np.stack([opened.load((place / "photos" / name).read_bytes()) for name in names])
    scores = model.predict(images.astype(np.float32), verbose=0)
    keras_largest = float(np.abs(scores - np.stack([expected[n] for n in names])).max())
    print(
        f"{run.settings.model} ({run.settings.fit}{', fine-tuned' if run.fine_tuned else ''}): "
        f"{len(there)} photos, predict.py differs by {largest:.1e}, model.keras by "
        f"{keras_largest:.1e}; not answered: {missing or 'none'}"
    )


if __name__ == "__main__":
    main()
