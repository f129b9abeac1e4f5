"""The `enough` job: would more photos help? Learning curves of a version, kept beside it.

What is measured is in `analysis/learning_curves/learning_curve.py`, what follows from it for the
person in `analysis/learning_curves/recommendations.py`. Here are the photos it is done with, and
the file `enough.json`.
"""

import hashlib
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from imgclf_core.analysis.learning_curves import learning_curve
from imgclf_core.analysis.learning_curves.learning_curve import Curves
from imgclf_core.analysis.learning_curves.tallies import Band, Unseen
from imgclf_core.datasets import photo_files, store
from imgclf_core.datasets.dataset import AS_IS, Dataset
from imgclf_core.datasets.split import TRAINING, VALIDATION
from imgclf_core.jobs.reporter import Reporter, progress_of
from imgclf_core.networks import embeddings
from imgclf_core.networks.embeddings import Source
from imgclf_core.support import atomic_files
from imgclf_core.training import time_estimate

FOLDER = "enough"  # of the job, inside the data set
FILE = "enough.json"
LEARNING = "learning from fewer photos"
# Of more photos a fair sample is taken, the largest classes giving most: a curve that has not
# ended there is drawn further by its own law.
MOST = {TRAINING: 7_000, VALIDATION: 3_000}


def run(folder: Path, params: dict, reporter: Reporter) -> dict:
    """Measures the current version; `folder` lies in the data set's.

    Raises:
        DatasetError: There are too few photos for it.
    """
    dataset = store.load(folder.parent)
    rows = _taking_part(dataset)
    labels, sides, groups = dataset.labels[rows], dataset.sides[rows], dataset.groups[rows]
    learning_curve.refuse_too_few(labels, sides, groups)  # before minutes are spent on features
    reporter.plan(_seconds_by_stage(len(rows)))
    reporter.stage(time_estimate.FEATURES, len(rows))
    embedded = _features(dataset, rows, progress_of(reporter))
    reporter.stage(LEARNING)
    curves = learning_curve.measure(
        embedded,
        labels,
        sides,
        groups,
        dataset.class_names,
        weigh=dataset.balance != AS_IS,
        on_fit=lambda done: reporter.raise_if_stopped(),
    )
    save(dataset, _of_all(curves, dataset, rows))
    return {"suspects": len(curves.suspects)}


def seconds(dataset: Dataset) -> float:
    """What it is expected to take on two cores, with no features kept yet."""
    count = sum(min(most, int((dataset.sides == side).sum())) for side, most in MOST.items())
    return 1.0 + sum(_seconds_by_stage(count).values())


def save(dataset: Dataset, curves: Curves) -> None:
    """Keeps the curves of a version, in place of any earlier ones."""
    atomic_files.write_json(
        dataset.folder / FILE, {"measured_on": _digest(dataset), "curves": _plain(curves)}
    )


def load(dataset: Dataset) -> Curves | None:
    """The curves of this very version; None where it was not measured or has changed since."""
    value = atomic_files.read_json(dataset.folder / FILE)
    try:
        if value["measured_on"] != _digest(dataset):
            return None
        return _curves(value["curves"])
    except (KeyError, TypeError, ValueError):
        return None  # none, or damaged: it is measured again


def _taking_part(dataset: Dataset) -> np.ndarray:
    """int: positions of training and validation photos, no more than `MOST`."""
    taken = [
        _sample(dataset.labels, dataset.groups, dataset.indices(side), most)
        for side, most in MOST.items()
    ]
    return np.sort(np.concatenate(taken))


def _sample(labels: np.ndarray, groups: np.ndarray, rows: np.ndarray, most: int) -> np.ndarray:
    """int: at most `most` of the rows, the same number of each class where it has so many."""
    if len(rows) <= most:
        return rows
    # Groups in random order, photos of a group one after another.
    shuffled = np.random.default_rng(0).permutation(groups.max() + 1)[groups[rows]]
    rows = rows[np.lexsort((shuffled, labels[rows]))]
    starts = np.searchsorted(labels[rows], labels[rows])
    place = np.arange(len(rows)) - starts  # of each photo inside its class
    return rows[np.argsort(place, kind="stable")[:most]]


def _features(dataset: Dataset, rows: np.ndarray, on_progress: Callable[[int], None]) -> np.ndarray:
    """float32 (n, 1280), of the photos at some positions."""
    photos = [dataset.photos[i] for i in rows]
    sources = [
        Source(photo.key, lambda p=photo: photo_files.read_photo(dataset, p)) for photo in photos
    ]
    stored, places = embeddings.compute(sources, embeddings.fixed_recipe(), on_progress=on_progress)
    return np.asarray(stored[places[:, 0]])


def _of_all(curves: Curves, dataset: Dataset, rows: np.ndarray) -> Curves:
    """The curves of a part of the photos, told of the whole data set."""
    there = dataset.labels[dataset.sides == TRAINING]
    return replace(
        curves,
        suspects=rows[curves.suspects],
        training_share=len(there) / len(dataset.photos),
        to_learn_from=np.bincount(there, minlength=len(dataset.class_names)),
    )


def _seconds_by_stage(count: int) -> dict[str, float]:
    # The rate of learning was measured with five to twenty classes on one core.
    return {
        time_estimate.FEATURES: time_estimate.feature_seconds(count),
        LEARNING: 0.3 + count / 1_700,
    }


def _digest(dataset: Dataset) -> str:
    """Changes with everything the curves depend on, and with the positions of the photos."""
    entries = [
        f"{photo.key} {dataset.class_of(photo)} {photo.side} {group}"
        for photo, group in zip(dataset.photos, dataset.groups, strict=True)
    ]
    return hashlib.sha256("\n".join([dataset.balance, *entries]).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """JSON values of a dataclass of arrays; what was not measured becomes null."""
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f":
            return np.where(np.isnan(value), None, value.astype(object)).tolist()
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


def _curves(value: dict[str, Any]) -> Curves:
    def whole(name: str) -> np.ndarray:
        return np.array(value[name], dtype=np.int64)

    def shares(values: dict[str, list]) -> dict[str, np.ndarray]:
        return {name: np.array(numbers, dtype=np.float64) for name, numbers in values.items()}

    return Curves(
        class_names=tuple(value["class_names"]),
        photos=whole("photos"),
        photos_by_class=whole("photos_by_class"),
        accuracy=Band(**shares(value["accuracy"])),
        recall=Band(**shares(value["recall"])),
        validated=whole("validated"),
        unseen=Unseen(**shares(value["unseen"])),
        suspects=whole("suspects"),
        suspect_labels=whole("suspect_labels"),
        suspect_guesses=whole("suspect_guesses"),
        training_share=float(value["training_share"]),
        to_learn_from=whole("to_learn_from"),
    )
