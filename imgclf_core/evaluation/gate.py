"""Does a photo look like nothing the model was trained on?

Answered by the distance, in what the last layer sees, to the training photos that are most like
it. Beyond what nearly all photos of the validation side have, the model is not sure, however high
its score: a network must choose among its classes and knows no "none of these". The gate is kept
in `gate.npz` beside the run, and goes along with the model.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from imgclf_core import files

FILE = "gate.npz"
# Share of the validation photos that pass.
COVERED = 0.95


@dataclass(frozen=True)
class Gate:
    """What is needed to tell.

    Attributes:
        rows: float16 (n, D), embeddings of training photos, each of length 1.
        limit: The largest distance of a photo that is answered.
        neighbours: How many of the nearest rows count.
    """

    rows: np.ndarray
    limit: float
    neighbours: int

    @cached_property
    def _rows(self) -> np.ndarray:
        return self.rows.astype(np.float32)

    def distances(self, embeddings: np.ndarray) -> np.ndarray:
        """How far photos are from the training photos.

        Args:
            embeddings: float (m, D), what the last layer sees.

        Returns:
            float32 (m,), 0 to 2: one minus the mean cosine to the nearest rows.
        """
        lengths = np.maximum(np.linalg.norm(embeddings, axis=1, keepdims=True), 1e-12)
        cosines = (embeddings / lengths).astype(np.float32) @ self._rows.T
        nearest = np.partition(cosines, -self.neighbours, axis=1)[:, -self.neighbours :]
        return 1 - nearest.mean(axis=1)


def load(folder: Path) -> Gate | None:
    """The gate of a run; None for one that has none, as those of earlier versions."""
    try:
        stored = files.read_arrays(folder / FILE)
        return Gate(stored["rows"], float(stored["limit"]), int(stored["neighbours"]))
    except (OSError, ValueError, KeyError):
        return None
