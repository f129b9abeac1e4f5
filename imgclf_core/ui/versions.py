"""Versions of data sets as pages read them: once a session, for a version never changes."""

from pathlib import Path

from imgclf_core.datasets import store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.errors import DatasetError
from imgclf_core.ui import session

# Each takes about half a kilobyte a photo.
_MOST_DATASETS, _MOST_PHOTOS = 2, 50_000


def load(folder: Path, version: int | None = None) -> Dataset | None:
    """A version, by default the current one; None where it was deleted or is damaged."""
    kept: dict = session.get(session.DATASETS) or {}
    if not store.is_dataset(folder):
        return None
    try:
        number = version or store.history(folder).current
        key = (str(folder), number)
        dataset = kept.get(key) or store.load(folder, number)
    except DatasetError:
        return None
    if len(dataset.photos) <= _MOST_PHOTOS:
        kept = {**{k: v for k, v in kept.items() if k != key}, key: dataset}
        session.put(session.DATASETS, dict(list(kept.items())[-_MOST_DATASETS:]))
    return dataset
