"""Train: choose a network, start it, watch it learn."""

import streamlit as st

from imgclf_core.ui import frame, lesson, train_page

with frame.page(frame.TRAIN) as visit:
    st.title("Train")
    if visit.dataset is None:
        frame.nothing_yet(
            "Here a network learns to tell your classes apart. It needs photos first.",
            frame.DATA, "Bring photos in",
        )  # fmt: skip
    else:
        left, right = st.columns([2, 3], gap="large")
        with left:
            train_page.choose_and_start(visit)
        with right:
            train_page.now(visit)
        train_page.finished_runs(visit)
        lesson.what_is_inside(visit)
        lesson.how_it_works(visit)
