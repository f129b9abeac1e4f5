"""How sure a model may be: its temperature, and the score below which it does not answer.

Scores are sharpened or softened by one number, the temperature, so that of the answers given
with 80 % about 80 % are right; no guess changes by it (C. Guo et al., "On Calibration of Modern
Neural Networks", 2017). The number is found in `training/temperature.py` when a training ends
and made part of the last layer; so whatever answers is calibrated already. The threshold is
chosen by the person and holds wherever the model answers. Both are kept in `confidence.json`
beside the run. How good the scores are is measured in `metrics/reliability.py`.
"""

from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from imgclf_core.errors import OptionError
from imgclf_core.support import atomic_files

FILE = "confidence.json"
NOT_SURE = "not sure"


@dataclass(frozen=True)
class Calibration:
    """How a model's scores become answers.

    Attributes:
        temperature: What the sums of the last layer were divided by; above 1 makes scores softer.
        fitted_on: Validation photos it was found with; 0 where it was not.
        threshold: An answer needs at least this score, 0 to 1; 0 answers always.
    """

    temperature: float = 1.0
    fitted_on: int = 0
    threshold: float = 0.0


def apply(scores: np.ndarray, temperature: float) -> np.ndarray:
    """Scores at a temperature.

    The power of a softmax is the softmax of the divided sums, so the sums need not be kept.

    Args:
        scores: float (N, K), rows summing to 1.
        temperature: Above 0.

    Returns:
        float32 (N, K), rows summing to 1, each with the same order as before.
    """
    if temperature == 1.0:
        return scores
    # 1e-30 is about what float32 can hold: a score of exactly 0 has lost its logarithm.
    logits = np.log(np.maximum(scores.astype(np.float64), 1e-30)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def load(folder: Path) -> Calibration:
    """The calibration of a run; one that leaves scores as they are where there is none."""
    value = atomic_files.read_json(folder / FILE)
    return from_json(value) if isinstance(value, dict) else Calibration()


def from_json(value: dict) -> Calibration:
    """A calibration of JSON values; what is missing or impossible is left as it is by default."""
    temperature, threshold = value.get("temperature"), value.get("threshold")
    known = Calibration(fitted_on=int(value.get("fitted_on") or 0))
    if isinstance(temperature, int | float) and 0 < temperature < 1000:
        known = replace(known, temperature=float(temperature))
    if isinstance(threshold, int | float) and 0 <= threshold <= 1:
        known = replace(known, threshold=float(threshold))
    return known


def save(folder: Path, calibration: Calibration) -> None:
    """Writes `confidence.json`."""
    atomic_files.write_json(folder / FILE, asdict(calibration))


def choose_threshold(folder: Path, threshold: float) -> Calibration:
    """Keeps the threshold that the person chose for a run.

    Raises:
        OptionError: It is no number from 0 to 1.
    """
    if not 0 <= threshold <= 1:
        raise OptionError(f"The model can be 0 to 100 % sure, not {threshold:.0%}. Choose again.")
    chosen = replace(load(folder), threshold=float(threshold))
    save(folder, chosen)
    return chosen
