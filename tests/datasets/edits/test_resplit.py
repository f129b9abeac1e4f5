"""Dividing anew, reading nested folders in another way, and photos of one object."""

import pytest

from imgclf_core.datasets import objects, store
from imgclf_core.datasets.edits import resplit
from imgclf_core.datasets.split import SIDES, TEST, TRAINING
from imgclf_core.errors import OptionError
from tests.conftest import picture, two_classes

EVEN = {"training": 0.5, "validation": 0.25, "test": 0.25}


def test_shares_and_seed_are_kept_with_the_version(make_dataset):
    """A new division is as wanted, says so, and is what adding photos goes by."""
    made = make_dataset(two_classes(20))
    change = resplit.divide_anew(made, EVEN, seed=3)
    store.commit(change.dataset, change.sentence)
    now = store.load(made.folder)
    assert now.counts.tolist() == [[10, 5, 5], [10, 5, 5]]
    assert (now.shares, now.seed) == (EVEN, 3)
    assert change.sentence == "Divided anew: 50% / 25% / 25%, seed 3."


def test_the_same_seed_gives_the_same_division(make_dataset):
    """And another one another."""
    made = make_dataset(two_classes(20))
    again = resplit.divide_anew(made, seed=made.seed).dataset
    assert again.photos == made.photos
    assert resplit.divide_anew(made, seed=99).dataset.photos != made.photos


@pytest.mark.parametrize(
    ("shares", "match"),
    [
        ({"training": 0.98, "validation": 0.01, "test": 0.01}, "validation is 1%"),
        ({"training": 0.3, "validation": 0.2, "test": 0.5}, "test is 50%"),
        ({"training": 0.9, "validation": 0.2, "test": 0.2}, "add up"),
    ],
)
def test_shares_that_cannot_be_are_said(make_dataset, shares, match):
    """The side and the bounds are named."""
    with pytest.raises(OptionError, match=match):
        resplit.divide_anew(make_dataset(two_classes(5)), shares)


def test_parts_that_came_stay_unless_the_person_says_so(make_dataset):
    """A test part that came is only thrown in with the rest when asked."""
    entries = {f"train/{name}": data for name, data in two_classes(12).items()}
    entries |= {f"test/red/t{i}.jpg": picture(50 + i, tint=0) for i in range(3)}
    entries |= {f"test/blue/t{i}.jpg": picture(60 + i, tint=2) for i in range(3)}
    made = make_dataset(entries)
    kept = resplit.divide_anew(made, seed=5).dataset
    assert {p.name for p in kept.photos if p.side == TEST} == {
        name for name in entries if name.startswith("test/")
    }
    mixed = resplit.divide_anew(made, seed=5, keep_given=False)
    assert not mixed.dataset.divided
    assert any(p.name.startswith("train/") for p in mixed.dataset.photos if p.side == TEST)
    assert "without the sides that came" in mixed.sentence


NESTED = {
    f"{country}/{years}/{i}.jpg": picture(
        1000 * len(country + years) + 100 * ord(years[2]) + ord(country[1]) + i
    )
    for country in ("uk", "us")
    for years in ("1880s", "1890s")
    for i in range(4)
}


@pytest.mark.parametrize(
    ("way", "names"),
    [
        ("first", ("uk", "us")),
        ("last", ("1880s", "1890s")),
        ("path", ("uk/1880s", "uk/1890s", "us/1880s", "us/1890s")),
    ],
)
def test_nested_folders_are_read_in_three_ways(make_dataset, way, names):
    """After they came in, as often as the person likes, and every class has all sides."""
    made = make_dataset(NESTED)
    assert made.class_from == ""
    change = resplit.name_classes(made, way)
    assert change.dataset.class_names == names
    assert change.dataset.class_from == way
    assert (change.dataset.counts > 0).all()


def test_photos_of_one_object_stay_on_one_side(make_dataset):
    """By a pattern in their names; the pattern is kept for photos added later."""
    entries = {
        f"{name}/{tint}thing{i // 4}_{i % 4}.jpg": picture(1000 * tint + i, tint=tint)
        for tint, name in ((0, "red"), (2, "blue"))
        for i in range(40)
    }
    made = make_dataset(entries)
    found = objects.by_pattern([p.name for p in made.photos], "{object}_*")
    change = resplit.group_objects(made, found, "their names", "{object}_*")
    sides: dict[str, set[str]] = {}
    for p in change.dataset.photos:
        sides.setdefault(p.object, set()).add(p.side)
    assert len(sides) == 20
    assert all(len(found) == 1 for found in sides.values())
    assert {side for found in sides.values() for side in found} == set(SIDES)
    assert "20 objects by their names" in change.sentence
    assert change.dataset.object_pattern == "{object}_*"


def test_no_object_at_all_changes_nothing(make_dataset):
    """A pattern that fits no name is said."""
    with pytest.raises(OptionError, match="No photo belongs to an object"):
        resplit.group_objects(make_dataset(two_classes(3)), {}, "a table")


def test_all_on_one_side_where_one_object_is_everything(make_dataset):
    """It cannot be divided, and nothing breaks."""
    made = make_dataset(two_classes(4))
    change = resplit.group_objects(made, {p.name: "one" for p in made.photos}, "a table")
    assert {p.side for p in change.dataset.photos} == {TRAINING}
