"""How a model errs as figures: the confusion matrix, and shares of each class.

Nothing is computed here that a person would want to know.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from imgclf_core.charts.style import axis_labels, framed, palette
from imgclf_core.support import safe_text

# A confusion matrix of more classes shows colours only, and of more still names only some rows.
MOST_CELLS_WITH_TEXT, MOST_NAMES = 20, 24
_LONGEST_TICK = 20  # letters; the hover tells the whole name
# What its squares say.
COUNTS, OF_TRUE, OF_GUESS = "photos", "share of the true class", "share of the guess"


def confusion_matrix(
    matrix: np.ndarray, class_names: Sequence[str], show: str = COUNTS, dark: bool = False
) -> go.Figure:
    """Squares, rows true and columns guessed; a click on one that has photos tells its place.

    Streamlit gets no selection from a heat map, so unseen markers lie above it.

    Args:
        matrix: int (K, K).
        class_names: K names.
        show: `photos`, `share of the true class` or `share of the guess`.
        dark: Whether the background is dark.
    """
    count, colours = len(class_names), palette(dark)
    names = axis_labels(class_names, safe_text.LONGEST_LABEL)
    totals = matrix.sum(axis=0 if show == OF_GUESS else 1, keepdims=True)
    shares = matrix / np.maximum(totals, 1)
    rows, columns = np.nonzero(matrix)
    texts = np.full(matrix.shape, "", dtype=object)
    for r, c in zip(rows, columns, strict=True):
        texts[r, c] = f"{matrix[r, c]:,}" if show == COUNTS else f"{shares[r, c]:.0%}"
    figure = go.Figure(
        go.Heatmap(
            # The square root lets single mistakes among many photos still be seen; whole numbers
            # to 255 keep the figure of a thousand classes small.
            z=np.rint(255 * np.sqrt(shares)).astype(np.uint8),
            zmin=0,
            zmax=255,
            colorscale=[[0, colours.empty_cell], [1, colours.full_cell]],
            showscale=False,
            hoverinfo="skip",
            xgap=2 if count <= MOST_CELLS_WITH_TEXT else 0.5,
            ygap=2 if count <= MOST_CELLS_WITH_TEXT else 0.5,
            **_texts(texts) if count <= MOST_CELLS_WITH_TEXT else {},
        )
    )
    figure.add_scatter(
        x=columns,
        y=rows,
        mode="markers",
        customdata=[[names[r], names[c], texts[r, c]] for r, c in zip(rows, columns, strict=True)],
        marker={
            "symbol": "square-open",
            "size": float(np.clip(300 / count, 5, 60)),
            "opacity": 0,
            "color": colours.runs[1],
            "line": {"width": 3},
        },
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 0}},
        hovertemplate=(
            "true %{customdata[0]}<br>guess %{customdata[1]}<br>%{customdata[2]}<extra></extra>"
        ),
    )
    named = range(0, count, -(-count // MOST_NAMES))  # all, or every so many
    short = [safe_text.chart_text(safe_text.clean(class_names[k], _LONGEST_TICK)) for k in named]
    ticks = {"tickmode": "array", "tickvals": [*named], "ticktext": short}
    edge, plain = [-0.5, count - 0.5], {"showgrid": False, "zeroline": False, "automargin": True}
    # Of many classes the names below the matrix would run into one another.
    below = ticks if count <= MOST_CELLS_WITH_TEXT else {"showticklabels": False}
    figure.update_xaxes(title="guess", range=edge, **plain, **below)
    figure.update_yaxes(title="true class", range=edge[::-1], **plain, **ticks)
    height = int(np.clip(64 * count + 130, 260, 560 if count <= MOST_CELLS_WITH_TEXT else 720))
    figure.update_layout(height=height, clickmode="event+select")
    return framed(figure, dark, legend=False)


def per_class_bars(
    names: Sequence[str], values: Mapping[str, Sequence[float]], dark: bool = False
) -> go.Figure:
    """Grouped bars of several shares a class, such as the recalls of two runs.

    Args:
        names: K class names.
        values: Series name to K shares.
        dark: Whether the background is dark.
    """
    labels = axis_labels(names)
    figure = go.Figure()
    for colour, (series, shares) in zip(palette(dark).runs, values.items(), strict=False):
        figure.add_bar(
            y=labels,
            x=list(shares),
            name=safe_text.chart_text(series),
            orientation="h",
            marker_color=colour,
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
        )
    height = 100 + (16 + 14 * len(values)) * len(labels)
    figure.update_layout(barmode="group", height=height, bargap=0.3)
    figure.update_yaxes(type="category", autorange="reversed", automargin=True)
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%")
    return framed(figure, dark)


def _texts(texts: np.ndarray) -> dict:
    """Words in the squares, for `go.Heatmap`, which picks the colour that can be read."""
    size = 15 if len(texts) <= 8 else 10
    return {"text": texts, "texttemplate": "%{text}", "textfont": {"size": size}}
