"""Scores of every photo of a data set, as a run leaves them behind."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from imgclf_core.errors import ModelError
from imgclf_core.support import atomic_files


@dataclass(frozen=True)
class Predictions:
    """Scores of N photos for K classes.

    Attributes:
        files: str (N,), `Photo.file` of each.
        names: str (N,), the names the photos came with.
        labels: int64 (N,), the class each is filed under.
        sides: str (N,), `training`, `validation` or `test`.
        scores: float32 (N, K), rows summing to 1.
    """

    files: np.ndarray
    names: np.ndarray
    labels: np.ndarray
    sides: np.ndarray
    scores: np.ndarray

    @property
    def guesses(self) -> np.ndarray:
        """int64 (N,): the class with the highest score."""
        return self.scores.argmax(axis=1)

    def of(self, side: str) -> "Predictions":
        """The photos of one side."""
        keep = self.sides == side
        return Predictions(
            self.files[keep],
            self.names[keep],
            self.labels[keep],
            self.sides[keep],
            self.scores[keep],
        )

    def __len__(self) -> int:
        return len(self.labels)


def save(path: Path, predictions: Predictions) -> None:
    """Writes an `.npz`."""
    atomic_files.write_arrays(
        path,
        files=predictions.files,
        names=predictions.names,
        labels=predictions.labels,
        sides=predictions.sides,
        scores=predictions.scores,
    )


def load(path: Path) -> Predictions:
    """Reads what `save` wrote.

    Raises:
        ModelError: There are none, or the file is damaged.
    """
    try:
        return Predictions(**atomic_files.read_arrays(path))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelError(
            "The results of this run cannot be read. Train again to get new ones."
        ) from error
