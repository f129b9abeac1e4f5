"""What is open in each place of the page: a cell, a bar, a point, a bin.

A click on a chart only notes the door; which photos stand behind it is asked of
`evaluation/selection.py` when they are shown.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from imgclf_core.ui import state

Door = tuple  # a word for the kind, then numbers


def opened(place: str, default: Door | None = None) -> Door | None:
    """The door that was opened last in a place."""
    return (state.get(state.DOORS) or {}).get(place, default)


def open_(place: str, door: Door | None) -> None:
    """Opens a door."""
    state.put(state.DOORS, {**(state.get(state.DOORS) or {}), place: door})


def on_click(
    place: str, key: str, door_of: Callable[[list[dict[str, Any]]], Door | None]
) -> Callable[[], None]:
    """What to do when something on a chart is clicked.

    Args:
        place: Where the photos are shown.
        key: Of the chart.
        door_of: From the points that are selected to a door; None for one that opens nothing.

    Returns:
        For `st.plotly_chart(on_select=…)`.
    """

    def note() -> None:
        points = st.session_state[key]["selection"]["points"]
        last = f"last_{key}"
        if points:
            st.session_state[last] = door_of(points)
        # A second click on the same place takes the selection back; the person wants it again.
        door = st.session_state.get(last)
        if door is not None:
            open_(place, door)

    return note


def chart(figure, place: str, key: str, door_of, alt: str, mode: str | tuple = "points") -> None:
    """A chart whose marks open photos.

    Args:
        figure: Of Plotly.
        place: Where the photos are shown.
        key: Of the chart; names all that changes what it shows.
        door_of: See `on_click`.
        alt: For a screen reader.
        mode: Ways to select, see Streamlit.
    """
    st.plotly_chart(
        figure, key=key, on_select=on_click(place, key, door_of), selection_mode=mode,
        config={"displayModeBar": mode != "points", "displaylogo": False}, alt=alt,
    )  # fmt: skip
