"""One plain sentence on the course of a training."""

import pytest

from imgclf_core.training import curves


def history(*rows: tuple[float, float, float]) -> list[dict]:
    """Records of (loss, accuracy, validation accuracy); best where validation rises."""
    records, best = [], -1.0
    for epoch, (loss, accuracy, val_accuracy) in enumerate(rows, start=1):
        records.append(
            {"epoch": epoch, "loss": loss, "accuracy": accuracy, "val_accuracy": val_accuracy,
             "best": val_accuracy > best}
        )  # fmt: skip
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
    assert words in curves.sentence(history(*rows))


def test_a_first_epoch_that_was_best_counts():
    """Never better than at the start is standing still."""
    rows = [(1.0, 0.6, 0.6), *[(0.9, 0.6, 0.5)] * 6]
    assert "since epoch 1" in curves.sentence(history(*rows))
