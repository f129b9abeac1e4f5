"""A data set taken along and brought in again."""

import json
import zipfile

import pytest

from imgclf_core.datasets import store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.edits import decisions, remedies, resplit
from imgclf_core.datasets.ingest import ingestion, portable
from imgclf_core.errors import DatasetError, JobStoppedError
from imgclf_core.jobs import events
from tests.conftest import picture, two_classes


def essence(dataset: Dataset) -> dict[str, tuple]:
    """What has to survive, by content."""
    return {
        p.key: (dataset.class_of(p), p.side, p.object, p.also, p.hard, p.height, p.width)
        for p in dataset.photos
    }


def brought_in(path, folder, reporter) -> Dataset:
    """The data set of a zip."""
    ingestion.run(folder, {"source": str(path), "name": "other.zip"}, reporter)
    return store.load(folder)


@pytest.fixture
def mended(make_dataset) -> Dataset:
    """A data set with a history, hostile names, and notes."""
    entries = two_classes(9)
    entries |= {f"../..: a/b*c/{i}.jpg".removeprefix("../"): picture(70 + i) for i in range(4)}
    entries |= {f"uk/1880s/ {i}.jpg": picture(90 + i) for i in range(4)}
    entries |= {f"\u65e5\u672c/\u5199{i}.jpg": picture(110 + i) for i in range(4)}
    made = make_dataset(entries)
    shares = {"training": 0.6, "validation": 0.2, "test": 0.2}
    changes = (
        lambda d: remedies.leave_out(d, [0, 3], "blurred"),
        lambda d: remedies.rename(d, "red", "CON"),
        lambda d: resplit.divide_anew(d, shares, seed=4),
        lambda d: resplit.group_objects(d, {d.photos[0].name: "x"}, "hand"),
        lambda d: decisions.also_shows(d, [0], d.class_names[-1]),
        lambda d: decisions.mark_hard(d, [0, 2]),
        lambda d: remedies.balance(d, "sample up"),
    )
    for change in changes:
        done = change(made)
        made = store.commit(done.dataset, done.sentence)
    store.write_notes(made.folder, "attic", "mine")
    return store.load(made.folder)


def test_the_same_split_history_and_notes_come_back(mended, tmp_path, reporter):
    """Classes, sides, objects, settings; what was left out stays behind."""
    portable.write(mended, tmp_path / "along.zip")
    again = brought_in(tmp_path / "along.zip", tmp_path / "again", reporter)
    assert essence(again) == essence(mended)
    assert again.class_names == mended.class_names
    for name in ("name", "seed", "shares", "balance", "source_note", "rights_note"):
        assert getattr(again, name) == getattr(mended, name)
    assert again.left_out == ()
    assert again.receipt.received == len(mended.photos)
    assert again.receipt.empty_classes == again.receipt.skipped == ()
    earlier = store.history(again.folder).earlier
    assert earlier[1].startswith("Left out 2 photos (blurred)")
    assert len(earlier) == 8


def test_it_can_be_taken_along_again_and_again(mended, tmp_path, reporter):
    """The second zip holds the same photos under the same names."""
    portable.write(mended, tmp_path / "one.zip")
    again = brought_in(tmp_path / "one.zip", tmp_path / "again", reporter)
    portable.write(again, tmp_path / "two.zip")
    one, two = (zipfile.ZipFile(tmp_path / name) for name in ("one.zip", "two.zip"))
    photos = [name for name in one.namelist() if "/" in name]
    assert sorted(photos) == sorted(name for name in two.namelist() if "/" in name)
    assert one.read("photos.csv").count(b"\n") == len(photos) + 1


def test_the_zip_is_a_plain_tree_for_other_programs(make_dataset, tmp_path):
    """Sides, classes, original bytes, and a text that says what it is."""
    entries = two_classes(6)
    made = make_dataset(entries)
    portable.write(made, tmp_path / "along.zip")
    with zipfile.ZipFile(tmp_path / "along.zip") as archive:
        photos = [name for name in archive.namelist() if "/" in name]
        assert {archive.read(name) for name in photos} == set(entries.values())
        assert {name.split("/")[0] for name in photos} == {"training", "validation", "test"}
        assert {name.split("/")[1] for name in photos} == {"red", "blue"}
        text = archive.read("README.txt").decode()
    assert "red: 4 training, 1 validation, 1 test" in text
    assert "Brought in 12 photos" in text


def test_photos_with_one_name_keep_apart(make_dataset, tmp_path, reporter):
    """Names are made unique in the zip, also for systems that do not tell capitals apart."""
    entries = {
        f"{c}/{i}/{n}.jpg": picture(hash_of(c, i, n))
        for c in "ab"
        for i in range(6)
        for n in ("x", "X")
    }
    made = make_dataset(entries)
    change = resplit.name_classes(made, "first")
    made = store.commit(change.dataset, change.sentence)
    portable.write(made, tmp_path / "along.zip")
    names = [name.casefold() for name in zipfile.ZipFile(tmp_path / "along.zip").namelist()]
    assert len(set(names)) == len(names)
    assert essence(brought_in(tmp_path / "along.zip", tmp_path / "again", reporter)) == essence(
        made
    )


def hash_of(*parts) -> int:
    """A number for a name, the same in every process."""
    return sum(ord(letter) * 31**i for i, letter in enumerate("".join(map(str, parts)))) % 100_000


def rewritten(path, about=None, table=None):
    """The same zip with other tables."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    if about is not None:
        entries["imgclf-dataset.json"] = about
    if table is not None:
        entries["photos.csv"] = table
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)


ABOUT = {
    "imgclf_dataset": 1,
    "name": "n",
    "seed": 1,
    "balance": "weights",
    "source_note": "",
    "rights_note": "",
    "history": [],
    "shares": {"training": 0.7, "validation": 0.15, "test": 0.15},
}


@pytest.mark.parametrize(
    ("about", "table"),
    [
        (b"{", None),
        (b"[" * 100_000, None),
        (b"[]", None),
        (json.dumps({**ABOUT, "imgclf_dataset": 9}).encode(), None),
        (json.dumps({**ABOUT, "shares": {"training": 1}}).encode(), None),
        (json.dumps({**ABOUT, "shares": {**ABOUT["shares"], "test": 9}}).encode(), None),
        (json.dumps({**ABOUT, "balance": "magic"}).encode(), None),
        (json.dumps({**ABOUT, "seed": "x"}).encode(), None),
        (json.dumps({**ABOUT, "history": 3}).encode(), None),
        (None, b"\xff\xfe"),
        (None, b"file,class,side,object,name\na,b,nowhere,,\n"),
        (None, b"other,columns\na,b\n"),
    ],
)
def test_tables_that_were_changed_are_said(make_dataset, tmp_path, reporter, about, table):
    """One sentence with the way out, whatever is wrong with them."""
    portable.write(make_dataset(two_classes(4)), tmp_path / "along.zip")
    rewritten(tmp_path / "along.zip", about, table)
    with pytest.raises(DatasetError, match="its table of photos is damaged or was changed"):
        brought_in(tmp_path / "along.zip", tmp_path / "again", reporter)


def test_photos_the_table_does_not_name_are_on_the_receipt(make_dataset, tmp_path, reporter):
    """Nothing is taken that has no place, and nothing vanishes."""
    portable.write(make_dataset(two_classes(4)), tmp_path / "along.zip")
    with zipfile.ZipFile(tmp_path / "along.zip", "a") as archive:
        archive.writestr("training/red/extra.jpg", picture(77))
    again = brought_in(tmp_path / "along.zip", tmp_path / "again", reporter)
    assert [name for name, _ in again.receipt.skipped] == ["training/red/extra.jpg"]
    assert len(again.photos) == 8


def test_a_stopped_job_leaves_no_half_zip(make_dataset, reporter):
    """The zip is there as a whole or not at all."""
    made = make_dataset(two_classes(4))
    folder = made.folder / portable.FOLDER
    folder.mkdir()
    (reporter.folder / events.STOP_FILE).touch()
    with pytest.raises(JobStoppedError):
        portable.run(folder, {}, reporter)
    assert list(folder.iterdir()) == []


def test_the_job_tells_what_it_wrote(make_dataset, reporter):
    """Name, version, size and the notes it holds, for the page."""
    made = make_dataset(two_classes(4))
    folder = made.folder / portable.FOLDER
    result = portable.run(folder, {}, reporter)
    path = folder / result["file"]
    assert (result["version"], result["bytes"]) == (1, path.stat().st_size)
    assert path.name == "photos-version-1.zip"
