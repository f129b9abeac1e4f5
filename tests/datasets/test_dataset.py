"""What a data set says of its photos."""

import numpy as np
import pytest

from imgclf_core.datasets import photo_files
from imgclf_core.datasets.dataset import IMAGES_FOLDER, Dataset, Photo, Receipt
from imgclf_core.datasets.split import SIDES
from imgclf_core.errors import DatasetError


@pytest.fixture
def made(tmp_path) -> Dataset:
    """Three photos of two classes, one on each side; the first and the last are one object."""
    photos = tuple(
        Photo(
            f"{i:064x}.jpg",
            f"{'ab'[i % 2]}/{i}.jpg",
            i % 2,
            SIDES[i],
            "",
            10,
            20,
            "JPEG",
            99,
            i,
            "vase" if i != 1 else "",
        )
        for i in range(3)
    )
    return Dataset(tmp_path / "set", "Süßes", ("a", "b"), photos, Receipt(3, 3))


def test_arrays_follow_the_photos(made):
    """Labels, sides, groups and counts in the order of the photos and classes."""
    assert made.labels.tolist() == [0, 1, 0]
    assert made.sides.tolist() == list(SIDES)
    assert made.groups.tolist() == [0, 1, 0]
    assert made.counts.tolist() == [[1, 0, 1], [0, 1, 0]]
    assert made.indices("validation").tolist() == [1]
    assert made.labels.dtype == made.counts.dtype == np.int64
    assert not made.divided


def test_a_photo_is_read_by_its_generated_name(made):
    """The name it came with is never a path."""
    folder = made.folder / IMAGES_FOLDER
    folder.mkdir(parents=True)
    (folder / made.photos[0].file).write_bytes(b"bytes")
    assert photo_files.read_photo(made, made.photos[0]) == b"bytes"
    assert made.photos[0].key == "0" * 64


def test_a_photo_that_is_gone_is_said_by_name(made):
    """The sentence has the name people know."""
    with pytest.raises(DatasetError, match="'b/1.jpg' of 'Süßes' cannot be read"):
        photo_files.read_photo(made, made.photos[1])


def test_receipts_add_up():
    """What was received twice is counted twice; notes are said once."""
    first = Receipt(3, 2, (("x", "broken"),), 1, ("empty",), ("a note",))
    assert first + first == Receipt(6, 4, (("x", "broken"),) * 2, 2, ("empty",), ("a note",))
