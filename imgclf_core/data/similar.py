"""Finding photos that are copies of one another: made smaller, compressed, lighter, cropped.

`fingerprint` boils a photo down once; `group_similar` compares all with all in three steps, each
dearer and stricter than the one before. What follows from a group is decided elsewhere. Copies
that are turned, mirrored, framed or cut by much more than a tenth are not found.

Thresholds were measured with `tests/benchmarks/near_duplicates.py` on heroes, signs and scenes.
"""

import hashlib

import numpy as np
from PIL import Image

FINGERPRINT_SHAPE = (32, 32, 3)

# Step 1: correlation of 8 x 8 miniatures, and how many of the nearest are kept. 97 % of copies
# that lost a twentieth at each border reach 0.79, their original first or second of up to 960.
_COARSE_SIDE, _COARSE, _NEAREST = 8, 0.75, 16
# Step 2: correlation of blurred 16 x 16 miniatures after the best small move, estimated at once.
# Most copies reach 0.95; 2 to 4 % of other candidates reach 0.93. Six go on: with four, 6 % of
# copies were lost where each photo had fourteen.
_MIDDLE_SIDE, _LIKELY, _COMPARED = 16, 0.93, 6
# Step 3: sizes, Gauss-Newton steps, and correlation of detail to reach. At the end 96 % of crops
# reach 0.90, other photos of the same hand sign 0.88, other scenes 0.61.
_STAGES = ((16, 1, 0.30), (16, 3, 0.70), (32, 3, 0.90))
# Stretch and shift in sides at most; how far a crop may seem to stick out (0.02 in 1 % of true
# crops); and over how many cells detail must be spread to tell a crop from a thing that moved
# (99 % of photos have 49 or more, a dot on plain paper about 25).
_MOST_MOVE, _SLACK, _FEW_CELLS = 0.14, 0.02, 40
# All cells this near the mean colour: a flat picture. Colours this near are the same.
_FLAT, _SAME_COLOUR = 4.0, 3.0

# Middles of cells, from -0.5 to 0.5, by the number of cells.
_PLACES = {n: ((np.arange(n) + 0.5) / n - 0.5).astype(np.float32) for n in (16, 32)}
_GREY = np.array([0.30, 0.59, 0.11], np.float32)
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
        same = _same_photo(fingerprints[some[:, 0]], fingerprints[some[:, 1]])
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
    for start in range(0, count, _ROWS):
        rows = slice(start, start + _ROWS)
        pixels = fingerprints[chosen[rows]].astype(np.float32)
        low, high = pixels.min(axis=(1, 2)), pixels.max(axis=(1, 2))
        colour = pixels.mean(axis=(1, 2), dtype=np.float32)
        is_flat[rows] = np.maximum(high - colour, colour - low).max(axis=1) <= _FLAT
        colours[:, rows] = colour.T
        coarse[rows] = _unit(_pooled(pixels, _COARSE_SIDE)).reshape(len(pixels), -1)
        middle[rows] = np.rint(_pooled(_blurred(_blurred(pixels)), _MIDDLE_SIDE))
    return coarse, middle, colours, is_flat


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
    for start in range(0, count, step):
        products = coarse[start : start + step] @ coarse.T
        near = products >= _COARSE
        for row in np.flatnonzero(np.count_nonzero(near, axis=1) > 1):  # more than itself
            near[row, start + row] = False
            found = np.flatnonzero(near[row])
            if len(found) > _NEAREST:
                found = found[np.argpartition(products[row, found], -_NEAREST)[-_NEAREST:]]
            nearest[start + row, : len(found)] = found
    return nearest


def _likely(nearest: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """int64 (P, 2): each pair of positions that passes step 2 once, best of each photo first."""
    count = np.int64(len(nearest))
    found = [np.empty((0, _COMPARED), np.int64)]
    busy = np.flatnonzero((nearest != np.arange(count)[:, None]).any(axis=1))
    for start in range(0, len(busy), _ROWS):
        rows = busy[start : start + _ROWS, None]
        others = nearest[rows[:, 0]]  # (B, 16)
        theirs = _unit(middle[others.ravel()].astype(np.float32)).reshape(*others.shape, -1)
        score = _moved_correlation(_unit(middle[rows[:, 0]].astype(np.float32)), theirs)
        score[others == rows] = -1
        best = np.argsort(-score, axis=1)[:, :_COMPARED]
        passes = np.take_along_axis(score, best, axis=1) >= _LIKELY
        others = np.where(passes, np.take_along_axis(others, best, axis=1), rows)
        found.append(np.minimum(rows, others) * count + np.maximum(rows, others))
    codes = np.concatenate(found).T.ravel()
    codes = codes[np.sort(np.unique(codes, return_index=True)[1])]
    pairs = np.stack(np.divmod(codes, max(count, 1)), axis=1)
    return pairs[pairs[:, 0] != pairs[:, 1]]


def _moved_correlation(own: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Correlation of pictures (B, n, n, 3) with others (B, K, D), all from `_unit`, once the best
    small shift and stretch is taken out to first order: float32 (B, K)."""
    moves = _moves(*np.gradient(own, axis=(1, 2)))
    moves -= moves.mean(axis=2, keepdims=True)
    rest = others - own.reshape(len(own), 1, -1)
    along = rest @ moves.transpose(0, 2, 1)  # (B, K, 4)
    explained = (along @ _inverse(moves, 1e-4) * along).sum(axis=2)
    return 1 - ((rest * rest).sum(axis=2) - explained) / 2


def _moves(down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """float32 (B, 4, D): how slopes (B, n, n[, 3]) say a picture changes by stretch and shift."""
    place = _PLACES[down.shape[1]].reshape(-1, *[1] * (down.ndim - 3))
    moves = np.stack([down * place[:, None], across * place, down, across], axis=1)
    return moves.reshape(len(down), 4, down[:1].size)


def _inverse(moves: np.ndarray, ridge: float) -> np.ndarray:
    """float32 (B, 4, 4): inverse of the products of the moves (B, 4, D), steadied by a ridge."""
    products = moves @ moves.transpose(0, 2, 1)
    size = np.trace(products, axis1=1, axis2=2)[:, None, None] / 4 + 1e-6
    return np.linalg.inv(products + ridge * size * np.eye(4, dtype=np.float32))


def _same_photo(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """bool (P,): whether fingerprints, uint8 (P, 32, 32, 3), agree once laid over one another."""
    warp = np.zeros((len(left), 4), np.float32)
    same = np.arange(len(left))
    for side, steps, least in _STAGES:
        pair = [_pooled(one[same].astype(np.float32), side) for one in (left, right)]
        grey = [one @ _GREY for one in pair]
        for _ in range(steps):
            warp = _improved(warp, *grey)
        if side < FINGERPRINT_SHAPE[0]:
            pair = [one[..., None] for one in grey]  # quicker, and enough to reject most
        agreement, cells = _agreement(warp, *pair)
        passes = agreement >= least
        warp, cells, same = warp[passes], cells[passes], same[passes]
    return np.isin(np.arange(len(left)), same[_is_cut(warp, cells)])


def _is_cut(warp: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """bool (P,): whether one picture lies within the other, as a crop does. The same thing seen
    twice from nearby does not, and where there is little to see nothing may have moved at all."""
    stretched, shifted = np.abs(warp[:, :2]), np.abs(warp[:, 2:])
    within = (shifted - stretched / 2).max(axis=1) <= _SLACK
    return within & ((cells >= _FEW_CELLS) | (np.abs(warp).max(axis=1) <= _SLACK))


def _improved(warp: np.ndarray, fixed: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """One Gauss-Newton step for warps, float32 (P, 4): growth down and across, shift down and
    across in sides; `moved` is to be laid over `fixed`, both grey (P, n, n)."""
    mask, down, across = _overlap(warp, fixed.shape[1])
    fixed, laid = _unit(fixed, mask), _unit(down @ moved @ across, mask)
    mean = (fixed + laid) / 2  # its slopes take in both pictures, so few steps do
    inner = mask * fixed.shape[1]
    moves = _moves(*(slope * inner for slope in np.gradient(mean, axis=(1, 2))))
    wanted = moves @ (fixed - laid).reshape(len(warp), fixed[:1].size, 1)
    warp = warp + (_inverse(moves, 0.01) @ wanted)[..., 0]
    return np.clip(warp, -_MOST_MOVE, _MOST_MOVE)


def _agreement(warp: np.ndarray, left: np.ndarray, right: np.ndarray) -> list[np.ndarray]:
    """Correlation of the detail of pictures (P, n, n, C) after the warp, and over how many cells
    the detail is spread: float32 (P,) each."""
    mask, down, across = _overlap(warp, left.shape[1])
    laid = np.stack([down @ right[..., i] @ across for i in range(right.shape[3])], axis=-1)
    first, second = (_unit(_detail(p), mask[..., None]) for p in (left, laid))
    mask = mask[..., None]
    shares = (first * first * mask).sum(axis=3)
    cells = 1 / np.maximum((shares * shares).sum(axis=(1, 2)), 1e-9)
    return [(first * second * mask).sum(axis=(1, 2, 3)), cells]


def _overlap(warp: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cells that both pictures have with all neighbours, float32 (P, n, n) of 0 and 1, and the
    matrices that lay the second over the first, linearly: `down @ picture @ across`."""
    centres = _PLACES[side] * (1 + warp[:, :2, None]) + warp[:, 2:, None]
    place = (centres + 0.5) * side - 0.5  # (P, 2, n)
    inside = ((place > 0.5) & (place < side - 1.5)).astype(np.float32)
    inside[..., [0, -1]] = 0
    far = np.abs(place.clip(0, side - 1)[..., None] - np.arange(side, dtype=np.float32))
    weights = np.maximum(0, 1 - far)
    mask = inside[:, 0, :, None] * inside[:, 1, None]
    return mask, weights[:, 0], weights[:, 1].transpose(0, 2, 1)


def _unit(pictures: np.ndarray, mask: np.ndarray | float = 1.0) -> np.ndarray:
    """Pictures (P, ...) with mean 0 and length 1 over where the mask is 1, so that products of such
    are correlations."""
    axes = tuple(range(1, pictures.ndim))
    mask = np.broadcast_to(np.float32(mask), pictures.shape)
    area = np.maximum(mask.sum(axis=axes, keepdims=True), 1)
    rest = pictures - (pictures * mask).sum(axis=axes, keepdims=True) / area
    return rest / np.maximum(np.sqrt((rest * rest * mask).sum(axis=axes, keepdims=True)), 1e-3)


def _detail(pictures: np.ndarray) -> np.ndarray:
    """What is 2 to 4 cells wide: finer is noise and aliasing, coarser is shared by look-alikes."""
    soft = _blurred(pictures)
    return soft - _blurred(_blurred(soft))


def _blurred(pictures: np.ndarray) -> np.ndarray:
    """(P, n, n, 3) averaged over 3 x 3 cells with weights 1, 2, 1."""
    wide = np.pad(pictures, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    wide = (wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]) / 4
    return (wide[:, :, :-2] + 2 * wide[:, :, 1:-1] + wide[:, :, 2:]) / 4


def _pooled(pictures: np.ndarray, side: int) -> np.ndarray:
    """(P, n, n, 3) averaged over squares to (P, side, side, 3)."""
    step = pictures.shape[1] // side
    parts = [pictures[:, i::step, j::step] for i in range(step) for j in range(step)]
    return sum(parts[1:], parts[0]) / len(parts)
