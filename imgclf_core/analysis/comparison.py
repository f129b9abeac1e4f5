"""Two runs on the same photos: which were mended, which were broken, and whether it is chance."""

from dataclasses import dataclass
from math import exp, fsum, lgamma, log

import numpy as np

from imgclf_core.analysis.results import Result

# The usual level at which a difference counts as more than chance.
LEVEL = 0.05


@dataclass(frozen=True)
class Comparison:
    """What changed from one run to another.

    Attributes:
        n: Photos that both answered.
        mended: int (m,), positions of photos that only the second guessed right.
        broken: int (b,), positions of photos that only the first guessed right.
        chance: Probability of a difference at least as large if both were equally good (exact
            test of Q. McNemar, 1947).
    """

    n: int
    mended: np.ndarray
    broken: np.ndarray
    chance: float

    @property
    def clear(self) -> bool:
        """Whether the difference is more than chance."""
        return self.chance < LEVEL

    @property
    def sentence(self) -> str:
        """What changed, in words."""
        mended, broken = len(self.mended), len(self.broken)
        if not mended and not broken:
            return "Both guessed the same photos right."
        counts = f"{mended:,} mended, {broken:,} broken"
        if self.clear:
            better = "second" if mended > broken else "first"
            return f"{counts}: the {better} is better, by more than chance."
        return f"{counts}: no clear difference. It may well be chance."


def compare(first: Result, second: Result) -> Comparison:
    """What changed from the first to the second; both must be `comparable`."""
    one = first.answers.labels == first.answers.guesses
    two = second.answers.labels == second.answers.guesses
    mended, broken = np.flatnonzero(two & ~one), np.flatnonzero(one & ~two)
    return Comparison(len(one), mended, broken, mcnemar(len(mended), len(broken)))


def mcnemar(mended: int, broken: int) -> float:
    """Probability of so unequal a split or a more unequal one, if each way were equally likely."""
    total, least = mended + broken, min(mended, broken)
    if total == 0:
        return 1.0
    logs = [
        lgamma(total + 1) - lgamma(k + 1) - lgamma(total - k + 1) - total * log(2)
        for k in range(least + 1)
    ]
    return min(1.0, 2 * fsum(map(exp, logs)))


def comparable(first: Result, second: Result) -> bool:
    """Whether both answered the same photos with the same labels.

    Runs on two versions of a data set often did not: then their scores stand for different
    tests, and `analysis/relabelled.py` tells them apart.
    """
    one, two = first.answers, second.answers
    return (
        first.run.class_names == second.run.class_names
        and np.array_equal(one.files, two.files)
        and np.array_equal(one.labels, two.labels)
    )
