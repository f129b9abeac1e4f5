"""Labels that look wrong are found, whatever the photos and however few."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgclf_core.analysis.label_issues import ranking

WIDTH = 24


def clusters(count: int, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features float32 (N, WIDTH) around one place a class, and labels."""
    generator = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), count)
    places = 5 * generator.normal(size=(classes, WIDTH))
    return (places[labels] + generator.normal(size=(len(labels), WIDTH))).astype("f4"), labels


def flipped(labels: np.ndarray, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels of which one in twenty is another one, and which these are."""
    generator = np.random.default_rng(seed)
    wrong = generator.choice(len(labels), len(labels) // 20, replace=False)
    changed = labels.copy()
    changed[wrong] = (labels[wrong] + generator.integers(1, classes, len(wrong))) % classes
    return changed, wrong


@st.composite
def collections(draw) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Features, labels, groups and K: tiny classes, empty ones, one large group, one photo."""
    count, classes = draw(st.integers(1, 40)), draw(st.integers(2, 6))
    generator = np.random.default_rng(draw(st.integers(0, 10**6)))
    labels = generator.integers(0, draw(st.integers(1, classes)), count)
    groups = generator.integers(0, draw(st.integers(1, count)), count) * 7
    width = draw(st.sampled_from([1, 5, 60]))
    spread = draw(st.sampled_from([0.0, 1.0, 50.0]))
    return (spread * generator.normal(size=(count, width))).astype("f4"), labels, groups, classes


@pytest.mark.parametrize("classes", [2, 5])
def test_wrong_labels_come_first_with_what_they_are(classes):
    """All of them, in front of every right one, flagged, and with the right suggestion."""
    rows, labels = clusters(40, classes)
    changed, wrong = flipped(labels, classes)

    found = ranking.rank(rows, changed, np.arange(len(labels)), classes)

    assert set(found.order[: len(wrong)]) == set(wrong)
    assert (found.suggestions[wrong] == labels[wrong]).all()
    assert found.flagged[wrong].all()
    assert not np.delete(found.flagged, wrong).any()
    assert found.scores[wrong].max() < 0.5 < np.delete(found.scores, wrong).min()


def test_more_photos_than_features_are_judged_alike():
    """Beyond that the directions of most spread are found in another way."""
    for count in (5, 60):
        rows, labels = clusters(count, 2)
        wrong = np.array([0])
        changed = np.where(np.arange(len(labels)) == 0, 1, labels)
        found = ranking.rank(rows, changed, np.arange(len(labels)), 2)
        assert found.order[:1] == wrong


@given(collections())
@settings(max_examples=40)
def test_any_collection_is_ranked_whole(collection):
    """Every photo once, in order of its score; all numbers in their range."""
    rows, labels, groups, classes = collection

    found = ranking.rank(rows, labels, groups, classes)

    count = len(labels)
    assert sorted(found.order) == list(range(count))
    assert found.scores.shape == found.suggestions.shape == found.flagged.shape == (count,)
    assert (np.diff(found.scores[found.order]) >= 0).all()
    assert ((found.scores >= 0) & (found.scores <= 1)).all()
    assert found.out_of_fold.shape == (count, classes)
    assert found.out_of_fold.min() >= 0
    assert found.out_of_fold.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert ((found.suggestions >= 0) & (found.suggestions < classes)).all()
    assert (found.suggestions[found.flagged] != labels[found.flagged]).all()


@given(collections(), st.integers(0, 50))
def test_groups_are_never_split(collection, seed):
    """Whatever their classes, all photos of a group are in one fold."""
    _, labels, groups, _ = collection
    fold_of = ranking.folds(labels, groups, seed)
    assert all(len(set(fold_of[groups == group])) == 1 for group in groups)
    assert set(fold_of) <= set(range(ranking.FOLDS))


def test_each_class_is_spread_over_the_folds():
    """As evenly as it goes."""
    labels = np.repeat([0, 1, 2], [50, 13, 2])
    fold_of = ranking.folds(labels, np.arange(len(labels)))
    for label in range(3):
        counts = np.bincount(fold_of[labels == label], minlength=ranking.FOLDS)
        assert counts.max() - counts.min() <= 1


def test_a_copy_does_not_vouch_for_a_wrong_label():
    """A wrong photo and its near-duplicate, which is as wrong, are both found."""
    rows, labels = clusters(40, 3)
    rows = np.concatenate([rows, rows[:2] + 0.01])
    groups = np.concatenate([np.arange(len(labels)), [0, 1]])
    changed = np.concatenate([labels, [0, 0]])
    changed[[0, 1, -2, -1]] = 2
    found = ranking.rank(rows, changed, groups, 3)
    assert set(found.order[:4]) == {0, 1, len(rows) - 2, len(rows) - 1}


def test_the_same_seed_gives_the_same_queue():
    """To the last bit."""
    rows, labels = clusters(20, 3)
    one, two = (ranking.rank(rows, labels, np.arange(60), 3, seed=4) for _ in range(2))
    assert (one.out_of_fold == two.out_of_fold).all()
    assert (one.order == two.order).all()


def test_classes_of_two_photos_are_judged():
    """Where all are of two photos, a wrong one among them is no reason to fail."""
    rows, labels = clusters(2, 8)
    found = ranking.rank(rows, labels, np.arange(16), 8)
    assert sorted(found.order) == list(range(16))
