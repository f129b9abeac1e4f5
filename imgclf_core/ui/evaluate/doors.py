"""What is open in each place of the page: a cell, a bar, a point, a bin.

A click on a chart only notes the door; which photos stand behind it is asked of
`analysis/selection.py` when they are shown.
"""

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from imgclf_core.ui import session
from imgclf_core.ui.errors import callback
from imgclf_core.ui.evaluate.inspection import Inspection

Door = tuple  # a word for the kind, then numbers


def place(inspection: Inspection, name: str) -> str:
    """A place of the page for one run and side: what is open for another means nothing here."""
    return f"{name}_{inspection.run.id}_{inspection.result.side}"


def opened(inspection: Inspection, name: str, default: Door | None = None) -> Door | None:
    """The door that was opened last in a place."""
    return (session.get(session.DOORS) or {}).get(place(inspection, name), default)


def open_(inspection: Inspection, name: str, door: Door | None) -> None:
    """Opens a door."""
    session.put(
        session.DOORS, {**(session.get(session.DOORS) or {}), place(inspection, name): door}
    )


def chart(
    inspection: Inspection,
    figure: go.Figure,
    name: str,
    key: str,
    door_of: Callable[[list[dict[str, Any]]], Door | None],
    alt: str,
    mode: str | tuple[str, ...] = "points",
    then: Callable[[Door], None] | None = None,
) -> None:
    """A chart whose marks open photos.

    Args:
        inspection: Of which run and side.
        figure: The chart.
        name: The place where the photos are shown.
        key: Names all else that changes what the chart shows.
        door_of: From the points that are selected to a door; None for one that opens nothing.
        alt: For a screen reader.
        mode: Ways to select, see Streamlit.
        then: Called with the door, to move boxes that show it too.
    """
    own = place(inspection, f"chart_{key}")

    def note() -> None:
        points = st.session_state[own]["selection"]["points"]
        last: dict[str, Door | None] = session.get(session.LAST_DOORS) or {}
        if points:
            last = {**last, own: door_of(points)}
            session.put(session.LAST_DOORS, last)
        # A second click on the same place takes the selection back; the person wants it again.
        door = last.get(own)
        if door is not None:
            open_(inspection, name, door)
            if then:
                then(door)

    st.plotly_chart(
        figure,
        key=own,
        on_select=callback("Evaluate", note),
        selection_mode=mode,
        config={"displayModeBar": mode != "points", "displaylogo": False},
        alt=alt,
    )
