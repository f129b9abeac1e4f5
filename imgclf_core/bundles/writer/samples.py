"""Sample photos that go along with a model, with the scores it gives them here.

They are made anew as PNG, so that nothing the camera wrote goes along, such as the place. Who
does not want to give photos away gets drawn ones: they too show that the model answers the same.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from imgclf_core.datasets import photo_files, sample, store
from imgclf_core.datasets.split import SIDES
from imgclf_core.errors import DatasetError, ImageError
from imgclf_core.images import decode
from imgclf_core.inference.predictor import Predictor
from imgclf_core.runs.run import Run

COUNT = 5
_LONGEST_SIDE = 512  # pixels


@dataclass(frozen=True)
class Sample:
    """One of them: the bytes of a PNG, and its scores float32 (K,)."""

    name: str
    data: bytes
    scores: np.ndarray


def made(run: Run, model: Predictor, own: bool) -> list[Sample]:
    """The samples of a run.

    Args:
        run: Which.
        model: Opened from it.
        own: Whether photos of the person go along, of the test side if there is one; otherwise,
            and where they were deleted, shapes are drawn.
    """
    pictures = list(_own(run)) if own else []
    for pixels in _drawn() if len(pictures) < COUNT else ():
        pictures.append(pixels)
    found = []
    for i, pixels in enumerate(pictures[:COUNT], start=1):
        data = _png(pixels)
        found.append(Sample(f"{i}.png", data, model.answer(data).scores))
    return found


def _own(run: Run) -> Iterator[np.ndarray]:
    """Photos evenly apart over the classes, of the best side there is."""
    try:
        dataset = store.load(run.dataset, run.dataset_version)
    except DatasetError:
        return
    side = next(side for side in reversed(SIDES) if len(dataset.indices(side)))
    rows = dataset.indices(side)
    for i in rows[np.unique(np.linspace(0, len(rows) - 1, COUNT).astype(np.int64))]:
        try:
            data = photo_files.read_photo(dataset, dataset.photos[int(i)])
            yield decode.read_picture(data, at_least=_LONGEST_SIDE).pixels
        except (DatasetError, ImageError):
            continue  # one that is damaged is no sample


def _drawn() -> Iterator[np.ndarray]:
    generator, kinds = np.random.default_rng(0), list(sample.COUNTS)
    for i in range(COUNT):
        kind = kinds[i % len(kinds)]
        yield np.asarray(sample.draw_shape(kind, generator)[0].convert("RGB"))


def _png(pixels: np.ndarray) -> bytes:
    image = Image.fromarray(pixels)
    image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
