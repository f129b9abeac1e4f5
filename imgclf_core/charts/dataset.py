"""What is in a data set as figures: photos of each class, and their sizes."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from imgclf_core.analysis.overview import PhotoSizes
from imgclf_core.charts.style import axis_labels, framed, palette
from imgclf_core.datasets.split import SIDES


def class_counts(class_names: Sequence[str], counts: np.ndarray, dark: bool = False) -> go.Figure:
    """Stacked bars: photos of each class in training, validation and test.

    Args:
        class_names: K names.
        counts: int (K, 3) in the order of `SIDES`.
        dark: Whether the background is dark.
    """
    names = axis_labels(class_names)
    figure = go.Figure()
    for i, side in enumerate(SIDES):
        figure.add_bar(
            y=names,
            x=counts[:, i],
            name=side,
            orientation="h",
            marker_color=palette(dark).sides[side],
            hovertemplate="%{y}: %{x} in " + side + "<extra></extra>",
        )
    figure.update_layout(
        barmode="stack",
        height=max(190, 90 + (34 if len(names) <= 20 else 18) * len(names)),
        bargap=0.3,
    )
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_xaxes(title="photos", rangemode="tozero")
    return framed(figure, dark)


def photo_sizes(sizes: PhotoSizes, dark: bool = False) -> go.Figure:
    """Width against height, one dot a size, larger where more photos have it."""
    figure = go.Figure(
        go.Scatter(
            x=sizes.widths,
            y=sizes.heights,
            mode="markers",
            customdata=sizes.counts,
            marker={
                "size": 6 + 4 * np.log2(sizes.counts),
                "color": palette(dark).accent,
                "opacity": 0.6,
            },
            hovertemplate="%{x} x %{y} pixels: %{customdata} photos<extra></extra>",
        )
    )
    figure.update_xaxes(title="width, pixels", rangemode="tozero")
    figure.update_yaxes(title="height, pixels", rangemode="tozero")
    figure.update_layout(height=320)
    return framed(figure, dark, legend=False)
