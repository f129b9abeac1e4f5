"""Random variety keeps shape and type, and does what its ranges say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.images import decode
from imgclf_core.images.augmentation import Augmentation, augment
from tests.conftest import picture

NONE = Augmentation(0.0, 0.0, 0.0, False)


@pytest.fixture
def pixels() -> np.ndarray:
    """One picture."""
    return decode.read_picture(picture(5, (40, 56))).pixels


def copies(pixels: np.ndarray, ranges: Augmentation, count: int = 12) -> list[np.ndarray]:
    """Some varied copies."""
    generator = np.random.default_rng(0)
    return [augment(pixels, ranges, generator) for _ in range(count)]


def test_no_range_is_no_change(pixels):
    """With everything off the photo comes back as it is."""
    assert not NONE.active
    np.testing.assert_array_equal(copies(pixels, NONE, 1)[0], pixels)


def test_mirroring_alone_gives_the_photo_or_its_mirror_image(pixels):
    """Both occur, and nothing else."""
    kinds = set()
    for copy in copies(pixels, Augmentation(0.0, 0.0, 0.0, True)):
        mirrored = np.array_equal(copy, pixels[:, ::-1])
        assert mirrored or np.array_equal(copy, pixels)
        kinds.add(mirrored)
    assert kinds == {True, False}


@pytest.mark.parametrize(
    "ranges",
    [
        Augmentation(20.0, 0.0, 0.0, False),
        Augmentation(0.0, 0.3, 0.0, False),
        Augmentation(0.0, 0.0, 0.2, False),
    ],
    ids=["turned", "enlarged", "moved"],
)
def test_each_range_alone_changes_the_photo(pixels, ranges):
    """No two copies are alike."""
    assert ranges.active
    made = copies(pixels, ranges, 4)
    assert len({copy.tobytes() for copy in [pixels, *made]}) == 5


def test_a_move_goes_no_further_than_its_range():
    """A dot in the middle stays within a tenth of the side."""
    dot = np.zeros((100, 100, 3), np.uint8)
    dot[49:51, 49:51] = 255
    places = []
    for copy in copies(dot, Augmentation(0.0, 0.0, 0.1, False), 30):
        y, x = np.unravel_index(copy[..., 0].argmax(), (100, 100))
        places.append((y, x))
    reach = np.abs(np.array(places) - 49.5).max()
    assert 4 < reach <= 11


def test_no_black_corners_come_in():
    """What lies outside of the photo is filled by its mirror image."""
    white = np.full((64, 64, 3), 255, np.uint8)
    for copy in copies(white, Augmentation(25.0, 0.2, 0.15, True)):
        assert copy.min() == 255


def test_the_generator_decides(pixels):
    """The same numbers give the same copy."""
    ranges = Augmentation()
    for first, second in zip(copies(pixels, ranges), copies(pixels, ranges), strict=True):
        np.testing.assert_array_equal(first, second)


@given(
    height=st.integers(8, 40),
    width=st.integers(8, 40),
    rotation=st.floats(0, 180),
    zoom=st.floats(0, 0.9),
    shift=st.floats(0, 0.5),
    seed=st.integers(0, 9),
)
def test_all_allowed_ranges_work_on_all_shapes(height, width, rotation, zoom, shift, seed):
    """The largest settings and the smallest photos give a photo of the same shape."""
    pixels = np.full((height, width, 3), 200, np.uint8)
    ranges = Augmentation(rotation, zoom, shift, True)
    copy = augment(pixels, ranges, np.random.default_rng(seed))
    assert (copy.shape, copy.dtype) == (pixels.shape, np.uint8)
