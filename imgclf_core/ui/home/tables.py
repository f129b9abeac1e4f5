"""The tables of the start page: data sets, runs, and getting rid of them."""

import time

import pandas as pd
import streamlit as st

from imgclf_core.config import MEGABYTE
from imgclf_core.networks import catalogue
from imgclf_core.support import file_system, safe_text
from imgclf_core.ui import columns, frame, run_table, session
from imgclf_core.ui.visitor import Visit
from imgclf_core.workspaces import class_copies


def where_you_stand(visit: Visit) -> None:
    """One sentence and the button to the next step."""
    dataset, run = visit.dataset, visit.run
    name = safe_text.markdown(dataset.name)
    st.subheader("Where you stand")
    if run is None or run.settings.model == catalogue.FIRST_ANSWER:
        count = len(dataset.photos)
        st.write(f"**{name}** is in: {count:,} photos in {len(dataset.class_names)} classes.")
        frame.next_button(frame.TRAIN, "Train a network")
        return
    st.write(
        f"**{safe_text.markdown(run.dataset_name)}**: {safe_text.markdown(run.name)} is trained. "
        "Its score on the sealed test photos is under Evaluate."
    )
    frame.next_button(frame.EVALUATE, "Look at the result")


def datasets_table(visit: Visit) -> None:
    """All data sets; choosing a row opens it."""
    found = visit.workspace.histories()
    if not found:
        return
    st.subheader("Your data sets")
    ids, now = list(found), [history.version(history.current) for history in found.values()]
    names = [history.name for history in found.values()]
    table = pd.DataFrame(
        {
            "Data set": names,
            "Photos": [version.photos for version in now],
            "Classes": [version.classes for version in now],
            "Version": [version.number for version in now],
            "Brought in": [_when(history.created) for history in found.values()],
        }
    )
    row = _chosen_row(table, "datasets_table")
    if row is None:
        return
    with st.container(horizontal=True):
        if st.button("Open", key="open_dataset", icon=":material/folder_open:"):
            visit.workspace.remember(dataset=ids[row], run=None)
            frame.go(frame.DATA)
        if run_table.sure_to_delete(
            f"'{names[row]}' with its photos and all its versions", ids[row]
        ):
            visit.workspace.delete_dataset(ids[row])
            frame.say(f"'{names[row]}' was deleted.")
            st.rerun()


def runs_table(visit: Visit) -> None:
    """All runs; choosing a row opens it."""
    found = visit.runs
    if not found:
        return
    st.subheader("Your runs")
    row = _chosen_row(run_table.frame_of_runs(found), "runs_table")
    if row is None:
        return
    with st.container(horizontal=True):
        if st.button("Open", key="open_run", icon=":material/folder_open:"):
            visit.workspace.remember(run=found[row].id, dataset=found[row].dataset.name)
            frame.go(frame.EVALUATE if found[row].finished else frame.TRAIN)
        if run_table.sure_to_delete(f"the run '{found[row].name}' with its model", found[row].id):
            visit.workspace.delete_run(found[row].id)
            frame.say(f"The run '{found[row].name}' was deleted.")
            st.rerun()


def delete_everything(visit: Visit) -> None:
    """The way out, behind a question."""
    if not visit.workspace.folder.exists():
        return
    with st.expander("Where your photos are, and how to delete everything"):
        st.write(
            "Photos, models and results lie in one folder of their own and go nowhere else. "
            "Deleting removes all of it at once, with the copies to give away, and cannot be "
            "taken back."
        )
        sure = st.checkbox("Yes, delete all my photos, models and results", key="sure")
        if st.button("Delete everything of mine", disabled=not sure, icon=":material/delete:"):
            _delete_everything(visit)
            st.rerun()


def _delete_everything(visit: Visit) -> None:
    """Deletes, empties the session, and says what went and that nothing is left."""
    workspace = visit.workspace
    megabytes = file_system.used_bytes(workspace.folder) / MEGABYTE
    datasets, runs = len(workspace.dataset_folders()), len(workspace.runs())
    class_copies.take_back(workspace)
    gone = workspace.delete_everything()
    session.forget_all_but(session.TOKEN)
    if gone:
        frame.say(
            f"Everything of yours was deleted. Data sets: {datasets}, runs: {runs}, "
            f"{megabytes:,.1f} MB. Your folder is gone from the disk."
        )
    else:
        frame.say("Some files could not be deleted. Wait a minute and delete again.", "error")


def _chosen_row(table: pd.DataFrame, key: str) -> int | None:
    shares = columns.percent()
    event = st.dataframe(
        table,
        key=key,
        hide_index=True,
        placeholder="",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "Validation": shares,
            "Seconds": columns.seconds(),
        },
    )
    rows = event["selection"]["rows"]
    st.caption("Choose a row to open or delete it.") if not rows else None
    return rows[0] if rows and rows[0] < len(table) else None


def _when(seconds: float) -> str:
    return time.strftime("%d %b %Y, %H:%M", time.localtime(seconds))
