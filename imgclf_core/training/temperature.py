"""Finds the temperature of a model from its validation photos, in the worker, for it needs SciPy.

What it does to scores is in `runs/calibration.py`.
"""

import numpy as np

from imgclf_core.metrics.classification import log_loss
from imgclf_core.runs.calibration import Calibration, apply

# Few photos, all guessed right, would ask for scores of exactly 0 and 1. So it is held near 1,
# as by a normal distribution of its logarithm; some hundred photos outweigh that.
_SPREAD = 0.35
_LARGEST = np.log(8.0)


def fit(labels: np.ndarray, scores: np.ndarray) -> Calibration:
    """The temperature with the least log loss on photos the model did not learn from.

    Args:
        labels: int (N,), true classes; N may be 0.
        scores: float (N, K), rows summing to 1, at temperature 1.
    """
    from scipy.optimize import minimize_scalar  # the server imports this module, and never SciPy

    if not len(labels):
        return Calibration()

    def loss(logarithm: float) -> float:
        held = (logarithm / _SPREAD) ** 2 / 2
        return len(labels) * log_loss(labels, apply(scores, float(np.exp(logarithm)))) + held

    found = minimize_scalar(loss, bounds=(-_LARGEST, _LARGEST), method="bounded")
    return Calibration(temperature=float(np.exp(found.x)), fitted_on=len(labels))
