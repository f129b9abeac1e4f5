"""Scores of one photo as figures: of each class, and before and after the photo was changed."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from imgclf_core.charts.style import axis_labels, framed, palette

_MOST = 6  # classes


def score_bars(
    scores: np.ndarray, class_names: Sequence[str], dark: bool = False, most: int = 8
) -> go.Figure:
    """One bar a class, highest score first; the guess in the accent colour.

    Args:
        scores: float (K,), summing to 1.
        class_names: K names.
        dark: Whether the background is dark.
        most: Bars shown.
    """
    order = np.argsort(-scores, kind="stable")[:most]
    names = axis_labels([class_names[k] for k in order])
    colours = palette(dark)
    figure = go.Figure(
        go.Bar(
            x=scores[order],
            y=names,
            orientation="h",
            marker_color=[colours.accent] + [colours.quiet] * (len(order) - 1),
            text=[f"{scores[k]:.1%}" for k in order],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.3f}<extra></extra>",
        )
    )
    figure.update_yaxes(type="category", autorange="reversed", automargin=True)
    figure.update_xaxes(range=[0, 1.12], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
    figure.update_layout(height=60 + 36 * len(order), bargap=0.35)
    return framed(figure, dark, legend=False)


def before_and_after(
    before: np.ndarray, after: np.ndarray, class_names: Sequence[str], dark: bool = False
) -> go.Figure:
    """Two bars a class, the classes with the highest scores of either first.

    Args:
        before, after: float (K,), summing to 1.
        class_names: K names.
        dark: Whether the background is dark.
    """
    order = np.argsort(-np.maximum(before, after), kind="stable")[:_MOST]
    names, colours = axis_labels([class_names[k] for k in order]), palette(dark)
    figure = go.Figure()
    for title, scores, colour in (
        ("before", before, colours.quiet),
        ("after", after, colours.accent),
    ):
        figure.add_bar(
            x=scores[order],
            y=names,
            name=title,
            orientation="h",
            marker_color=colour,
            text=[f"{scores[k]:.1%}" for k in order],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.3f} " + title + "<extra></extra>",
        )
    figure.update_yaxes(type="category", autorange="reversed", automargin=True)
    figure.update_xaxes(range=[0, 1.12], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
    figure.update_layout(barmode="group", height=100 + 52 * len(order), bargap=0.3)
    return framed(figure, dark)
