"""Training photos that look most like a photo, to a network that nobody trained here.

By the cosine of what the fixed backbone sees, from the store of features; nothing is computed
here that is not there already, so it is quick enough for a page.
"""

from dataclasses import dataclass

import numpy as np

from imgclf_core.data.dataset import Dataset
from imgclf_core.data.layout import TRAINING
from imgclf_core.training import look

# Rows read at once, about 5 MB, so that the server stays small.
_ROWS = 1000
# Of more training photos an even sample is compared.
_MOST = 20_000


@dataclass(frozen=True)
class Neighbours:
    """What a photo resembles; positions are those of `Dataset.photos`.

    Attributes:
        positions: int (n,), training photos, the most alike first.
        cosines: float (n,), how alike, at most 1.
        near_identical: int (m,), photos of any side that are nearly the same picture.
    """

    positions: np.ndarray
    cosines: np.ndarray
    near_identical: np.ndarray


def nearest(dataset: Dataset, file: str, count: int = 3) -> Neighbours | None:
    """The training photos most like a photo of the data set.

    Args:
        dataset: It and the training photos.
        file: `Photo.file` of a photo that takes part.
        count: How many.

    Returns:
        None where the features are not in the store any more.
    """
    own = next(i for i, photo in enumerate(dataset.photos) if photo.file == file)
    alike = [
        i for i, photo in enumerate(dataset.photos)
        if photo.alike == dataset.photos[own].alike and i != own
    ]  # fmt: skip
    store = look.fixed_recipe().store
    position = store.positions()
    others = [i for i in dataset.indices(TRAINING).tolist() if i != own and i not in set(alike)]
    others = others[:: -(-len(others) // _MOST)] if len(others) > _MOST else others
    others = [i for i in others if dataset.photos[i].key in position]
    row = position.get(dataset.photos[own].key)
    if row is None or not others:
        return None
    rows = store.rows()
    wanted = np.array([position[dataset.photos[i].key] for i in others], dtype=np.int64)
    cosines = _cosines(rows, wanted, np.asarray(rows[row], dtype=np.float32))
    best = np.argsort(-cosines, kind="stable")[:count]
    return Neighbours(np.array(others)[best], cosines[best], np.array(alike, dtype=np.int64))


def _cosines(rows: np.ndarray, wanted: np.ndarray, vector: np.ndarray) -> np.ndarray:
    found = np.empty(len(wanted), np.float32)
    vector = vector / max(float(np.linalg.norm(vector)), 1e-12)
    for start in range(0, len(wanted), _ROWS):
        part = np.asarray(rows[wanted[start : start + _ROWS]])
        lengths = np.maximum(np.linalg.norm(part, axis=1), 1e-12)
        found[start : start + _ROWS] = part @ vector / lengths
    return found
