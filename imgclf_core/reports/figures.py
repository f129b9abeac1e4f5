"""The figures of a report, drawn with Matplotlib; colours as in all charts.

Those about scores are in `reports/figures_scores.py`. Nothing is computed here that a person
would want to know: `reports/report_data.py` has it.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from imgclf_core.charts.style import LIGHT
from imgclf_core.datasets.split import SIDES, TRAINING, VALIDATION
from imgclf_core.reports import drawing, figures_scores
from imgclf_core.reports.report_data import Gathered

# A confusion matrix of more classes shows colours only, and names only some of its rows.
MOST_WITH_NUMBERS = 20
_SHADES = LinearSegmentedColormap.from_list("cells", [LIGHT.empty_cell, LIGHT.full_cell])


def every(gathered: Gathered) -> dict[str, Callable[[], Figure]]:
    """All figures by name, in the order of the report; they are drawn when called."""
    made = {
        "confusion_matrix": confusion_matrix,
        "per_class": per_class,
        "reliability": figures_scores.reliability,
        "ranking": figures_scores.ranking,
        "division": division,
    }
    if gathered.history:
        made["training_curves"] = training_curves
    return {name: partial(draw, gathered) for name, draw in made.items()}


def confusion_matrix(gathered: Gathered) -> Figure:
    """Squares, rows true classes and columns guesses, by share of the true class."""
    matrix, names = gathered.result.figures.confusion, drawing.short(gathered.names)
    count = len(names)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    side = float(np.clip(2.2 + 0.5 * count, 3.6, 8.5))
    figure, (axes,) = drawing.panels(1, side * 0.95, width=side * 1.15)
    # The square root lets single mistakes among many photos still be seen.
    axes.imshow(np.sqrt(shares), cmap=_SHADES, vmin=0, vmax=1, interpolation="nearest")
    if count <= MOST_WITH_NUMBERS:
        for row, column in np.ndindex(*matrix.shape):
            axes.text(
                column,
                row,
                f"{matrix[row, column]:,}",
                ha="center",
                va="center",
                fontsize=11 if count <= 8 else 8,
                color=ink(shares[row, column]),
            )
    named = list(range(0, count, -(-count // MOST_WITH_NUMBERS)))  # all, or every so many
    ticks = [names[k] for k in named]
    axes.set_xticks(named, ticks, rotation=90 if count > 4 else 0)
    axes.set_yticks(named, ticks)
    axes.set_xlabel("guess")
    axes.set_ylabel("true class")
    axes.grid(False)
    axes.spines[:].set_visible(False)
    return figure


def per_class(gathered: Gathered) -> Figure:
    """Two bars a class: precision and recall."""
    figures, names = gathered.result.figures.per_class, drawing.short(gathered.names)
    figure, (axes,) = drawing.panels(1, _bars_height(len(names), 0.42))
    places = np.arange(len(names))
    for offset, colour, word in (
        (-0.19, LIGHT.runs[0], "precision"),
        (0.19, LIGHT.runs[1], "recall"),
    ):
        values = [getattr(one, word) for one in figures]
        axes.barh(places + offset, values, 0.36, color=colour, label=word)
    _class_axis(axes, names)
    axes.set_xlim(0, 1)
    drawing.percent(axes.xaxis)
    _legend_above(figure, 2)
    return figure


def division(gathered: Gathered) -> Figure:
    """Photos of each class in training, validation and test."""
    counts, names = gathered.counts, drawing.short(gathered.names)
    figure, (axes,) = drawing.panels(1, _bars_height(len(names), 0.34))
    left = np.zeros(len(names))
    for column, side in zip(counts.T, SIDES, strict=True):
        axes.barh(
            np.arange(len(names)), column, 0.66, left=left, color=LIGHT.sides[side], label=side
        )
        left += column
    _class_axis(axes, names)
    axes.set_xlabel("photos")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    _legend_above(figure, 3)
    return figure


def training_curves(gathered: Gathered) -> Figure:
    """Right answers and loss over the epochs, training and validation, the best epoch ringed."""
    history = gathered.history
    figure, both = drawing.panels(2, 3.3)
    epochs = [record["epoch"] for record in history]
    best = [record for record in history if record.get("best")][-1:]
    for axes, metric, title in zip(
        both, ("accuracy", "loss"), ("Right answers", "Loss"), strict=True
    ):
        for side, key, dash in ((TRAINING, metric, "-"), (VALIDATION, f"val_{metric}", "--")):
            values = [record[key] for record in history]
            mark = "o" if len(history) < 25 else ""
            axes.plot(
                epochs, values, dash, color=LIGHT.sides[side], marker=mark, markersize=4, label=side
            )
        for record in best:
            axes.plot(
                record["epoch"],
                record[f"val_{metric}"],
                "o",
                markersize=11,
                fillstyle="none",
                markeredgewidth=2,
                color=LIGHT.sides[VALIDATION],
            )
        axes.set_title(title)
        axes.set_xlabel("epoch")
        axes.set_xlim(0.5, max(*epochs, 2) + 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    drawing.percent(both[0].yaxis)
    both[1].set_ylim(bottom=0)
    _legend_above(figure, 2, both[0])
    return figure


def ink(share: float) -> str:
    """Colour of a number that is read on a cell of this share of the true class."""
    return "#FFFFFF" if np.sqrt(share) > 0.5 else LIGHT.text


def cell_colour(share: float) -> str:
    """Colour of a cell that holds this share of the true class, as `#rrggbb`."""
    return to_hex(_SHADES(float(np.sqrt(share))))


def _class_axis(axes: Axes, names: list[str]) -> None:
    axes.set_yticks(np.arange(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(False, axis="y")
    if len(names) > 40:
        axes.tick_params(axis="y", labelsize=8)


def _legend_above(figure: Figure, columns: int, axes: Axes | None = None) -> None:
    handles, labels = (axes or figure.axes[0]).get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=columns)


def _bars_height(count: int, each: float) -> float:
    # Many classes get thinner bars, and more than some hundred the most that can be drawn.
    return float(np.clip(1.1 + (each if count <= 20 else 0.6 * each) * count, 2.0, 60.0))
