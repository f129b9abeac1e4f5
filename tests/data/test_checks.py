"""Problems of a data set, ranked, in sentences."""

from imgclf_core.data import checks
from tests.conftest import picture, two_classes


def problems_of(dataset) -> dict[str, checks.Problem]:
    """Problems by the name of their check."""
    return {problem.check: problem for problem in checks.find_problems(dataset)}


def colours(reds: int, blues: int, size=(96, 96)) -> dict[str, bytes]:
    """Photos of two classes, of a comfortable size."""
    entries = {f"red/{i}.jpg": picture(i, size, tint=0) for i in range(reds)}
    return entries | {f"blue/{i}.jpg": picture(500 + i, size, tint=2) for i in range(blues)}


def test_a_good_data_set_has_no_problems(make_dataset):
    """Twenty different photos a class, large enough: nothing to say."""
    assert checks.find_problems(make_dataset(colours(20, 20))) == []


def test_a_class_that_cannot_be_trained_is_urgent(make_dataset):
    """Two photos are too few, and the class is named."""
    made = make_dataset(colours(20, 2))
    problem = problems_of(made)["too few to train"]
    assert problem.severity == checks.URGENT
    assert "'blue'" in problem.sentence
    assert checks.too_small_classes(made) == ["blue"]


def test_few_photos_ask_for_attention(make_dataset):
    """Under twenty the class is named, over twenty not."""
    problem = problems_of(make_dataset(colours(20, 19)))["few photos"]
    assert problem.severity == checks.ATTENTION
    assert "'blue'" in problem.sentence
    assert "'red'" not in problem.sentence


def test_imbalance_is_noted_and_then_urgent(make_dataset):
    """Half as many again is worth a note, three times as many is urgent."""
    assert "imbalance" not in problems_of(make_dataset(colours(28, 20), name="a.zip"))
    mild = problems_of(make_dataset(colours(30, 20), name="b.zip"))["imbalance"]
    grave = problems_of(make_dataset(colours(60, 20), name="c.zip"))["imbalance"]
    assert (mild.severity, grave.severity) == (checks.NOTE, checks.URGENT)
    assert "'red' has 3.0 times as many photos as 'blue'" in grave.sentence


def test_copies_inside_a_class_are_a_note(make_dataset):
    """The copies are counted and shown."""
    entries = colours(20, 20)
    made = make_dataset({**entries, "red/copy.jpg": entries["red/3.jpg"]})
    problem = problems_of(made)["copies"]
    assert problem.severity == checks.NOTE
    assert problem.sentence.startswith("1 photo ")
    assert {made.photos[i].name for i in problem.photos} == {"red/3.jpg", "red/copy.jpg"}


def test_the_same_photo_in_two_classes_is_urgent(make_dataset):
    """One of the two labels must be wrong, and both photos are shown."""
    entries = colours(20, 20)
    made = make_dataset({**entries, "blue/odd.jpg": entries["red/3.jpg"]})
    found = checks.find_problems(made)
    assert (found[0].check, found[0].severity) == ("conflicting labels", checks.URGENT)
    assert {made.photos[i].name for i in found[0].photos} == {"red/3.jpg", "blue/odd.jpg"}


def test_a_test_photo_that_is_also_in_training_is_said(make_dataset):
    """A leak of data that came divided is found by content."""
    entries = colours(20, 20)
    divided = {f"train/{name}": data for name, data in entries.items()}
    divided |= {f"test/red/t{i}.jpg": picture(900 + i, (96, 96), tint=0) for i in range(3)}
    divided |= {f"test/blue/t{i}.jpg": picture(950 + i, (96, 96), tint=2) for i in range(3)}
    divided["test/red/leak.jpg"] = entries["red/3.jpg"]
    made = make_dataset(divided)
    problem = problems_of(made)["leak"]
    assert {made.photos[i].name for i in problem.photos} == {
        "train/red/3.jpg", "test/red/leak.jpg",
    }  # fmt: skip


def test_a_class_missing_on_one_side_is_said(make_dataset):
    """The class and the side are named."""
    entries = {f"train/{name}": data for name, data in colours(20, 20).items()}
    entries |= {f"test/red/t{i}.jpg": picture(900 + i, (96, 96), tint=0) for i in range(3)}
    problem = problems_of(make_dataset(entries))["missing side"]
    assert "'blue' in test" in problem.sentence


def test_skipped_files_and_empty_folders_are_said(make_dataset):
    """The most frequent reason is in the sentence."""
    found = problems_of(make_dataset({**colours(20, 20), "green/1.jpg": b"%PDF-1.7"}))
    assert "1 file skipped" in found["skipped"].sentence
    assert "a PDF file" in found["skipped"].sentence
    assert "'green'" in found["empty class"].sentence


def test_very_small_photos_are_a_note(make_dataset):
    """All photos under 80 pixels are shown."""
    problem = problems_of(make_dataset(two_classes(20)))["small photos"]
    assert problem.severity == checks.NOTE
    assert len(problem.photos) == 40


def test_the_gravest_comes_first(make_dataset):
    """Urgent before attention before notes."""
    entries = {**colours(20, 2), "red/copy.jpg": colours(1, 0)["red/0.jpg"], "red/x.jpg": b"?"}
    order = [problem.severity for problem in checks.find_problems(make_dataset(entries))]
    assert len(set(order)) == 3
    assert order == sorted(order, key=["urgent", "attention", "note"].index)
