"""Finding photos that are copies of one another: made smaller, compressed, lighter, cropped.

`fingerprint` boils a photo down once; `group_similar` compares all with all in three steps, each
dearer and stricter than the one before. What follows from a group is decided elsewhere. Copies
that are turned, mirrored, framed or cut by much more than a tenth are not found.

Thresholds were measured with `tests/benchmarks/near_duplicates.py` on heroes, signs and scenes.
"""

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

from imgclf_core.images import alignment

FINGERPRINT_SHAPE = (32, 32, 3)

# Step 1: correlation of 8 x 8 miniatures, and how many of the nearest are kept. 97 % of copies
# that lost a twentieth at each border reach 0.79, their original first or second of up to 960.
_COARSE_SIDE, _COARSE, _NEAREST = 8, 0.75, 16
# Step 2: correlation of blurred 16 x 16 miniatures after the best small move, estimated at once.
# Most copies reach 0.95; 2 to 4 % of other candidates reach 0.93. Six go on: with four, 6 % of
# copies were lost where each photo had fourteen.
_MIDDLE_SIDE, _LIKELY, _COMPARED = 16, 0.93, 6
# All cells this near the mean colour: a flat picture. Colours this near are the same.
_FLAT, _SAME_COLOUR = 4.0, 3.0

_ROWS = 128
_CELLS = 2**22  # of a block of correlations: 16 MB


def fingerprint(image: Image.Image) -> np.ndarray:
    """A small picture that stands for a photo.

    Args:
        image: RGB, at least 8 pixels a side.

    Returns:
        uint8 of `FINGERPRINT_SHAPE`, 0 to 255, whatever the shape of the photo.
    """
    size = FINGERPRINT_SHAPE[:2]
    return np.asarray(image.resize(size, Image.Resampling.BOX, reducing_gap=2.0))


def group_similar(fingerprints: np.ndarray) -> np.ndarray:
    """Joins photos that are the same, or nearly; what hangs together by a chain is one group.

    Args:
        fingerprints: uint8 (N, *FINGERPRINT_SHAPE), 0 to 255; may be a read-only memory map, of
            which a few hundred rows at a time are read.

    Returns:
        int64 (N,): the smallest index of each photo's group.
    """
    root, alone = _first_equal(fingerprints)
    coarse, middle, colours, is_flat = _miniatures(fingerprints, alone)
    _join_flat(root, alone[is_flat], colours[:, is_flat])
    alone, root = alone[~is_flat], root[root]
    pairs = alone[_likely(_nearest(coarse[~is_flat]), middle[~is_flat])]
    for start in range(0, len(pairs), _ROWS):
        some = pairs[start : start + _ROWS]
        some = some[root[some[:, 0]] != root[some[:, 1]]]  # others need no comparing any more
        same = alignment.same_photo(fingerprints[some[:, 0]], fingerprints[some[:, 1]])
        for one, other in some[same]:
            low, high = sorted((root[one], root[other]))
            root[root == high] = low
    return root


def _first_equal(fingerprints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """int64 (N,): the first that equals each, and int64 (M,): those that come first."""
    first: dict[bytes, int] = {}
    digests = (hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in fingerprints)
    root = [first.setdefault(digest, i) for i, digest in enumerate(digests)]
    return np.array(root, dtype=np.int64), np.array(list(first.values()), dtype=np.int64)


def _miniatures(fingerprints: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, ...]:
    """Of M photos: coarse, float32 (M, 192) of mean 0 and length 1; middle, uint8 (M, 16, 16, 3),
    which takes little memory; mean colour, float32 (3, M); whether flat, bool (M,)."""
    count = len(chosen)
    coarse = np.empty((count, 3 * _COARSE_SIDE**2), np.float32)
    middle = np.empty((count, _MIDDLE_SIDE, _MIDDLE_SIDE, 3), np.uint8)
    colours, is_flat = np.empty((3, count), np.float32), np.empty(count, bool)

    def work(start: int) -> None:
        rows = slice(start, start + _ROWS)
        raw = fingerprints[chosen[rows]]
        pixels = raw.astype(np.float32)
        pooled = alignment.pooled(pixels, _COARSE_SIDE)
        colour = pooled.mean(axis=(1, 2))
        # A channel after the other in memory makes the extremes ten times as fast to find.
        planes = np.ascontiguousarray(raw.reshape(len(raw), -1, 3).transpose(0, 2, 1))
        low, high = planes.min(axis=2), planes.max(axis=2)
        is_flat[rows] = np.maximum(high - colour, colour - low).max(axis=1) <= _FLAT
        colours[:, rows] = colour.T
        coarse[rows] = alignment.unit(pooled).reshape(len(pixels), -1)
        middle[rows] = np.rint(
            alignment.pooled(alignment.blurred(alignment.blurred(pixels)), _MIDDLE_SIDE)
        )

    _on_all_cores(work, range(0, count, _ROWS))
    return coarse, middle, colours, is_flat


def _on_all_cores(work: Callable[[int], None], starts: range) -> None:
    """Calls a function for each part; NumPy lets threads run beside each other."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        list(pool.map(work, starts))


def _join_flat(root: np.ndarray, indices: np.ndarray, colours: np.ndarray) -> None:
    """Joins flat pictures with the first that has nearly their colour, never by a chain."""
    while len(indices):
        same = np.abs(colours - colours[:, :1]).max(axis=0) <= _SAME_COLOUR
        root[indices[same]] = indices[0]
        indices, colours = indices[~same], colours[:, ~same]


def _nearest(coarse: np.ndarray) -> np.ndarray:
    """int32 (M, 16): the candidates of each photo; its own position where there are fewer."""
    count = len(coarse)
    nearest = np.repeat(np.arange(count, dtype=np.int32)[:, None], _NEAREST, axis=1)
    step = max(1, _CELLS // max(1, count))

    def work(start: int) -> None:
        products = coarse[start : start + step] @ coarse.T
        near = products >= _COARSE
        for row in np.flatnonzero(np.count_nonzero(near, axis=1) > 1):  # more than itself
            near[row, start + row] = False
            found = np.flatnonzero(near[row])
            if len(found) > _NEAREST:
                found = found[np.argpartition(products[row, found], -_NEAREST)[-_NEAREST:]]
            nearest[start + row, : len(found)] = found

    _on_all_cores(work, range(0, count, step))
    return nearest


def _likely(nearest: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """int64 (P, 2): each pair of positions that passes step 2 once, best of each photo first."""
    count = np.int64(len(nearest))
    found = [np.empty((0, _COMPARED), np.int64)]
    busy = np.flatnonzero((nearest != np.arange(count)[:, None]).any(axis=1))
    for start in range(0, len(busy), _ROWS):
        rows = busy[start : start + _ROWS, None]
        others = nearest[rows[:, 0]]  # (B, 16)
        theirs = alignment.unit(middle[others.ravel()].astype(np.float32)).reshape(
            *others.shape, -1
        )
        score = alignment.moved_correlation(
            alignment.unit(middle[rows[:, 0]].astype(np.float32)), theirs
        )
        score[others == rows] = -1
        best = np.argsort(-score, axis=1)[:, :_COMPARED]
        passes = np.take_along_axis(score, best, axis=1) >= _LIKELY
        others = np.where(passes, np.take_along_axis(others, best, axis=1), rows)
        found.append(np.minimum(rows, others) * count + np.maximum(rows, others))
    codes = np.concatenate(found).T.ravel()
    codes = codes[np.sort(np.unique(codes, return_index=True)[1])]
    pairs = np.stack(np.divmod(codes, max(count, 1)), axis=1)
    return pairs[pairs[:, 0] != pairs[:, 1]]
