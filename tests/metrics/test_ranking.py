"""Curves over thresholds are those of scikit-learn."""

import numpy as np
import sklearn.metrics
from hypothesis import given

from imgclf_core.metrics import ranking
from tests.metrics.conftest import answers


@given(answers())
def test_the_roc_curve_is_that_of_scikit_learn(given_answers):
    """Points, thresholds and area, for a class that has photos and others."""
    labels, scores, _ = given_answers
    is_class = labels == 0
    if is_class.all() or not is_class.any():
        return
    ours = ranking.roc(is_class, scores[:, 0])
    x, y, thresholds = sklearn.metrics.roc_curve(is_class, scores[:, 0], drop_intermediate=False)
    np.testing.assert_allclose(ours.x, x)
    np.testing.assert_allclose(ours.y, y)
    np.testing.assert_allclose(ours.thresholds, thresholds)
    np.testing.assert_allclose(ours.area, sklearn.metrics.roc_auc_score(is_class, scores[:, 0]))


@given(answers())
def test_precision_and_recall_are_those_of_scikit_learn(given_answers):
    """The same points in the other order, and the average precision."""
    labels, scores, _ = given_answers
    is_class = labels == 0
    if not is_class.any():
        return
    ours = ranking.precision_recall(is_class, scores[:, 0])
    precision, recall, _ = sklearn.metrics.precision_recall_curve(is_class, scores[:, 0])
    np.testing.assert_allclose(ours.y[::-1], precision)
    np.testing.assert_allclose(ours.x[::-1], recall)
    area = sklearn.metrics.average_precision_score(is_class, scores[:, 0])
    np.testing.assert_allclose(ours.area, area)


def test_a_class_without_photos_has_no_curve():
    """No share can be taken of nothing, and no number is made up."""
    none = np.zeros(3, bool)
    scores = np.array([0.1, 0.2, 0.3])
    assert np.isnan(ranking.roc(none, scores).area)
    assert np.isnan(ranking.precision_recall(none, scores).area)
    assert np.isnan(ranking.roc(~none, scores).area)


def test_a_point_finds_the_photos_it_counts():
    """The threshold of a point gives back its share of found photos."""
    is_class = np.array([True, False, True, True, False])
    scores = np.array([0.9, 0.8, 0.8, 0.3, 0.1])
    curve = ranking.roc(is_class, scores)
    for y, threshold in zip(curve.y, curve.thresholds, strict=True):
        assert (scores[is_class] >= threshold).mean() == y
