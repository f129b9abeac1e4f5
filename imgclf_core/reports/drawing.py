"""Drawing with Matplotlib, without a screen, and always the same: the only way to a figure.

For the worker and the command line; pages never import this. Names of strangers are drawn as
they are: a `$` begins no formula, and letters that no font has become boxes in silence.
"""

import contextlib
import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import matplotlib
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from imgclf_core.charts.style import LIGHT

WIDTH = 9.0  # inches
DOTS_PER_INCH = 160
LONGEST_NAME = 24
# Asked for letters that the first font lacks, as far as they are installed.
_FONTS = (
    "DejaVu Sans",
    "Noto Sans",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "PingFang SC",
    "Hiragino Sans",
    "Arial Unicode MS",
    "Segoe UI Emoji",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Emoji",
    "Last Resort High-Efficiency",
)
_NOTHING_MORE = {"Date": None, "Creator": None, "Format": None, "Type": None}
_SVG_HEAD = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_SVG_WASTE = re.compile(
    r' xmlns(:xlink)?="[^"]*"| version="1\.1"| width="[^"]*pt"(?= height)| height="[^"]*pt"'
)


def svg(draw: Callable[[], Figure], salt: str) -> str:
    """An `<svg>` to be put into a page, whose letters are letters.

    Args:
        draw: Makes the figure.
        salt: Keeps its names apart from those of other figures of the page.
    """
    with _style(salt):
        buffer = io.StringIO()
        draw().savefig(buffer, format="svg", metadata=_NOTHING_MORE)
    drawn = _SVG_HEAD.sub("", buffer.getvalue(), count=1)
    opening, closed, rest = drawn.partition(">")
    drawn = _SVG_WASTE.sub("", opening) + closed + rest
    drawn = re.sub(r"<style[^>]*>.*?</style>", "", drawn, count=1, flags=re.DOTALL)
    # Groups are numbered in every figure alike, and nothing points at them.
    drawn = re.sub(r'<g id="[^"]*"', "<g", drawn)
    return re.sub(r"font-family: [^;\"]*;? ?", "", drawn)


def png(draw: Callable[[], Figure], salt: str) -> bytes:
    """A picture for slides and papers."""
    with _style(salt):
        buffer = io.BytesIO()
        draw().savefig(buffer, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return buffer.getvalue()


def panels(count: int, height: float, width: float = WIDTH) -> tuple[Figure, list[Axes]]:
    """A figure of one or more axes beside each other; sizes in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, list(figure.subplots(1, count, squeeze=False)[0])


def percent(axis) -> None:
    """Shares from 0 to 1 written as percent."""
    axis.set_major_formatter(lambda value, _: f"{value * 100:.0f}%")


def short(names: Sequence[str]) -> list[str]:
    """Names that leave room for the figure; the tables have them whole."""
    return [name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…" for name in names]


@contextlib.contextmanager
def _style(salt: str) -> Iterator[None]:
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        matplotlib.rcdefaults()  # whatever the person's own Matplotlib is set to
        matplotlib.rcParams.update(
            {
                "font.family": _fonts(),
                "font.size": 10,
                "text.parse_math": False,
                "text.color": LIGHT.text,
                "axes.labelcolor": LIGHT.text,
                "axes.edgecolor": LIGHT.quiet,
                "axes.titlesize": 12,
                "axes.titlelocation": "left",
                "axes.titlepad": 10,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.grid": True,
                "axes.axisbelow": True,
                "grid.color": LIGHT.grid,
                "xtick.color": LIGHT.text,
                "ytick.color": LIGHT.text,
                "xtick.major.size": 0,
                "ytick.major.size": 0,
                "legend.frameon": False,
                "lines.linewidth": 2,
                "svg.fonttype": "none",
                "svg.hashsalt": salt,
            }
        )
        yield


@cache
def _fonts() -> list[str]:
    installed = set(font_manager.get_font_names())
    return [name for name in _FONTS if name in installed]
