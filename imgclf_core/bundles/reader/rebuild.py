"""From a bundle that was checked to a model of this machine, built by our own code.

On the shipped backbone only the last layer came along, and nothing is converted. Any other
network is built, filled and converted to LiteRT by the code that packs our own runs, which needs
Keras: a job, or the command line. A whole MobileNetV2 becomes a file of pretrained weights with
a last layer on it, so that needs no way of its own. `labels.json` is written last and makes the
folder a model; whatever ends before that leaves none.
"""

import hashlib
import time
from pathlib import Path

import numpy as np

from imgclf_core.bundles.format import LABELS_FILE, TOLERANCE
from imgclf_core.bundles.reader.content import Content, Sample
from imgclf_core.bundles.reader.manifest import Manifest
from imgclf_core.errors import ImageError, ModelError
from imgclf_core.inference import predictor as predictors
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.networks import catalogue, weights
from imgclf_core.runs import calibration, ood_detector, run_store
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.support import atomic_files, file_system
from imgclf_core.training import packaging

CHECKING = "trying the samples"
_NETWORK_FILE = "network.npz"
_OWN_FILES = (
    LABELS_FILE,
    run_store.REPORT_FILE,
    run_store.CONFIG_FILE,
    run_store.LEARNT_FILE,
    run_store.KERAS_FILE,
    run_store.LITERT_FILE,
    run_store.WHOLE_FILE,
    ood_detector.FILE,
    calibration.FILE,
    _NETWORK_FILE,
)


def needs_keras(known: Manifest) -> bool:
    """Whether a network must be built and converted."""
    return known.backbone is None


def build(folder: Path, content: Content, reporter: Reporter) -> None:
    """Makes a model in a folder, which may hold the files of its job.

    Raises:
        ModelError: It does not answer its samples as it should; nothing of it stays.
    """
    clear(folder)
    try:
        _write(folder, content)
        if needs_keras(content.manifest):
            packaging.run(folder, {"run": str(folder)}, reporter)
            for name in (_NETWORK_FILE, run_store.WHOLE_FILE):  # it is in the packed model now
                file_system.remove(folder / name)
        reporter.stage(CHECKING, len(content.samples))
        _check_samples(folder, content, reporter)
        atomic_files.write_json(folder / LABELS_FILE, content.manifest.to_json())
    except BaseException:
        clear(folder)
        raise


def clear(folder: Path) -> None:
    """Removes a model, first of all what makes the folder one; files of a job stay."""
    for name in _OWN_FILES:
        file_system.remove(folder / name)


def _write(folder: Path, content: Content) -> None:
    known, learnt = content.manifest, content.arrays
    settings = TrainingSettings(
        model=known.network, image_size=known.image_size, fit=known.fit, weights=weights.SHIPPED
    )
    pretrained = {}
    if known.backbone is not None:
        pretrained = {"source": weights.SHIPPED, "sha256": known.backbone, "note": ""}
    elif known.network in catalogue.ON_BACKBONE:
        path, learnt = folder / _NETWORK_FILE, learnt[-2:]
        sha256 = _write_network(path, content.arrays[:-2])
        settings = TrainingSettings(**{**settings.to_json(), "weights": str(path)})
        pretrained = {"source": weights.FILE, "sha256": sha256, "note": ""}
    record = Run(
        folder,
        known.name,
        time.time(),
        folder / "photos",
        known.dataset,
        settings,
        known.class_names,
        pretrained,
        known.versions,
    )
    run_store.save_learnt(folder, learnt)
    calibration.save(folder, known.confidence)
    if content.gate is not None:
        ood_detector.save(folder, content.gate)
    atomic_files.write_json(
        folder / run_store.REPORT_FILE, {"test": known.test} if known.tested else {}
    )
    run_store.save(record)


def _write_network(path: Path, arrays: list[np.ndarray]) -> str:
    """Writes everything before the last layer as a weights file; returns its SHA-256."""
    atomic_files.write_arrays(path, **{f"array_{i:03d}": one for i, one in enumerate(arrays)})
    with file_system.open(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_samples(folder: Path, content: Content, reporter: Reporter) -> None:
    model = predictors.open_folder(folder)
    for done, sample in enumerate(content.samples, start=1):
        difference = _difference(model, sample)
        if not difference <= TOLERANCE:
            raise ModelError(
                f"The model '{content.manifest.name}' was not taken: built anew here, it answers "
                f"its own sample photo '{sample.name}' differently, by {difference:.2g} where at "
                f"most {TOLERANCE:g} is allowed. Export it again."
            )
        reporter.progress(done)


def largest_difference(folder: Path, content: Content) -> float:
    """How far the scores of a model that was built are from those that its bundle tells."""
    model = predictors.open_folder(folder)
    return max(_difference(model, sample) for sample in content.samples)


def _difference(model: predictors.Predictor, sample: Sample) -> float:
    try:
        scores = model.answer(sample.data).scores
    except ImageError as error:
        raise ModelError(
            f"The sample photo '{sample.name}' of this model is damaged ({error}). "
            "Export the model again."
        ) from error
    return float(np.abs(scores - sample.scores).max())
