"""Train: choose a network, start it, watch it learn."""

import streamlit as st

from imgclf_core.ui import frame
from imgclf_core.ui.train import learning_curves, lesson, now, runs_table, start
from imgclf_core.workspaces import auto_start

with frame.page(frame.TRAIN) as visit:
    st.title("Train")
    if visit.dataset is None:
        frame.nothing_yet(
            "Here a network learns to tell your classes apart. It needs photos first.",
            frame.DATA,
            "Bring photos in",
        )
    else:
        if visit.first_answer is None and auto_start.begin_first_answer(
            visit.workspace, visit.dataset, visit.profile
        ):
            visit = visit.renewed()  # so that it is seen
        left, right = st.columns([2, 3], gap="large")
        with left:
            start.choose_and_start(visit)
        with right:
            now.now(visit)
        runs_table.show(visit)
        learning_curves.show(visit)
        lesson.what_is_inside(visit)
        lesson.how_it_works(visit)
