"""Charts of how sure a model is: reliability, coverage, scores of a class.

What they show is computed in `metrics/reliability.py`; how all charts look is in
`charts/style.py`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from imgclf_core.charts.style import framed, palette
from imgclf_core.datasets.split import VALIDATION
from imgclf_core.metrics.reliability import BINS, Answered, Reliability
from imgclf_core.support import safe_text


def reliability_diagram(after: Reliability, before: Reliability, dark: bool = False) -> go.Figure:
    """Share right over how sure, as bars with a click each; the dashed line is perfect.

    Args:
        after: With temperature scaling; the bars.
        before: Without; small circles.
        dark: Whether the background is dark.
    """
    colours, centres = palette(dark), (after.edges[:-1] + after.edges[1:]) / 2
    figure = go.Figure()
    figure.add_bar(
        x=centres,
        y=np.nan_to_num(after.accuracy),
        width=0.088,
        name="right, of those so sure",
        marker_color=colours.accent,
        # Of an array a click would tell something else than of a list.
        customdata=[[k, int(n)] for k, n in enumerate(after.counts)],
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 0.55}},
        hovertemplate="%{y:.0%} right of %{customdata[1]} photos<extra></extra>",
    )
    full = before.counts > 0
    figure.add_scatter(
        x=before.confidence[full],
        y=before.accuracy[full],
        mode="markers",
        name="before scaling",
        marker={
            "symbol": "circle-open",
            "size": 9,
            "color": colours.sides[VALIDATION],
            "line": {"width": 2},
        },
        hovertemplate="before: %{x:.0%} sure, %{y:.0%} right<extra></extra>",
    )
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name="as sure as right",
        line={"color": colours.quiet, "dash": "dash", "width": 2},
        hoverinfo="skip",
    )
    figure.update_xaxes(title="how sure (score of the guess)", range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(title="share right", range=[0, 1.05], tickformat=".0%")
    figure.update_layout(height=340, clickmode="event+select")
    return framed(figure, dark)


def coverage(
    curves: Mapping[str, Sequence[Answered]], threshold: float, dark: bool = False
) -> go.Figure:
    """Share answered and share right of the answers, over the least score of an answer.

    Args:
        curves: Name of a side to its curve, see `metrics.reliability.coverage`.
        threshold: Chosen; a vertical line.
        dark: Whether the background is dark.
    """
    figure, colours = go.Figure(), palette(dark)
    for side, curve in curves.items():
        dash = "dash" if side == VALIDATION else "solid"
        for words, values, colour in (
            ("answered", [one.coverage for one in curve], colours.quiet),
            ("right, of these", [one.accuracy for one in curve], colours.sides[side]),
        ):
            figure.add_scatter(
                x=[one.threshold for one in curve],
                y=values,
                mode="lines",
                name=safe_text.chart_text(f"{words} ({side})"),
                line={"color": colour, "dash": dash, "width": 2.5},
                hovertemplate=f"{words}: %{{y:.1%}}<extra></extra>",
            )
    figure.add_vline(x=threshold, line={"color": colours.text, "width": 1.5, "dash": "dot"})
    figure.update_xaxes(title="least score of an answer", range=[0, 1], tickformat=".0%")
    figure.update_yaxes(range=[0, 1.03], tickformat=".0%")
    figure.update_layout(height=340, hovermode="x unified")
    return framed(figure, dark)


def score_bins(own: np.ndarray, others: np.ndarray, name: str, dark: bool = False) -> go.Figure:
    """How many photos got which score for a class: those of it, and the others.

    Args:
        own, others: int (BINS,), photos in each bin.
        name: Of the class.
        dark: Whether the background is dark.
    """
    figure, colours = go.Figure(), palette(dark).runs
    centres = (np.arange(BINS) + 0.5) / BINS
    series = ((safe_text.chart_text(name), own, 1), ("other classes", others, 0))
    for colour, (label, counts, is_class) in zip(colours, series, strict=False):
        figure.add_bar(
            x=centres,
            y=np.sqrt(counts),  # few mistakes would vanish beside many right answers
            name=label,
            marker_color=colour,
            customdata=[[k, is_class, int(count)] for k, count in enumerate(counts)],
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 0.55}},
            hovertemplate="%{customdata[2]} photos<extra>%{fullData.name}</extra>",
        )
    most = max(int(own.max()), int(others.max()))
    named = [0, *(v for v in (1, 5, 20, 100, 500, 2_000, 10_000, 50_000) if v <= most)]
    figure.update_xaxes(title="score of this class", range=[0, 1], tickformat=".0%")
    figure.update_yaxes(title="photos", tickvals=np.sqrt(named), ticktext=[f"{v:,}" for v in named])
    figure.update_layout(height=300, barmode="group", bargap=0.15, clickmode="event+select")
    return framed(figure, dark)
