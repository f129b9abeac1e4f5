"""The grid of photos in the browser: one element however many photos it shows.

Streamlit's own elements would be five a photo, and a page of fifty slow. What is shown in it is
decided in `ui/gallery.py`.
"""

import base64
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
# Made once: the code is ours alone, and what strangers wrote comes as data.
_COMPONENT = st.components.v2.component(
    "imgclf_photo_grid",
    html='<div class="grid"></div>',
    css=(_HERE / "photo_grid.css").read_text(encoding="utf-8"),
    js=(_HERE / "photo_grid.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Tile:
    """One photo of the grid.

    Attributes:
        id: Tells it from the others.
        image: JPEG bytes.
        lines: Below it, as they are.
        alt: Said aloud by a screen reader.
    """

    id: str
    image: bytes
    lines: tuple[str, ...]
    alt: str


@dataclass(frozen=True)
class Touched:
    """What the person did: the photo that was opened just now, and all that are ticked."""

    opened: str | None
    ticked: frozenset[str]


def show(
    tiles: Sequence[Tile],
    key: str,
    label: str,
    narrowest: int,
    ticked: Collection[str] | None = None,
    opens: bool = False,
) -> Touched:
    """Draws the grid.

    Args:
        tiles: The photos.
        key: Tells one grid from the others; what is ticked is kept under it.
        label: What the photos are, for a screen reader.
        narrowest: Least width of a photo in pixels.
        ticked: Those ticked at first; None where photos cannot be ticked.
        opens: Whether a click opens a photo.
    """
    photos = [
        {"id": t.id, "image": _address(t.image), "lines": t.lines, "alt": t.alt} for t in tiles
    ]
    ticks = ticked is not None
    known = st.session_state.get(key)
    now = sorted(known["ticked"] if known else ticked or ())
    stamp = hashlib.sha256(repr((label, photos, ticks, opens)).encode()).hexdigest()
    result = _COMPONENT(
        key=key,
        data={
            "photos": photos,
            "ticked": now,
            "ticks": ticks,
            "opens": opens,
            "label": label,
            "narrowest": narrowest,
            "stamp": stamp,
        },
        default={"ticked": now},
        on_ticked_change=_nothing,
        on_opened_change=_nothing,
    )
    return Touched(result.opened, frozenset(result.ticked or ()))


def _nothing() -> None:
    """Streamlit keeps a value only where somebody listens to it."""


def _address(image: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(image).decode('ascii')}"
