"""A linear head in closed form: ridge regression on features, turned into scores.

It needs one decomposition and no epochs, so a first answer takes a second and learning curves
can fit it many times. How strongly it is held back, and how sharp its scores are, are chosen by
leaving each photo out once, which ridge regression gives for free. What it is used for is
decided in `training/baseline.py` and `analysis/learning_curves/learning_curve_job.py`.
"""

from dataclasses import dataclass

import numpy as np

# Strengths tried, in units of the mean square of the features along one direction.
_STRENGTHS = 10.0 ** np.arange(-4.0, 2.5, 0.5)
# Sharpness of the softmax tried: regression on 0 and 1 alone gives scores that are far too even.
_SHARPNESS = 2.0 ** np.arange(0.0, 6.5, 0.5)


@dataclass(frozen=True)
class Head:
    """A last layer, for `networks.mobilenet_v2.apply_head`.

    Attributes:
        kernel: float32 (D, K). bias: float32 (K,).
        left_out_scores: float32 (n, K), scores of each training photo by a head that was fitted
            without it; rows sum to 1.
    """

    kernel: np.ndarray
    bias: np.ndarray
    left_out_scores: np.ndarray


def fit(
    features: np.ndarray,
    labels: np.ndarray,
    class_count: int,
    photo_weights: np.ndarray | None = None,
) -> Head:
    """Fits a head.

    Leave-one-out residuals are those of generalised cross-validation: residual over one minus
    the diagonal of the hat matrix (T. Hastie et al., "The Elements of Statistical Learning",
    section 7.10).

    Args:
        features: float (n, D), n at least 2.
        labels: int (n,), 0 to K - 1.
        class_count: K.
        photo_weights: float (n,), how much each photo counts; all alike by default.

    Returns:
        The head whose left-out log loss is least.
    """
    weights = np.ones(len(features)) if photo_weights is None else photo_weights.astype(float)
    share = weights / weights.sum()
    targets = np.eye(class_count)[labels]
    feature_mean, target_mean = share @ features, share @ targets
    root = np.sqrt(weights)[:, None]
    centred = ((features - feature_mean) * root).astype(np.float32)
    wanted = (targets - target_mean) * root
    left, squares = _left_vectors(centred)
    projected = left.T @ wanted
    best = (np.inf, 0.0, 1.0, targets)
    for strength in _STRENGTHS * squares.mean():
        shrink = squares / (squares + strength)
        hat = np.minimum((left**2) @ shrink + share, 1 - 1e-6)
        residual = (wanted - left @ (shrink[:, None] * projected)) / (1 - hat)[:, None]
        answers = targets - residual / root
        for sharpness in _SHARPNESS:
            scores = _softmax(sharpness * answers)
            loss = -share @ np.log(np.maximum(scores[np.arange(len(labels)), labels], 1e-12))
            if loss < best[0]:
                best = (loss, strength, sharpness, scores)
    _, strength, sharpness, scores = best
    kernel = centred.T @ (left @ (projected / (squares + strength)[:, None]))
    bias = target_mean - feature_mean @ kernel
    return Head(
        (sharpness * kernel).astype(np.float32),
        (sharpness * bias).astype(np.float32),
        scores.astype(np.float32),
    )


def _left_vectors(centred: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Left singular vectors (n, r) and squared singular values (r,), by the smaller Gram matrix."""
    count, width = centred.shape
    wide = count < width
    gram = (centred @ centred.T if wide else centred.T @ centred).astype(np.float64)
    squares, vectors = np.linalg.eigh(gram)
    kept = squares > max(squares[-1], 1e-12) * 1e-7
    squares, vectors = squares[kept], vectors[:, kept]
    if not wide:
        vectors = (centred @ vectors.astype(np.float32)) / np.sqrt(squares)
    if not len(squares):  # all photos are the same picture
        return np.zeros((count, 1)), np.ones(1)
    return vectors, squares


def _softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
