"""From a zip or folder to a data set, and a receipt that adds up."""

import io
import unicodedata
import zipfile
from dataclasses import replace

import pytest
from PIL import Image

from imgclf_core import config
from imgclf_core.charts.dataset import class_counts
from imgclf_core.config import LIMITS, SHARED
from imgclf_core.datasets import photo_files, sample, store
from imgclf_core.datasets.dataset import IMAGES_FOLDER
from imgclf_core.datasets.ingest import ingestion, portable
from imgclf_core.datasets.split import TEST
from imgclf_core.errors import ArchiveError, DatasetError, JobStoppedError, OptionError
from imgclf_core.jobs import events
from tests.conftest import make_zip, picture, two_classes


def test_every_photo_of_the_zip_is_there(make_dataset):
    """Names, classes, sizes and original bytes are kept."""
    entries = two_classes(5)
    made = make_dataset(entries)
    assert made.class_names == ("blue", "red")
    assert {photo.name: photo_files.read_photo(made, photo) for photo in made.photos} == entries
    for photo in made.photos:
        assert made.class_names[photo.label] == photo.name.split("/")[0]
        assert (photo.height, photo.width, photo.format) == (48, 40, "JPEG")
        assert photo.bytes == len(entries[photo.name])


def test_a_folder_gives_the_same_data_set_as_its_zip(make_dataset, tmp_path, reporter):
    """The way in does not matter."""
    entries = two_classes(4)
    for name, data in entries.items():
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    ingestion.run(tmp_path / "set", {"source": str(tmp_path / "photos")}, reporter)
    assert store.load(tmp_path / "set").photos == make_dataset(entries).photos


def test_the_receipt_adds_up(make_dataset):
    """Everything received was taken or skipped with a reason; system files are counted apart."""
    entries = {
        **two_classes(4),
        "red/broken.jpg": picture(1)[:200],
        "red/notes.txt": b"hello",
        "red/pdf.jpg": b"%PDF-1.7",
        "red/.DS_Store": b"x",
        "loose.jpg": picture(9),
        "empty/readme.txt": b"x",
        "green/no.jpg": b"not a photo",
    }
    made = make_dataset(entries)
    receipt = made.receipt
    assert receipt.received == receipt.taken + len(receipt.skipped) == len(entries) - 1
    assert receipt.taken == len(made.photos) == 8
    assert receipt.system_files == 1
    assert set(receipt.empty_classes) == {"empty", "green"}
    reasons = dict(receipt.skipped)
    assert reasons.keys() == {
        "red/broken.jpg",
        "red/notes.txt",
        "red/pdf.jpg",
        "loose.jpg",
        "empty/readme.txt",
        "green/no.jpg",
    }
    assert "damaged" in reasons["red/broken.jpg"]
    assert "a PDF file" in reasons["red/pdf.jpg"]
    assert "beside the class folders" in reasons["loose.jpg"]


def test_a_tree_that_came_divided_keeps_its_test(make_dataset):
    """The test part is as it came, and a note says so."""
    entries = {f"train/{name}": data for name, data in two_classes(8).items()}
    entries |= {f"test/red/t{i}.jpg": picture(50 + i, tint=0) for i in range(3)}
    entries |= {f"test/blue/t{i}.jpg": picture(60 + i, tint=2) for i in range(3)}
    made = make_dataset(entries)
    assert made.divided
    in_test = {photo.name for photo in made.photos if photo.side == TEST}
    assert in_test == {name for name in entries if name.startswith("test/")}
    assert "came divided into training and test" in made.receipt.notes[0]


def test_the_content_tells_the_format_and_not_the_name(make_dataset):
    """A PNG called .jpg is stored as what it is."""
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40), "green").save(buffer, "PNG")
    made = make_dataset({**two_classes(3), "red/really.jpg": buffer.getvalue()})
    (photo,) = [photo for photo in made.photos if photo.name == "red/really.jpg"]
    assert (photo.format, photo.file.split(".")[1]) == ("PNG", "png")


def test_the_same_bytes_twice_are_two_photos_in_one_group(make_dataset):
    """Both count, one file is stored, and they stay on one side."""
    made = make_dataset({**two_classes(4), "red/again.jpg": two_classes(4)["red/0.jpg"]})
    twins = [photo for photo in made.photos if photo.name in ("red/0.jpg", "red/again.jpg")]
    assert len(twins) == 2
    assert len({(photo.file, photo.alike, photo.side) for photo in twins}) == 1


def test_hostile_class_names_are_cleaned(make_dataset):
    """Direction marks and spaces are gone from the names that are shown."""
    entries = {f"\u202ered  \u0007one/{i}.jpg": picture(i, tint=0) for i in range(3)}
    entries |= {f"blue/{i}.jpg": picture(90 + i, tint=2) for i in range(3)}
    assert make_dataset(entries).class_names == ("blue", "red one")


def test_long_class_names_that_differ_at_their_end_stay_two_classes(make_dataset):
    """Shortening names never merges classes."""
    long = "collection of the museum/photographs of buildings before the"
    entries = {f"{long} {year}/{i}.jpg": picture(year + i) for year in (1880, 1920) for i in (1, 2)}
    entries["other/1.jpg"] = picture(3)
    assert len(make_dataset(entries).class_names) == 3


@pytest.mark.parametrize(
    ("entries", "match"),
    [
        ({}, "No photos in class folders"),
        ({"1.jpg": picture(1), "2.jpg": picture(2)}, "Make one folder for each class"),
        ({"cat/1.jpg": b"x", "dog/1.jpg": b"y"}, "'cat/1.jpg' was skipped because it is not a"),
    ],
    ids=["empty", "flat", "no photo"],
)
def test_what_cannot_be_a_data_set_is_said(tmp_path, reporter, entries, match):
    """The sentence says what is missing and leaves no photos behind."""
    source = make_zip(tmp_path / "photos.zip", entries)
    with pytest.raises(DatasetError, match=match):
        ingestion.run(tmp_path / "set", {"source": str(source)}, reporter)
    assert not (tmp_path / "set" / IMAGES_FOLDER).exists()
    assert not store.is_dataset(tmp_path / "set")


def test_too_many_classes_are_refused(tmp_path, reporter):
    """A shared server takes a hundred classes."""
    count = LIMITS[SHARED].classes + 1
    source = make_zip(
        tmp_path / "a.zip", {f"{i}/1.jpg": picture(1, (16, 16)) for i in range(count)}
    )
    with pytest.raises(DatasetError, match="has 101 classes; at most 100"):
        ingestion.run(tmp_path / "set", {"source": str(source), "profile": SHARED}, reporter)


def test_a_spooled_upload_is_thrown_away_even_if_it_is_no_zip(tmp_path, reporter):
    """Nobody's upload is left lying about."""
    source = tmp_path / "upload"
    source.write_bytes(b"Rar!")
    params = {"source": str(source), "name": "my.zip", "delete_source": True}
    with pytest.raises(ArchiveError, match="'my.zip' is a RAR file"):
        ingestion.run(tmp_path / "set", params, reporter)
    assert not source.exists()


def test_a_source_of_the_person_stays(make_dataset, tmp_path):
    """Only spooled uploads are deleted."""
    make_dataset(two_classes(3))
    assert zipfile.is_zipfile(tmp_path / "photos.zip")


def test_stop_leaves_nothing(tmp_path, reporter):
    """A stopped job has no photos in its folder."""
    source = make_zip(tmp_path / "a.zip", two_classes(3))
    (reporter.folder / events.STOP_FILE).touch()
    with pytest.raises(JobStoppedError, match="Stopped"):
        ingestion.run(tmp_path / "set", {"source": str(source)}, reporter)
    assert not (tmp_path / "set" / IMAGES_FOLDER).exists()


def test_the_sample_is_a_data_set_of_four_classes(tmp_path, reporter):
    """The built-in sample comes in like any other zip and leaves no zip behind."""
    (tmp_path / "set").mkdir()
    ingestion.run(tmp_path / "set", {"source": ingestion.SAMPLE, "name": sample.NAME}, reporter)
    made = store.load(tmp_path / "set")
    assert (made.sample, made.name) == (True, "Drawn shapes")
    assert made.class_names == ("circle", "square", "star", "triangle")
    assert len(made.photos) == sum(sample.COUNTS.values()) + sample.COPIES
    assert not list((tmp_path / "set").glob("*.zip"))


NESTED = {
    f"{a}/{b}/{c}{i}_{v}.jpg": picture(1000 * k + 100 * j + 10 * i + v)
    for k, a in enumerate(("uk", "us"))
    for j, b in enumerate(("1880s", "1890s"))
    for c in ("house",)
    for i in range(3)
    for v in range(2)
}


def ingested(tmp_path, reporter, entries: dict[str, bytes], **params):
    """The data set of some entries, read as the parameters say."""
    source = make_zip(tmp_path / "in.zip", entries)
    ingestion.run(tmp_path / "set", {"source": str(source), **params}, reporter)
    return store.load(tmp_path / "set")


@pytest.mark.parametrize(
    ("way", "names"),
    [("", 4), ("first", 2), ("last", 2), ("path", 4)],
)
def test_nested_folders_are_read_as_told(tmp_path, reporter, way, names):
    """No folder that holds photos counts as empty, whichever names the class."""
    made = ingested(tmp_path, reporter, {**NESTED, "uk/1870s/note.txt": b"x"}, class_from=way)
    assert len(made.class_names) == names
    assert made.class_from == way
    assert made.receipt.empty_classes == ("1870s",)


def test_a_folder_that_is_empty_on_one_side_is_still_a_class(tmp_path, reporter):
    """It has photos elsewhere, so nothing is missing."""
    entries = {f"train/{name}": data for name, data in two_classes(4).items()}
    entries |= {f"test/red/{i}.jpg": picture(70 + i) for i in range(3)}
    made = ingested(tmp_path, reporter, {**entries, "test/blue/note.txt": b"x"})
    assert made.receipt.empty_classes == ()


def test_objects_are_told_by_a_pattern_or_a_table(tmp_path, reporter):
    """Both views of a house lie on one side; added photos follow the pattern."""
    made = ingested(tmp_path, reporter, NESTED, object_pattern="{object}_*")
    sides = {}
    for p in made.photos:
        sides.setdefault(p.object, set()).add(p.side)
    assert len(sides) == 12
    assert all(len(found) == 1 for found in sides.values())
    more = make_zip(tmp_path / "more.zip", {"uk/1880s/house0_9.jpg": picture(77)})
    ingestion.run(
        tmp_path / "job",
        {"source": str(more), "into": str(made.folder), "label": "uk/1880s"},
        reporter,
    )
    after = store.load(made.folder)
    (added,) = [p for p in after.photos if p.name.endswith("house0_9.jpg")]
    assert added.object == "uk/1880s/house0"
    assert {added.side} == sides["uk/1880s/house0"]


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"object_pattern": "house"}, "is no pattern"),
        ({"object_table": "/no/such.csv"}, "cannot be read"),
        ({"object_pattern": "{object}-never"}, "No photo belongs to an object"),
    ],
)
def test_objects_that_cannot_be_told_are_said(tmp_path, reporter, params, match):
    """Nothing is made of the photos then."""
    with pytest.raises(OptionError, match=match):
        ingested(tmp_path, reporter, NESTED, **params)
    assert not store.is_dataset(tmp_path / "set")
    assert not (tmp_path / "set" / IMAGES_FOLDER).exists()


def test_all_photos_belong_to_the_class_that_is_named(tmp_path, reporter):
    """Loose photos have no folder, and folders do not count."""
    entries = {"1.jpg": picture(1), "deep/er/2.jpg": picture(2), "x.txt": b"x"}
    made = ingested(tmp_path, reporter, entries, label="cats")
    assert (made.class_names, len(made.photos)) == (("cats",), 2)


def test_too_many_photos_are_refused_before_any_is_read(tmp_path, reporter, monkeypatch):
    """The number and the limit are said."""
    monkeypatch.setitem(config.LIMITS, SHARED, replace(LIMITS[SHARED], images=5))
    with pytest.raises(ArchiveError, match="holds 6 photos; a data set takes at most 5"):
        ingested(tmp_path, reporter, two_classes(3), profile=SHARED)


def test_adding_past_the_limit_is_refused_and_leaves_the_set(tmp_path, reporter, monkeypatch):
    """Old and new count together."""
    made = ingested(tmp_path, reporter, two_classes(3))
    monkeypatch.setitem(config.LIMITS, SHARED, replace(LIMITS[SHARED], images=8))
    more = make_zip(tmp_path / "more.zip", {f"red/n{i}.jpg": picture(300 + i) for i in range(3)})
    params = {"source": str(more), "into": str(made.folder), "profile": SHARED}
    with pytest.raises(DatasetError, match="there would be 9 photos"):
        ingestion.run(tmp_path / "job", params, reporter)
    assert store.load(made.folder) == made
    assert len(list((made.folder / IMAGES_FOLDER).iterdir())) == 6


def test_a_photo_that_is_added_again_is_a_copy_on_the_same_side(tmp_path, reporter):
    """The same bytes are stored once, and the sealed test stays sealed."""
    made = ingested(tmp_path, reporter, two_classes(9))
    again = make_zip(tmp_path / "again.zip", two_classes(9))
    params = {"source": str(again), "name": "again", "into": str(made.folder)}
    ingestion.run(tmp_path / "job", params, reporter)
    after = store.load(made.folder)
    assert len(after.photos) == 36
    sides = {}
    for p in after.photos:
        sides.setdefault(p.key, set()).add(p.side)
    assert all(len(found) == 1 for found in sides.values())
    assert len(list((made.folder / IMAGES_FOLDER).iterdir())) == 18


def test_a_photo_cut_off_by_a_crash_is_stored_anew(tmp_path, reporter):
    """A file of the right name and the wrong length is not believed."""
    entries = two_classes(3)
    made = ingested(tmp_path, reporter, entries)
    (made.folder / IMAGES_FOLDER / made.photos[0].file).write_bytes(b"half")
    again = make_zip(tmp_path / "again.zip", entries)
    ingestion.run(tmp_path / "job", {"source": str(again), "into": str(made.folder)}, reporter)
    assert photo_files.read_photo(made, made.photos[0]) == entries[made.photos[0].name]


def test_a_stopped_addition_leaves_no_file(tmp_path, reporter):
    """Neither a version nor a photo of it."""
    made = ingested(tmp_path, reporter, two_classes(3))
    before = sorted((made.folder / IMAGES_FOLDER).iterdir())
    more = make_zip(tmp_path / "more.zip", {f"red/n{i}.jpg": picture(300 + i) for i in range(9)})
    (reporter.folder / events.STOP_FILE).touch()
    with pytest.raises(JobStoppedError):
        ingestion.run(tmp_path / "job", {"source": str(more), "into": str(made.folder)}, reporter)
    assert sorted((made.folder / IMAGES_FOLDER).iterdir()) == before
    assert store.load(made.folder) == made


ODD_NAMES = (
    "001",
    "2020-01-01",
    "nan",
    "=cmd|' calc'!A1",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "![](http evil p.png)",
    'a,b;"c"',
    "-1",
)


def test_odd_class_names_are_names_and_nothing_else(tmp_path, reporter):
    """No number, date, formula or markup is made of them, on the disk or in charts."""
    entries = {
        f"{name}/{i}.jpg": picture(100 * k + i) for k, name in enumerate(ODD_NAMES) for i in (1, 2)
    }
    made = ingested(tmp_path, reporter, entries)
    assert set(made.class_names) == set(ODD_NAMES)
    figure = class_counts(made.class_names, made.counts)
    assert figure.layout.yaxis.type == "category"
    assert not any("<" in str(label) for label in figure.data[0].y)
    portable.write(made, tmp_path / "along.zip")
    ingestion.run(tmp_path / "again", {"source": str(tmp_path / "along.zip")}, reporter)
    assert store.load(tmp_path / "again").class_names == made.class_names


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_one_name_in_two_unicode_forms_is_one_class(tmp_path, reporter, form):
    """As zips from a Mac have them beside those from elsewhere."""
    entries = {unicodedata.normalize(form, f"Zoë/{i}.jpg"): picture(i) for i in range(3)}
    entries |= {unicodedata.normalize("NFC", f"Zoë/n{i}.jpg"): picture(50 + i) for i in range(3)}
    assert ingested(tmp_path, reporter, entries).class_names == ("Zoë",)
