"""The data set on disk, its versions, and going back and forth among them."""

import json
from dataclasses import replace

import pytest

from imgclf_core.datasets import store
from imgclf_core.datasets.dataset import Dataset, LeftOut, Photo, Receipt
from imgclf_core.datasets.edits import remedies
from imgclf_core.datasets.split import SIDES
from imgclf_core.errors import DatasetError


def photo(i: int, name: str, label: int) -> Photo:
    """A photo with a value in every column."""
    return Photo(
        f"{i:064x}.jpg",
        name,
        label,
        SIDES[i % 3],
        SIDES[i % 3] if i else "",
        10 + i,
        20,
        "JPEG",
        99,
        i,
        "vase, 1",
        0.5,
        100.0,
        20.5,
        3.25,
    )


@pytest.fixture
def made(tmp_path) -> Dataset:
    """A data set with awkward names, written down."""
    names = ("a,\"b'.jpg", "Zoë/日本.jpg", "=1+1.jpg")
    made = Dataset(
        folder=tmp_path / "set",
        name="Süßes",
        class_names=("cat, big", 'dog"'),
        photos=tuple(photo(i, name, i % 2) for i, name in enumerate(names)),
        receipt=Receipt(5, 4, (("x.txt", "it is not a photo"),), 2, ("empty",), ("a note",)),
        left_out=(LeftOut(photo(3, "out.jpg", -1), "gone class", "by you"),),
        seed=7,
        created=1.5,
        class_from="first",
        balance="sample up",
        object_pattern="{object}_*",
        sample=True,
    )
    store.create(made, "Brought in.", ("Long ago.",))
    return made


def renamed(dataset: Dataset, name: str) -> Dataset:
    """A change of the data set."""
    return remedies.rename(dataset, dataset.class_names[0], name).dataset


def test_everything_comes_back(made):
    """Names with commas and quotes, what was left out, the receipt: all as they were."""
    assert store.is_dataset(made.folder)
    assert store.load(made.folder) == made


def test_a_change_is_a_version_and_the_old_one_stays(made):
    """A run can read the version it was trained on whatever came later."""
    changed = store.commit(renamed(made, "lion"), "Renamed.")
    assert changed.version == 2
    assert changed.class_names == ('dog"', "lion")
    assert store.load(made.folder) == changed
    assert store.load(made.folder, 1) == made


def test_undo_and_redo_go_back_and_forth(made):
    """Two changes are taken back one after another and done again in order."""
    two = store.commit(renamed(made, "lion"), "First.")
    three = store.commit(renamed(two, "tiger"), "Second.")
    assert store.undo(made.folder) == "Second."
    assert store.load(made.folder) == two
    assert store.undo(made.folder) == "First."
    assert store.load(made.folder) == made
    with pytest.raises(DatasetError, match="nothing to undo"):
        store.undo(made.folder)
    assert [store.redo(made.folder), store.redo(made.folder)] == ["First.", "Second."]
    assert store.load(made.folder) == three
    with pytest.raises(DatasetError, match="nothing to redo"):
        store.redo(made.folder)


def test_a_change_after_undo_drops_what_was_undone_but_not_its_version(made):
    """Numbers are never used twice, so a run on an undone version still reads it."""
    two = store.commit(renamed(made, "lion"), "First.")
    store.undo(made.folder)
    three = store.commit(renamed(made, "tiger"), "Other.")
    history = store.history(made.folder)
    assert three.version == 3
    assert history.redoable is None
    assert [version.sentence for version in history.line] == ["Brought in.", "Other."]
    assert history.earlier == ("Long ago.",)
    assert store.load(made.folder, 2) == two


def test_a_change_of_an_old_version_is_refused(made):
    """Two windows cannot overwrite each other."""
    store.commit(renamed(made, "lion"), "First.")
    with pytest.raises(DatasetError, match="changed elsewhere"):
        store.commit(renamed(made, "tiger"), "Too late.")
    assert "lion" in store.load(made.folder).class_names


def test_receipts_follow_the_versions(made):
    """Photos that were added are on the receipt only while their version is open."""
    store.commit(made, "Added.", added=Receipt(2, 2))
    assert store.load(made.folder).receipt.received == 7
    store.undo(made.folder)
    assert store.load(made.folder).receipt.received == 5


def test_notes_are_kept_beside_the_versions(made):
    """What is known of source and rights holds for all versions."""
    store.write_notes(made.folder, "the attic", "mine")
    loaded = store.load(made.folder)
    assert (loaded.source_note, loaded.rights_note) == ("the attic", "mine")
    assert loaded.version == 1


def test_an_unknown_version_is_said(made):
    """The number is in the sentence."""
    with pytest.raises(DatasetError, match="no version 9"):
        store.load(made.folder, 9)


def test_an_unfinished_data_set_is_none(made):
    """Without `dataset.json`, which is written last, there is no data set."""
    (made.folder / store.DATASET_FILE).unlink()
    assert not store.is_dataset(made.folder)
    with pytest.raises(DatasetError, match="There is no data set"):
        store.load(made.folder)


def test_a_deleted_data_set_cannot_be_changed(made, tmp_path):
    """A click that comes too late is a sentence."""
    with pytest.raises(DatasetError, match="not there any more"):
        store.undo(tmp_path / "elsewhere")


def test_another_format_is_refused(made):
    """A data set of another version of the program is not misread."""
    path = made.folder / store.DATASET_FILE
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "format": 99}))
    with pytest.raises(DatasetError, match="made by another version"):
        store.load(made.folder)


@pytest.mark.parametrize("table", ["file,name\nx,y\n", "", None])
def test_a_damaged_list_of_photos_is_said(made, table):
    """Missing or half a table is one sentence."""
    path = made.folder / "images.csv"
    path.unlink() if table is None else path.write_text(table)
    with pytest.raises(DatasetError, match="The data set .* is damaged"):
        store.load(made.folder)


@pytest.mark.parametrize("head", ["[]", '{"format": 2}', '{"format": 2, "versions": 3}'])
def test_a_damaged_head_is_said(made, head):
    """Valid JSON that is no data set is one sentence, too."""
    (made.folder / store.DATASET_FILE).write_text(head)
    with pytest.raises(DatasetError, match="Bring the photos in again"):
        store.load(made.folder)


def test_sides_are_kept_by_version(made):
    """A new division leaves the old one readable."""
    moved = replace(made, photos=tuple(replace(p, side="test") for p in made.photos))
    store.commit(moved, "Divided.")
    assert store.load(made.folder, 1).sides.tolist() == list(SIDES)
