"""New photos whose class is known: how often the guess is it, and the mean scores by class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


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
        tuple(names), np.array(counts, np.int64), np.array(right, np.int64),
        np.array(own, np.float64), np.array(means).reshape(len(names), len(class_names)),
    )  # fmt: skip
