"""Sorted copies: named by the answer, safe on every system, originals untouched."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.inference.batches import Classified
from imgclf_core.inference.copies import FOLDERS, NAMES, Copies, CopyNames


def item(name: str, score: float = 0.99621, data: bytes = b"x") -> Classified:
    """A photo of the first class."""
    return Classified(name, np.array([score, 1 - score], np.float32), 0.1, data=data)


def test_copies_are_named_by_answer_and_score(tmp_path):
    """A second of the same name gets a number; the bytes are those of the original."""
    copies = Copies(tmp_path / "out", ("elsa", "anna"))
    paths = [copies.add(item("a/1.JPG", data=bytes([i]))) for i in range(3)]
    assert [path.name for path in paths] == [
        "elsa-[0.99621].jpg",
        "elsa-[0.99621]-2.jpg",
        "elsa-[0.99621]-3.jpg",
    ]
    assert [path.read_bytes() for path in paths] == [b"\0", b"\1", b"\2"]


def test_copies_in_folders_keep_their_names(tmp_path):
    """One folder a class, and a name that is there already gets a number."""
    copies = Copies(tmp_path, ("elsa", "anna"), FOLDERS)
    paths = [copies.add(item(name)) for name in ("a/1.jpg", "b/1.jpg", "2.png")]
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
        "elsa/1.jpg",
        "elsa/1-2.jpg",
        "elsa/2.png",
    ]


def test_a_copy_with_a_long_name_keeps_its_ending(tmp_path):
    """A photo whose name is long can still be opened by a double click."""
    name = "holiday " * 12 + ".jpg"
    path = Copies(tmp_path, ("elsa", "anna"), FOLDERS).add(item(name))
    assert path.suffix == ".jpg"


HOSTILE = st.one_of(
    st.sampled_from(["..", ".", "CON", "nul.jpg", "a/b", "a\\b", "x:y", "", " ", "日本", "*?"]),
    st.text(st.characters(exclude_categories=()), max_size=120),
)


@given(class_name=HOSTILE, name=HOSTILE, layout=st.sampled_from([NAMES, FOLDERS]))
def test_copies_never_leave_their_folder(tmp_path_factory, class_name, name, layout):
    """Whatever classes and photos are called, the copy lies where it should."""
    folder = tmp_path_factory.mktemp("copies")
    photo = item(name.replace("\0", ""))
    path = Copies(folder, (class_name, "other"), layout).add(photo)
    assert path.is_file()
    depth = 1 if layout == NAMES else 2
    assert len(path.resolve().relative_to(folder.resolve()).parts) == depth


@pytest.mark.parametrize("layout", [NAMES, FOLDERS])
@pytest.mark.parametrize("name", ["x.a:b", "x.j?g", "x.<b>", "x.j\\g", "x. ", "x...", "x.j|"])
def test_endings_that_windows_cannot_bear_are_replaced(tmp_path, layout, name):
    """A photo may be called anything on Linux, and its copy still opens on Windows."""
    path = Copies(tmp_path, ("elsa", "anna"), layout).add(item(name))
    assert not set(path.name) & set('<>:"/\\|?*')
    assert path.name == path.name.rstrip(" .")


@pytest.mark.parametrize("layout", [NAMES, FOLDERS])
@pytest.mark.parametrize("letter", ["a", "ا", "日", "😀"])
def test_two_hundred_letters_of_any_script_fit_a_disk(tmp_path, layout, letter):
    """With score, number and ending; disks count bytes, and an emoji has four."""
    copies = Copies(tmp_path, (letter * 200, "other"), layout)
    paths = [copies.add(item(f"{letter * 200}.jpeg")) for _ in range(12)]
    assert all(path.suffix == ".jpeg" for path in paths)
    assert max(len(part.encode()) for path in paths for part in path.parts) <= 230


def test_letters_that_a_disk_may_take_for_one_are_kept_apart(tmp_path):
    """Windows knows one capital of both kinds of small sigma."""
    copies = Copies(tmp_path, ("σ", "ς"), FOLDERS)
    first = copies.add(Classified("1.jpg", np.array([1.0, 0.0], np.float32), 0.1, data=b"x"))
    second = copies.add(Classified("1.jpg", np.array([0.0, 1.0], np.float32), 0.1, data=b"x"))
    assert first.parent.name.casefold() != second.parent.name.casefold()


def test_two_classes_never_share_a_folder(tmp_path):
    """Names that differ only in what file systems cannot bear are kept apart."""
    copies = Copies(tmp_path, ("uk/old", "uk:old"), FOLDERS)
    first = copies.add(Classified("1.jpg", np.array([1.0, 0.0], np.float32), 0.1, data=b"x"))
    second = copies.add(Classified("2.jpg", np.array([0.0, 1.0], np.float32), 0.1, data=b"x"))
    assert first.parent != second.parent


def test_what_the_person_said_goes_before_the_answer():
    """With the score of that class; photos the model is not sure of have a folder of their own."""
    names = CopyNames(("elsa", "anna"), FOLDERS)
    unsure = Classified("1.jpg", np.array([0.6, 0.4], np.float32), 0.1, doubts=("low score",))
    assert names.of(unsure) == "not sure/1.jpg"
    assert names.of(unsure, chosen=1) == "anna/1.jpg"
    assert CopyNames(("elsa", "anna")).of(unsure, chosen=1) == "anna-[0.40000].jpg"


@given(st.lists(st.tuples(HOSTILE, st.booleans()), max_size=12), st.sampled_from([NAMES, FOLDERS]))
def test_no_two_copies_have_one_name(photos, layout):
    """Nor names that differ only in capitals, which many disks take for one."""
    names = CopyNames(("a", "A", "not sure", "Not Sure"), layout)
    scores = np.array([0.7, 0.1, 0.1, 0.1], np.float32)
    found = [
        names.of(Classified(name, scores, 0.1, doubts=("low score",) if unsure else ()))
        for name, unsure in photos
    ]
    assert len({name.casefold() for name in found}) == len(photos)
