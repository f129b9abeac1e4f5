"""Charts of changed photos: every bar knows which result it stands for."""

import json

import pytest

from imgclf_core.analysis.robustness import metadata_probe, perturbations
from imgclf_core.analysis.robustness.metadata_probe import Appearance
from imgclf_core.charts.robustness import clue_bars, variations
from tests.analysis.robustness.test_interpretation import clue, shortcuts


@pytest.mark.parametrize("dark", [False, True])
def test_a_bar_for_each_variation(dark):
    """In their order, with whiskers that are the interval and an index for a click."""
    found = shortcuts(darker=40)

    figure = variations(found, dark)

    bars = figure.data[0]
    assert list(bars.y) == list(perturbations.NAMES)
    assert [row[0] for row in bars.customdata] == list(range(len(found.variations)))
    for i, one in enumerate(found.variations):
        low, high = one.interval
        assert bars.x[i] == pytest.approx(one.accuracy)
        assert bars.x[i] - bars.error_x.arrayminus[i] == pytest.approx(low)
        assert bars.x[i] + bars.error_x.array[i] == pytest.approx(high)
    assert [line.x0 for line in figure.layout.shapes] == [found.plain.accuracy, found.baseline]
    assert figure.layout.clickmode == "event+select"
    json.loads(figure.to_json())


@pytest.mark.parametrize("dark", [False, True])
def test_clues_nobody_has_are_left_out(dark):
    """The others keep their index."""
    clues = (
        clue(metadata_probe.EVERYTHING, 90, 100),
        clue(metadata_probe.DATE, 0, 0, known=0),
        clue(metadata_probe.COLOUR, 80, 100),
    )

    figure = clue_bars(Appearance([], clues), dark)

    assert list(figure.data[0].y) == [metadata_probe.EVERYTHING, metadata_probe.COLOUR]
    assert [row[0] for row in figure.data[0].customdata] == [0, 2]
    assert figure.layout.shapes[0].x0 == 0.5


def test_no_clue_at_all_is_an_empty_chart():
    """Too few photos for any guess."""
    figure = clue_bars(Appearance([], (clue(metadata_probe.SIZE, 0, 0, known=0),)))

    assert len(figure.data[0].y) == 0
