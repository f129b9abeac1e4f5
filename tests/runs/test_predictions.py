"""Scores on disk."""

import numpy as np
import pytest

from imgclf_core.errors import ModelError
from imgclf_core.runs import predictions
from imgclf_core.runs.predictions import Predictions


@pytest.fixture
def some() -> Predictions:
    """Three photos, two classes."""
    return Predictions(
        files=np.array(["a.jpg", "b.jpg", "c.jpg"]),
        names=np.array(["cat/ä.jpg", "cat/b.jpg", "dog/日本.jpg"]),
        labels=np.array([0, 0, 1]),
        sides=np.array(["training", "test", "test"]),
        scores=np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]], np.float32),
    )


def test_everything_comes_back(some, tmp_path):
    """Names of all scripts, sides and scores are as they were."""
    predictions.save(tmp_path / "p.npz", some)
    read = predictions.load(tmp_path / "p.npz")
    for name in ("files", "names", "labels", "sides", "scores"):
        np.testing.assert_array_equal(getattr(read, name), getattr(some, name))
    assert read.scores.dtype == np.float32


def test_one_side_keeps_rows_together(some):
    """Only the photos of the side, in their order."""
    test = some.of("test")
    assert len(test) == 2
    assert test.names.tolist() == ["cat/b.jpg", "dog/日本.jpg"]
    assert test.guesses.tolist() == [1, 1]
    assert len(some.of("validation")) == 0


@pytest.mark.parametrize("damage", ["missing", "text", "empty", "cut off", "other arrays"])
def test_damaged_scores_are_one_sentence(some, tmp_path, damage):
    """Whatever is wrong with the file, the way out is to train again."""
    path = tmp_path / "p.npz"
    predictions.save(path, some)
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "other arrays":
        np.savez(path, x=np.zeros(3))
    else:
        path.write_bytes({"text": b"hello", "empty": b"", "cut off": whole[:900]}[damage])
    with pytest.raises(ModelError, match="Train again to get new ones"):
        predictions.load(path)
