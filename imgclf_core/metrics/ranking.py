"""How well the score of one class sorts its photos before the others, whatever the threshold.

Pure functions; each point of a curve knows its threshold, so that it can open its photos.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Curve:
    """Points of a curve for falling thresholds.

    Attributes:
        x, y: float (P,), shares from 0 to 1.
        thresholds: float (P,): photos with at least this score count as found; infinite where
            none do.
        area: Below the curve.
    """

    x: np.ndarray
    y: np.ndarray
    thresholds: np.ndarray
    area: float


def roc(is_class: np.ndarray, scores: np.ndarray) -> Curve:
    """Share of other photos found by mistake (x) against share of the class found (y).

    Args:
        is_class: bool (N,).
        scores: float (N,), of that class.

    Returns:
        The receiver operating characteristic; its area is the chance that a photo of the class
        has a higher score than another one. All NaN where one of the two kinds is missing.
    """
    hits, alarms, thresholds = _counts(is_class, scores)
    positives, negatives = int(is_class.sum()), int((~is_class).sum())
    y = _share(np.concatenate([[0], hits]), positives)
    x = _share(np.concatenate([[0], alarms]), negatives)
    thresholds = np.concatenate([[np.inf], thresholds])
    return Curve(x, y, thresholds, float(np.trapezoid(y, x)))


def precision_recall(is_class: np.ndarray, scores: np.ndarray) -> Curve:
    """Share of the class found (x) against share of what is found that is right (y).

    Returns:
        The curve, from no photo found on; its area is the average precision: the sum of precision
        over steps of recall, not interpolated. All NaN where the class has no photo.
    """
    hits, alarms, thresholds = _counts(is_class, scores)
    recall = _share(np.concatenate([[0], hits]), int(is_class.sum()))
    precision = np.concatenate([[1.0], hits / np.maximum(hits + alarms, 1)])
    if np.isnan(recall).any():
        precision = np.full_like(recall, np.nan)
    area = float(np.sum(np.diff(recall) * precision[1:]))
    return Curve(recall, precision, np.concatenate([[np.inf], thresholds]), area)


def _counts(is_class: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, ...]:
    """Photos of the class, and others, with at least each score that occurs, highest first."""
    order = np.argsort(-scores, kind="stable")
    ranked, sorted_scores = is_class[order], scores[order]
    last = np.flatnonzero(np.append(np.diff(sorted_scores) != 0, True)) if len(scores) else []
    last = np.asarray(last, dtype=np.int64)
    hits, all_found = np.cumsum(ranked)[last], last + 1
    return hits, all_found - hits, sorted_scores[last].astype(np.float64)


def _share(counts: np.ndarray, total: int) -> np.ndarray:
    return counts / total if total else np.full(len(counts), np.nan)
