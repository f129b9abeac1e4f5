"""The guided run: one hint on each page, in order, while the visitor follows the sample."""

import streamlit as st

from imgclf_core.ui import session

_HINTS = {
    "Data": (
        "Step 1 of 5. These are drawn shapes, with faults put in on purpose. Look at *Problems*: "
        "copies, unequal classes, a few wrong labels. Then press **Train a network**."
    ),
    "Train": (
        "Step 2 of 5. Leave everything as it is and press **Train**. The curves show how well "
        "the network does on photos it learns from and on photos it does not."
    ),
    "Evaluate": (
        "Step 3 of 5. The sentence on top is the honest answer. Below it: which shapes were "
        "taken for which, and every photo that was guessed wrong. Three labels are wrong on "
        "purpose: do you find them?"
    ),
    "Classify": ("Step 4 of 5. Press **Try a test photo**, or drop a drawing of your own."),
    "Share": (
        "Step 5 of 5. Take the model along. That was the whole run; now bring your own photos, "
        "from the start page."
    ),
}


def start() -> None:
    """Switches the hints on."""
    session.put(session.TOUR, True)


def show(page_name: str) -> None:
    """The hint of a page, while the guided run is on."""
    if not session.get(session.TOUR) or page_name not in _HINTS:
        return
    hint, end = st.columns([6, 1], vertical_alignment="center")
    hint.info(_HINTS[page_name], icon=":material/school:")
    if end.button("End the tour", key="end_tour", type="tertiary"):
        session.put(session.TOUR, False)
        st.rerun()
