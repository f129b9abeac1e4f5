"""Three sides that never share a photo."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.datasets import split
from imgclf_core.datasets.split import SIDES, TEST, TRAINING, VALIDATION

SETS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 30), st.sampled_from([None, *SIDES])),
    min_size=1,
    max_size=80,
)


@given(SETS, st.integers(0, 5))
def test_groups_stay_together_and_given_parts_stay_put(rows, seed):
    """Of photos whose side is open, those of one group land on one side; given tests stay."""
    labels, groups, given_sides = (list(column) for column in zip(*rows, strict=True))
    sides = split.divide(np.array(labels), np.array(groups), given_sides, seed=seed)
    assert set(sides) <= set(SIDES)
    together: dict[tuple[int, bool], set[str]] = {}
    for group, came, side in zip(groups, given_sides, sides, strict=True):
        if came in (VALIDATION, TEST):
            assert side == came
        else:
            together.setdefault((group, came is None), set()).add(side)
    assert all(len(found) == 1 for found in together.values())


@given(st.lists(st.integers(0, 4), min_size=1, max_size=100), st.integers(0, 5))
def test_a_class_of_three_has_a_photo_on_every_side(labels, seed):
    """With three photos or more no side lacks the class; with fewer all are for training."""
    sides = split.divide(np.array(labels), np.arange(len(labels)), seed=seed)
    for label, count in Counter(labels).items():
        have = {side for k, side in zip(labels, sides, strict=True) if k == label}
        assert have == (set(SIDES) if count >= 3 else {TRAINING})


def test_the_shares_are_met():
    """Of 200 photos a class, 70, 15 and 15 % go to the three sides."""
    labels = np.repeat([0, 1], 200)
    sides = split.divide(labels, np.arange(400))
    for label in (0, 1):
        counts = Counter(side for k, side in zip(labels, sides, strict=True) if k == label)
        assert counts == {TRAINING: 140, VALIDATION: 30, TEST: 30}


def test_the_seed_decides():
    """The same seed gives the same split, another seed another one."""
    labels, groups = np.repeat([0, 1], 50), np.arange(100)
    first = split.divide(labels, groups, seed=1)
    assert split.divide(labels, groups, seed=1) == first
    assert split.divide(labels, groups, seed=2) != first


def test_validation_is_cut_from_training_where_a_test_came():
    """A test part that came is kept as it is, and the rest divided into two sides."""
    given_sides = [TRAINING] * 60 + [TEST] * 40
    sides = split.divide(np.zeros(100, int), np.arange(100), given_sides)
    assert sides[60:] == [TEST] * 40
    assert set(sides[:60]) == {TRAINING, VALIDATION}


def test_an_earlier_division_stays_and_new_photos_fill_up():
    """Photos that have a side keep it; new ones go where the shares lack most."""
    labels = np.zeros(100, int)
    first = split.divide(labels[:60], np.arange(60))
    kept = [*first, *[None] * 40]
    sides = split.divide(labels, np.arange(100), kept=kept)
    assert sides[:60] == first
    assert Counter(sides) == {TRAINING: 70, VALIDATION: 15, TEST: 15}


@pytest.mark.parametrize("side", SIDES)
def test_a_copy_of_an_old_photo_joins_its_side(side):
    """Otherwise photos added later would leak into the sealed test."""
    kept = [TRAINING] * 5 + [VALIDATION] * 5 + [TEST] * 5 + [None]
    group = kept.index(side)
    sides = split.divide(np.zeros(16, int), np.array([*range(15), group]), kept=kept)
    assert sides[15] == side


def test_added_photos_never_join_a_test_part_that_came():
    """A test set shared by a class of students stays what it was."""
    given_sides = [TRAINING] * 10 + [TEST] * 10 + [None] * 30
    kept = [TRAINING] * 8 + [VALIDATION] * 2 + [TEST] * 10 + [None] * 30
    sides = split.divide(np.zeros(50, int), np.arange(50), given_sides, kept=kept)
    assert sides[:20] == kept[:20]
    assert TEST not in sides[20:]


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from([None, "a", "b", "c"])), max_size=40))
def test_alike_or_of_one_object_means_one_group(rows):
    """Groups hang together by either sign, and are called by their first photo."""
    alike, objects = ([], []) if not rows else map(list, zip(*rows, strict=True))
    groups = split.joined(alike, objects).tolist()
    for i, (number, thing) in enumerate(rows):
        assert groups[i] <= i
        assert groups[groups[i]] == groups[i]
        for j in range(i):
            if rows[j][0] == number or (thing is not None and rows[j][1] == thing):
                assert groups[i] == groups[j]


def test_a_copy_of_a_photo_that_came_with_a_side_joins_it():
    """Also when everything is divided anew: what has no side of its own follows."""
    given_sides = [TRAINING] * 10 + [TEST] * 4 + [None]
    groups = np.array([*range(14), 12])
    assert split.divide(np.zeros(15, int), groups, given_sides)[14] == TEST


def test_a_few_photos_with_a_side_do_not_empty_the_test():
    """A small divided addition to a large set of one's own leaves the shares as they are."""
    given_sides = [None] * 80 + [TRAINING, TRAINING, TEST, TEST]
    sides = Counter(split.divide(np.zeros(84, int), np.arange(84), given_sides))
    assert sides[TEST] >= 10
    assert sides[VALIDATION] >= 10


def test_a_new_class_beside_divided_ones_has_all_sides():
    """No part of it came, so it is divided by the shares."""
    labels = np.array([0] * 20 + [1] * 20)
    given_sides = [TRAINING] * 12 + [VALIDATION] * 4 + [TEST] * 4 + [None] * 20
    kept = [*given_sides[:20], *[None] * 20]
    sides = Counter(split.divide(labels, np.arange(40), given_sides, kept=kept)[20:])
    assert sides == {TRAINING: 14, VALIDATION: 3, TEST: 3}


def test_an_added_copy_joins_the_old_side_whatever_it_came_as():
    """A test photo that came later never unseals by being a copy of a training photo."""
    kept = [TRAINING] * 5 + [None]
    given_sides = [None] * 5 + [TEST]
    groups = np.array([0, 1, 2, 3, 4, 2])
    assert split.divide(np.zeros(6, int), groups, given_sides, kept=kept)[5] == TRAINING
