"""Photos on their way in, and where they come in."""

import streamlit as st

from imgclf_core.datasets.dataset import Dataset
from imgclf_core.errors import BoundError
from imgclf_core.jobs import events
from imgclf_core.support import safe_text
from imgclf_core.ui import job_cards, session, uploads
from imgclf_core.ui.data import other_ways
from imgclf_core.ui.visitor import Visit
from imgclf_core.workspaces import arrivals
from imgclf_core.workspaces.arrivals import Arrivals

_NEW, _ADD = "a new data set", "this data set"


def collect(visit: Visit) -> Arrivals:
    """What comes in; how adding photos ended is kept until it is shown, whatever comes between."""
    found = arrivals.collect(visit.workspace, visit.dataset)
    if found.added is not None:
        session.put(session.ADDED, found.added)
    return found


def failures(visit: Visit, found: Arrivals) -> None:
    """Why data sets could not be made."""
    for status in found.failed:
        _said(status)
        if visit.dataset:
            st.caption("What was open before is still here.")


def coming(found: Arrivals) -> None:
    """New data sets on their way; there is nothing else to see until they are in."""
    st.title("Data")
    st.write("Your photos are being read. You can leave this page; it goes on.")
    for folder in found.coming:
        job_cards.ingest_card(folder)


def adding(found: Arrivals) -> None:
    """Photos that are being added to the open data set, which stays usable, or have been."""
    if found.adding is not None:
        st.write("Photos are being added. Until they are in, everything stays as it is.")
        job_cards.ingest_card(found.adding)
    status = session.take(session.ADDED)
    if status is None:
        return
    if status.state == events.STOPPED:
        st.info("Cancelled; nothing was added.")
    elif status.message:
        _said(status)
    elif status.state == events.DONE:
        skipped = status.result.get("skipped", 0)
        more = f" The receipt lists {skipped} files that were not taken." if skipped else ""
        st.success(f"The photos are in.{more}")


def empty(visit: Visit) -> None:
    """What to do while there are no photos."""
    st.title("Data")
    st.write("Bring photos in, one folder for each class, and see what is in them.")
    left, right = st.columns(2, gap="large")
    with left:
        ways_in(visit, None, "data")
        st.write("No photos at hand?")
        uploads.sample_button(visit, "data_sample", primary=True)
    with right:
        uploads.layout_help()


def more_photos(visit: Visit, dataset: Dataset) -> None:
    """More photos for this data set, or another one; folded."""
    with st.expander("Bring in more photos", key="more_photos", on_change="rerun") as fold:
        pass
    if not fold.open:
        return
    with fold:
        target = st.segmented_control(
            "Put them into",
            [_ADD, _NEW],
            default=_ADD,
            required=True,
            key="put_into",
        )
        ways_in(visit, dataset if target == _ADD else None, f"more_{target == _ADD}")
        uploads.layout_help()


def ways_in(visit: Visit, into: Dataset | None, key: str) -> None:
    """A zip and a folder in plain sight, the rest folded, and the limits."""
    try:
        visit.workspace.room_for_photos(into is None)
    except BoundError as error:
        st.warning(safe_text.markdown(str(error), longest=1000))
        return
    uploads.zip_uploader(visit, "A zip with one folder for each class", f"{key}_zip", into)
    uploads.folder_uploader(visit, "Or the folder itself", f"{key}_folder", into)
    st.caption(uploads.limits_sentence(visit))
    other_ways.show(visit, into, key)


def _said(status: events.JobStatus) -> None:
    kind = st.info if status.state == events.STOPPED else st.error
    kind(safe_text.markdown(status.message, longest=1000), icon=":material/info:")
