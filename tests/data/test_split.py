"""Three sides that never share a photo."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.data import split
from imgclf_core.data.layout import SIDES, TEST, TRAINING, VALIDATION

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
    together: dict[int, set[str]] = {}
    for group, came, side in zip(groups, given_sides, sides, strict=True):
        if came in (VALIDATION, TEST):
            assert side == came
        else:
            together.setdefault(group, set()).add(side)
            assert side == TRAINING or side not in set(given_sides)
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
