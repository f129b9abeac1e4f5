"""Classify: new photos, answered one by one or as a table."""

import streamlit as st

from imgclf_core.ui import frame
from imgclf_core.ui.classify_page import page

with frame.page(frame.CLASSIFY) as visit:
    st.title("Classify")
    if visit.run is None:
        frame.nothing_yet(
            "Here the network answers for new photos. Train one first.",
            frame.TRAIN, "Train a network",
        )  # fmt: skip
    elif page.ready(visit):
        predictor = page.take_photos(visit)
        page.answers(visit, predictor)
        page.caution()
