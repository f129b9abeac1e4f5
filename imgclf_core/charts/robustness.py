"""Charts of "Is it looking at the right thing?": accuracy for changed photos, and by clues alone.

What they show is computed in `analysis/robustness/robustness_job.py` and
`analysis/robustness/metadata_probe.py`; how all charts look is in `charts/style.py`.
"""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from imgclf_core.analysis.robustness.metadata_probe import Appearance, Clue
from imgclf_core.analysis.robustness.robustness_results import Shortcuts, Variation
from imgclf_core.charts.style import framed, palette

_BAR_HEIGHT, _HEIGHT = 30, 110


def variations(found: Shortcuts, dark: bool = False) -> go.Figure:
    """One bar a variation, the plain answers first; lines for these and for the largest class.

    A click on a bar tells its index in `Shortcuts.variations`, as the first of its customdata.

    Args:
        found: Answers of a run.
        dark: Whether the background is dark.
    """
    colours, bars = palette(dark), found.variations
    figure = _bars(
        bars,
        [one.name for one in bars],
        [colours.quiet, colours.runs[1], colours.runs[1], *[colours.accent] * (len(bars) - 3)],
        [
            [i, one.right, one.n, len(one.newly_wrong), len(one.newly_right)]
            for i, one in enumerate(bars)
        ],
        "%{y}: %{customdata[1]} of %{customdata[2]} right<br>newly wrong %{customdata[3]}, "
        "newly right %{customdata[4]}<extra></extra>",
        colours.text,
    )
    _line(figure, found.plain.accuracy, "plain", colours.text, "solid")
    _line(figure, found.baseline, "always the largest class", colours.text, "dash")
    return _finished(figure, len(bars), "share right", dark)


def clue_bars(table: Appearance, dark: bool = False) -> go.Figure:
    """One bar a clue, everything together first; a line for always guessing the largest class.

    A click on a bar tells its index in `Appearance.clues`, as the first of its customdata. Clues
    that no photo has are left out.

    Args:
        table: Guesses without looking.
        dark: Whether the background is dark.
    """
    colours = palette(dark)
    shown = [(i, clue) for i, clue in enumerate(table.clues) if clue.n]
    figure = _bars(
        [clue for _, clue in shown],
        [clue.name for _, clue in shown],
        [colours.accent if i else colours.quiet for i, _ in shown],
        [[i, clue.right, clue.n] for i, clue in shown],
        "%{y}: %{customdata[1]} of %{customdata[2]} right<extra></extra>",
        colours.text,
    )
    if shown:
        _line(figure, shown[0][1].baseline, "always the largest class", colours.text, "dash")
    return _finished(figure, len(shown), "share guessed without looking", dark)


def _bars(
    results: Sequence[Variation | Clue],
    names: list[str],
    bar_colours: list[str],
    customdata: list[list[int]],
    hover: str,
    whiskers: str,
) -> go.Figure:
    accuracy = np.array([one.accuracy for one in results])
    bounds = np.array([one.interval for one in results]).reshape(-1, 2)
    return go.Figure(
        go.Bar(
            x=accuracy,
            y=names,
            orientation="h",
            marker_color=bar_colours,
            customdata=customdata,
            error_x={
                "type": "data",
                "symmetric": False,
                "array": np.maximum(bounds[:, 1] - accuracy, 0),
                "arrayminus": np.maximum(accuracy - bounds[:, 0], 0),
                "color": whiskers,
                "thickness": 1.5,
                "width": 4,
            },
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 0.55}},
            hovertemplate=hover,
            showlegend=False,
        )
    )


def _line(figure: go.Figure, at: float, name: str, colour: str, dash: str) -> None:
    """A line from top to bottom; its name is in the legend, where it covers no bar."""
    figure.add_vline(x=at, line={"color": colour, "width": 1.5, "dash": dash})
    figure.add_scatter(
        x=[None],
        y=[None],
        mode="lines",
        name=name,
        hoverinfo="skip",
        line={"color": colour, "width": 1.5, "dash": dash},
    )


def _finished(figure: go.Figure, bars: int, title: str, dark: bool) -> go.Figure:
    figure.update_yaxes(type="category", autorange="reversed", automargin=True)
    figure.update_xaxes(title=title, range=[0, 1.02], tickformat=".0%")
    figure.update_layout(height=_HEIGHT + _BAR_HEIGHT * bars, bargap=0.3, clickmode="event+select")
    return framed(figure, dark)
