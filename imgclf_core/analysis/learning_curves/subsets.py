"""Which photos a head learns from, for the learning curves of
`analysis/learning_curves/learning_curve.py`.

A part holds whole groups, about the same share of each class. Parts of one size are rounds of
one random order, each begun at another place, so that every photo is left out equally often.
"""

import numpy as np

_FEWEST = 2  # photos of a class, where it has so many


def shuffled_groups(labels: np.ndarray, groups: np.ndarray) -> list[list[np.ndarray]]:
    """For each class its groups in random order, each as positions.

    Args:
        labels: int (n,). A group of several classes counts to the one most of it is of.
        groups: int (n,).
    """
    by_class: dict[int, list[np.ndarray]] = {}
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    for members in np.split(order, starts):
        label = int(np.bincount(labels[members]).argmax())
        by_class.setdefault(label, []).append(members)
    generator = np.random.default_rng(0)
    return [
        [members[i] for i in generator.permutation(len(members))]
        for _, members in sorted(by_class.items())
    ]


def part(by_class: list[list[np.ndarray]], count: int, share: float, start: float) -> np.ndarray:
    """Photos to learn from.

    Args:
        by_class: Of `shuffled_groups`.
        count: n.
        share: Of the photos of each class, 0 to 1; groups are never divided, so it is not exact.
        start: Where in the order of groups it begins, 0 to 1.

    Returns:
        bool (count,).
    """
    chosen = np.zeros(count, bool)
    for groups in by_class:
        wanted = share * sum(map(len, groups))
        first = round(start * len(groups))
        taken = 0
        for members in groups[first:] + groups[:first]:
            if taken >= max(wanted - len(members) / 2, _FEWEST):
                break
            chosen[members] = True
            taken += len(members)
    return chosen
