"""Three sides that never share a photo."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.data import decode, split
from imgclf_core.data.layout import SIDES, TEST, TRAINING, VALIDATION
from tests.conftest import picture

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


def pixels(seed: int, size: tuple[int, int] = (96, 96)) -> np.ndarray:
    """A picture as an array."""
    return decode.read_picture(picture(seed, size)).pixels


def groups_of(*pictures: np.ndarray) -> list[int]:
    """Group numbers of pictures."""
    hashes = [split.difference_hash(p) for p in pictures]
    return split.group_similar(hashes, [split.miniature(p) for p in pictures]).tolist()


@pytest.mark.parametrize(
    "change",
    [
        lambda p: decode.fit(p, (48, 48), decode.STRETCH),
        lambda p: decode.read_picture(decode.to_jpeg(p, quality=40)).pixels,
        lambda p: (p * 0.8).astype(np.uint8),
        lambda p: p,
    ],
    ids=["half size", "jpeg 40", "darker", "same"],
)
def test_copies_are_one_group(change):
    """Resized, compressed and darker copies belong to their original, others do not."""
    original = pixels(1)
    assert groups_of(pixels(2), original, change(original), pixels(3)) == [0, 1, 1, 3]


def test_flat_pictures_are_the_same_only_in_the_same_colour():
    """A black and a white page have the same hash, yet are two photos."""
    black, white = np.zeros((32, 32, 3), np.uint8), np.full((32, 32, 3), 255, np.uint8)
    assert groups_of(black, white, black) == [0, 1, 0]


def test_no_photos_are_no_groups():
    """An empty list is answered with an empty array."""
    assert split.group_similar([], []).tolist() == []
