"""Evaluate: how good it is, where it errs, and how two runs compare."""

import streamlit as st

from imgclf_core.ui import evaluate_page, frame

with frame.page(frame.EVALUATE) as visit:
    if visit.run is None:
        st.title("Evaluate")
        frame.nothing_yet(
            "Here you see how often the network is right on photos it never saw, and every photo "
            "it got wrong. Train one first.",
            frame.TRAIN, "Train a network",
        )  # fmt: skip
    else:
        result = evaluate_page.headline(visit)
        left, right = st.columns([3, 2], gap="large")
        with left:
            evaluate_page.matrix(visit, result)
        with right:
            evaluate_page.photos_of_cell(visit, result)
        evaluate_page.tabs(visit, result)
