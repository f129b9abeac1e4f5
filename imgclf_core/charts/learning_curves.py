"""Learning curves as Plotly figures: how well classes are found after so many training photos.

What is measured is in `analysis/learning_curves/learning_curve.py`; colours and the frame are in
`charts/style.py`.
"""

import numpy as np
import plotly.graph_objects as go

from imgclf_core.analysis.learning_curves.learning_curve import Curves
from imgclf_core.charts.style import axis_labels, framed, palette

MOST_LINES = 8
# Colours repeat after four; dashes and marks keep the others apart, for any eyes.
_DASHES = ("solid", "dot")
_MARKS = ("circle", "square", "diamond", "triangle-up")
_BAND_OPACITY = 0.18


def learning_curve_figure(curves: Curves, class_name: str | None, dark: bool = False) -> go.Figure:
    """Share of the validation photos of a class that is found, over its training photos.

    Args:
        curves: Of a version.
        class_name: The class, drawn with its 95 % band; None for a line each of the classes
            that are found least often, at most eight.
        dark: Whether the background is dark.
    """
    figure = go.Figure()
    if class_name is None:
        _lines(figure, curves, dark)
    else:
        _band(figure, curves, curves.class_names.index(class_name), dark)
    figure.update_xaxes(title="training photos of the class", rangemode="tozero")
    figure.update_yaxes(title="found, percent", range=[0, 103], tickvals=[0, 25, 50, 75, 100])
    figure.update_layout(height=320)
    return framed(figure, dark, legend=class_name is None)


def hardest(curves: Curves) -> list[int]:
    """The classes of a figure of several, those found least often first, at most eight."""
    last = curves.recall.mean[-1]
    order = np.argsort(last, kind="stable")  # NaN comes last
    return [int(k) for k in order if not np.isnan(last[k])][:MOST_LINES]


def _lines(figure: go.Figure, curves: Curves, dark: bool) -> None:
    colours, labels = palette(dark).runs, axis_labels(curves.class_names)
    for i, k in enumerate(hardest(curves)):
        figure.add_scatter(
            x=curves.photos_by_class[:, k],
            y=100 * curves.recall.mean[:, k],
            name=labels[k],
            mode="lines+markers",
            line={
                "color": colours[i % len(colours)],
                "width": 2.5,
                "dash": _DASHES[i // len(colours) % len(_DASHES)],
            },
            marker={"size": 8, "symbol": _MARKS[i % len(_MARKS)]},
            # The name is no part of the template, in which it could stand for figures.
            hovertemplate="%{fullData.name}: %{y:.0f} % found after %{x} photos<extra></extra>",
        )


def _band(figure: go.Figure, curves: Curves, k: int, dark: bool) -> None:
    colour, x = palette(dark).accent, curves.photos_by_class[:, k]
    low, high = 100 * curves.recall.low[:, k], 100 * curves.recall.high[:, k]
    figure.add_scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        name="95 % band",
        fill="toself",
        fillcolor=_see_through(colour),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=x,
        y=100 * curves.recall.mean[:, k],
        name=axis_labels(curves.class_names)[k],
        customdata=np.stack([low, high], axis=1),
        mode="lines+markers",
        line={"color": colour, "width": 2.5},
        marker={"size": 8},
        hovertemplate=(
            "%{y:.0f} % found after %{x} photos<br>"
            "95 %: from %{customdata[0]:.0f} to %{customdata[1]:.0f} %<extra></extra>"
        ),
    )


def _see_through(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {_BAND_OPACITY})"
