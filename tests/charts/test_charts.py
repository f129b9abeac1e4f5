"""Figures show what they are given, in plain letters and readable colours."""

import numpy as np
import pytest

from imgclf_core.charts import style
from imgclf_core.charts.confusion import OF_GUESS, OF_TRUE, confusion_matrix, per_class_bars
from imgclf_core.charts.dataset import class_counts
from imgclf_core.charts.scores import score_bars
from imgclf_core.charts.training import runs_together, training_curves
from imgclf_core.datasets.split import SIDES

HOSTILE = "<b>001</b> & %{x}"
HISTORY = [
    {"epoch": 1, "loss": 1.0, "accuracy": 0.5, "val_loss": 0.9, "val_accuracy": 0.6, "best": True},
    {"epoch": 2, "loss": 0.5, "accuracy": 0.8, "val_loss": 0.7, "val_accuracy": 0.7, "best": True},
    {"epoch": 3, "loss": 0.4, "accuracy": 0.9, "val_loss": 0.8, "val_accuracy": 0.7, "best": False},
]


def contrast(one: str, two: str) -> float:
    """Contrast of two colours after WCAG 2, 1 to 21."""
    lights = []
    for code in (one, two):
        values = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
        lights.append(float(np.dot(linear, [0.2126, 0.7152, 0.0722])))
    low, high = sorted(lights)
    return (high + 0.05) / (low + 0.05)


def figures(dark: bool = False) -> dict:
    """One figure of every kind, with a hostile class name."""
    names = [HOSTILE, "2020-01-01"]
    return {
        "counts": class_counts(names, np.array([[7, 2, 1], [3, 1, 1]]), dark),
        "curves": training_curves(HISTORY, "loss", dark),
        "together": runs_together({HOSTILE: HISTORY}, "accuracy", dark, (HOSTILE, 0.5)),
        "matrix": confusion_matrix(np.array([[3, 1], [0, 4]]), names, dark=dark),
        "bars": score_bars(np.array([0.25, 0.75]), names, dark),
        "classes": per_class_bars(names, {HOSTILE: [0.5, 1.0], "run 2": [0.6, 0.9]}, dark),
    }


@pytest.mark.parametrize("kind", ["counts", "curves", "together", "matrix", "bars", "classes"])
@pytest.mark.parametrize("dark", [False, True])
def test_no_figure_speaks_html_of_a_class_name(kind, dark):
    """Tags of strangers are written out and never drawn."""
    text = figures(dark)[kind].to_json()
    assert "<b>" not in text
    assert "\\u003cb\\u003e" not in text


@pytest.mark.parametrize(("dark", "ground"), [(False, "#FFFFFF"), (True, "#0E1117")])
def test_every_line_can_be_seen(dark, ground):
    """All lines and bars have a contrast of at least 3 to 1 on their background."""
    colours = style.palette(dark)
    for code in (*colours.sides.values(), *colours.runs, colours.accent):
        assert contrast(code, ground) >= 3, code


def test_class_counts_stack_the_three_sides():
    """Each side is a series with the counts of its column."""
    figure = figures()["counts"]
    assert [trace.name for trace in figure.data] == list(SIDES)
    assert [list(trace.x) for trace in figure.data] == [[7, 3], [2, 1], [1, 1]]
    assert figure.layout.barmode == "stack"


def test_class_names_stay_names():
    """A class called 2020-01-01 is not drawn as a date."""
    for kind in ("counts", "bars", "classes"):
        assert figures()[kind].layout.yaxis.type == "category"


@pytest.mark.parametrize("metric", ["loss", "accuracy"])
def test_curves_show_both_sides_and_the_best_epoch(metric):
    """Training, validation, and a ring around the last epoch that was best."""
    training, validation, best = training_curves(HISTORY, metric).data
    assert list(training.y) == [record[metric] for record in HISTORY]
    assert list(validation.y) == [record[f"val_{metric}"] for record in HISTORY]
    assert (list(best.x), list(best.y)) == ([2], [HISTORY[1][f"val_{metric}"]])


def test_curves_leave_room_for_the_epochs_to_come():
    """A growing curve keeps its scale."""
    figure = training_curves(HISTORY[:1], "loss", epochs=20)
    assert list(figure.layout.xaxis.range) == [0.5, 20.5]


def test_curves_can_be_drawn_before_the_first_epoch():
    """No history is an empty figure and no error."""
    assert [len(trace.x) for trace in training_curves([], "loss").data] == [0, 0]


def test_matrix_squares_carry_row_column_and_count():
    """The square at (guess, true) holds the count of that cell."""
    figure = confusion_matrix(np.array([[3, 1], [0, 4]]), ["cat", "dog"])
    squares, trace = figure.data
    assert squares.text.tolist() == [["3", "1"], ["", "4"]]  # where there are no photos, no text
    assert list(trace.customdata[1]) == ["cat", "dog", "1"]
    assert len(trace.x) == 3


@pytest.mark.parametrize(
    ("show", "texts"), [(OF_TRUE, ["75%", "25%"]), (OF_GUESS, ["100%", "100%"])]
)
def test_matrix_shares_are_of_the_true_class_or_of_the_guess(show, texts):
    """Each row, or each column, adds up to 100 %; a class without photos divides nothing by 0."""
    figure = confusion_matrix(np.array([[3, 1], [0, 0]]), ["cat", "dog"], show)
    assert figure.data[0].text[0].tolist() == texts


def test_a_matrix_of_many_classes_shows_colours_and_names_some_rows():
    """Texts and names would run into each other; a hover still tells every square."""
    names = [f"class {k}" for k in range(120)]
    figure = confusion_matrix(np.eye(120, dtype=int), names)
    assert figure.data[0].text is None
    assert len(figure.layout.yaxis.ticktext) == 24
    assert figure.layout.xaxis.showticklabels is False
    assert len(figure.data[1].customdata) == 120


def test_score_bars_begin_with_the_guess():
    """Highest first, no more than asked for, the guess in the accent colour."""
    trace = score_bars(np.array([0.1, 0.6, 0.3]), ["a", "b", "c"], most=2).data[0]
    assert list(trace.y) == ["b", "c"]
    assert list(trace.marker.color) == [style.LIGHT.accent, style.LIGHT.quiet]
