"""Classify: new photos, answered one by one or as a table."""

import streamlit as st

from imgclf_core.ui import classify_page, frame

with frame.page(frame.CLASSIFY) as visit:
    st.title("Classify")
    if visit.run is None:
        frame.nothing_yet(
            "Here the network answers for new photos. Train one first.",
            frame.TRAIN, "Train a network",
        )  # fmt: skip
    elif classify_page.ready(visit):
        predictor = classify_page.take_photos(visit)
        classify_page.answers(visit, predictor)
        classify_page.caution()
