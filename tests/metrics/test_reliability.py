"""Reliability and coverage count every photo once and agree with scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.metrics import reliability
from tests.metrics.conftest import answers


@given(answers())
def test_bins_are_those_of_scikit_learn(given_answers):
    """Mean score and share right of each bin that has photos."""
    from sklearn.calibration import calibration_curve

    labels, scores, _ = given_answers
    ours = reliability.reliability(labels, scores)
    right = scores.argmax(axis=1) == labels
    if right.all() or not right.any():
        return  # scikit-learn wants both
    accuracy, confidence = calibration_curve(right, scores.max(axis=1), n_bins=reliability.BINS)
    full = ours.counts > 0
    np.testing.assert_allclose(ours.accuracy[full], accuracy)
    np.testing.assert_allclose(ours.confidence[full], confidence)


@given(answers())
def test_every_photo_is_in_one_bin(given_answers):
    """Counts add up, and the error is a share."""
    labels, scores, _ = given_answers
    ours = reliability.reliability(labels, scores)
    assert ours.counts.sum() == len(labels)
    assert 0 <= ours.error <= 1
    where = reliability.bin_of(scores.max(axis=1))
    np.testing.assert_array_equal(np.bincount(where, minlength=10), ours.counts)


def test_the_error_is_the_mean_gap():
    """Four answers of 0.75, two of them right: a gap of 0.25 everywhere."""
    scores = np.tile([[0.75, 0.25]], (4, 1))
    assert reliability.reliability(np.array([0, 0, 1, 1]), scores).error == pytest.approx(0.25)


@given(answers(), st.integers(0, 100))
def test_coverage_is_what_one_would_count(given_answers, percent):
    """Answers below the threshold are not given; what is given is right or wrong."""
    labels, scores, _ = given_answers
    curve = reliability.coverage(labels, scores)
    point = curve[percent]
    sure = scores.max(axis=1) >= percent / 100
    assert point.answered == sure.sum()
    assert point.right == (scores.argmax(axis=1) == labels)[sure].sum()
    assert [p.answered for p in curve] == sorted((p.answered for p in curve), reverse=True)
    assert curve[0].coverage == 1


def test_nothing_answered_has_no_accuracy():
    """A share of nothing is not a number, and is not shown as one."""
    nothing = reliability.answered(np.array([0]), np.array([[0.6, 0.4]]), 0.9)
    assert (nothing.coverage, nothing.accuracy) == (0, None)


def test_few_honest_scores_have_an_error_by_chance():
    """Scores that are right as often as they say stay below it in nineteen of twenty draws."""
    random = np.random.default_rng(3)
    below = 0
    for _ in range(100):
        sure = random.uniform(0.5, 1, 40)
        scores = np.stack([sure, 1 - sure], axis=1)
        labels = (random.random(40) > sure).astype(int)
        below += reliability.reliability(labels, scores).error <= reliability.by_chance(scores)
    assert below >= 85
    many = np.repeat(scores, 100, axis=0)
    assert reliability.by_chance(many) < reliability.by_chance(scores) / 5
