"""Where a training stands, in one file, so that it can go on as if nothing had happened.

Weights, the states of all random generators inside the model, the optimiser, the history and the
best epoch so far. Keras' own `BackupAndRestore` leaves out the generators and the best epoch, so
a resumed training differs; ours is the same to the last bit. What a training is made of is in
`training/training_loop.py`; photos are ordered by seed and epoch and need no state.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from imgclf_core.support import atomic_files, file_system

FOLDER = "checkpoint"
_STATE, _BEFORE, _NEW = "state.npz", "before.npz", "new-state.npz"


@dataclass
class State:
    """A training after some epoch.

    Attributes:
        phase: Which part of the training, see `training/training_loop.py`.
        history: One record an epoch, oldest first, of all phases.
        best_loss: Validation loss of the best epoch.
        best_epoch: Counted from 1 over all phases.
        phase_began: Epochs that were finished when the phase began.
        patience_from: Epochs that do not count for patience, since it was continued after them.
        stopped: Why it ended early: one of `events.ASKED`, `patience` or `not finite`; or empty.
        model: `keras.Model.variables`, with the states of its random generators.
        optimizer: `keras.optimizers.Optimizer.variables`.
        best: Weights of the best epoch, in the order of `keras.Model.get_weights`.
    """

    phase: str
    history: list[dict] = field(default_factory=list)
    best_loss: float | None = None
    best_epoch: int = 0
    phase_began: int = 0
    patience_from: int = 0
    stopped: str = ""
    model: list[np.ndarray] = field(default_factory=list)
    optimizer: list[np.ndarray] = field(default_factory=list)
    best: list[np.ndarray] = field(default_factory=list)


_ARRAYS = ("model", "optimizer", "best")


def save(folder: Path, state: State) -> None:
    """Replaces the checkpoint of a run.

    Each is written under another name and the one before is kept, so that a kill at any moment
    leaves a whole one. It is not flushed to the disk itself every time: that would cost more than
    an epoch of the last layer, and only a power cut could tell; then the one before is read.
    """
    target = folder / FOLDER
    file_system.make_folder(target)
    values = asdict(state)
    arrays = {
        f"{name}_{i:03d}": array for name in _ARRAYS for i, array in enumerate(values.pop(name))
    }
    text = json.dumps(values, allow_nan=False).encode("utf-8")
    try:
        with file_system.open(target / _NEW, "wb") as file:
            np.savez(file, meta=np.frombuffer(text, np.uint8), **arrays)
        if (target / _STATE).exists():
            file_system.rename(target / _STATE, target / _BEFORE)
        file_system.rename(target / _NEW, target / _STATE)
    finally:
        file_system.remove(target / _NEW)  # half of one would take room on a disk that is full


def load(folder: Path) -> State | None:
    """The last whole checkpoint of a run, or None."""
    for name in (_STATE, _BEFORE):
        try:
            stored = atomic_files.read_arrays(folder / FOLDER / name)
            values = json.loads(bytes(stored.pop("meta")))
        except (OSError, ValueError, KeyError):
            continue
        for kind in _ARRAYS:
            values[kind] = [stored[key] for key in sorted(stored) if key.startswith(f"{kind}_")]
        return State(**values)
    return None


def exists(folder: Path) -> bool:
    """Whether a run has something to resume from."""
    return any((folder / FOLDER / name).is_file() for name in (_STATE, _BEFORE))
