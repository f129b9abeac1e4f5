"""Classify: new photos, answered one by one, as a table, or a whole folder."""

import streamlit as st

from imgclf_core.ui import frame
from imgclf_core.ui.classify import answering, page

with frame.page(frame.CLASSIFY) as visit:
    st.title("Classify")
    model = answering.choose(visit)
    if model is not None:
        page.show(visit, model)
        page.caution(model)
    elif visit.run is None:
        frame.nothing_yet(
            "Here the network answers for new photos. Train one first.",
            frame.TRAIN,
            "Train a network",
        )
