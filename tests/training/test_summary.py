"""One plain sentence on the course of a training."""

import pytest

from imgclf_core.training import summary


def history(*rows: tuple[float, float, float]) -> list[dict]:
    """Records of (loss, accuracy, validation accuracy); best where validation rises."""
    records, best = [], -1.0
    for epoch, (loss, accuracy, val_accuracy) in enumerate(rows, start=1):
        records.append(
            {
                "epoch": epoch,
                "loss": loss,
                "accuracy": accuracy,
                "val_accuracy": val_accuracy,
                "best": val_accuracy > best,
            }
        )
        best = max(best, val_accuracy)
    return records


RISING = [(1.0 - i / 20, 0.5 + i / 40, 0.5 + i / 40) for i in range(8)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "Too early to tell"),
        (RISING[:2], "Too early to tell"),
        (RISING, "Still improving"),
        ([(1, 0.5, 0.5), (1.2, 0.5, 0.5), (2, 0.4, 0.4)], "learning rate is probably too high"),
        ([*RISING, *[(0.1, 0.99, 0.6)] * 4], "by heart"),
        ([*RISING, *[(0.6, 0.7, 0.66)] * 5], "No longer improving since epoch 8"),
        ([*RISING, (0.01, 1.0, 1.0)], "As good as it gets"),
    ],
)
def test_each_course_has_its_sentence(rows, words):
    """Growing loss, learning by heart, standing still and success are told apart."""
    assert words in summary.sentence(history(*rows))


def test_a_network_that_does_not_learn_is_told():
    """Exactly the same low share of right answers, epoch after epoch."""
    assert "does not learn" in summary.sentence(history(*[(1.0, 0.4, 0.5)] * 6))


def report(confusion, stopped="", **more) -> dict:
    """The parts of a report that sentences are made of."""
    part = {"confusion_matrix": confusion, "right": 5, "n": 10}
    return {"validation": part, "stopped": stopped, "best_epoch": 4, **more}


def test_one_answer_for_all_photos_is_a_warning_with_a_remedy():
    """Unless nearly all photos are of that class."""
    (found,) = summary.warnings(report([[10, 0], [9, 1]]), ("cat", "dog"))
    assert "answers 'cat' for nearly every photo" in found
    assert "learning rate" in found
    assert not summary.warnings(report([[19, 0], [1, 0]]), ("cat", "dog"))
    assert not summary.warnings(report([[8, 2], [1, 9]]), ("cat", "dog"))


def test_a_loss_that_ran_away_is_a_warning():
    """What was good before is kept."""
    (found,) = summary.warnings(report([[5, 5], [5, 5]], "not finite"), ("cat", "dog"))
    assert "ran away after epoch 4, which was kept" in found


def test_how_it_ended_is_told():
    """By the person, by patience, and what fine-tuning cost and gained."""
    assert "Stopped by you" in summary.after(report([], "person"))[0]
    assert "no better after epoch 4" in summary.after(report([], "patience"))[0]
    before = {"val_accuracy": 0.8, "val_loss": 0.5, "seconds": 3.0}
    after = {"val_accuracy": 0.9, "val_loss": 0.3, "seconds": 61.0}
    kept = {"kept": True, "before": before, "after": after}
    assert "took 61 s more and made 10.0% more" in summary.after(report([], fine_tuning=kept))[0]
    dropped = {"kept": False, "before": after, "after": {**before, "seconds": 5.0}}
    assert "was not kept" in summary.after(report([], fine_tuning=dropped))[0]


@pytest.mark.parametrize(
    ("right", "words"), [(50, "nothing left"), (49, "can add little"), (40, "some of the 10")]
)
def test_what_training_may_add_follows_the_score(right, words):
    """Honest about how little may be left."""
    assert words in summary.what_training_may_add(right, 50)


def test_a_first_epoch_that_was_best_counts():
    """Never better than at the start is standing still."""
    rows = [(1.0, 0.6, 0.6), *[(0.9, 0.6, 0.5)] * 6]
    assert "since epoch 1" in summary.sentence(history(*rows))
