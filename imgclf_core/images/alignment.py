"""Laying one small picture over another, to tell copies of a photo from look-alikes.

Pictures are float32 or uint8 (P, n, n, 3), many pairs at a time. `images/near_duplicates.py`
decides which pairs are worth it. A move is (stretch down, stretch across, shift down, shift
across), the stretches 1 and the shifts 0 where nothing moves, shifts in sides of the picture.
"""

import numpy as np

# Step 3: sizes, Gauss-Newton steps, and correlation of detail to reach. At the end 96 % of crops
# reach 0.90, other photos of the same hand sign 0.88, other scenes 0.61.
_STAGES = ((16, 1, 0.30), (16, 3, 0.70), (32, 3, 0.90))
_LAST_SIDE = _STAGES[-1][0]
# Stretch and shift in sides at most; how far a crop may seem to stick out (0.02 in 1 % of true
# crops); and over how many cells detail must be spread to tell a crop from a thing that moved
# (99 % of photos have 49 or more, a dot on plain paper about 25).
_MOST_MOVE, _SLACK, _FEW_CELLS = 0.14, 0.02, 40

# Middles of cells, from -0.5 to 0.5, by the number of cells.
_PLACES = {n: ((np.arange(n) + 0.5) / n - 0.5).astype(np.float32) for n in (16, 32)}
_GREY = np.array([0.30, 0.59, 0.11], np.float32)


def moved_correlation(own: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Correlation of pictures (B, n, n, 3) with others (B, K, D), all from `unit`, once the best
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


def same_photo(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """bool (P,): whether fingerprints, uint8 (P, 32, 32, 3), agree once laid over one another."""
    warp = np.zeros((len(left), 4), np.float32)
    same = np.arange(len(left))
    for side, steps, least in _STAGES:
        pair = [pooled(one[same].astype(np.float32), side) for one in (left, right)]
        grey = [one @ _GREY for one in pair]
        for _ in range(steps):
            warp = _improved(warp, *grey)
        if side < _LAST_SIDE:
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
    fixed, laid = unit(fixed, mask), unit(down @ moved @ across, mask)
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
    first, second = (unit(_detail(p), mask[..., None]) for p in (left, laid))
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


def unit(pictures: np.ndarray, mask: np.ndarray | float = 1.0) -> np.ndarray:
    """Pictures (P, ...) with mean 0 and length 1 over where the mask is 1, so that products of such
    are correlations."""
    axes = tuple(range(1, pictures.ndim))
    mask = np.broadcast_to(np.float32(mask), pictures.shape)
    area = np.maximum(mask.sum(axis=axes, keepdims=True), 1)
    rest = pictures - (pictures * mask).sum(axis=axes, keepdims=True) / area
    return rest / np.maximum(np.sqrt((rest * rest * mask).sum(axis=axes, keepdims=True)), 1e-3)


def _detail(pictures: np.ndarray) -> np.ndarray:
    """What is 2 to 4 cells wide: finer is noise and aliasing, coarser is shared by look-alikes."""
    soft = blurred(pictures)
    return soft - blurred(blurred(soft))


def blurred(pictures: np.ndarray) -> np.ndarray:
    """(P, n, n, 3) averaged over 3 x 3 cells with weights 1, 2, 1."""
    wide = np.pad(pictures, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    wide = (wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]) / 4
    return (wide[:, :, :-2] + 2 * wide[:, :, 1:-1] + wide[:, :, 2:]) / 4


def pooled(pictures: np.ndarray, side: int) -> np.ndarray:
    """(P, n, n, 3) averaged over squares to (P, side, side, 3)."""
    step = pictures.shape[1] // side
    parts = [pictures[:, i::step, j::step] for i in range(step) for j in range(step)]
    return sum(parts[1:], parts[0]) / len(parts)
