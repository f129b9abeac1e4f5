"""Evaluate: how good it is, where it errs, and the photos behind every figure."""

import streamlit as st

from imgclf_core.ui import frame
from imgclf_core.ui.evaluate import deciding, headline, inspection, matrix, page

with frame.page(frame.EVALUATE) as visit:
    st.title("Evaluate")
    if visit.run is None:
        frame.nothing_yet(
            "Here you see how often the network is right on photos it never saw, and every photo "
            "it got wrong. Train one first.",
            frame.TRAIN,
            "Train a network",
        )
    else:
        deciding.tell()
        seen = inspection.choose(visit)
        headline.show(seen)
        frame.next_button(frame.CLASSIFY, "Classify new photos")
        matrix.show(seen)
        page.tabs(seen)
