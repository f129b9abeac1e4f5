"""Three scores are shown apart when the test set was corrected."""

import numpy as np

from imgclf_core.analysis import relabelled, results
from imgclf_core.runs.predictions import Predictions
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings


def result(tmp_path, names, labels, guesses, class_names=("a", "b")):
    """Answers of a run for test photos called by letters."""
    files = np.array(list(names))
    scores = np.eye(len(class_names), dtype=np.float32)[guesses]
    run = Run(tmp_path, "run", 0.0, tmp_path, "set", TrainingSettings(), class_names)
    answers = Predictions(files, files, np.array(labels), np.full(len(files), "test"), scores)
    return results.of_answers(run, "test", answers)


def test_the_same_labels_for_both_and_the_corrected_ones_apart(tmp_path):
    """Photo r was filed wrongly: the new model loses by the old label and wins by the new one."""
    old = result(tmp_path, "pqr", [0, 1, 0], [0, 0, 0])
    new = result(tmp_path, "pqr", [0, 1, 1], [0, 1, 1])

    found = relabelled.compare(old, new)

    assert (found.old.right, found.new_same_labels.right, found.new_corrected.right) == (2, 2, 3)
    assert found.corrected == (("r", "r", "a", "b"),)
    assert (found.change.mended.tolist(), found.change.broken.tolist()) == ([1], [2])
    assert (found.gone, found.added, found.unanswered) == ((), 0, 0)


def test_photos_left_out_are_asked_all_the_same(tmp_path):
    """Leaving a hard photo out of the test must not make the new model look better."""
    old = result(tmp_path, "pqr", [0, 1, 0], [0, 1, 1])
    new = result(tmp_path, "pqs", [0, 1, 0], [0, 1, 0])

    found = relabelled.compare(old, new, ask=lambda file, name: "b")

    assert (found.old.right, found.new_same_labels.right, found.old.n) == (2, 2, 3)
    assert (found.gone, found.added) == (("r",), 1)


def test_photos_that_are_gone_count_for_neither(tmp_path):
    """Both models are judged by the photos that both could be asked about."""
    old = result(tmp_path, "pqr", [0, 1, 0], [0, 1, 0])
    new = result(tmp_path, "pq", [0, 1], [0, 1])

    found = relabelled.compare(old, new)

    assert (found.old.n, found.new_same_labels.n, found.unanswered) == (2, 2, 1)


def test_a_renamed_class_is_the_same_class(tmp_path):
    """Its photos are no corrections, and the new name is right where the old one was."""
    old = result(tmp_path, "pqr", [0, 1, 0], [0, 1, 1])
    new = result(tmp_path, "pqr", [0, 1, 0], [0, 1, 0], ("z", "b"))

    found = relabelled.compare(old, new)

    assert (found.old.right, found.new_same_labels.right, found.corrected) == (2, 3, ())
    assert found.change.mended.tolist() == [2]


def test_photos_of_merged_classes_count_for_neither(tmp_path):
    """To tell apart fewer classes is another task, and an easier one."""
    old = result(tmp_path, "pqr", [0, 1, 2], [1, 0, 2], ("a", "b", "c"))
    new = result(tmp_path, "pqr", [0, 0, 1], [0, 0, 1], ("ab", "c"))

    found = relabelled.compare(old, new)

    assert (found.old.n, found.old.right, found.new_same_labels.right) == (1, 1, 1)
    assert (found.unanswered, len(found.change.mended)) == (2, 0)


def test_classes_are_matched_by_name(tmp_path):
    """A new class changes all numbers, and means nothing."""
    old = result(tmp_path, "pq", [0, 1], [0, 1])
    new = result(tmp_path, "pq", [1, 2], [1, 2], ("0", "a", "b"))

    found = relabelled.compare(old, new)

    assert (found.old.right, found.new_same_labels.right, found.corrected) == (2, 2, ())
