"""Our figures are those of scikit-learn, also where classes have no photos."""

import json
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.metrics import classification
from tests.metrics.conftest import answers


def evaluated(labels: np.ndarray, scores: np.ndarray, classes: int) -> classification.Evaluation:
    """The figures, with class names a, b, c …"""
    return classification.evaluate(labels, scores, tuple("abcdef"[:classes]))


@given(answers())
def test_figures_of_each_class_are_those_of_scikit_learn(given_answers):
    """Precision, recall, F1 and support, for each class and both averages."""
    import sklearn.metrics

    labels, scores, classes = given_answers
    ours = evaluated(*given_answers)
    options = {"labels": range(classes), "zero_division": 0}
    guesses = scores.argmax(axis=1)
    theirs = sklearn.metrics.precision_recall_fscore_support(labels, guesses, **options)
    for figures, *expected in zip(ours.per_class, *theirs, strict=True):
        got = [figures.precision, figures.recall, figures.f1, figures.support]
        np.testing.assert_allclose(got, expected)
    for figures, average in zip(ours.averages, ("macro", "weighted"), strict=True):
        *expected, _ = sklearn.metrics.precision_recall_fscore_support(
            labels, guesses, average=average, **options
        )
        np.testing.assert_allclose([figures.precision, figures.recall, figures.f1], expected)
        assert figures.support == len(labels)


@given(answers())
def test_figures_of_the_whole_are_those_of_scikit_learn(given_answers):
    """Confusion matrix, accuracy, balanced accuracy and log loss."""
    import sklearn.metrics

    labels, scores, classes = given_answers
    ours = evaluated(*given_answers)
    guesses = scores.argmax(axis=1)
    np.testing.assert_array_equal(
        ours.confusion, sklearn.metrics.confusion_matrix(labels, guesses, labels=range(classes))
    )
    assert ours.accuracy == pytest.approx(sklearn.metrics.accuracy_score(labels, guesses))
    assert ours.log_loss == pytest.approx(
        sklearn.metrics.log_loss(labels, scores, labels=range(classes))
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of guesses that are no true class
        balanced = sklearn.metrics.balanced_accuracy_score(labels, guesses)
    assert ours.balanced_accuracy == pytest.approx(balanced)


@given(answers())
def test_counts_add_up_and_figures_are_json(given_answers):
    """The matrix holds every photo once, and no figure is NaN."""
    labels, _, _ = given_answers
    ours = evaluated(*given_answers)
    assert ours.confusion.sum() == ours.n == len(labels)
    assert ours.right == np.trace(ours.confusion)
    assert ours.baseline >= 1 / len(np.unique(labels)) - 1e-9
    values = json.loads(json.dumps(ours.to_json(), allow_nan=False))
    assert values["accuracy"] == ours.accuracy
    assert list(values["per_class"]) == [figures.name for figures in ours.per_class]


def test_rows_are_true_classes():
    """A photo of class a guessed as b stands in row a, column b."""
    matrix = classification.confusion_matrix(np.array([0, 0, 1]), np.array([1, 1, 1]), 2)
    np.testing.assert_array_equal(matrix, [[0, 2], [0, 1]])


def test_the_baseline_is_the_largest_class():
    """Three of four photos are b, so always saying b is right on three quarters."""
    ours = evaluated(np.array([1, 1, 1, 0]), np.full((4, 3), 1 / 3), 3)
    assert (ours.baseline, ours.baseline_class) == (0.75, "b")


@given(st.integers(1, 500), st.data())
def test_the_interval_holds_the_share(n, data):
    """Between 0 and 1, around the share, and never a single point."""
    right = data.draw(st.integers(0, n))
    low, high = classification.wilson_interval(right, n)
    assert 0 <= low <= right / n + 1e-12
    assert right / n - 1e-12 <= high <= 1
    assert high - low > 0.001


def test_the_interval_is_that_of_the_textbook():
    """81 of 263 (Newcombe, 1998, table I, method 3): 0.2553 to 0.3662."""
    assert classification.wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_no_photos_say_nothing():
    """Without photos every share is possible."""
    assert classification.wilson_interval(0, 0) == (0.0, 1.0)


def test_a_score_of_zero_for_the_truth_is_a_large_but_finite_loss():
    """One certain mistake does not make the figure infinite."""
    assert 20 < classification.log_loss(np.array([0]), np.array([[0.0, 1.0]])) < 100
