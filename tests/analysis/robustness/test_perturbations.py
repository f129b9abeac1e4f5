"""Photos changed on purpose: every time the same, and only what is said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.analysis.robustness import perturbations
from imgclf_core.images import decode

FITS = decode.FIT_MODES


@st.composite
def pictures(draw) -> np.ndarray:
    """Upright RGB of any shape, flat ones among them."""
    height, width = draw(st.integers(8, 90)), draw(st.integers(8, 90))
    generator = np.random.default_rng(draw(st.integers(0, 10**6)))
    if draw(st.booleans()):
        return generator.integers(0, 256, (height, width, 3), dtype=np.uint8)
    return np.full((height, width, 3), draw(st.integers(0, 255)), dtype=np.uint8)


@given(pictures(), st.sampled_from(sorted(perturbations.CHANGES)))
def test_a_change_is_the_same_every_time_and_leaves_the_photo_alone(pixels, name):
    """A picture of bytes comes out, of the same size but for the cropped one."""
    change, original = perturbations.CHANGES[name], pixels.copy()

    changed = change(pixels)

    np.testing.assert_array_equal(changed, change(pixels))
    np.testing.assert_array_equal(pixels, original)
    assert changed.dtype == np.uint8
    assert changed.shape == pixels.shape or name == perturbations.CROPPED


@given(pictures(), st.sampled_from(FITS))
def test_the_box_holds_half_of_what_is_seen(pixels, fit):
    """Central, and half of the area as nearly as whole pixels allow."""
    height, width = pixels.shape[:2]
    rows, columns = perturbations.box(height, width, fit)
    seen = min(height, width) ** 2 if fit == decode.CROP else height * width

    area = (rows.stop - rows.start) * (columns.stop - columns.start)

    assert area == pytest.approx(seen / 2, rel=0.15)
    assert abs(rows.start - (height - rows.stop)) <= 1
    assert abs(columns.start - (width - columns.stop)) <= 1


@given(pictures(), st.sampled_from(FITS))
def test_nothing_hidden_shows_through(pixels, fit):
    """What is hidden may be anything: the result is the same."""
    rows, columns = perturbations.box(*pixels.shape[:2], fit)
    other_inside, other_outside = pixels.copy(), np.full_like(pixels, 7)
    other_inside[rows, columns] = 255 - other_inside[rows, columns]
    other_outside[rows, columns] = pixels[rows, columns]

    hidden = perturbations.border_hidden(pixels, fit)
    only = perturbations.border_only(pixels, fit)

    np.testing.assert_array_equal(hidden, perturbations.border_hidden(other_outside, fit))
    np.testing.assert_array_equal(only, perturbations.border_only(other_inside, fit))
    np.testing.assert_array_equal(hidden[rows, columns], pixels[rows, columns])


@given(pictures(), st.sampled_from(FITS))
def test_the_plain_view_is_what_the_model_sees(pixels, fit):
    """The first view is the fitted photo itself, and there is one for each name."""
    views = perturbations.views(pixels, 32, fit)

    assert views.shape == (len(perturbations.NAMES), 32, 32, 3)
    np.testing.assert_array_equal(views[0], decode.fit(pixels, (32, 32), fit))


def test_light_and_colour_change_as_said():
    """Half of the light, half as much again, warmer, without colour."""
    pixels = np.full((10, 10, 3), (200, 100, 40), dtype=np.uint8)

    assert perturbations.darker(pixels)[0, 0].tolist() == [100, 50, 20]
    assert perturbations.lighter(pixels)[0, 0].tolist() == [255, 150, 60]
    assert perturbations.recoloured(pixels)[0, 0].tolist() == [250, 100, 30]
    assert np.ptp(perturbations.grey(pixels)[0, 0]) == 0


def test_blur_and_noise_are_the_same_to_the_eye_at_any_size():
    """A photo of twice the pixels loses as much sharpness, and gets as much noise, once reduced."""
    flat = np.full((320, 320, 3), 128, dtype=np.uint8)
    large = np.full((640, 640, 3), 128, dtype=np.uint8)
    reduced = decode.fit(perturbations.noise(large), (160, 160))
    assert decode.fit(perturbations.noise(flat), (160, 160)).std() == pytest.approx(
        reduced.std(), rel=0.1
    )
    flat[:, 160:], large[:, 320:] = 255, 255
    once = decode.fit(perturbations.blurred(flat), (160, 160)).astype(int)
    again = decode.fit(perturbations.blurred(large), (160, 160)).astype(int)
    assert np.abs(once - again).max() <= 4


def test_a_turned_photo_has_no_empty_corners():
    """What comes in from outside is the photo mirrored, even of a very long one."""
    for shape in ((40, 40, 3), (300, 8, 3), (8, 300, 3)):
        turned = perturbations.rotated(np.full(shape, 200, dtype=np.uint8))

        assert turned.shape == shape
        assert turned.min() == 200


def test_a_large_photo_is_reduced_and_a_small_one_is_not():
    """Changes are made at no more than twice the side of the network."""
    large, small = np.zeros((900, 600, 3), np.uint8), np.zeros((60, 40, 3), np.uint8)

    assert perturbations.working_copy(large, 100).shape == (300, 200, 3)
    assert perturbations.working_copy(small, 100) is small
