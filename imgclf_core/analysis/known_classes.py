"""New photos whose class is known: how often the guess is it, and the mean scores by class.

Of one model, or of two beside each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from imgclf_core.analysis import comparison


@dataclass(frozen=True)
class Tally:
    """Photos by their expected class; only classes that have photos.

    Attributes:
        names: E expected classes, in the order of the model, then those it does not know.
        counts: int64 (E,), photos.
        right: int64 (E,), guessed so.
        own: float64 (E,), mean score of the expected class; 0 for one the model does not know.
        means: float64 (E, K), mean scores of all classes.
    """

    names: tuple[str, ...]
    counts: np.ndarray
    right: np.ndarray
    own: np.ndarray
    means: np.ndarray

    @property
    def known(self) -> int:
        """Photos whose class is known."""
        return int(self.counts.sum())


def by_expected(
    scores: np.ndarray, expected: Sequence[str | None], class_names: Sequence[str]
) -> Tally:
    """Tallies photos by the class they are expected to be.

    Args:
        scores: float (N, K), rows summing to 1.
        expected: N names; None or empty where it is not known.
        class_names: K names.
    """
    there = set(filter(None, expected))
    names = [name for name in class_names if name in there]
    names += sorted(there.difference(class_names))
    wanted = np.array([name or "" for name in expected], dtype=object)
    guesses = np.array(class_names, dtype=object)[scores.argmax(axis=1)]
    counts, right, own, means = [], [], [], []
    for name in names:
        rows = wanted == name
        mean = scores[rows].mean(axis=0, dtype=np.float64)
        counts.append(rows.sum())
        right.append((guesses[rows] == name).sum())
        own.append(mean[class_names.index(name)] if name in class_names else 0.0)
        means.append(mean)
    return Tally(
        tuple(names),
        np.array(counts, np.int64),
        np.array(right, np.int64),
        np.array(own, np.float64),
        np.array(means).reshape(len(names), len(class_names)),
    )


@dataclass(frozen=True)
class Beside:
    """Two models on the same photos whose class is known.

    Attributes:
        known: How many photos.
        right: Guessed right by the first and by the second.
        mended, broken: Photos only the second, and only the first, guessed right.
        chance: Probability of so large a difference if both were equally good (exact McNemar
            test).
        names: E expected classes.
        own: Mean score of each expected class, (E,) by each.
    """

    known: int
    right: tuple[int, int]
    mended: int
    broken: int
    chance: float
    names: tuple[str, ...]
    own: tuple[np.ndarray, np.ndarray]

    @property
    def clear(self) -> bool:
        """Whether the difference is more than chance."""
        return self.chance < comparison.LEVEL


def beside(
    scores: tuple[np.ndarray, np.ndarray],
    class_names: tuple[Sequence[str], Sequence[str]],
    expected: Sequence[str | None],
) -> Beside:
    """Sets two models beside each other.

    Args:
        scores: float (N, K) of each, K its own.
        class_names: K names of each; an expected class that one lacks it can only guess wrong.
        expected: N names; None or empty where it is not known.
    """
    known = np.array([bool(name) for name in expected])
    hits = [
        np.array([names[k] for k in own.argmax(axis=1)], dtype=object)
        == np.array(expected, dtype=object)
        for own, names in zip(scores, class_names, strict=True)
    ]
    first, second = (hit & known for hit in hits)
    mended, broken = int((second & ~first).sum()), int((first & ~second).sum())
    tallies = [
        by_expected(own, expected, names) for own, names in zip(scores, class_names, strict=True)
    ]
    names = tallies[0].names
    other = dict(zip(tallies[1].names, tallies[1].own, strict=True))
    return Beside(
        known=int(known.sum()),
        right=(int(first.sum()), int(second.sum())),
        mended=mended,
        broken=broken,
        chance=comparison.mcnemar(mended, broken),
        names=names,
        own=(tallies[0].own, np.array([other[name] for name in names])),
    )
