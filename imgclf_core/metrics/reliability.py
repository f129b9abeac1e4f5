"""Whether scores can be believed, and what not answering the doubtful photos would bring.

Pure functions of labels and scores. What makes scores believable is in `runs/calibration.py`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from imgclf_core.metrics import classification

BINS = 10


@dataclass(frozen=True)
class Reliability:
    """Answers by how sure they were, in bins of equal width.

    Attributes:
        edges: float (B + 1,), from 0 to 1; a bin holds its upper edge.
        counts: int (B,), photos in each bin.
        confidence: float (B,), mean score of the guess; NaN in an empty bin.
        accuracy: float (B,), share guessed right; NaN in an empty bin.
        error: Expected calibration error: mean distance of the two, weighed by photos (M. Naeini
            et al., 2015).
    """

    edges: np.ndarray
    counts: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray
    error: float


@dataclass(frozen=True)
class Answered:
    """What is left when only sure answers are given.

    Attributes:
        threshold: Least score of an answer.
        n: Photos asked. answered: Photos answered. right: Of these.
        interval: 95 % interval of the accuracy (Wilson).
    """

    threshold: float
    n: int
    answered: int
    right: int
    interval: tuple[float, float]

    @property
    def coverage(self) -> float:
        """Share of photos answered."""
        return self.answered / self.n if self.n else 0.0

    @property
    def accuracy(self) -> float | None:
        """Share of the answers that are right; None where nothing is answered."""
        return self.right / self.answered if self.answered else None


def reliability(labels: np.ndarray, scores: np.ndarray, bins: int = BINS) -> Reliability:
    """Sorts answers into bins by the score of the guess.

    Args:
        labels: int (N,), true classes.
        scores: float (N, K), rows summing to 1.
        bins: B.
    """
    edges = np.linspace(0, 1, bins + 1)
    sure, right = scores.max(axis=1).astype(np.float64), scores.argmax(axis=1) == labels
    where = bin_of(sure, bins)
    counts = np.bincount(where, minlength=bins)
    with np.errstate(invalid="ignore"):
        confidence = np.bincount(where, sure, minlength=bins) / counts
        accuracy = np.bincount(where, right, minlength=bins) / counts
    gaps = np.nan_to_num(np.abs(confidence - accuracy))
    error = float(counts @ gaps / max(len(labels), 1))
    return Reliability(edges, counts, confidence, accuracy, error)


def bin_of(values: np.ndarray, bins: int = BINS) -> np.ndarray:
    """int (N,): the bin of each value from 0 to 1; a bin holds its upper edge, the first 0 too."""
    inner = np.linspace(0, 1, bins + 1)[1:-1]
    return np.searchsorted(inner, values, side="left")


def answered(labels: np.ndarray, scores: np.ndarray, threshold: float) -> Answered:
    """What is left when an answer needs at least this score."""
    return _answered(scores.max(axis=1), scores.argmax(axis=1) == labels, threshold)


def coverage(labels: np.ndarray, scores: np.ndarray) -> tuple[Answered, ...]:
    """`answered` for every whole percent from 0 to 100."""
    best, hit = scores.max(axis=1), scores.argmax(axis=1) == labels
    return tuple(_answered(best, hit, percent / 100) for percent in range(101))


def _answered(best: np.ndarray, hit: np.ndarray, threshold: float) -> Answered:
    sure = best >= threshold
    right, count = int(hit[sure].sum()), int(sure.sum())
    return Answered(threshold, len(hit), count, right, classification.wilson_interval(right, count))


def by_chance(scores: np.ndarray, draws: int = 200, seed: int = 0) -> float:
    """Calibration error that scores which can be believed exceed in one of twenty cases.

    Few photos have an error by chance alone: each answer is drawn right with the probability that
    its score claims, and the error measured, again and again.

    Args:
        scores: float (N, K), rows summing to 1.
        draws: How often.
        seed: Of the draws.
    """
    sure = scores.max(axis=1).astype(np.float64)
    where, random = bin_of(sure), np.random.default_rng(seed)
    claimed = np.bincount(where, sure, minlength=BINS)
    errors = [
        np.abs(np.bincount(where, random.random(len(sure)) < sure, minlength=BINS) - claimed).sum()
        for _ in range(draws)
    ]
    return float(np.quantile(errors, 0.95) / max(len(sure), 1))


def to_json(labels: np.ndarray, before: np.ndarray, after: np.ndarray) -> dict[str, Any]:
    """Log loss and expected calibration error before and after temperature scaling.

    Args:
        labels: int (N,).
        before, after: float (N, K), rows summing to 1.
    """
    return {
        "log_loss": {
            "before": classification.log_loss(labels, before),
            "after": classification.log_loss(labels, after),
        },
        "expected_calibration_error": {
            "before": reliability(labels, before).error,
            "after": reliability(labels, after).error,
        },
    }
