"""Figures about scores: whether they can be believed, and how well they sort.

Drawn with Matplotlib like those of `reports/figures.py`.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from imgclf_core.charts.style import LIGHT
from imgclf_core.metrics.ranking import Curve
from imgclf_core.reports import drawing
from imgclf_core.reports.report_data import Gathered

# Curves of more classes are quiet, and only the worst few are named.
MOST_NAMED_CURVES, _MOST_CURVES, _POINTS_A_CURVE = 4, 60, 150
_DASHES = ("-", "--", ":", "-.")


def reliability(gathered: Gathered) -> Figure:
    """How often answers are right by how sure they were; and what a threshold leaves."""
    figure, (left, right) = drawing.panels(2, 3.6)
    after, before = gathered.after, gathered.before
    middles, width = (after.edges[:-1] + after.edges[1:]) / 2, np.diff(after.edges)
    left.bar(
        middles,
        np.nan_to_num(after.accuracy),
        width * 0.92,
        color=LIGHT.sides["test"],
        label="share right",
    )
    for middle, count in zip(middles, after.counts, strict=True):
        if count:
            left.text(middle, 1.06, f"{count:,}", ha="center", fontsize=8)
    left.plot([0, 1], [0, 1], "--", color=LIGHT.quiet, label="as sure as right")
    if gathered.result.calibration.temperature != 1.0:
        left.plot(
            before.confidence,
            before.accuracy,
            "o",
            color=LIGHT.runs[1],
            markersize=6,
            label="before temperature scaling",
            clip_on=False,
        )
    left.set_title("Right, by how sure")
    left.set_xlabel("score of the guess")
    _unit_axes(left, top=1.12)
    _coverage(right, gathered)
    for axes in (left, right):
        axes.legend(
            loc="upper center",
            bbox_to_anchor=(0.5, -0.2),
            fontsize=8.5,
            ncols=3,
            columnspacing=1.2,
            handlelength=1.6,
        )
    return figure


def ranking(gathered: Gathered) -> Figure:
    """ROC and precision-recall curves; of many classes only the worst are named."""
    figure, both = drawing.panels(2, 4.2)
    titles = ("ROC", "Precision and recall")
    axis_names = (
        ("other photos found by mistake", "share of the class found"),
        ("share of the class found", "share of these that is right"),
    )
    for i, (axes, title, (x, y)) in enumerate(zip(both, titles, axis_names, strict=True)):
        _curves(axes, [pair[i] for pair in gathered.rankings], gathered.names, steps=i == 1)
        axes.set_title(title)
        axes.set_xlabel(x)
        axes.set_ylabel(y)
        _unit_axes(axes)
    return figure


def _curves(axes: Axes, curves: list[Curve], names: tuple[str, ...], steps: bool) -> None:
    known = [k for k, curve in enumerate(curves) if not np.isnan(curve.area)]
    worst = sorted(known, key=lambda k: curves[k].area)
    if len(known) > MOST_NAMED_CURVES:
        for k in worst[MOST_NAMED_CURVES:][:_MOST_CURVES]:
            _line(axes, curves[k], steps, color=LIGHT.quiet, linewidth=0.8, alpha=0.5)
    named = worst[:MOST_NAMED_CURVES]
    if len(known) <= MOST_NAMED_CURVES:
        named = known
    for k, colour, dash in zip(named, LIGHT.runs, _DASHES, strict=False):
        _line(axes, curves[k], steps, color=colour, linestyle=dash, label=f"{k}")
    if not named:
        return
    legend = axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), fontsize=9, ncols=2)
    # Set afterwards, for a label that begins with "_" would be hidden.
    for text, k in zip(legend.get_texts(), named, strict=True):
        text.set_text(f"{drawing.short([names[k]])[0]}  {curves[k].area:.3f}")


def _line(axes: Axes, curve: Curve, steps: bool, **look) -> None:
    points = np.arange(len(curve.x))
    if len(points) > _POINTS_A_CURVE:
        points = np.unique(np.linspace(0, len(points) - 1, _POINTS_A_CURVE).astype(int))
    style = {"drawstyle": "steps-pre"} if steps else {}
    axes.plot(curve.x[points], curve.y[points], clip_on=False, **style, **look)


def _coverage(axes: Axes, gathered: Gathered) -> None:
    thresholds = [one.threshold for one in gathered.coverage]
    answered = [one.coverage for one in gathered.coverage]
    right = [np.nan if one.accuracy is None else one.accuracy for one in gathered.coverage]
    axes.plot(thresholds, right, color=LIGHT.runs[0], label="right, of those answered")
    axes.plot(thresholds, answered, "--", color=LIGHT.runs[1], label="answered")
    chosen = gathered.result.calibration.threshold
    if chosen:
        axes.axvline(chosen, color=LIGHT.quiet, linestyle=":", label="chosen")
    axes.set_title("Answering only when sure")
    axes.set_xlabel("least score of an answer")
    _unit_axes(axes, top=1.12)


def _unit_axes(axes: Axes, top: float = 1.02) -> None:
    axes.set_xlim(0, 1)
    axes.set_ylim(0, top)
    ticks = np.linspace(0, 1, 6)
    axes.set_xticks(ticks)
    axes.set_yticks(ticks)
    drawing.percent(axes.xaxis)
    drawing.percent(axes.yaxis)
