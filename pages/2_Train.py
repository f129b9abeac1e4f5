"""Train: choose a network, start it, watch it learn."""

import streamlit as st

from imgclf_core import arrivals
from imgclf_core.ui import enough, frame, lesson, runs_table, train_page, training_now

with frame.page(frame.TRAIN) as visit:
    st.title("Train")
    if visit.dataset is None:
        frame.nothing_yet(
            "Here a network learns to tell your classes apart. It needs photos first.",
            frame.DATA, "Bring photos in",
        )  # fmt: skip
    else:
        arrivals.begin_first_answer(visit.workspace, visit.dataset, visit.profile)
        left, right = st.columns([2, 3], gap="large")
        with left:
            train_page.choose_and_start(visit)
        with right:
            training_now.now(visit)
        runs_table.show(visit)
        enough.show(visit)
        lesson.what_is_inside(visit)
        lesson.how_it_works(visit)
