"""Copies inside a class, across classes and across sides, and what mends them."""

from imgclf_core.datasets.checks import class_checks
from imgclf_core.datasets.checks.problem import ATTENTION, NOTE, URGENT, Problem
from imgclf_core.datasets.split import TEST
from tests.conftest import picture


def colours(reds: int, blues: int) -> dict[str, bytes]:
    """Photos of two classes, of a comfortable size."""
    entries = {f"red/{i}.jpg": picture(i, (96, 96), tint=0) for i in range(reds)}
    return entries | {f"blue/{i}.jpg": picture(500 + i, (96, 96), tint=2) for i in range(blues)}


def problem_of(dataset, check: str) -> Problem:
    """One problem by the name of its check."""
    return {problem.check: problem for problem in class_checks.find_problems(dataset)}[check]


def names(dataset, positions) -> set[str]:
    """Names of photos."""
    return {dataset.photos[i].name for i in positions}


def test_copies_inside_a_class_are_a_note(make_dataset):
    """They are counted and shown, and one of each can be kept."""
    entries = colours(20, 20)
    made = make_dataset({**entries, "red/copy.jpg": entries["red/3.jpg"]})
    problem = problem_of(made, "copies")
    assert problem.severity == NOTE
    assert problem.sentence.startswith("1 photo is the same")
    assert names(made, problem.photos) == {"red/3.jpg", "red/copy.jpg"}
    change = problem.remedies[0].apply(made, problem.photos)
    assert len(change.dataset.left_out) == 1
    assert "copies" not in {p.check for p in class_checks.find_problems(change.dataset)}


def test_the_same_photo_in_two_classes_is_urgent(make_dataset):
    """One of the two labels must be wrong, and both photos are shown side by side."""
    entries = colours(20, 20)
    made = make_dataset({**entries, "blue/odd.jpg": entries["red/3.jpg"]})
    found = class_checks.find_problems(made)
    assert (found[0].check, found[0].severity) == ("conflicting labels", URGENT)
    assert names(made, found[0].photos) == {"red/3.jpg", "blue/odd.jpg"}
    assert found[0].sentence.startswith("1 photo lies in more than one class")


def divided(entries: dict[str, bytes]) -> dict[str, bytes]:
    """A tree that came divided, with one training photo also in its test part."""
    tree = {f"train/{name}": data for name, data in entries.items()}
    tree |= {f"test/red/t{i}.jpg": picture(900 + i, (96, 96), tint=0) for i in range(3)}
    tree |= {f"test/blue/t{i}.jpg": picture(950 + i, (96, 96), tint=2) for i in range(3)}
    return {**tree, "test/red/leak.jpg": entries["red/3.jpg"]}


def test_a_test_photo_that_is_also_in_training_is_said(make_dataset):
    """A leak of data that came divided is found by content, and mended outside of the test."""
    made = make_dataset(divided(colours(20, 20)))
    problem = problem_of(made, "leak")
    assert problem.severity == ATTENTION
    assert names(made, problem.photos) == {"train/red/3.jpg", "test/red/leak.jpg"}
    change = problem.remedies[0].apply(made, ())
    assert [item.photo.name for item in change.dataset.left_out] == ["train/red/3.jpg"]
    after = {p.name for p in change.dataset.photos if p.side == TEST}
    assert after == {p.name for p in made.photos if p.side == TEST}
    assert "leak" not in {p.check for p in class_checks.find_problems(change.dataset)}
