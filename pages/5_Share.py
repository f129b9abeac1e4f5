"""Share: the model as one proven zip, and models from elsewhere."""

import streamlit as st

from imgclf_core.ui import frame, models_here, share_page

with frame.page(frame.SHARE) as visit:
    st.title("Share")
    if visit.run is None:
        frame.nothing_yet(
            "Here you take a trained model along, to use it elsewhere. Train one first.",
            frame.TRAIN, "Train a network",
        )  # fmt: skip
    else:
        share_page.download(visit)
        share_page.wording(visit)
        share_page.contents(visit.run)
    with st.expander("A model from elsewhere", key="from_elsewhere", on_change="rerun"):
        models_here.manage(visit)
