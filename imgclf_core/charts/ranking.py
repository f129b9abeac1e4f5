"""Curves over all thresholds, and the map of photos, as Plotly figures.

Computed in `metrics/ranking.py` and `analysis/embedding_map.py`; how all charts look is in
`charts/style.py`.
"""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from imgclf_core.charts.style import axis_labels, framed, palette
from imgclf_core.metrics.ranking import Curve
from imgclf_core.support import safe_text

# Points drawn of a curve; more cannot be told apart, and each can be clicked.
_MOST_POINTS = 120
# Classes with a colour of their own on the map; the others are grey.
MOST_COLOURED = 8
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "triangle-down")


def roc_curve(curve: Curve, name: str, dark: bool = False) -> go.Figure:
    """Share of the class found over share of the others found by mistake."""
    figure = _curve(curve, "others taken for it", "found", dark)
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        hoverinfo="skip",
        line={"color": palette(dark).quiet, "dash": "dash", "width": 1.5},
    )
    title = f"{safe_text.chart_text(name)}: ROC, area {curve.area:.3f}"
    return _titled(figure, title, dark)


def precision_recall_curve(curve: Curve, name: str, dark: bool = False) -> go.Figure:
    """Share of what is found that is right over share of the class found."""
    figure = _curve(curve, "found (recall)", "right (precision)", dark)
    title = f"{safe_text.chart_text(name)}: precision and recall, average {curve.area:.3f}"
    return _titled(figure, title, dark)


def photo_map(
    xy: np.ndarray,
    groups: np.ndarray,
    group_names: Sequence[str],
    texts: Sequence[str],
    dark: bool = False,
) -> go.Figure:
    """Photos as points, near to what they look like; a lasso or a click selects some.

    Args:
        xy: float (N, 2).
        groups: int (N,), which colour each has.
        group_names: Names of the groups, in the order of the legend.
        texts: N lines for the hover.
        dark: Whether the background is dark.
    """
    figure, colours = go.Figure(), palette(dark).groups
    labels = axis_labels(group_names)
    for group, label in enumerate(labels):
        members = np.flatnonzero(groups == group)
        own = group < MOST_COLOURED
        figure.add_scattergl(
            x=xy[members, 0],
            y=xy[members, 1],
            mode="markers",
            name=label,
            customdata=[[int(i), safe_text.chart_text(texts[i])] for i in members],
            marker={
                "size": 8,
                "opacity": 0.85,
                "color": colours[group] if own else palette(dark).quiet,
                "symbol": _SYMBOLS[group % len(_SYMBOLS)],
                "line": {"width": 0.5, "color": palette(dark).grid},
            },
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 0.25}},
            hovertemplate="%{customdata[1]}<extra>%{fullData.name}</extra>",
        )
    figure = framed(figure, dark, legend=len(labels) <= 20)
    figure.update_xaxes(visible=False, fixedrange=False)
    figure.update_yaxes(visible=False, fixedrange=False, scaleanchor="x")
    figure.update_layout(
        height=560, dragmode="lasso", clickmode="event+select", modebar={"orientation": "v"}
    )
    return figure


def _curve(curve: Curve, x_title: str, y_title: str, dark: bool) -> go.Figure:
    # Where the curve goes straight on, a point says nothing new.
    steps = np.diff(np.stack([curve.x, curve.y]), axis=1)
    straight = (steps[:, 1:] * steps[::-1, :-1]).T == (steps[:, :-1] * steps[::-1, 1:]).T
    corners = np.flatnonzero(np.concatenate([[True], ~straight[:, 0], [True]]))
    kept = corners[np.unique(np.linspace(0, len(corners) - 1, _MOST_POINTS).astype(int))]
    finite = np.where(np.isinf(curve.thresholds), 2.0, curve.thresholds)
    figure = go.Figure(
        go.Scatter(
            x=curve.x[kept],
            y=curve.y[kept],
            mode="lines+markers",
            line={"color": palette(dark).accent, "width": 2.5, "shape": "hv"},
            marker={"size": 6},
            customdata=finite[kept, None].tolist(),
            selected={"marker": {"size": 13}},
            unselected={"marker": {"opacity": 1}},
            hovertemplate=(
                f"{x_title} %{{x:.1%}}<br>{y_title} %{{y:.1%}}<br>"
                "from a score of %{customdata[0]:.3f}<extra></extra>"
            ),
        )
    )
    figure.update_xaxes(title=x_title, range=[-0.02, 1.02], tickformat=".0%")
    figure.update_yaxes(title=y_title, range=[0, 1.04], tickformat=".0%")
    return figure


def _titled(figure: go.Figure, title: str, dark: bool) -> go.Figure:
    framed(figure, dark, legend=False)
    figure.update_layout(
        height=320,
        clickmode="event+select",
        margin={"t": 34},
        title={"text": title, "font": {"size": 13}, "x": 0, "xanchor": "left"},
    )
    return figure
