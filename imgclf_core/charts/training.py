"""Curves of trainings as Plotly figures.

Colours and the frame around every chart are in `charts/style.py`; other charts in
`charts/confusion.py`.
"""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from imgclf_core.charts.style import framed, palette
from imgclf_core.datasets.split import TRAINING, VALIDATION
from imgclf_core.support import safe_text

_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def training_curves(
    history: Sequence[Mapping], metric: str, dark: bool = False, epochs: int = 0
) -> go.Figure:
    """One measure over the epochs, training and validation, the best epoch marked.

    Args:
        history: Records of `run_store.history`.
        metric: `accuracy` or `loss`.
        dark: Whether the background is dark.
        epochs: Planned epochs, so that a growing curve keeps its scale.
    """
    colours = palette(dark).sides
    x = [record["epoch"] for record in history]
    figure = go.Figure()
    for side, key, dash in ((TRAINING, metric, "solid"), (VALIDATION, f"val_{metric}", "dash")):
        figure.add_scatter(
            x=x,
            y=[record[key] for record in history],
            name=side,
            mode="lines+markers" if len(x) < 25 else "lines",
            line={"color": colours[side], "width": 2.5, "dash": dash},
            marker={"size": 5},
            hovertemplate=f"epoch %{{x}}: %{{y:.3f}} in {side}<extra></extra>",
        )
    best = [record for record in history if record.get("best")]
    if best:
        figure.add_scatter(
            x=[best[-1]["epoch"]],
            y=[best[-1][f"val_{metric}"]],
            name="best epoch",
            showlegend=False,
            mode="markers",
            marker={
                "size": 13,
                "symbol": "circle-open",
                "color": colours[VALIDATION],
                "line": {"width": 2.5},
            },
            hovertemplate="best epoch: %{x}<extra></extra>",
        )
    figure.update_layout(height=290, uirevision="keep")
    last = max([epochs, *x, 2])
    # Whole epochs only, and at most eight of them named.
    figure.update_xaxes(
        title="epoch", range=[0.5, last + 0.5], dtick=max(1, -(-last // 8)), tick0=0
    )
    if metric == "accuracy":
        figure.update_yaxes(tickformat=".0%")
    else:
        figure.update_yaxes(rangemode="tozero")
    return framed(figure, dark)


def runs_together(
    histories: Mapping[str, Sequence[Mapping]],
    metric: str,
    dark: bool = False,
    level: tuple[str, float] | None = None,
) -> go.Figure:
    """One measure on the validation photos over the epochs, one line a run.

    Args:
        histories: Name of the run to records of `run_store.history`.
        metric: `accuracy` or `loss`.
        dark: Whether the background is dark.
        level: Name and value of a run without epochs, drawn as a level line.
    """
    figure, colours = go.Figure(), palette(dark).runs
    if level is not None:
        last = max((len(history) for history in histories.values()), default=2)
        figure.add_scatter(
            x=[1, last],
            y=[level[1]] * 2,
            name=safe_text.chart_text(level[0]),
            mode="lines",
            line={"color": palette(dark).quiet, "width": 2, "dash": "dot"},
            hovertemplate="%{y:.3f}<extra>%{fullData.name}</extra>",
        )
    for i, (name, history) in enumerate(histories.items()):
        figure.add_scatter(
            x=[record["epoch"] for record in history],
            y=[record[f"val_{metric}"] for record in history],
            name=safe_text.chart_text(name),
            mode="lines+markers" if len(history) == 1 else "lines",
            line={
                "color": colours[i % len(colours)],
                "width": 2.5,
                "dash": _DASHES[i % len(_DASHES)],
            },
            hovertemplate="epoch %{x}: %{y:.3f}<extra>%{fullData.name}</extra>",
        )
    figure.update_xaxes(title="epoch")
    figure.update_yaxes(tickformat=".0%" if metric == "accuracy" else None)
    figure.update_layout(height=300)
    return framed(figure, dark)
