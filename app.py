"""Home: what this is, where you stand, and the way on; or the one model that a server shows."""

import streamlit as st

from imgclf_core import config
from imgclf_core.ui import frame, uploads
from imgclf_core.ui.data import arriving
from imgclf_core.ui.home import tables
from imgclf_core.ui.kiosk import kiosk

shown = config.shown_model()
if shown is not None:
    kiosk.page(shown)
    st.stop()
with frame.page(frame.HOME) as visit:
    st.title("Teach a computer to tell your pictures apart")
    st.write(
        "Put photos into folders, one folder for each kind. The computer learns the difference, "
        "shows you how well it does, and sorts new photos for you."
    )
    own, sample = st.columns(2, gap="large")
    with sample.container(border=True):  # drawn first: uploaders take the browser a while
        st.subheader("Or try it first")
        st.write("A small set of drawn shapes, and a guide through all five steps.")
        uploads.sample_button(visit, "home_sample", primary=visit.dataset is None)
    with own.container(border=True):
        st.subheader("Start with your photos")
        arriving.ways_in(visit, None, "home")
    if visit.dataset is not None:
        tables.where_you_stand(visit)
    tables.datasets_table(visit)
    tables.runs_table(visit)
    tables.delete_everything(visit)
