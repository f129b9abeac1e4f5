"""Classes and sides from the names of folders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.datasets import folder_layout
from imgclf_core.datasets.folder_layout import Placement, place
from imgclf_core.datasets.split import TEST, TRAINING, VALIDATION


def labels(*names: str) -> list[str | None]:
    """The class of each file."""
    return [placement.label for placement in place(names)]


def test_the_folder_is_the_class():
    """The plain case, without sides."""
    assert place(["cat/1.jpg", "dog/1.jpg"]) == [Placement("cat"), Placement("dog")]


@pytest.mark.parametrize("wrapper", ["photos", "my set/photos", "a/b/c"])
def test_wrapper_folders_are_dropped(wrapper):
    """Folders that all files share name no class."""
    assert labels(f"{wrapper}/cat/1.jpg", f"{wrapper}/dog/1.jpg") == ["cat", "dog"]


def test_a_wrapper_with_loose_files_is_dropped_too():
    """A picture beside the class folders has no class and does not spoil the others."""
    assert labels("set/read me.png", "set/cat/1.jpg", "set/dog/1.jpg") == [None, "cat", "dog"]


def test_a_single_class_keeps_its_folder():
    """The last folder is the class, even if all files share it."""
    assert labels("photos/cat/1.jpg", "photos/cat/2.jpg") == ["cat", "cat"]


def test_nested_folders_are_one_class_by_their_joined_path():
    """The same name below two folders is two classes."""
    names = ("uk/1880/1.jpg", "uk/1890/1.jpg", "fr/1880/1.jpg")
    assert labels(*names) == ["uk/1880", "uk/1890", "fr/1880"]


def test_flat_files_have_no_class():
    """Without folders there is nothing to go by."""
    assert labels("1.jpg", "2.jpg") == [None, None]


@pytest.mark.parametrize(
    ("train", "val", "test"),
    [
        ("train", "val", "test"),
        ("Training", "Validation", "Testing"),
        ("seg_train/seg_train", "seg_dev", "seg_test/seg_test"),
        ("train-images", "valid images", "test.images"),
        ("set/train", "set/valid", "set/test"),
    ],
)
def test_trees_that_come_divided_keep_their_sides(train, val, test):
    """Common names of the three parts are known, and wrappers inside them dropped."""
    names = [f"{side}/{kind}/1.jpg" for side in (train, val, test) for kind in ("cat", "dog")]
    expected = [
        Placement(kind, side) for side in (TRAINING, VALIDATION, TEST) for kind in ("cat", "dog")
    ]
    assert place(names) == expected


def test_one_other_folder_beside_makes_sides_into_classes():
    """Only a tree whose top folders are all sides is divided."""
    assert place(["train/1.jpg", "ship/1.jpg"]) == [Placement("train"), Placement("ship")]


def test_a_photo_beside_the_classes_of_a_side_has_no_class():
    """It does not become a class of the side's name."""
    placements = place(["train/cat/1.jpg", "train/dog/1.jpg", "train/x.jpg", "test/cat/1.jpg"])
    assert placements[2].label is None


def test_a_side_with_one_class_keeps_it():
    """The only class of a side is not taken for a wrapper."""
    placements = place(["train/cat/1.jpg", "train/dog/1.jpg", "test/cat/1.jpg"])
    assert placements[2] == Placement("cat", TEST)


@given(
    st.lists(
        st.lists(st.sampled_from(["a", "b", "train", "test", "val"]), min_size=1, max_size=5),
        max_size=12,
    )
)
def test_every_file_gets_a_placement_from_its_own_folders(paths):
    """One placement a file; its class is made of its own folders, the side is a known one."""
    names = ["/".join([*path, f"{i}.jpg"]) for i, path in enumerate(paths)]
    placements = place(names)
    assert len(placements) == len(names)
    for path, placement in zip(paths, placements, strict=True):
        assert placement.label is None or "/".join(path).endswith(placement.label)
        assert placement.side in (None, TRAINING, VALIDATION, TEST)


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        (folder_layout.FIRST, ["uk", "uk", "us"]),
        (folder_layout.LAST, ["1880s", "1890s", "1880s"]),
        (folder_layout.PATH, ["uk/1880s", "uk/1890s", "us/1880s"]),
    ],
)
def test_nested_folders_name_the_class_in_three_ways(way, expected):
    """The first folder, the last, or all of them, below a wrapper and beside a side."""
    names = ["set/uk/1880s/1.jpg", "set/uk/1890s/2.jpg", "set/us/1880s/3.jpg"]
    assert [place.label for place in folder_layout.place(names, way)] == expected
    divided = [name.replace("set/", f"{side}/") for side in ("train", "test") for name in names]
    assert [place.label for place in folder_layout.place(divided, way)] == expected * 2


def test_the_readings_of_nested_folders_are_counted():
    """Classes with their number of photos, for the question on screen."""
    names = ["uk/1880s/1.jpg", "uk/1890s/2.jpg", "us/1880s/3.jpg", "loose.jpg"]
    assert folder_layout.readings(names) == {
        folder_layout.FIRST: {"uk": 2, "us": 1},
        folder_layout.LAST: {"1880s": 2, "1890s": 1},
        folder_layout.PATH: {"uk/1880s": 1, "uk/1890s": 1, "us/1880s": 1},
    }


def test_plain_folders_have_nothing_to_ask():
    """Where all ways give the same there is no question."""
    assert folder_layout.readings(["a/1.jpg", "b/2.jpg", "3.jpg"]) == {}
