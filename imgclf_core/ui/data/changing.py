"""Changes of the open data set from any part of the Data page, and taking them back."""

from collections.abc import Callable, Sequence

import streamlit as st

from imgclf_core.datasets import store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.edits import decisions, remedies
from imgclf_core.datasets.edits.change import Change
from imgclf_core.errors import ImgclfError
from imgclf_core.support import safe_text
from imgclf_core.ui import frame


def apply(make: Callable[[], Change]) -> None:
    """Makes a change and a version of it, says so, and draws the page anew.

    What cannot be done is said where the button is, and nothing changes.
    """
    try:
        change = make()
        store.commit(change.dataset, change.sentence)
    except ImgclfError as error:
        st.error(safe_text.markdown(str(error), longest=1000))
        return
    frame.say(f"{change.sentence} You can undo it.")
    st.rerun()


def undo_and_redo(dataset: Dataset) -> None:
    """The two buttons, while there is something to take back or bring back."""
    history = store.history(dataset.folder)
    if not history.undoable and not history.redoable:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Undo",
            key="undo",
            icon=":material/undo:",
            disabled=not history.undoable,
            help=safe_text.markdown(history.undoable.sentence) if history.undoable else None,
        ):
            frame.say(f"Taken back: {store.undo(dataset.folder)}", "info")
            st.rerun()
        if st.button(
            "Redo",
            key="redo",
            icon=":material/redo:",
            disabled=not history.redoable,
            help=safe_text.markdown(history.redoable.sentence) if history.redoable else None,
        ):
            frame.say(f"Done again: {store.redo(dataset.folder)}", "info")
            st.rerun()
        last = history.undoable
        st.caption(
            f"Version {history.current}. {safe_text.markdown(last.sentence)}"
            if last
            else f"Version {history.current}, as it came in."
        )


def photo_tools(dataset: Dataset, picked: Sequence[int], key: str, leave_out: bool = True) -> None:
    """What can be done with ticked photos: leave out, or move to a class.

    Args:
        dataset: Of which.
        picked: Positions of the photos.
        key: Tells several of these on one page apart.
        leave_out: Whether to offer it, where no other button does.
    """
    if not picked:
        st.caption("Tick photos to leave them out or to move them to another class.")
        return
    words = "1 photo" if len(picked) == 1 else f"{len(picked)} photos"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if leave_out and st.button(
            f"Leave out {words}", key=f"leave_out_{key}", icon=":material/visibility_off:"
        ):
            apply(lambda: remedies.leave_out(dataset, picked))
        wanted = st.selectbox(
            "Move to",
            list(dataset.class_names),
            index=None,
            key=f"move_to_{key}",
            accept_new_options=True,
            placeholder="Choose a class or type a new one",
            label_visibility="collapsed",
            width=300,
        )
        if st.button(
            f"Move {words}",
            key=f"move_{key}",
            icon=":material/drive_file_move:",
            disabled=not wanted,
        ):
            apply(lambda: decisions.move(dataset, picked, wanted))
