"""Share: the model as one proven zip, and models from elsewhere."""

import streamlit as st

from imgclf_core.ui import frame, imported_models
from imgclf_core.ui.share import page

with frame.page(frame.SHARE) as visit:
    st.title("Share")
    if visit.run is None:
        frame.nothing_yet(
            "Here you take a trained model along, to use it elsewhere. Train one first.",
            frame.TRAIN,
            "Train a network",
        )
    else:
        page.download(visit)
        page.wording(visit)
        page.contents(visit.run)
    with st.expander("A model from elsewhere", key="from_elsewhere", on_change="rerun"):
        imported_models.manage(visit)
