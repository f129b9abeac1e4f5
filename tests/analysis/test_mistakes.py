"""Wrong guesses, worst first."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.analysis.mistakes import find_mistakes
from imgclf_core.runs.predictions import Predictions


def predicted(labels: list[int], scores: list[list[float]]) -> Predictions:
    """Predictions of photos 0, 1, 2 …"""
    numbers = range(len(labels))
    return Predictions(
        files=np.array([f"{i}.jpg" for i in numbers]),
        names=np.array([f"photo {i}" for i in numbers]),
        labels=np.array(labels, dtype=np.int64),
        sides=np.array(["test" for _ in numbers]),
        scores=np.array(scores, dtype=np.float32).reshape(len(labels), -1),
    )


def test_the_surest_mistake_comes_first():
    """Ranked by how far the guess is above the truth; right guesses are not there."""
    rows = [[0.4, 0.6], [0.9, 0.1], [0.01, 0.99], [0.2, 0.8]]
    found = find_mistakes(predicted([0, 0, 0, 1], rows), ("cat", "dog"))
    assert [mistake.name for mistake in found] == ["photo 2", "photo 0"]
    worst = found[0]
    assert (worst.file, worst.true_class, worst.guess) == ("2.jpg", "cat", "dog")
    assert np.isclose([worst.guess_score, worst.true_score], [0.99, 0.01]).all()


def test_all_right_is_an_empty_list():
    """Nothing to show is no error."""
    assert find_mistakes(predicted([0, 1], [[1, 0], [0, 1]]), ("a", "b")) == []


def test_no_photos_are_no_mistakes():
    """A side without photos has none."""
    nothing = predicted([0], [[1, 0]]).of("training")
    assert find_mistakes(nothing, ("a", "b")) == []


@given(st.integers(0, 10**6), st.integers(1, 30))
def test_every_wrong_photo_is_listed_once(seed, count):
    """As many mistakes as wrong guesses, in falling order."""
    generator = np.random.default_rng(seed)
    predictions = predicted(
        generator.integers(0, 3, count).tolist(), generator.random((count, 3)).tolist()
    )
    found = find_mistakes(predictions, ("a", "b", "c"))
    wrong = predictions.names[predictions.guesses != predictions.labels]
    assert sorted(mistake.name for mistake in found) == sorted(wrong)
    gaps = [mistake.guess_score - mistake.true_score for mistake in found]
    assert gaps == sorted(gaps, reverse=True)
