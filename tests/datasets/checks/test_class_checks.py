"""Problems of a data set, ranked, in sentences."""

from imgclf_core.datasets.checks import class_checks
from imgclf_core.datasets.checks.problem import ATTENTION, NOTE, URGENT, Problem
from imgclf_core.datasets.edits import remedies
from tests.conftest import picture, two_classes


def problems_of(dataset) -> dict[str, Problem]:
    """Problems by the name of their check."""
    return {problem.check: problem for problem in class_checks.find_problems(dataset)}


def mended(dataset, check: str, label: str, number: int | None = None):
    """The data set after the remedy of a problem whose button begins so."""
    for remedy in problems_of(dataset)[check].remedies:
        if remedy.label.startswith(label):
            return remedy.apply(dataset, (), number).dataset
    raise AssertionError(f"no remedy '{label}'")


def colours(reds: int, blues: int, size=(96, 96)) -> dict[str, bytes]:
    """Photos of two classes, of a comfortable size."""
    entries = {f"red/{i}.jpg": picture(i, size, tint=0) for i in range(reds)}
    return entries | {f"blue/{i}.jpg": picture(500 + i, size, tint=2) for i in range(blues)}


def test_a_balanced_data_set_has_no_problem_of_classes(make_dataset):
    """Twenty different photos a class: the blur of these pictures is all there is to say."""
    assert problems_of(make_dataset(colours(20, 20))).keys() <= {"blurred"}


def test_a_class_that_cannot_be_trained_is_urgent(make_dataset):
    """Two photos are too few, and the class is named."""
    made = make_dataset(colours(20, 2))
    problem = problems_of(made)["too few to train"]
    assert problem.severity == URGENT
    assert "'blue'" in problem.sentence
    assert class_checks.too_small_classes(made) == ["blue"]


def test_a_class_with_one_photo_can_be_left_out(make_dataset):
    """The remedy is offered where another class remains."""
    made = mended(make_dataset(colours(20, 1)), "too few to train", "Leave 'blue' out")
    assert made.class_names == ("red",)
    assert "one class" in problems_of(made)


def test_a_class_that_is_only_in_the_test_is_told_so(make_dataset):
    """The cause is the side, not the number."""
    entries = {f"train/{name}": data for name, data in colours(20, 0).items()}
    entries |= {f"test/{name}": data for name, data in colours(3, 9).items()}
    problem = problems_of(make_dataset(entries))["too few to train"]
    assert problem.sentence.startswith("'blue': none of its photos is on the training side.")


def test_one_class_alone_is_urgent(make_dataset):
    """It can be looked at, and what is missing is said."""
    made = make_dataset(colours(5, 0))
    found = class_checks.find_problems(made)
    assert (found[0].check, found[0].severity) == ("one class", URGENT)
    assert "'red'" in found[0].sentence


def test_few_photos_ask_for_attention(make_dataset):
    """Under twenty the class is named, over twenty not."""
    problem = problems_of(make_dataset(colours(20, 19)))["few photos"]
    assert problem.severity == ATTENTION
    assert "'blue'" in problem.sentence
    assert "'red'" not in problem.sentence


def test_imbalance_is_noted_and_then_urgent(make_dataset):
    """Half as many again is worth a note, three times as many is urgent."""
    assert "imbalance" not in problems_of(make_dataset(colours(28, 20), name="a.zip"))
    mild = problems_of(make_dataset(colours(30, 20), name="b.zip"))["imbalance"]
    grave = problems_of(make_dataset(colours(60, 20), name="c.zip"))["imbalance"]
    assert (mild.severity, grave.severity) == (NOTE, URGENT)
    assert "'red' has 3.0 times as many photos as 'blue'" in grave.sentence


def test_a_class_missing_on_one_side_is_said(make_dataset):
    """The class and the side are named."""
    entries = {f"train/{name}": data for name, data in colours(20, 20).items()}
    entries |= {f"test/red/t{i}.jpg": picture(900 + i, (96, 96), tint=0) for i in range(3)}
    problem = problems_of(make_dataset(entries))["missing side"]
    assert "'blue' in test" in problem.sentence


def test_skipped_files_and_empty_folders_are_said(make_dataset):
    """The most frequent reason is in the sentence."""
    found = problems_of(make_dataset({**colours(20, 20), "green/1.jpg": b"%PDF-1.7"}))
    assert "1 file skipped" in found["unreadable"].sentence
    assert "a PDF file" in found["unreadable"].sentence
    assert "'green'" in found["empty class"].sentence


def test_very_small_photos_are_a_note(make_dataset):
    """All photos under 80 pixels are shown."""
    problem = problems_of(make_dataset(two_classes(20)))["small photos"]
    assert problem.severity == NOTE
    assert len(problem.photos) == 40


def test_the_gravest_comes_first(make_dataset):
    """Urgent before attention before notes."""
    entries = {**colours(20, 2), "red/copy.jpg": colours(1, 0)["red/0.jpg"], "red/x.jpg": b"?"}
    order = [problem.severity for problem in class_checks.find_problems(make_dataset(entries))]
    assert len(set(order)) == 3
    assert order == sorted(order, key=["urgent", "attention", "note"].index)


def test_unequal_classes_can_be_sampled_down(make_dataset):
    """To a number the person sets; the smallest class is offered."""
    made = make_dataset(colours(60, 20))
    remedy = problems_of(made)["imbalance"].remedies[0]
    assert remedy.number == ("Photos a class", 3, 60, 20)
    after = mended(made, "imbalance", "Sample down", 20)
    assert after.counts.sum(axis=1).tolist() == [20, 20]
    assert "imbalance" not in problems_of(after)


def test_the_ways_to_balance_are_the_two_that_are_not_set(make_dataset):
    """What holds now is in the sentence, the others are buttons."""
    made = make_dataset(colours(60, 20))
    labels = [remedy.label for remedy in problems_of(made)["imbalance"].remedies]
    assert labels == ["Sample down", "Show rare classes more often", "Leave it as it is"]
    after = mended(made, "imbalance", "Show rare")
    problem = problems_of(after)["imbalance"]
    assert "rare classes are shown more often" in problem.sentence
    assert "Let rare classes count more" in {remedy.label for remedy in problem.remedies}


def test_names_that_differ_only_in_capitals_or_spaces_can_be_merged(make_dataset):
    """`Red cat`, `red_cat` and `RED CAT` are probably one class; the largest name wins."""
    entries = {
        f"{name}/{i}.jpg": picture(100 * k + i, (96, 96))
        for k, (name, count) in enumerate((("Red cat", 3), ("red_cat", 9), ("dog", 5)))
        for i in range(count)
    }
    made = make_dataset(entries)
    assert "'Red cat', 'red_cat' differ only" in problems_of(made)["similar names"].sentence
    after = mended(made, "similar names", "Merge 'Red cat' into 'red_cat'")
    assert after.class_names == ("dog", "red_cat")
    assert "similar names" not in problems_of(after)


def test_classes_of_signs_only_are_not_alike(make_dataset):
    """`-` and `_` are two names."""
    made = make_dataset({f"{n}/{i}.jpg": picture(i + ord(n)) for n in "-_" for i in (0, 100, 200)})
    assert "similar names" not in problems_of(made)


def test_a_missing_side_is_mended_by_dividing_anew(make_dataset):
    """Afterwards every class is on every side."""
    entries = {f"train/{name}": data for name, data in colours(20, 20).items()}
    entries |= {f"test/red/t{i}.jpg": picture(900 + i, (96, 96), tint=0) for i in range(3)}
    after = mended(make_dataset(entries), "missing side", "Divide anew")
    assert (after.counts > 0).all()
    assert "missing side" not in problems_of(after)


def test_leaving_photos_out_never_invents_a_class(make_dataset):
    """A class whose photos are all left out has no problem any more."""
    made = make_dataset(colours(20, 2))
    after = remedies.drop(made, ["blue"]).dataset
    assert "too few to train" not in problems_of(after)
