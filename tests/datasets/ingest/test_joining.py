"""Corrections join the training side, and no copy of a test photo does."""

import pytest

from imgclf_core.datasets import photo_files, store
from imgclf_core.datasets.ingest import ingestion
from imgclf_core.jobs.reporter import Reporter
from tests.conftest import make_zip, picture, two_classes


@pytest.fixture
def made(tmp_path):
    """A data set of two classes."""
    source = make_zip(tmp_path / "photos.zip", two_classes(12))
    folder = tmp_path / "set"
    (tmp_path / "job").mkdir()
    ingestion.run(folder, {"source": str(source)}, Reporter(tmp_path / "job"))
    return store.load(folder)


def add(tmp_path, made, entries, classes):
    """Adds photos whose classes are told, to training."""
    more = make_zip(tmp_path / "more.zip", entries)
    params = {"source": str(more), "into": str(made.folder), "classes": classes, "side": "training"}
    ingestion.run(tmp_path / "job", params, Reporter(tmp_path / "job"))
    return store.load(made.folder)


def test_all_of_them_join_training_under_the_class_that_was_told(tmp_path, made):
    """Whatever the names look like, and a class may be new."""
    entries = {f"0{i} photo.jpg": picture(900 + i, tint=i % 3) for i in range(9)}
    classes = {name: ("red", "=1+1")[i % 2] for i, name in enumerate(entries)}

    after = add(tmp_path, made, entries, classes)

    new = [photo for photo in after.photos if photo.name in entries]
    assert {photo.side for photo in new} == {"training"}
    assert {photo.name: after.class_of(photo) for photo in new} == classes
    assert after.version == 2
    sides = {photo.file: photo.side for photo in made.photos}
    assert all(sides.get(p.file, "training") == p.side for p in after.photos)


def test_a_copy_of_a_test_photo_takes_no_part(tmp_path, made):
    """It is kept, with the reason."""
    test = made.photos[int(made.indices("test")[0])]

    after = add(
        tmp_path, made, {"copy.jpg": photo_files.read_photo(made, test)}, {"copy.jpg": "red"}
    )

    assert [(item.photo.name, item.reason) for item in after.left_out] == [
        ("copy.jpg", "nearly the same as a test photo")
    ]
    assert len(after.indices("test")) == len(made.indices("test"))


def test_photos_nobody_named_are_in_the_receipt(tmp_path, made):
    """The version holds the one that was named."""
    entries = {"a.jpg": picture(77, tint=0), "b.jpg": picture(78, tint=1)}
    after = add(tmp_path, made, entries, {"a.jpg": made.class_names[0]})
    assert [photo.name for photo in after.photos if photo.name in entries] == ["a.jpg"]
    assert ("b.jpg", "it lies beside the class folders, not in one") in after.receipt.skipped
