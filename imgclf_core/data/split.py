"""Dividing photos into training, validation and a sealed test set.

Photos that are nearly the same form a group, and a group never straddles two sides, for a
test on copies of the training photos says nothing. Every class has at least one group on each
side where it has three; beyond that the shares are met as closely as groups allow. The same
seed gives the same split.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from PIL import Image

from imgclf_core.data.layout import SIDES, TEST, TRAINING, VALIDATION

SHARES = {TRAINING: 0.70, VALIDATION: 0.15, TEST: 0.15}

# Of 64 bits of the difference hash, how many may differ for two photos to be compared at all.
CANDIDATE_BITS = 16
# Miniatures that correlate this well are the same photo. Measured on heroes, signs and scenes
# (1,842 photos): no unrelated pair reaches it, and of copies at half size, JPEG quality 40 or a
# fifth lighter or darker at least 98 % do.
SAME_PHOTO = 0.97
MINIATURE_SIDE = 16


def divide(
    labels: np.ndarray,
    groups: np.ndarray,
    given: Sequence[str | None] | None = None,
    shares: dict[str, float] = SHARES,
    seed: int = 0,
) -> list[str]:
    """Assigns a side to every photo.

    Args:
        labels: int (N,), the class of each photo.
        groups: int (N,); photos with the same number stay together.
        given: Sides that came with the data, None where the side is open. A part that came is
            kept; parts that did not come are cut from the training part.
        shares: Share of each side, adding up to 1.
        seed: Of the random order.

    Returns:
        `training`, `validation` or `test` for each photo.
    """
    given = list(given) if given is not None else [None] * len(labels)
    came = {side for side in given if side}
    open_sides = [side for side in SIDES if side not in came - {TRAINING}]
    weights = {side: shares[side] for side in open_sides}
    result: list[str | None] = [None if side in (None, TRAINING) else side for side in given]
    pool = [i for i, side in enumerate(result) if side is None]
    by_class: dict[int, list[list[int]]] = defaultdict(list)
    for members in _groups(groups, pool):
        by_class[_majority(labels[members])].append(members)
    generator = np.random.default_rng(seed)
    for label in sorted(by_class):
        for side, members in _divide_class(by_class[label], weights, generator):
            for i in members:
                result[i] = side
    return [side or TRAINING for side in result]


def _divide_class(
    groups: list[list[int]], weights: dict[str, float], generator: np.random.Generator
) -> list[tuple[str, list[int]]]:
    """Greedy: one small group a side first, then always to the side that lacks most."""
    order = generator.permutation(len(groups))
    # Small groups first (a stable sort keeps the random order among equals), so that a side
    # that gets a single group does not get the largest one.
    waiting = sorted((groups[i] for i in order), key=len)
    whole = sum(weights.values())
    target = {side: weights[side] / whole * sum(map(len, groups)) for side in weights}
    have = dict.fromkeys(weights, 0)
    placed = []
    if len(waiting) >= len(weights):
        for side in (TEST, VALIDATION, TRAINING):
            if side in weights:
                placed.append((side, waiting.pop(0)))
                have[side] += len(placed[-1][1])
    for members in reversed(waiting):
        side = max(weights, key=lambda name: target[name] - have[name])
        if len(placed) == 0 or len(groups) < len(weights):
            side = TRAINING  # too few to test with
        placed.append((side, members))
        have[side] += len(members)
    return placed


def _groups(groups: np.ndarray, pool: list[int]) -> list[list[int]]:
    members: dict[int, list[int]] = defaultdict(list)
    for i in pool:
        members[int(groups[i])].append(i)
    return list(members.values())


def _majority(labels: np.ndarray) -> int:
    values, counts = np.unique(labels, return_counts=True)
    return int(values[counts.argmax()])


def difference_hash(pixels: np.ndarray) -> int:
    """A 64-bit fingerprint that survives resizing, compression and brightness.

    Each bit says whether a cell of an 8 x 9 grey miniature is darker than its right neighbour
    (difference hash, N. Krawetz, 2013).

    Args:
        pixels: uint8 RGB (h, w, 3).
    """
    small = Image.fromarray(pixels).convert("L").resize((9, 8), Image.Resampling.BOX)
    grey = np.asarray(small, dtype=np.int16)  # (8, 9)
    return int.from_bytes(np.packbits(grey[:, 1:] > grey[:, :-1]).tobytes(), "big")


def miniature(pixels: np.ndarray) -> np.ndarray:
    """The photo at 16 x 16, uint8 (16, 16, 3): enough to tell copies from look-alikes."""
    size = (MINIATURE_SIDE, MINIATURE_SIDE)
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX))


def group_similar(hashes: Sequence[int], miniatures: Sequence[np.ndarray]) -> np.ndarray:
    """Joins photos that are the same, or nearly: resized, compressed, lighter or darker.

    Hashes find the candidates, miniatures decide.

    Args:
        hashes: N results of `difference_hash`.
        miniatures: N results of `miniature`.

    Returns:
        int64 (N,): the smallest index of each photo's group.
    """
    codes = np.array(hashes, dtype=np.uint64)
    pixels = np.array(miniatures, dtype=np.uint8).reshape(
        len(codes), 3 * MINIATURE_SIDE**2
    )  # (N, 768)
    flat = _normalised(pixels)
    parent = np.arange(len(codes))

    def find(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = int(parent[i])
        return i

    # Two hashes that differ in few bits nearly always share one of their eight bytes exactly,
    # so only photos with an equal byte are compared.
    for shift in range(0, 64, 8):
        byte = (codes >> np.uint64(shift)) & np.uint64(255)
        order = np.argsort(byte, kind="stable")
        edges = np.flatnonzero(np.diff(byte[order])) + 1
        for bucket in np.split(order, edges):
            for position, i in enumerate(bucket[:-1]):
                others = bucket[position + 1 :]
                near = others[np.bitwise_count(codes[others] ^ codes[i]) <= CANDIDATE_BITS]
                same = flat[near] @ flat[i] >= SAME_PHOTO
                if not flat[i].any():  # a flat picture: the same if its colour is
                    same = (pixels[near] == pixels[i]).all(axis=1)
                for j in near[same]:
                    a, b = find(int(i)), find(int(j))
                    parent[max(a, b)] = min(a, b)
    return np.array([find(i) for i in range(len(codes))], dtype=np.int64)


def _normalised(pixels: np.ndarray) -> np.ndarray:
    """float32 (N, D): rows with mean 0 and length 1, whose products are correlations.

    Rows without any variety become 0.
    """
    rows = pixels.astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1)
