"""A picture on which a place is marked by dragging; what it means is decided by who asks."""

import base64
from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_COMPONENT = st.components.v2.component(
    "imgclf_canvas",
    html='<div class="canvas"><img draggable="false"><div class="mark" hidden></div></div>',
    css=(_HERE / "canvas.css").read_text(encoding="utf-8"),
    js=(_HERE / "canvas.js").read_text(encoding="utf-8"),
)
Corner = tuple[float, float]


def show(image: bytes, key: str, alt: str, is_round: bool) -> tuple[Corner, Corner] | None:
    """Draws the picture.

    Args:
        image: JPEG bytes.
        key: Tells one from another.
        alt: For a screen reader.
        is_round: Whether an ellipse is shown while dragging, or a rectangle.

    Returns:
        The two corners (down, across), shares of height and width, of what was dragged just now.
    """
    address = f"data:image/jpeg;base64,{base64.b64encode(image).decode('ascii')}"
    result = _COMPONENT(
        key=key,
        data={"image": address, "alt": alt, "round": is_round},
        on_drawn_change=lambda: None,
    )
    drawn = result.drawn
    return (tuple(drawn["start"]), tuple(drawn["end"])) if drawn else None
