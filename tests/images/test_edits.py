"""Changes to one photo are where they should be, and nowhere else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.errors import OptionError
from imgclf_core.images import edits
from imgclf_core.images.edits import Edit

PHOTO = np.random.default_rng(0).integers(40, 200, (60, 80, 3), dtype=np.uint8)
BOX = (0.25, 0.25, 0.75, 0.75)
inside = st.floats(0, 1)


def changed(*done: Edit) -> np.ndarray:
    """Where the photo differs."""
    return (edits.apply(PHOTO, done) != PHOTO).any(axis=2)


def test_nothing_changes_nothing():
    """And the photo itself stays as it is."""
    before = PHOTO.copy()
    assert np.array_equal(edits.apply(PHOTO, []), PHOTO)
    edits.apply(PHOTO, [Edit(edits.PAINT, BOX)])
    assert np.array_equal(PHOTO, before)


def test_places_are_covered_and_painted():
    """A rectangle in grey, an ellipse in black, and nothing outside."""
    covered = edits.apply(PHOTO, [Edit(edits.COVER, BOX)])
    assert (covered[16:44, 21:59] == 128).all()
    assert not changed(Edit(edits.COVER, BOX))[:14].any()
    painted = edits.apply(PHOTO, [Edit(edits.PAINT, BOX)])
    assert (painted[30, 40] == 0).all()
    assert np.array_equal(painted[16, 21], PHOTO[16, 21]), "a corner is outside of the ellipse"


def test_white_around_keeps_what_is_inside():
    """The other way round."""
    white = edits.apply(PHOTO, [Edit(edits.WHITE_AROUND, BOX)])
    assert (white[0, 0] == 255).all()
    assert np.array_equal(white[30, 40], PHOTO[30, 40])


def test_a_background_of_one_colour_becomes_white():
    """The thing in front stays, also where it has the colour of the background inside."""
    photo = np.full((90, 90, 3), (20, 90, 160), np.uint8)
    photo[30:60, 30:60] = (200, 30, 30)
    photo[42:48, 42:48] = (20, 90, 160)
    white = edits.apply(photo, [Edit(edits.WHITE_BACKGROUND, amount=0.12)])
    assert (white[:20] == 255).all()
    assert (white[35, 35] == (200, 30, 30)).all()
    assert (white[45, 45] == (20, 90, 160)).all()


@pytest.mark.parametrize(
    ("edit", "shape"),
    [
        (Edit(edits.CROP, BOX), (30, 40, 3)),
        (Edit(edits.CROP, (0, 0, 0.02, 0.02)), (8, 8, 3)),
        (Edit(edits.ROTATE, amount=90), (80, 60, 3)),
        (Edit(edits.FLIP), (60, 80, 3)),
        (Edit(edits.GREY), (60, 80, 3)),
        (Edit(edits.BLUR, amount=0.02), (60, 80, 3)),
        (Edit(edits.BRIGHTNESS, amount=0.5), (60, 80, 3)),
    ],
)
def test_the_whole_photo_is_changed(edit, shape):
    """Crop and rotation change its size, the rest does not."""
    result = edits.apply(PHOTO, [edit])
    assert (result.shape, result.dtype) == (shape, np.uint8)


def test_a_background_like_a_maze_is_walked_to_its_end():
    """However many corners there are, and in no more than a moment."""
    maze = np.zeros((251, 251, 3), np.uint8)
    maze[1::2] = 255
    for i, row in enumerate(range(2, 250, 2)):
        maze[row, 1 if i % 2 else -2] = 255
    free = maze[..., 0] == 255
    free[-1] = False  # one way in, at the top
    free[1:, [0, -1]] = free[[0]] = False
    free[0, 1] = True
    assert np.array_equal(edits.reached_from_edges(free), free)
    shut = free.copy()
    shut[100] = False
    assert not edits.reached_from_edges(shut)[101:].any()


def test_steps_in_a_row_are_one_step():
    """Turned there and back, or lighter and darker again, is as it was."""
    there = [Edit(edits.ROTATE, amount=15), Edit(edits.ROTATE, amount=-15)]
    assert not changed(*there).any()
    assert not changed(Edit(edits.BRIGHTNESS, amount=4), Edit(edits.BRIGHTNESS, amount=0.25)).any()


def test_what_was_cropped_can_be_read_again():
    """Also at the corner, again and again: a photo never has fewer pixels than are decoded."""
    corner = Edit(edits.CROP, (0.9, 0.9, 1, 1))
    cropped = edits.apply(PHOTO, [corner] * 3)
    assert cropped.shape == (8, 8, 3)
    assert np.array_equal(cropped, PHOTO[-8:, -8:])


def test_mirrored_twice_is_as_it_was():
    """Changes go one after another."""
    assert not changed(Edit(edits.FLIP), Edit(edits.FLIP)).any()
    assert edits.apply(PHOTO, [Edit(edits.BRIGHTNESS, amount=0.5)]).mean() < PHOTO.mean() * 0.6


@pytest.mark.parametrize(
    "box", [(0.5, 0.5, 0.5, 0.9), (-0.1, 0, 1, 1), (0, 0, float("nan"), 1), (0.6, 0, 0.4, 1)]
)
def test_places_that_cannot_be_are_refused(box):
    """With a sentence."""
    with pytest.raises(OptionError, match="Drag a larger one"):
        Edit(edits.PAINT, box)
    with pytest.raises(OptionError, match="is no change"):
        Edit("explode")


@given(st.tuples(inside, inside), st.tuples(inside, inside), st.sampled_from(edits.WITH_BOX))
def test_any_drag_is_a_change_or_a_sentence(start, end, kind):
    """Whichever corner it began with."""
    try:
        edit = Edit(kind, edits.box_of(start, end))
    except OptionError:
        return
    result = edits.apply(PHOTO, [edit])
    assert result.dtype == np.uint8
    assert min(result.shape[:2]) >= 8
