"""The data set on disk: what is written is what is read."""

import json
from dataclasses import replace

import numpy as np
import pytest

from imgclf_core.data import dataset as datasets
from imgclf_core.data.dataset import Dataset, Photo, Receipt
from imgclf_core.data.layout import SIDES
from imgclf_core.errors import DatasetError


@pytest.fixture
def made(tmp_path) -> Dataset:
    """A data set of three photos with awkward names, written down."""
    names = ("a,\"b'.jpg", "Zoë/日本.jpg", "=1+1.jpg")
    photos = tuple(
        Photo(f"{i:064x}.jpg", name, i % 2, SIDES[i], 10 + i, 20, "JPEG", 99, 2**64 - 1 - i, i)
        for i, name in enumerate(names)
    )
    receipt = Receipt(4, 3, (("x.txt", "it is not a photo"),), 2, ("empty",), ("a note",))
    made = Dataset(
        tmp_path / "set", "Süßes", ("cat, big", 'dog"'), photos, receipt, 7, 1.5, True, True
    )
    datasets.save(made)
    return made


def test_everything_comes_back(made):
    """Names with commas and quotes, 64-bit hashes, the receipt: all as they were."""
    assert datasets.is_dataset(made.folder)
    assert datasets.load(made.folder) == made


def test_arrays_follow_the_photos(made):
    """Labels, sides and counts in the order of the photos and classes."""
    assert made.labels.tolist() == [0, 1, 0]
    assert made.sides.tolist() == list(SIDES)
    assert made.counts.tolist() == [[1, 0, 1], [0, 1, 0]]
    assert made.indices("validation").tolist() == [1]
    assert made.labels.dtype == made.counts.dtype == np.int64


def test_a_photo_is_read_by_its_generated_name(made):
    """The name it came with is never a path."""
    folder = made.folder / datasets.IMAGES_FOLDER
    folder.mkdir()
    (folder / made.photos[0].file).write_bytes(b"bytes")
    assert made.read(made.photos[0]) == b"bytes"
    assert made.photos[0].key == "0" * 64


def test_a_photo_that_is_gone_is_said_by_name(made):
    """The sentence has the name people know."""
    with pytest.raises(DatasetError, match="'Zoë/日本.jpg' of 'Süßes' cannot be read"):
        made.read(made.photos[1])


def test_an_unfinished_data_set_is_none(made):
    """Without `dataset.json`, which is written last, there is no data set."""
    (made.folder / datasets.DATASET_FILE).unlink()
    assert not datasets.is_dataset(made.folder)
    with pytest.raises(DatasetError, match="There is no data set in"):
        datasets.load(made.folder)


def test_another_format_is_refused(made):
    """A data set of a later version is not misread."""
    path = made.folder / datasets.DATASET_FILE
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "format": 99}))
    with pytest.raises(DatasetError, match="made by another version"):
        datasets.load(made.folder)


@pytest.mark.parametrize("table", ["file,name\nx,y\n", None])
def test_a_damaged_list_of_photos_is_said(made, table):
    """Missing or half a table is one sentence."""
    path = made.folder / datasets.IMAGES_FILE
    path.unlink() if table is None else path.write_text(table)
    with pytest.raises(DatasetError, match="The data set in .* is damaged"):
        datasets.load(made.folder)


@pytest.mark.parametrize("head", ["[]", '{"format": 1}', '{"format": 1, "class_names": 3}'])
def test_a_damaged_head_is_said(made, head):
    """Valid JSON that is no data set is one sentence, too."""
    (made.folder / datasets.DATASET_FILE).write_text(head)
    with pytest.raises(DatasetError, match="Bring the photos in again"):
        datasets.load(made.folder)


def test_a_class_without_photos_counts_zero(made):
    """Every class has its row."""
    wider = replace(made, class_names=(*made.class_names, "none"))
    assert wider.counts.tolist()[2] == [0, 0, 0]
