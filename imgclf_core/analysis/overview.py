"""Pictures of a data set as a whole: photo sizes, and the mean photo of each class."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.ingest import intake

_PHOTOS_AT_ONCE = 2048


@dataclass(frozen=True)
class PhotoSizes:
    """How large photos are.

    Attributes:
        heights, widths: int (M,), sizes that occur, in pixels.
        counts: int (M,), photos of each size.
    """

    heights: np.ndarray
    widths: np.ndarray
    counts: np.ndarray

    @property
    def sentence(self) -> str:
        """The middle of the sizes in words."""
        if len(self.counts) == 1:
            return f"All photos have {self.widths[0]:,} x {self.heights[0]:,} pixels."
        short = np.repeat(np.minimum(self.heights, self.widths), self.counts)
        low, middle, high = np.percentile(short, (0, 50, 100))
        return (
            f"The short side has {middle:,.0f} pixels in the middle, from {low:,.0f} to "
            f"{high:,.0f}."
        )


def photo_sizes(dataset: Dataset) -> PhotoSizes:
    """Sizes of all photos that take part, the most frequent first."""
    found = Counter((photo.height, photo.width) for photo in dataset.photos).most_common()
    table = np.array([(h, w, n) for (h, w), n in found], dtype=np.int64).reshape(-1, 3)
    return PhotoSizes(table[:, 0], table[:, 1], table[:, 2])


def mean_photos(dataset: Dataset) -> np.ndarray:
    """The mean of all photos of each class.

    What is the same in every photo of a class, such as a background or a date in the corner,
    stands out; the network may learn just that.

    Returns:
        uint8 (K, s, s, 3), at the size of fingerprints; grey where none is known.
    """
    store = intake.fingerprints(dataset.folder)
    positions, rows = store.positions(), store.rows()
    means = np.full((len(dataset.class_names), *rows.shape[1:]), 128.0)
    for k in range(len(dataset.class_names)):
        members = [
            positions[dataset.photos[i].key]
            for i in np.flatnonzero(dataset.labels == k)
            if dataset.photos[i].key in positions
        ]
        if not members:
            continue
        total = np.zeros(rows.shape[1:])
        for start in range(0, len(members), _PHOTOS_AT_ONCE):
            total += rows[members[start : start + _PHOTOS_AT_ONCE]].sum(axis=0, dtype=np.float64)
        means[k] = total / len(members)
    return means.round().astype(np.uint8)
