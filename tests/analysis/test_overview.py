"""A data set as a whole: sizes and mean photos."""

import io

import numpy as np
from PIL import Image

from imgclf_core.analysis import overview
from imgclf_core.datasets.edits import remedies
from tests.conftest import picture


def plain(colour: tuple[int, int, int], size=(40, 40)) -> bytes:
    """One colour, lossless."""
    buffer = io.BytesIO()
    Image.new("RGB", (size[1], size[0]), colour).save(buffer, "PNG")
    return buffer.getvalue()


def test_sizes_are_counted_the_most_frequent_first(make_dataset):
    """And put in words."""
    made = make_dataset(
        {
            "a/1.jpg": picture(1, (30, 60)),
            "a/2.jpg": picture(2, (30, 60)),
            "b/1.jpg": picture(3, (90, 50)),
        }
    )
    sizes = overview.photo_sizes(made)
    assert sizes.heights.tolist() == [30, 90]
    assert sizes.widths.tolist() == [60, 50]
    assert sizes.counts.tolist() == [2, 1]
    assert "30 pixels in the middle, from 30 to 50" in sizes.sentence


def test_photos_of_one_size_are_one_sentence(make_dataset):
    """Width first, as people say it."""
    made = make_dataset({"a/1.jpg": picture(1, (30, 60)), "b/2.jpg": picture(2, (30, 60))})
    assert overview.photo_sizes(made).sentence == "All photos have 60 x 30 pixels."


def test_the_mean_photo_is_the_mean_of_its_class(make_dataset):
    """It follows when photos are moved or left out."""
    made = make_dataset(
        {"a/1.png": plain((100, 0, 0)), "a/2.png": plain((200, 0, 0)), "b/1.png": plain((0, 9, 0))}
    )
    means = overview.mean_photos(made)
    assert np.abs(means[0].astype(int) - (150, 0, 0)).max() <= 1
    assert np.abs(means[1].astype(int) - (0, 9, 0)).max() <= 1
    after = remedies.leave_out(made, [0]).dataset
    assert np.abs(overview.mean_photos(after)[0].astype(int) - (200, 0, 0)).max() <= 1
