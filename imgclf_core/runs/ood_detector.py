"""Does a photo look like nothing the model was trained on?

Answered by the distance, in what the last layer sees, to the training photos that are most like
it. Beyond what nearly all photos of the model's own kind have, the model is not sure, however high
its score: a network must choose among its classes and knows no "none of these". Distance to the
nearest training photos as a test for foreign ones: Y. Sun et al., "Out-of-Distribution Detection
with Deep Nearest Neighbors", 2022. The gate is kept in `gate.npz` beside the run, and goes along
with the model. When it is made, and from what, is in `training/trainer.py`; what follows from a
distance, in `inference/predictor.py`.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from imgclf_core.errors import ModelError
from imgclf_core.support import atomic_files

FILE = "gate.npz"
# Single large numbers make photos of any kind alike, so all are cut off at what this share of the
# training photos' numbers stays below, as Y. Sun et al. do to scores ("ReAct: Out-of-distribution
# Detection With Rectified Activations", 2021).
_BELOW_CEILING = 0.95
# Chosen on heroes, scenes and signs, eight random divisions each (see tests/benchmarks/gate.py):
# of 1, 2, 3, 5 and 10 neighbours, with and without ceiling, centred or not, these leave most room
# on both sides: nine in ten foreign photos stay out, and nine in ten of its own get in.
NEIGHBOURS, COVERED = 3, 0.95
# Of more training photos an even sample is kept: 5 MB on the disk at 1,280 numbers a photo.
MOST_ROWS = 2000
# The longest embedding of our networks is 1,280; what is much larger is no gate of ours.
_MOST_NUMBERS = 8192
MOST_BYTES = 2 * MOST_ROWS * _MOST_NUMBERS + 100_000
_ARRAYS = ("rows", "limit", "neighbours", "ceiling")
# One minus a cosine is never more than this, so it lets every photo pass.
_EVERYTHING = 2.0


@dataclass(frozen=True)
class Gate:
    """What is needed to tell.

    Attributes:
        rows: float16 (n, D), embeddings of training photos, cut off at the ceiling and each of
            length 1 (0 where the network saw nothing at all); n is at most `MOST_ROWS`.
        limit: The largest distance of a photo that is answered, 0 to 2.
        neighbours: How many of the nearest rows count, 1 to n.
        ceiling: What larger numbers of an embedding count as, above 0.
    """

    rows: np.ndarray
    limit: float
    neighbours: int
    ceiling: float = np.inf

    @cached_property
    def _rows(self) -> np.ndarray:
        return self.rows.astype(np.float32)  # made at the first question, 10 MB at most of ours

    def distances(self, embeddings: np.ndarray) -> np.ndarray:
        """How far photos are from the training photos.

        Args:
            embeddings: float (m, D), what the last layer sees.

        Returns:
            float32 (m,), 0 to 2: one minus the mean cosine to the nearest rows.
        """
        return _distances(_unit(embeddings, self.ceiling) @ self._rows.T, self.neighbours)


def fit(
    training: np.ndarray, groups: np.ndarray, validation: np.ndarray, learnt_from: bool
) -> Gate:
    """The gate of a model, with its limit where `COVERED` of its own photos pass.

    A handful of validation photos makes a shaky limit. Where the network that embeds never saw
    the training photos, these count as well, each measured without itself and its group. A
    network that learnt from them has drawn them together, so then only validation photos tell.

    Args:
        training: float (n, D), embeddings of training photos, n from 1 to `MOST_ROWS`.
        groups: int (n,); photos with the same number are nearly the same or of one object.
        validation: float (m, D), of photos it did not learn from; m may be 0.
        learnt_from: Whether the network that embeds was taught with the training photos.
    """
    ceiling = float(np.float32(np.quantile(training, _BELOW_CEILING)))
    ceiling = ceiling if ceiling > 0 else np.inf  # of a network that hardly speaks
    rows = _unit(training, ceiling).astype(np.float16)
    plain = Gate(rows, _EVERYTHING, min(NEIGHBOURS, len(rows)), ceiling)
    own = plain.distances(validation) if len(validation) else np.empty(0, np.float32)
    if not learnt_from or not len(own):
        own = np.concatenate([own, _among_themselves(plain, groups)])
    return Gate(rows, _limit(own), plain.neighbours, ceiling)


def load(folder: Path) -> Gate | None:
    """The gate of a run; None where there is none, as of earlier versions, or it is damaged.

    Raises:
        OSError: It is there and cannot be read now; without it the model would answer everything.
    """
    try:
        return of_arrays(atomic_files.read_arrays(folder / FILE))
    except (FileNotFoundError, ValueError, ModelError):
        return None


def save(folder: Path, gate: Gate) -> None:
    """Writes `gate.npz`."""
    atomic_files.write_arrays(
        folder / FILE,
        rows=gate.rows,
        limit=np.float32(gate.limit),
        neighbours=np.int64(gate.neighbours),
        ceiling=np.float32(gate.ceiling),
    )


def of_arrays(arrays: Mapping[str, np.ndarray]) -> Gate:
    """A gate of the arrays of `gate.npz`, which may come from a stranger.

    Args:
        arrays: `rows`, `limit`, `neighbours` and `ceiling`, see `Gate`.

    Raises:
        ModelError: One is missing, or has an impossible shape, type or value.
    """
    try:
        rows, limit = arrays["rows"], float(arrays["limit"])
        neighbours, ceiling = int(arrays["neighbours"]), float(arrays["ceiling"])
        sizes = rows.ndim == 2 and len(rows) <= MOST_ROWS and 1 <= rows.shape[1] <= _MOST_NUMBERS
        fine = (
            sizes
            and rows.dtype == np.float16
            and bool((np.abs(rows) <= 1.01).all())
            and 0 <= limit <= _EVERYTHING
            and 1 <= neighbours <= len(rows)
            and ceiling > 0
        )
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, IndexError):
        fine = False
    if not fine:
        raise _damaged()
    return Gate(rows, limit, neighbours, ceiling)


def of_bytes(data: bytes) -> Gate:
    """A gate of the bytes of `gate.npz`, which may come from a stranger.

    Raises:
        ModelError: They are something else, or unpack to far more than a gate.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise _damaged()
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            return of_arrays({name: stored[name] for name in _ARRAYS})
    except (KeyError, ValueError, OSError, EOFError, RuntimeError, zipfile.BadZipFile) as error:
        raise _damaged() from error


def sample(labels: np.ndarray, seed: int, most: int = MOST_ROWS) -> np.ndarray:
    """Photos to make a gate of: all, or as large a part of every class as of the others.

    Args:
        labels: int (n,), their classes.
        seed: Of the draw.
        most: How many at most.

    Returns:
        int64 (at most `most`,), positions in ascending order.
    """
    if len(labels) <= most:
        return np.arange(len(labels))
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    share = np.empty(len(labels))
    for k in np.unique(labels):
        members = shuffled[labels[shuffled] == k]
        share[members] = np.arange(len(members)) / len(members)  # the first of each class are 0
    return np.sort(shuffled[np.argsort(share[shuffled], kind="stable")[:most]])


def _unit(embeddings: np.ndarray, ceiling: float) -> np.ndarray:
    """The rows cut off at the ceiling, then at length 1, float32."""
    wide = np.minimum(np.asarray(embeddings, dtype=np.float32), np.float32(ceiling))
    return wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-12)


def _distances(cosines: np.ndarray, neighbours: int) -> np.ndarray:
    nearest = np.partition(cosines, -neighbours, axis=1)[:, -neighbours:]
    # Rounding to float16 may bring a cosine a little above 1.
    return np.clip(1 - nearest.mean(axis=1), 0, _EVERYTHING).astype(np.float32)


def _among_themselves(gate: Gate, groups: np.ndarray) -> np.ndarray:
    """float32: of each row to the rows of other groups; those with too few others are left out."""
    rows = gate.rows.astype(np.float32)
    foreign = groups[:, None] != groups[None, :]
    some = foreign.sum(axis=1) >= gate.neighbours
    cosines = np.where(foreign[some], rows[some] @ rows.T, np.float32(-2))
    return _distances(cosines, gate.neighbours)


def _limit(distances: np.ndarray) -> float:
    """What `COVERED` of new photos like these stay below, for the expectation over small samples.

    Of n measured ones the one in place ceil((n + 1) * share), as in split conformal prediction
    (V. Vovk et al., "Algorithmic Learning in a Random World", 2005); the largest where n is
    too small for that.
    """
    if not len(distances):
        return _EVERYTHING
    place = int(np.ceil((len(distances) + 1) * COVERED))
    return float(np.sort(distances)[min(place, len(distances)) - 1])


def _damaged() -> ModelError:
    return ModelError(
        "The part of this model that knows its training photos (gate.npz) is damaged. "
        "Export the model again."
    )
