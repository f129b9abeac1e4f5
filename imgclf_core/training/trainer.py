"""The `train` job: from a data set and settings to a tested run.

Stages: reading photos, computing features (pretrained network only), training, testing. The
downloadable model is packed by another job afterwards, so the result is on screen first.
"""

import importlib
import importlib.metadata
import os
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from imgclf_core import config, files
from imgclf_core.data import cache, checks, storage, unusual
from imgclf_core.data.dataset import AS_IS, SAMPLE_UP, Dataset, Photo
from imgclf_core.data.layout import SIDES, TRAINING, VALIDATION
from imgclf_core.errors import DatasetError
from imgclf_core.evaluation import metrics, predictions
from imgclf_core.evaluation.predictions import Predictions
from imgclf_core.jobs.events import Reporter
from imgclf_core.models import mobilenet_v2, scratch_cnn, weights
from imgclf_core.training import estimate, features, look, run
from imgclf_core.training.features import Recipe, Source
from imgclf_core.training.run import Run
from imgclf_core.training.settings import TrainingSettings

# Classes are weighed alike from this ratio of largest to smallest on.
_WEIGH_FROM = checks.IMBALANCE_MENTIONED
# 1,280 features for each class and few photos: the last layer must be held back. Of the values
# from 1e-4 to 5 tried on scenes, signs and heroes, 2 did best with one varied copy a photo.
HEAD_DECAY, SCRATCH_DECAY = 2.0, 1e-4
_LIBRARIES = ("tensorflow", "keras", "numpy", "pillow", "ai-edge-litert")


@dataclass(frozen=True)
class _Material:
    """Photos that take part, with labels renumbered where classes were left out.

    Attributes:
        photos: N photos. labels: int64 (N,). class_names: K names. sides: str (N,).
    """

    dataset: Dataset
    photos: tuple[Photo, ...]
    labels: np.ndarray
    class_names: tuple[str, ...]

    @property
    def sides(self) -> np.ndarray:
        return np.array([photo.side for photo in self.photos])

    def sources(self) -> list[Source]:
        return [
            Source(photo.key, lambda photo=photo: self.dataset.read(photo)) for photo in self.photos
        ]

    def at(self, side: str) -> np.ndarray:
        return np.flatnonzero(self.sides == side)

    def training_rows(self) -> np.ndarray:
        """Training photos in their order; those of rare classes repeatedly if asked for."""
        rows = self.at(TRAINING)
        if self.dataset.balance != SAMPLE_UP:
            return rows
        counts = np.bincount(self.labels[rows], minlength=len(self.class_names))
        by_class = [rows[self.labels[rows] == k] for k in range(len(self.class_names))]
        return np.sort(np.concatenate([np.resize(one, counts.max()) for one in by_class]))


def run_job(folder: Path, params: dict, reporter: Reporter) -> dict:
    """Trains the run whose `config.json` lies in `folder`.

    Raises:
        DatasetError: A class is too small.
        JobStoppedError: The person stopped it before anything was learnt.
    """
    record = run.load(folder)
    material = _material(record)
    record = replace(record, class_names=material.class_names, versions=_versions())
    run.save(record)
    reporter.plan(estimate.seconds_by_stage(record.settings, len(material.photos)))
    train = _train_head if record.settings.model == mobilenet_v2.NAME else _train_scratch
    record, scores, figures = train(record, material, reporter)
    reporter.stage(estimate.TESTING, may_stop=False)
    report = _report(record, material, scores, figures, reporter)
    cache.sweep(config.limits(params.get("profile", config.PERSONAL)).cache_bytes)
    return {"test_accuracy": report.get("test", {}).get("accuracy")}


def _material(record: Run) -> _Material:
    dataset = storage.load(record.dataset, record.dataset_version)
    small = set(checks.too_small_classes(dataset))
    if small and not record.settings.leave_out_small:
        raise DatasetError(
            f"Too few photos to train: {', '.join(sorted(small))}. A class needs at least "
            f"{checks.FEWEST_TO_TRAIN}. Add photos, or train without the small classes."
        )
    names = tuple(name for name in dataset.class_names if name not in small)
    if len(names) < 2:
        raise DatasetError("Fewer than two classes have enough photos to train. Add photos.")
    index = {name: k for k, name in enumerate(names)}
    photos = tuple(p for p in dataset.photos if dataset.class_names[p.label] in index)
    labels = np.array([index[dataset.class_names[p.label]] for p in photos], dtype=np.int64)
    return _Material(dataset, photos, labels, names)


def _train_head(record: Run, material: _Material, reporter: Reporter):
    settings = record.settings
    # TensorFlow takes seconds to import; LiteRT computes features meanwhile.
    importing = threading.Thread(target=importlib.import_module, args=("keras",))
    importing.start()
    reporter.stage(estimate.READING, len(material.photos))
    chosen = weights.resolve(settings.weights, settings.image_size)
    record = replace(
        record,
        weights={"source": chosen.source, "sha256": chosen.sha256, "note": chosen.note},
    )
    run.save(record)
    recipe = Recipe(
        backbone=weights.backbone(chosen),
        weights_sha256=chosen.sha256,
        image_size=settings.image_size,
        fit=settings.fit,
        augmentation=settings.augmentation,
    )
    plain, varied, decode_seconds = _features(material, recipe, settings.views, reporter)
    _look(material, recipe, plain)
    importing.join()
    reporter.stage(estimate.TRAINING, settings.epochs)
    result = _fit_head(material, plain, varied, settings, reporter)
    run.save_learnt(record.folder, result.weights)
    scores = mobilenet_v2.apply_head(plain, *result.weights)
    return record, scores, _figures(result, decode_seconds)


def _features(material: _Material, recipe: Recipe, views: int, reporter: Reporter):
    timing, sources = features.Timing(), material.sources()
    rows = material.training_rows()
    vary = views > 0 and recipe.augmentation.active
    reporter.stage(estimate.FEATURES, len(sources) + (len(rows) if vary else 0))

    def progress(done: int) -> None:
        reporter.progress(done)
        reporter.raise_if_stopped()

    plain = features.compute(sources, recipe, on_progress=progress, timing=timing)[:, 0]
    varied = plain[rows][:, None]
    if vary:
        varied = features.compute(
            [sources[i] for i in rows], recipe, views,
            lambda done: progress(len(sources) + done), timing,
        )  # fmt: skip
    return plain, varied, timing.decode / (os.cpu_count() or 1)


def _look(material: _Material, recipe: Recipe, plain: np.ndarray) -> None:
    """Finds unusual photos where the features at hand are those that are looked at for it."""
    fixed = look.fixed_recipe()
    everything = len(material.photos) == len(material.dataset.photos)
    if everything and recipe.store.folder == fixed.store.folder:
        unusual.save(material.dataset, plain)


def _fit_head(material: _Material, plain, varied, settings: TrainingSettings, reporter: Reporter):
    import keras

    from imgclf_core.training.fit import fit

    keras.utils.set_random_seed(settings.seed)
    rows, check = material.training_rows(), _validation_rows(material)
    class_count, views = len(material.class_names), varied.shape[1]
    targets = one_hot(material.labels, class_count)
    photo_weights = _photo_weights(material, settings)
    x = varied.reshape(-1, varied.shape[-1])
    y = np.repeat(targets[rows], views, axis=0)
    w = np.repeat(photo_weights[rows], views)
    model = mobilenet_v2.build_head(class_count, settings.dropout, settings.seed)
    steps = -(-len(x) // settings.batch_size)
    return fit(
        model, (x, y, w), (plain[check], targets[check]), settings, reporter, steps, HEAD_DECAY
    )


def _train_scratch(record: Run, material: _Material, reporter: Reporter):
    settings = record.settings
    reporter.stage(estimate.READING, len(material.photos))

    def progress(done: int) -> None:
        reporter.progress(done)
        reporter.raise_if_stopped()

    import keras

    from imgclf_core.training import pixels
    from imgclf_core.training.fit import fit

    started = time.perf_counter()
    sources = material.sources()
    stored, positions = pixels.stored(sources, settings.image_size, settings.fit, progress)
    decode_seconds = time.perf_counter() - started
    reporter.stage(estimate.TRAINING, settings.epochs)
    keras.utils.set_random_seed(settings.seed)
    class_count = len(material.class_names)
    targets = one_hot(material.labels, class_count)
    photo_weights = _photo_weights(material, settings)

    def batches(rows: np.ndarray, augmentation, weights: np.ndarray) -> pixels.Batches:
        return pixels.Batches(
            stored, positions[rows], targets[rows], weights[rows],
            settings.batch_size, augmentation, settings.seed,
        )  # fmt: skip

    training = batches(material.training_rows(), settings.augmentation, photo_weights)
    alike = np.ones(len(material.photos), np.float32)
    validation = batches(_validation_rows(material), None, alike)
    model = scratch_cnn.build(settings.image_size, class_count, settings.dropout, settings.seed)
    result = fit(model, training, validation, settings, reporter, len(training), SCRATCH_DECAY)
    model.set_weights(result.weights)
    run.save_learnt(record.folder, result.weights)
    scores = model.predict(batches(np.arange(len(material.photos)), None, alike), verbose=0)
    return record, scores, _figures(result, decode_seconds)


def _validation_rows(material: _Material) -> np.ndarray:
    """Validation photos; where the data left none, the training photos stand in."""
    rows = material.at(VALIDATION)
    return rows if len(rows) else material.at(TRAINING)


def _photo_weights(material: _Material, settings: TrainingSettings) -> np.ndarray:
    """float32 (N,): how much each photo counts in the loss; 1 on average over training."""
    class_count = len(material.class_names)
    counts = np.bincount(material.labels[material.training_rows()], minlength=class_count)
    unequal = counts.max() >= _WEIGH_FROM * counts.min() and material.dataset.balance != AS_IS
    by_class = np.ones(class_count)
    if settings.class_weights == "on" or (settings.class_weights == "auto" and unequal):
        by_class = counts.sum() / (class_count * np.maximum(counts, 1))
    return by_class[material.labels].astype(np.float32)


def _figures(result, decode_seconds: float) -> dict:
    return {
        "epochs_run": result.epochs_run,
        "best_epoch": result.best_epoch,
        "stopped": result.stopped,
        "decode_seconds": decode_seconds,
    }


def _report(
    record: Run, material: _Material, scores: np.ndarray, figures: dict, reporter: Reporter
) -> dict:
    answers = Predictions(
        files=np.array([photo.file for photo in material.photos]),
        names=np.array([photo.name for photo in material.photos]),
        labels=material.labels,
        sides=material.sides,
        scores=scores.astype(np.float32),
    )
    predictions.save(record.folder / run.PREDICTIONS_FILE, answers)
    report = {
        side: metrics.evaluate(part.labels, part.scores, material.class_names).to_json()
        for side in SIDES
        if len(part := answers.of(side))
    }
    decode_seconds = figures.pop("decode_seconds")
    spent = reporter.seconds
    report |= figures
    report["seconds"] = {
        "decode": round(decode_seconds, 3),
        "features": round(max(spent.get(estimate.FEATURES, 0.0) - decode_seconds, 0.0), 3),
        "fit": round(spent.get(estimate.TRAINING, 0.0), 3),
        "total": round(sum(spent.values()), 3),
    }
    files.write_json(record.folder / run.REPORT_FILE, report)
    return report


def one_hot(labels: np.ndarray, class_count: int) -> np.ndarray:
    """float32 (N, K) with a 1 in the column of the label."""
    return np.eye(class_count, dtype=np.float32)[labels]


def _versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in _LIBRARIES}
