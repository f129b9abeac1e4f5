"""Answers for whole collections: streamed, tabled, copied."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.config import LIMITS, PERSONAL
from imgclf_core.data.archive import Skipped
from imgclf_core.errors import InputError
from imgclf_core.inference import sorting
from imgclf_core.inference.predictor import Outputs, Predictor
from imgclf_core.inference.sorting import Classified, Copies, Expected, Table
from tests.conftest import make_zip, picture, two_classes

LIMIT = LIMITS[PERSONAL]


def by_colour(images: np.ndarray) -> Outputs:
    """A network that sees whether a photo is more blue or more red."""
    means = images.astype(np.float32).mean(axis=(1, 2))[:, [2, 0]]
    scores = means / means.sum(axis=1, keepdims=True)
    return Outputs(scores, means, np.zeros((len(images), 1, 1, 2), np.float32))


COLOURS = Predictor("colours", ("blue", "red"), 32, "crop", by_colour)


def answers_of(path, keep_bytes: bool = False) -> list[Classified | Skipped]:
    """Answers for everything in a path."""
    with sorting.opened([path], LIMIT) as members:
        return list(sorting.classify(COLOURS, members, keep_bytes))


def test_a_zip_is_answered_in_order_with_what_was_expected(tmp_path):
    """Folders named like classes are taken as the expected answer."""
    entries = two_classes(10)
    got = answers_of(make_zip(tmp_path / "a.zip", entries))
    assert [item.name for item in got] == sorted(entries)
    assert not [item.reason for item in got if isinstance(item, Skipped)]
    for item in got:
        assert COLOURS.class_names[item.guess] == item.name.split("/")[0]
        assert item.expected == item.guess
        assert item.data is None


def test_a_folder_and_a_single_photo_are_answered_like_a_zip(tmp_path):
    """The way in does not matter, and the original bytes are there where asked for."""
    data = picture(1, tint=0)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.jpg").write_bytes(data)
    for path in (tmp_path / "in", tmp_path / "in" / "x.jpg"):
        (item,) = answers_of(path, keep_bytes=True)
        assert (item.name, item.guess, item.expected, item.data) == ("x.jpg", 1, None, data)


def test_what_is_no_photo_is_skipped_with_its_reason(tmp_path):
    """One bad file among good ones costs nothing else."""
    path = make_zip(tmp_path / "a.zip", {"a.jpg": b"%PDF-1.7", "b.jpg": picture(1), "c.zip": b"x"})
    got = {item.name: getattr(item, "reason", "answered") for item in answers_of(path)}
    assert got["b.jpg"] == "answered"
    assert "a PDF file" in got["a.jpg"]
    assert "archive inside" in got["c.zip"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("red/1.jpg", 1),
        ("my photos/red/1.jpg", 1),
        ("red/more/1.jpg", 1),
        ("uk/old/1.jpg", 2),
        ("set/uk/old/1.jpg", 2),
        ("red.jpg", None),
        ("green/1.jpg", None),
        ("", None),
    ],
)
def test_a_folder_anywhere_in_the_name_may_be_the_class(name, expected):
    """Wrappers and deeper folders do not hide it, and joined names are found."""
    assert Expected(("blue", "red", "uk/old")).of(name) == expected


def test_the_table_begins_as_promised_and_runs_no_formula():
    """`file,answer,score`, one column a class, the rest after; formulas are quoted."""
    file = io.StringIO(newline="")
    table = Table(file, ("=evil", "b,c"))
    table.add(Classified("@photo, 1.jpg", np.array([0.75, 0.25], np.float32), 0.1, expected=1))
    table.add(Classified("x.jpg", np.array([0.25, 0.75], np.float32), 0.1, doubts=("low score",)))
    rows = list(csv.reader(io.StringIO(file.getvalue())))
    assert rows == [
        ["file", "answer", "score", "'=evil", "b,c", "expected", "guess"],
        ["'@photo, 1.jpg", "'=evil", "0.750000", "0.750000", "0.250000", "b,c", "'=evil"],
        ["x.jpg", "not sure", "0.750000", "0.250000", "0.750000", "", "b,c"],
    ]


def item(name: str, score: float = 0.99621, data: bytes = b"x") -> Classified:
    """A photo of the first class."""
    return Classified(name, np.array([score, 1 - score], np.float32), 0.1, data=data)


def test_copies_are_named_by_answer_and_score(tmp_path):
    """A second of the same name gets a number; the bytes are those of the original."""
    copies = Copies(tmp_path / "out", ("elsa", "anna"))
    paths = [copies.add(item("a/1.JPG", data=bytes([i]))) for i in range(3)]
    assert [path.name for path in paths] == [
        "elsa-[0.99621].jpg", "elsa-[0.99621]-2.jpg", "elsa-[0.99621]-3.jpg",
    ]  # fmt: skip
    assert [path.read_bytes() for path in paths] == [b"\0", b"\1", b"\2"]


def test_copies_in_folders_keep_their_names(tmp_path):
    """One folder a class, and a name that is there already gets a number."""
    copies = Copies(tmp_path, ("elsa", "anna"), sorting.FOLDERS)
    paths = [copies.add(item(name)) for name in ("a/1.jpg", "b/1.jpg", "2.png")]
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
        "elsa/1.jpg", "elsa/1-2.jpg", "elsa/2.png",
    ]  # fmt: skip


def test_a_copy_with_a_long_name_keeps_its_ending(tmp_path):
    """A photo whose name is long can still be opened by a double click."""
    name = "holiday " * 12 + ".jpg"
    path = Copies(tmp_path, ("elsa", "anna"), sorting.FOLDERS).add(item(name))
    assert path.suffix == ".jpg"


HOSTILE = st.one_of(
    st.sampled_from(["..", ".", "CON", "nul.jpg", "a/b", "a\\b", "x:y", "", " ", "日本", "*?"]),
    st.text(st.characters(exclude_categories=()), max_size=120),
)


@given(class_name=HOSTILE, name=HOSTILE, layout=st.sampled_from([sorting.NAMES, sorting.FOLDERS]))
def test_copies_never_leave_their_folder(tmp_path_factory, class_name, name, layout):
    """Whatever classes and photos are called, the copy lies where it should."""
    folder = tmp_path_factory.mktemp("copies")
    photo = item(name.replace("\0", ""))
    path = Copies(folder, (class_name, "other"), layout).add(photo)
    assert path.is_file()
    depth = 1 if layout == sorting.NAMES else 2
    assert len(path.resolve().relative_to(folder.resolve()).parts) == depth


@pytest.mark.parametrize("layout", [sorting.NAMES, sorting.FOLDERS])
@pytest.mark.parametrize("name", ["x.a:b", "x.j?g", "x.<b>", "x.j\\g", "x. ", "x...", "x.j|"])
def test_endings_that_windows_cannot_bear_are_replaced(tmp_path, layout, name):
    """A photo may be called anything on Linux, and its copy still opens on Windows."""
    path = Copies(tmp_path, ("elsa", "anna"), layout).add(item(name))
    assert not set(path.name) & set('<>:"/\\|?*')
    assert path.name == path.name.rstrip(" .")


def test_two_classes_never_share_a_folder(tmp_path):
    """Names that differ only in what file systems cannot bear are kept apart."""
    copies = Copies(tmp_path, ("uk/old", "uk:old"), sorting.FOLDERS)
    first = copies.add(Classified("1.jpg", np.array([1.0, 0.0], np.float32), 0.1, data=b"x"))
    second = copies.add(Classified("2.jpg", np.array([0.0, 1.0], np.float32), 0.1, data=b"x"))
    assert first.parent != second.parent


def test_nothing_there_is_said(tmp_path):
    """The name is in the sentence."""
    with pytest.raises(InputError, match=r"There is no file or folder '.*none\.jpg'"):
        answers_of(tmp_path / "none.jpg")
