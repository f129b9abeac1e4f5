"""How all charts look: colours, the frame around them, names on their axes.

One palette, after Okabe and Ito (2008), safe for colour-blind eyes: training is blue, validation
orange and dashed, test light blue. On white the pale tones are darkened and on black the dark
ones lightened, so that every line has a contrast of at least 3 to 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from imgclf_core.datasets.split import TEST, TRAINING, VALIDATION
from imgclf_core.support import safe_text


@dataclass(frozen=True)
class Palette:
    """Colours on one kind of background."""

    sides: Mapping[str, str]
    runs: tuple[str, ...]
    groups: tuple[str, ...]
    accent: str
    quiet: str
    empty_cell: str
    full_cell: str
    text: str
    grid: str


LIGHT = Palette(
    sides={TRAINING: "#0072B2", VALIDATION: "#B5700A", TEST: "#3D97CC"},
    runs=("#0072B2", "#B5700A", "#007A5A", "#A8557F"),
    groups=("#0072B2", "#B5700A", "#007A5A", "#A8557F", "#3D97CC", "#C24E00", "#857F00", "#6C6C6C"),
    accent="#0072B2",
    quiet="#9AA7AE",
    empty_cell="#F1F5F8",
    full_cell="#08467A",
    text="#1E2A32",
    grid="#E2E5E1",
)
DARK = Palette(
    sides={TRAINING: "#4FA3DC", VALIDATION: "#E69F00", TEST: "#A5D8F3"},
    runs=("#4FA3DC", "#E69F00", "#2CBF94", "#DD9BC0"),
    groups=("#4FA3DC", "#E69F00", "#2CBF94", "#DD9BC0", "#A5D8F3", "#FF8A4C", "#F0E442", "#B8B8B8"),
    accent="#4FB3DD",
    quiet="#5E6C75",
    empty_cell="#1B2A35",
    full_cell="#7CC4EE",
    text="#E6EBEE",
    grid="#2B363D",
)


def palette(dark: bool) -> Palette:
    """The palette for a dark or a light background."""
    return DARK if dark else LIGHT


def axis_labels(names: Sequence[str], longest: int = 32) -> list[str]:
    """Names for an axis, which merges what reads the same: a number keeps them apart.

    Args:
        names: As people wrote them.
        longest: Letters a name may have, so that long ones leave room for the chart.
    """
    short = [safe_text.clean(name, longest) for name in names]
    return [safe_text.chart_text(name) for name in safe_text.told_apart(short)]


def framed(figure: go.Figure, dark: bool, legend: bool = True) -> go.Figure:
    """The figure with margins, legend, colours of the theme, and no dragging."""
    colours = palette(dark)
    figure.update_layout(
        margin={"l": 8, "r": 12, "t": 36 if legend else 12, "b": 8},
        showlegend=legend,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        font={"color": colours.text},
        dragmode=False,
    )
    figure.update_xaxes(gridcolor=colours.grid, fixedrange=True)
    figure.update_yaxes(gridcolor=colours.grid, fixedrange=True)
    return figure
