"""What a person says of single photos is kept, and can be taken back."""

from dataclasses import replace

import pytest

from imgclf_core.datasets import store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.edits import decisions, remedies
from imgclf_core.errors import OptionError
from tests.datasets.edits.test_remedies import classes, dataset_of


@pytest.fixture
def made(tmp_path) -> Dataset:
    """Six cats and four dogs."""
    return dataset_of(tmp_path, cat=6, dog=4)


def by_name(dataset: Dataset, name: str):
    """A photo that takes part."""
    return next(photo for photo in dataset.photos if photo.name == name)


def test_each_photo_moves_to_its_own_class(made):
    """Suggestions are accepted for many at once; sides stay."""
    change = decisions.relabel(made, {0: "dog", 1: "emu", 6: "cat"})
    assert classes(change.dataset) == {"cat": 5, "dog": 4, "emu": 1}
    assert change.sentence == "Moved 3 photos to 3 classes."
    for i in (0, 1, 6):
        assert by_name(change.dataset, made.photos[i].name).side == made.photos[i].side


def test_a_photo_can_show_a_second_class(made):
    """The tag is added once, and goes when it becomes the label."""
    tagged = decisions.also_shows(made, [0], "dog").dataset
    tagged = decisions.also_shows(tagged, [0], "dog").dataset
    assert by_name(tagged, "cat/000.jpg").also == ("dog",)
    moved = decisions.move(tagged, [0], "dog").dataset
    assert by_name(moved, "cat/000.jpg").also == ()


def test_its_own_class_is_no_second_one(made):
    """Nothing is changed by saying twice what is known."""
    with pytest.raises(OptionError, match="already"):
        decisions.also_shows(made, [0], "cat")
    with pytest.raises(OptionError, match="no class 'emu'"):
        decisions.also_shows(made, [0], "emu")


def test_tags_follow_the_names_of_classes(made):
    """A renamed class keeps its tags; merged into the own class they go."""
    tagged = decisions.also_shows(made, [0, 1], "dog").dataset
    assert by_name(remedies.rename(tagged, "dog", "hound").dataset, "cat/000.jpg").also == (
        "hound",
    )
    merged = remedies.rename(tagged, "dog", "cat").dataset
    assert all(photo.also == () for photo in merged.photos)


def test_a_hard_photo_is_marked_until_it_moves(made):
    """Its label was confirmed; another label has not been."""
    hard = decisions.mark_hard(made, [2]).dataset
    assert [photo.name for photo in hard.photos if photo.hard] == ["cat/002.jpg"]
    assert not any(photo.hard for photo in decisions.move(hard, [2], "dog").dataset.photos)


def test_photos_are_found_by_their_file(made):
    """Those that are not there any more are left away."""
    files = [made.photos[3].file, made.photos[8].file, "gone.jpg"]
    assert decisions.positions_of(made, files) == [3, 8]


def test_tags_and_marks_are_written_and_read(make_dataset):
    """Also names that no table likes, and they are gone after undo."""
    made = make_dataset()
    first = store.commit(*_named(decisions.move(made, [0], 'a;b|"c", [d]')))
    second = store.commit(*_named(decisions.also_shows(first, [5], 'a;b|"c", [d]')))
    third = store.commit(*_named(decisions.mark_hard(second, [6])))
    assert third.photos[5].also == ('a;b|"c", [d]',)
    assert third.photos[6].hard
    store.undo(made.folder)
    assert not store.load(made.folder).photos[6].hard


def test_tables_of_the_first_program_are_read(make_dataset):
    """They have no column for tags and marks."""
    made = make_dataset()
    path = made.folder / "images.csv"
    rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(row.rsplit(",", 2)[0] for row in rows) + "\n", encoding="utf-8")
    assert store.load(made.folder).photos == made.photos


def _named(change) -> tuple[Dataset, str]:
    return replace(change.dataset), change.sentence
