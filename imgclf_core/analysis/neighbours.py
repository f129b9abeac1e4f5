"""Training photos that look most like a photo, to a network that nobody trained here.

By the cosine of what the fixed backbone sees, from the store of features; nothing is computed
here that is not there already, so it is quick enough for a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from imgclf_core.datasets.dataset import Dataset, Photo
from imgclf_core.datasets.split import TRAINING
from imgclf_core.images import decode
from imgclf_core.networks import embeddings, litert

# Rows read at once, about 5 MB, so that the server stays small.
_ROWS = 1000
# Of more photos an even sample is compared.
MOST_COMPARED = 20_000


@dataclass(frozen=True)
class Neighbours:
    """What a photo resembles; positions are those of `Dataset.photos`.

    Attributes:
        positions: int64 (n,), photos of the side asked for, the most alike first.
        cosines: float32 (n,), how alike, -1 to 1.
        near_identical: int64 (m,), photos of any side that are nearly the same picture.
    """

    positions: np.ndarray
    cosines: np.ndarray
    near_identical: np.ndarray


def nearest(
    dataset: Dataset, photo: str | np.ndarray, count: int = 3, side: str = TRAINING
) -> Neighbours | None:
    """The photos of one side that are most like a photo.

    Args:
        dataset: It and the photos to compare with.
        photo: `Photo.file` of a photo of the data set, perhaps left out since; or, of any other
            photo, float32 (1280,), its features by `analysis.outlier_job.fixed_recipe`.
        count: How many.
        side: Which photos are compared.

    Returns:
        None where the features are not in the store any more.
    """
    itself, alike = _same(dataset.photos, photo)
    store = embeddings.fixed_recipe().store
    row_of = store.positions()
    others = [
        i
        for i in dataset.indices(side).tolist()
        if i not in itself and i not in alike and dataset.photos[i].key in row_of
    ]
    others = _some(np.array(others, dtype=np.int64))
    own = row_of.get(photo.split(".")[0]) if isinstance(photo, str) else None
    if not len(others) or (own is None and isinstance(photo, str)):
        return None
    wanted = np.array([row_of[dataset.photos[i].key] for i in others], dtype=np.int64)
    try:
        rows = store.rows()
        vector = photo if own is None else rows[own]
        cosines = _cosines(rows, wanted, np.asarray(vector, dtype=np.float32))
    except (OSError, ValueError, IndexError):  # the cache was swept at this very moment
        return None
    best = np.argsort(-cosines, kind="stable")[:count]
    return Neighbours(others[best], cosines[best], np.array(sorted(alike), dtype=np.int64))


def vector_of(data: bytes) -> np.ndarray:
    """What the fixed backbone sees in any photo, float32 (1280,), for `nearest`.

    Raises:
        ImageError: It is not a picture we can read.
    """
    recipe = embeddings.fixed_recipe()
    image = decode.load(data, (recipe.image_size, recipe.image_size), recipe.fit)
    return litert.pool(recipe.backbone).run(image[None], ["embedding"])["embedding"][0]


def _same(photos: Sequence[Photo], photo: str | np.ndarray) -> tuple[set[int], set[int]]:
    """Positions of the photo itself, and of those nearly the same."""
    if not isinstance(photo, str):
        return set(), set()
    itself = {i for i, other in enumerate(photos) if other.file == photo}
    numbers = {photos[i].alike for i in itself}
    alike = {i for i, other in enumerate(photos) if other.alike in numbers}
    return itself, alike - itself


def _some(positions: np.ndarray) -> np.ndarray:
    if len(positions) <= MOST_COMPARED:
        return positions
    return positions[np.linspace(0, len(positions) - 1, MOST_COMPARED).astype(np.int64)]


def _cosines(rows: np.ndarray, wanted: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """float32 (n,), of a vector (D,) and the wanted ones of rows (M, D), read piece by piece."""
    found = np.empty(len(wanted), np.float32)
    vector = vector / max(float(np.linalg.norm(vector)), 1e-12)
    for start in range(0, len(wanted), _ROWS):
        part = np.asarray(rows[wanted[start : start + _ROWS]])
        lengths = np.maximum(np.linalg.norm(part, axis=1), 1e-12)
        found[start : start + _ROWS] = part @ vector / lengths
    return np.clip(found, -1, 1)
