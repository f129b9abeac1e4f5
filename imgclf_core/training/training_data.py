"""What takes part in a training: photos, labels, sides, and how much each counts."""

from dataclasses import dataclass

import numpy as np

from imgclf_core.datasets import photo_files, store
from imgclf_core.datasets.checks import class_checks
from imgclf_core.datasets.dataset import AS_IS, SAMPLE_UP, Dataset, Photo
from imgclf_core.datasets.split import TRAINING, VALIDATION
from imgclf_core.errors import DatasetError
from imgclf_core.networks.embeddings import Source
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings

# Classes are weighed alike from this ratio of largest to smallest on.
_WEIGH_FROM = class_checks.IMBALANCE_MENTIONED


@dataclass(frozen=True)
class Material:
    """Photos that take part, with labels renumbered where classes were left out.

    Attributes:
        dataset: Where they come from.
        photos: N photos.
        labels: int64 (N,).
        class_names: K names.
    """

    dataset: Dataset
    photos: tuple[Photo, ...]
    labels: np.ndarray
    class_names: tuple[str, ...]

    @property
    def sides(self) -> np.ndarray:
        """str (N,)."""
        return np.array([photo.side for photo in self.photos])

    @property
    def targets(self) -> np.ndarray:
        """float32 (N, K) with a 1 in the column of the label."""
        return np.eye(len(self.class_names), dtype=np.float32)[self.labels]

    def sources(self) -> list[Source]:
        """Where the bytes of each photo are."""
        return [
            Source(photo.key, lambda photo=photo: photo_files.read_photo(self.dataset, photo))
            for photo in self.photos
        ]

    def at(self, side: str) -> np.ndarray:
        """int (n,), photos of one side."""
        return np.flatnonzero(self.sides == side)

    def training_rows(self) -> np.ndarray:
        """Training photos in their order; those of rare classes repeatedly if asked for."""
        rows = self.at(TRAINING)
        if self.dataset.balance != SAMPLE_UP:
            return rows
        counts = np.bincount(self.labels[rows], minlength=len(self.class_names))
        by_class = [rows[self.labels[rows] == k] for k in range(len(self.class_names))]
        return np.sort(np.concatenate([np.resize(one, counts.max()) for one in by_class]))

    def validation_rows(self) -> np.ndarray:
        """Validation photos; where the data left none, the training photos stand in."""
        rows = self.at(VALIDATION)
        return rows if len(rows) else self.at(TRAINING)

    def photo_weights(self, settings: TrainingSettings) -> np.ndarray:
        """float32 (N,): how much each photo counts in the loss; 1 on average over training."""
        class_count = len(self.class_names)
        counts = np.bincount(self.labels[self.training_rows()], minlength=class_count)
        unequal = counts.max() >= _WEIGH_FROM * counts.min() and self.dataset.balance != AS_IS
        by_class = np.ones(class_count)
        if settings.class_weights == "on" or (settings.class_weights == "auto" and unequal):
            by_class = counts.sum() / (class_count * np.maximum(counts, 1))
        return by_class[self.labels].astype(np.float32)


def of_run(record: Run) -> Material:
    """The photos of the version a run was started on.

    Raises:
        DatasetError: A class is too small and shall not be left out, or too few are left.
    """
    dataset = store.load(record.dataset, record.dataset_version)
    small = set(class_checks.too_small_classes(dataset))
    if small and not record.settings.leave_out_small:
        raise DatasetError(
            f"Too few photos to train: {', '.join(sorted(small))}. A class needs at least "
            f"{class_checks.FEWEST_TO_TRAIN}. Add photos, or train without the small classes."
        )
    names = tuple(name for name in dataset.class_names if name not in small)
    if len(names) < 2:
        raise DatasetError("Fewer than two classes have enough photos to train. Add photos.")
    index = {name: k for k, name in enumerate(names)}
    photos = tuple(p for p in dataset.photos if dataset.class_names[p.label] in index)
    labels = np.array([index[dataset.class_names[p.label]] for p in photos], dtype=np.int64)
    return Material(dataset, photos, labels, names)
