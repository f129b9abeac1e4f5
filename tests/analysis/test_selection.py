"""Every figure opens exactly the photos it counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.analysis import selection
from imgclf_core.metrics import classification, reliability
from imgclf_core.runs.predictions import Predictions
from tests.metrics.conftest import answers


def predictions_of(given_answers) -> Predictions:
    """Answers with made-up names."""
    labels, scores, _ = given_answers
    names = np.array([f"{(7 * i) % len(labels):03}.jpg" for i in range(len(labels))])
    return Predictions(names, names, labels, np.full(len(labels), "test"), scores)


@given(answers())
def test_cells_hold_every_photo_once(given_answers):
    """As many as the confusion matrix says."""
    made, classes = predictions_of(given_answers), given_answers[2]
    matrix = classification.confusion_matrix(made.labels, made.guesses, classes)
    cells = [(t, g, selection.cell(made, t, g)) for t in range(classes) for g in range(classes)]
    assert all(len(found) == matrix[t, g] for t, g, found in cells)
    assert sorted(np.concatenate([found for *_, found in cells])) == list(range(len(made)))
    off = sum(len(found) for t, g, found in cells if t != g)
    assert len(selection.wrong(made)) == off


@given(answers())
def test_bins_hold_what_their_bars_say(given_answers):
    """Of the reliability diagram, and of the scores of a class."""
    made = predictions_of(given_answers)
    counts = reliability.reliability(made.labels, made.scores).counts
    assert [len(selection.sure_within(made, b)) for b in range(10)] == counts.tolist()
    both = [selection.score_within(made, 0, b, own) for b in range(10) for own in (True, False)]
    assert sorted(np.concatenate(both)) == list(range(len(made)))


@given(answers(), st.sampled_from(selection.ORDERS))
def test_an_order_keeps_every_photo(given_answers, order):
    """Sorting neither loses nor repeats one."""
    made = predictions_of(given_answers)
    everything = np.arange(len(made))
    assert sorted(selection.ordered(made, everything, order)) == everything.tolist()


def test_orders_are_what_they_say():
    """Three photos of class 0 with scores 0.9, 0.5 and 0.2 for it."""
    scores = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]])
    names = np.array(["b", "c", "a"])
    made = Predictions(names, names, np.zeros(3, int), np.full(3, "test"), scores)
    expected = {
        selection.WORST: [2, 1, 0],
        selection.UNSURE: [1, 2, 0],
        selection.SURE: [0, 2, 1],
        selection.BY_NAME: [2, 0, 1],
    }
    for order, positions in expected.items():
        assert selection.ordered(made, np.arange(3), order).tolist() == positions


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.9, 1.0])
def test_a_threshold_parts_the_photos(threshold):
    """Those below it are the ones the model is not sure of."""
    scores = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]])
    names = np.array(["a", "b", "c"])
    made = Predictions(names, names, np.zeros(3, int), np.full(3, "test"), scores)
    unsure = selection.below(made, threshold)
    assert len(unsure) == 3 - reliability.answered(made.labels, scores, threshold).answered
    assert selection.at_least(made, 1, 0.5).tolist() == [1, 2]


def test_files_are_found_in_their_order():
    """Those that are not there are left away."""
    names = np.array(["a", "b", "c"])
    made = Predictions(names, names, np.zeros(3, int), np.full(3, "test"), np.eye(3))
    assert selection.of_files(made, ["c", "x", "a"]).tolist() == [2, 0]


def test_the_most_confused_pairs_come_first():
    """Right answers are no confusion, and pairs without photos are no pairs."""
    confusion = np.array([[9, 1, 0], [4, 9, 0], [0, 2, 9]])
    assert selection.confused_pairs(confusion) == [(1, 0, 4), (2, 1, 2), (0, 1, 1)]
    assert selection.confused_pairs(np.diag([3, 4])) == []
