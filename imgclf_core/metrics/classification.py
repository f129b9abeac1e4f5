"""Figures over labels and scores. Pure functions of arrays; nothing is drawn or read.

Rows of a confusion matrix are true classes, columns are guesses, both in the order of
`class_names`. Higher is better for all shares.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

# Two-sided 95 % of the normal distribution.
_Z95 = 1.959963984540054


@dataclass(frozen=True)
class ClassFigures:
    """How well one class, or an average over classes, is told apart; shares from 0 to 1.

    Attributes:
        name: The class, or `macro average` (every class alike) or `weighted average` (by
            support).
        precision: Of the photos guessed to be this class, the share that is.
        recall: Of the photos of this class, the share that was found.
        f1: Harmonic mean of the two.
        support: Photos of this class.
    """

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Evaluation:
    """The figures of one set of photos.

    Attributes:
        n: Photos.
        right: Photos guessed right.
        accuracy: Share guessed right.
        interval: 95 % interval of the accuracy (Wilson).
        baseline: Share that always guessing the largest class of these photos would get right.
        baseline_class: That class.
        balanced_accuracy: Mean recall over the classes that occur.
        log_loss: Mean of -log(score of the true class).
        confusion: int (K, K), rows true, columns guessed.
        per_class: K figures in the order of the classes.
        averages: Macro and weighted average.
    """

    n: int
    right: int
    accuracy: float
    interval: tuple[float, float]
    baseline: float
    baseline_class: str
    balanced_accuracy: float
    log_loss: float
    confusion: np.ndarray
    per_class: tuple[ClassFigures, ...]
    averages: tuple[ClassFigures, ...]

    def to_json(self) -> dict[str, Any]:
        """JSON values, in the words of the command line."""
        return {
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "baseline": self.baseline,
            "baseline_class": self.baseline_class,
            "n": self.n,
            "right": self.right,
            "balanced_accuracy": self.balanced_accuracy,
            "log_loss": self.log_loss,
            "confusion_matrix": self.confusion.tolist(),
            "per_class": {
                figures.name: {k: v for k, v in asdict(figures).items() if k != "name"}
                for figures in self.per_class
            },
            "averages": {
                figures.name: {k: v for k, v in asdict(figures).items() if k != "name"}
                for figures in self.averages
            },
        }


def evaluate(labels: np.ndarray, scores: np.ndarray, class_names: tuple[str, ...]) -> Evaluation:
    """All figures of one set of photos.

    Args:
        labels: int (N,), N > 0, true classes.
        scores: float (N, K), rows summing to 1.
        class_names: K names.
    """
    matrix = confusion_matrix(labels, scores.argmax(axis=1), len(class_names))
    support = matrix.sum(axis=1)
    right, n = int(np.trace(matrix)), int(matrix.sum())
    per_class = class_figures(matrix, class_names)
    recalls = [figures.recall for figures in per_class if figures.support]
    largest = int(support.argmax())
    return Evaluation(
        n=n,
        right=right,
        accuracy=right / n,
        interval=wilson_interval(right, n),
        baseline=float(support[largest] / n),
        baseline_class=class_names[largest],
        balanced_accuracy=float(np.mean(recalls)),
        log_loss=log_loss(labels, scores),
        confusion=matrix,
        per_class=per_class,
        averages=(_average(per_class, "macro average"), _average(per_class, "weighted average")),
    )


def confusion_matrix(labels: np.ndarray, guesses: np.ndarray, class_count: int) -> np.ndarray:
    """int64 (K, K): how many photos of each true class (row) got each guess (column)."""
    flat = np.asarray(labels, np.int64) * class_count + np.asarray(guesses, np.int64)
    return np.bincount(flat, minlength=class_count**2).reshape(class_count, class_count)


def class_figures(matrix: np.ndarray, class_names: tuple[str, ...]) -> tuple[ClassFigures, ...]:
    """Precision, recall and F1 of each class; 0 where a share has no photos to divide by."""
    hits = np.diag(matrix).astype(float)
    guessed, support = matrix.sum(axis=0), matrix.sum(axis=1)
    precision = hits / np.maximum(guessed, 1)
    recall = hits / np.maximum(support, 1)
    f1 = 2 * hits / np.maximum(guessed + support, 1)
    return tuple(
        ClassFigures(name, float(precision[k]), float(recall[k]), float(f1[k]), int(support[k]))
        for k, name in enumerate(class_names)
    )


def wilson_interval(right: int, n: int) -> tuple[float, float]:
    """95 % interval of a share (E. B. Wilson, 1927); (0, 1) for no photos at all."""
    if n == 0:
        return 0.0, 1.0
    share, z2 = right / n, _Z95**2
    centre = share + z2 / (2 * n)
    reach = _Z95 * np.sqrt(share * (1 - share) / n + z2 / (4 * n**2))
    low, high = (centre - reach) / (1 + z2 / n), (centre + reach) / (1 + z2 / n)
    # Rounding must not put the share itself, such as 0 of 6, outside of its interval.
    return min(share, max(0.0, float(low))), max(share, min(1.0, float(high)))


def log_loss(labels: np.ndarray, scores: np.ndarray) -> float:
    """Mean of -log(score of the true class), scores bounded away from 0."""
    of_truth = scores[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.clip(of_truth, 1e-12, 1.0)).mean())


def _average(per_class: tuple[ClassFigures, ...], name: str) -> ClassFigures:
    support = np.array([figures.support for figures in per_class], dtype=float)
    weights = support if name.startswith("weighted") else np.ones_like(support)

    def mean(field: str) -> float:
        values = [getattr(figures, field) for figures in per_class]
        return float(np.average(values, weights=weights))

    return ClassFigures(name, mean("precision"), mean("recall"), mean("f1"), int(support.sum()))
