"""Ways to mend a data set; each leaves what it does not touch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.datasets.dataset import Dataset, Photo, Receipt
from imgclf_core.datasets.edits import decisions, remedies
from imgclf_core.datasets.split import SIDES, TEST
from imgclf_core.errors import DatasetError, OptionError


def dataset_of(tmp_path, **sizes: int) -> Dataset:
    """Photos a class, sides in turn; photos 0 and 1 of each class are alike."""
    names = tuple(sorted(sizes))
    photos = tuple(
        Photo(
            f"{k:032x}{i:032x}.jpg",
            f"{name}/{i:03}.jpg",
            k,
            SIDES[i % 3],
            "",
            10 + i,
            10,
            "JPEG",
            9,
            1000 * k + max(i, 1),
        )
        for k, name in enumerate(names)
        for i in range(sizes[name])
    )
    return Dataset(tmp_path, "set", names, photos, Receipt(len(photos), len(photos)))


@pytest.fixture
def made(tmp_path) -> Dataset:
    """Six cats, four dogs and three emus."""
    return dataset_of(tmp_path, cat=6, dog=4, emu=3)


def classes(dataset: Dataset) -> dict[str, int]:
    """Photos a class."""
    return dict(zip(dataset.class_names, dataset.counts.sum(axis=1).tolist(), strict=True))


def names(dataset: Dataset) -> set[str]:
    """Names of the photos that take part."""
    return {photo.name for photo in dataset.photos}


def test_photos_are_left_out_and_brought_back(made):
    """They keep class, side and name, so that coming back restores everything."""
    change = remedies.leave_out(made, [0, 7], "blurred")
    assert classes(change.dataset) == {"cat": 5, "dog": 3, "emu": 3}
    assert [(i.photo.name, i.class_name, i.reason) for i in change.dataset.left_out] == [
        ("cat/000.jpg", "cat", "blurred"),
        ("dog/001.jpg", "dog", "blurred"),
    ]
    assert change.sentence == "Left out 2 photos (blurred)."
    assert remedies.bring_back(change.dataset, [0, 1]).dataset == made


def test_a_class_without_photos_is_no_class_any_more(made):
    """Labels are numbered anew, and the class comes back with its photos."""
    change = remedies.drop(made, ["cat"])
    assert classes(change.dataset) == {"dog": 4, "emu": 3}
    assert change.dataset.labels.tolist() == [0] * 4 + [1] * 3
    assert "'cat' (6 photos)" in change.sentence
    assert remedies.bring_back(change.dataset, range(6)).dataset == made


def test_photos_move_to_another_class_and_keep_their_side(made):
    """Also to a class that is new."""
    change = decisions.move(made, [0, 2], "ferret")
    assert classes(change.dataset) == {"cat": 4, "dog": 4, "emu": 3, "ferret": 2}
    sides = {photo.name: photo.side for photo in made.photos}
    assert {photo.name: photo.side for photo in change.dataset.photos} == sides


def test_a_new_name_moves_everything_of_the_class(made):
    """Left-out photos know the new name, too."""
    change = remedies.rename(remedies.leave_out(made, [0]).dataset, "cat", " big\u202e  cat ")
    assert classes(change.dataset) == {"big cat": 5, "dog": 4, "emu": 3}
    assert change.dataset.left_out[0].class_name == "big cat"
    assert change.sentence == "Renamed 'cat' to 'big cat'."


def test_renaming_to_a_class_that_is_there_merges(made):
    """The sentence says which of the two it was."""
    change = remedies.rename(made, "cat", "dog")
    assert classes(change.dataset) == {"dog": 10, "emu": 3}
    assert change.sentence == "Merged 'cat' into 'dog'."


def test_several_classes_become_one(made):
    """Merging takes any number."""
    change = remedies.merge(made, ["cat", "dog", "emu"], "emu")
    assert classes(change.dataset) == {"emu": 13}


def test_of_copies_one_is_kept(made):
    """The one on the test side if there is one, otherwise the largest."""
    change = remedies.keep_one(made, range(len(made.photos)))
    assert names(made) - names(change.dataset) == {"cat/000.jpg", "dog/000.jpg", "emu/000.jpg"}
    assert change.sentence == "Kept one of each photo; left out 3 copies."
    with pytest.raises(OptionError, match="no two copies"):
        remedies.keep_one(change.dataset, range(10))


def test_the_test_set_is_not_thinned_by_copies(tmp_path):
    """A copy on the test side stays, however small it is."""
    made = dataset_of(tmp_path, cat=4)
    photos = [*made.photos]
    photos[0] = Photo(**{f: getattr(photos[0], f) for f in Photo.__slots__} | {"side": TEST})
    made = Dataset(made.folder, "set", ("cat",), tuple(photos), made.receipt)
    assert "cat/000.jpg" in names(remedies.keep_one(made, [0, 1]).dataset)


@given(st.lists(st.integers(1, 40), min_size=2, max_size=4), st.integers(3, 40), st.integers(0, 3))
def test_sampling_down_leaves_no_class_larger(tmp_path_factory, sizes, most, seed):
    """No class has more, none loses more than it must, and no side of a class is emptied."""
    made = dataset_of(tmp_path_factory.getbasetemp(), **{f"c{i}": n for i, n in enumerate(sizes)})
    if max(sizes) <= most:
        with pytest.raises(OptionError, match="No class has more than"):
            remedies.sample_down(made, most, seed)
        return
    after = remedies.sample_down(made, most, seed).dataset
    assert classes(after) == {f"c{i}": min(n, most) for i, n in enumerate(sizes)}
    assert ((after.counts > 0) == (made.counts > 0)).all()
    assert remedies.sample_down(made, most, seed).dataset == after


def test_the_way_to_balance_is_kept_with_the_data(made):
    """It is a setting of the version; the photos stay."""
    change = remedies.balance(made, "sample up")
    assert change.dataset.balance == "sample up"
    assert change.dataset.photos == made.photos
    with pytest.raises(OptionError, match="no way to balance"):
        remedies.balance(made, "magic")


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda d: remedies.leave_out(d, []), "Choose at least one photo"),
        (lambda d: remedies.leave_out(d, [99]), "not in the data set any more"),
        (lambda d: remedies.bring_back(d, [0]), "that was left out"),
        (lambda d: decisions.move(d, [0], " \u202e "), "needs a name"),
        (lambda d: remedies.rename(d, "yak", "cat"), "no class 'yak'"),
        (lambda d: remedies.rename(d, "cat", "cat"), "called 'cat' already"),
        (lambda d: remedies.merge(d, ["cat"], "cat"), "at least two classes"),
        (lambda d: remedies.sample_down(d, 2), "at least 3 photos"),
    ],
)
def test_what_cannot_be_done_is_said(made, act, match):
    """Wrong choices are sentences and change nothing."""
    with pytest.raises(OptionError, match=match):
        act(made)


def test_the_last_photo_stays(made):
    """A data set is never empty."""
    with pytest.raises(DatasetError, match="At least one photo must stay"):
        remedies.leave_out(made, range(len(made.photos)))
