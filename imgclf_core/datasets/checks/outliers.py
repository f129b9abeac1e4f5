"""Photos that look unlike the rest of their class, by the features of the fixed backbone.

The features are those of the backbone that comes with the app, so that the answer does not
depend on any training. They are computed by `analysis/outlier_job.py`, or by a training that uses
the same; here is only what follows from them, and how it is kept in `unusual.json` beside the data
set.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from imgclf_core.datasets.dataset import Dataset, Photo
from imgclf_core.support import atomic_files

FILE = "unusual.json"
NEIGHBOURS = 5
# A photo is unusual whose likeness to its nearest of the class lies this many robust standard
# deviations below the middle of its class, and at most one in twenty is.
DEVIATIONS = 4.0
LARGEST_SHARE = 0.05
_FEWEST = 8  # photos a class needs before anything can be called usual


def find(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Photos unlike the rest of their class.

    Args:
        features: float32 (N, D).
        labels: int (N,).

    Returns:
        Positions, the most unusual first.
    """
    found: list[tuple[float, int]] = []
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        if len(members) < _FEWEST:
            continue
        likeness = _likeness(unit[members])
        middle = np.median(likeness)
        # 1.4826 makes the median deviation that of a normal distribution (Hampel, 1974).
        spread = 1.4826 * np.median(np.abs(likeness - middle)) + 1e-6
        below = (middle - likeness) / spread
        most = max(1, int(LARGEST_SHARE * len(members)))
        worst = np.argsort(-below, kind="stable")[:most]
        found += [(-float(below[i]), int(members[i])) for i in worst if below[i] > DEVIATIONS]
    return np.array([position for _, position in sorted(found)], dtype=np.int64)


def _likeness(unit: np.ndarray) -> np.ndarray:
    """float (n,): mean cosine to the nearest others, in pieces so that memory stays small."""
    count, result = min(NEIGHBOURS, len(unit) - 1), np.empty(len(unit))
    for start in range(0, len(unit), 1024):
        cosines = unit[start : start + 1024] @ unit.T
        cosines[np.arange(len(cosines)), np.arange(start, start + len(cosines))] = -np.inf
        nearest = np.partition(cosines, -count, axis=1)[:, -count:]
        result[start : start + 1024] = nearest.mean(axis=1)
    return result


def save(dataset: Dataset, features: np.ndarray) -> int:
    """Finds and keeps the unusual photos of a version, and tells how many there are.

    Args:
        dataset: Of which.
        features: float32 (N, D), in the order of its photos.
    """
    positions = find(features, dataset.labels)
    photos = [dataset.photos[i] for i in positions]
    atomic_files.write_json(
        dataset.folder / FILE,
        {
            "looked_at": _digest(dataset),
            "unusual": [[photo.key, dataset.class_of(photo)] for photo in photos],
        },
    )
    return len(photos)


def looked_at(dataset: Dataset) -> bool:
    """Whether all photos of this version were looked at, in the classes they are in."""
    kept = _kept(dataset.folder)
    return kept is not None and kept["looked_at"] == _digest(dataset)


def test(dataset: Dataset) -> Callable[[Photo], bool]:
    """Tells whether a photo was found unusual in the class it is in."""
    kept = _kept(dataset.folder) or {"unusual": []}
    found = {(key, class_name) for key, class_name in kept["unusual"]}
    return lambda photo: (photo.key, dataset.class_of(photo)) in found


def _digest(dataset: Dataset) -> str:
    entries = sorted({f"{photo.key} {dataset.class_of(photo)}" for photo in dataset.photos})
    return hashlib.sha256("\n".join(entries).encode()).hexdigest()


def _kept(folder: Path) -> dict | None:
    value = atomic_files.read_json(folder / FILE)
    return value if isinstance(value, dict) and {"looked_at", "unusual"} <= value.keys() else None
