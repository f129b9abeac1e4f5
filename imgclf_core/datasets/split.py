"""Dividing photos into training, validation and a sealed test set.

Photos that are nearly the same form a group, and a group never straddles two sides, for a test on
copies of the training photos says nothing. A class of three groups or more that comes without
sides of its own has one on each side; beyond that the shares are met as closely as groups allow.
The same seed gives the same split.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

TRAINING, VALIDATION, TEST = "training", "validation", "test"
SIDES = (TRAINING, VALIDATION, TEST)

SHARES = {TRAINING: 0.70, VALIDATION: 0.15, TEST: 0.15}


def divide(
    labels: np.ndarray,
    groups: np.ndarray,
    given: Sequence[str | None] | None = None,
    shares: dict[str, float] = SHARES,
    seed: int = 0,
    kept: Sequence[str | None] | None = None,
) -> list[str]:
    """Assigns a side to every photo.

    Args:
        labels: int (N,), the class of each photo.
        groups: int (N,); photos with the same number stay together.
        given: Sides that came with the data, None where the side is open. A part that came is
            kept; parts that did not come are cut from the training part.
        shares: Wanted share of each side, adding up to 1.
        seed: Of the random order.
        kept: Sides from an earlier division, which stay as they are; None for new photos. What
            belongs together with such a photo joins its side.

    Returns:
        `training`, `validation` or `test` for each photo.
    """
    nothing = [None] * len(labels)
    given = nothing if given is None else list(given)
    came = {side for side in given if side}
    adding = kept is not None
    kept = nothing if kept is None else list(kept)
    result = list(kept)
    _follow(result, nothing, groups)  # a copy of an old photo joins its side, whatever it came as
    for i, side in enumerate(given):
        if result[i] is None and side != TRAINING:
            result[i] = side
    _follow(result, given, groups)
    pool = [i for i, side in enumerate(result) if side is None]
    generator = np.random.default_rng(seed)
    for label, members in _by_class(labels, groups, pool):
        own = np.flatnonzero(labels == label)
        closed = _closed([given[i] for i in own], came, adding)
        weights = {side: shares[side] for side in SIDES if side not in closed}
        have = {side: sum(result[i] == side for i in own) for side in weights}
        for side, group in _divide_class(members, weights, have, generator):
            for i in group:
                result[i] = side
    return [side or TRAINING for side in result]


def _closed(given: list[str | None], came: set[str], adding: bool) -> set[str]:
    """Sides that take in no open photo of a class.

    Args:
        given: Sides that photos of the class came with.
        came: Sides that any photo came with.
        adding: Whether photos are added to a division that stays.

    A test that came stays what it was. It does not count for a class none of whose photos came
    with a side; nor, where everything is divided anew, for one of which only a few did, or the
    many others would be left without a test.
    """
    with_side = sum(side is not None for side in given)
    few = with_side < len(given) / 2 and not adding
    return set() if few or not with_side else came - {TRAINING}


def joined(alike: Sequence[int], objects: Sequence[str | None]) -> np.ndarray:
    """Groups of photos that are alike or of one object, or hang together by a chain of both.

    Args:
        alike: N group numbers from `images/near_duplicates.py`.
        objects: N names of objects, None where none is known.

    Returns:
        int64 (N,): the smallest position of each group.
    """
    parent = list(range(len(alike)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first: dict[tuple[str, int | str], int] = {}
    for i, (number, thing) in enumerate(zip(alike, objects, strict=True)):
        for key in (("alike", number), ("object", thing)):
            if key[1] is not None:
                a, b = root(first.setdefault(key, i)), root(i)
                parent[max(a, b)] = min(a, b)
    return np.array([root(i) for i in range(len(parent))], dtype=np.int64)


def _follow(result: list[str | None], given: list[str | None], groups: np.ndarray) -> None:
    """Gives open photos the side of another of their group, test before the others.

    Args:
        result: Sides so far, filled in.
        given: Photos that came with a side keep to it.
        groups: int (N,).
    """
    sides: dict[int, str] = {}
    for wanted in (TEST, VALIDATION, TRAINING):
        for group, side in zip(groups, result, strict=True):
            if side == wanted:
                sides.setdefault(int(group), side)
    for i, group in enumerate(groups):
        if result[i] is None and given[i] is None:
            result[i] = sides.get(int(group))


def _by_class(
    labels: np.ndarray, groups: np.ndarray, pool: list[int]
) -> list[tuple[int, list[list[int]]]]:
    """Groups of the pool under the class most of their photos have, in order of class."""
    members: dict[int, list[int]] = defaultdict(list)
    for i in pool:
        members[int(groups[i])].append(i)
    by_class: dict[int, list[list[int]]] = defaultdict(list)
    for group in members.values():
        values, counts = np.unique(labels[group], return_counts=True)
        by_class[int(values[counts.argmax()])].append(group)
    return sorted(by_class.items())


def _divide_class(
    groups: list[list[int]],
    weights: dict[str, float],
    have: dict[str, int],
    generator: np.random.Generator,
) -> list[tuple[str, list[int]]]:
    """Greedy: one small group for each empty side, then always to the side that lacks most."""
    order = generator.permutation(len(groups))
    # Small groups first (a stable sort keeps the random order among equals), so that a side
    # that gets a single group does not get the largest one.
    waiting = sorted((groups[i] for i in order), key=len)
    total, whole = sum(map(len, groups)) + sum(have.values()), sum(weights.values())
    target = {side: weights[side] / whole * total for side in weights}
    empty = [side for side in (TEST, VALIDATION, TRAINING) if have.get(side) == 0]
    if len(waiting) < len(empty) and not any(have.values()):
        return [(TRAINING, members) for members in waiting]  # too few to test with
    placed, have = [], dict(have)

    def put(side: str, members: list[int]) -> None:
        placed.append((side, members))
        have[side] += len(members)

    for side in empty[: len(waiting)]:
        put(side, waiting.pop(0))
    for members in reversed(waiting):
        put(max(weights, key=lambda side: target[side] - have[side]), members)
    return placed
