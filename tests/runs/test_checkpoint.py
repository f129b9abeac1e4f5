"""Checkpoints: whole at any moment, and everything that a training is made of."""

import numpy as np

from imgclf_core.runs import checkpoint
from imgclf_core.runs.checkpoint import State


def state(epoch: int) -> State:
    """A training after some epoch."""
    return State(
        phase="learning",
        history=[{"epoch": i, "loss": 1 / i} for i in range(1, epoch + 1)],
        best_loss=0.5,
        best_epoch=epoch,
        model=[np.full((2, 3), epoch, np.float32)],
        optimizer=[np.array(epoch)],
        best=[np.ones(4, np.float32), np.zeros(2, np.float32)],
    )


def test_what_is_saved_comes_back(tmp_path):
    """Arrays to the last bit, in their order, with history and best epoch."""
    checkpoint.save(tmp_path, state(3))
    loaded = checkpoint.load(tmp_path)
    assert (loaded.history, loaded.best_epoch, loaded.best_loss) == (state(3).history, 3, 0.5)
    for kind in ("model", "optimizer", "best"):
        for one, two in zip(getattr(loaded, kind), getattr(state(3), kind), strict=True):
            np.testing.assert_array_equal(one, two)


def test_there_is_none_before_the_first(tmp_path):
    """A run that never got so far begins anew."""
    assert checkpoint.load(tmp_path) is None
    assert not checkpoint.exists(tmp_path)


def test_a_torn_checkpoint_falls_back_to_the_one_before(tmp_path):
    """As after a power cut."""
    checkpoint.save(tmp_path, state(1))
    checkpoint.save(tmp_path, state(2))
    path = tmp_path / checkpoint.FOLDER / "state.npz"
    path.write_bytes(path.read_bytes()[:-40])
    assert checkpoint.load(tmp_path).best_epoch == 1


def test_a_kill_between_two_names_loses_nothing(tmp_path):
    """The new one is written but not yet in place."""
    checkpoint.save(tmp_path, state(1))
    checkpoint.save(tmp_path, state(2))
    folder = tmp_path / checkpoint.FOLDER
    (folder / "state.npz").rename(folder / "before.npz")
    (folder / "new-state.npz").write_bytes(b"half")
    assert checkpoint.exists(tmp_path)
    assert checkpoint.load(tmp_path).best_epoch == 2
