"""Names of everything kept in the session, in one place.

Only small values that may be lost: whatever must survive a refresh is in the workspace.
"""

from typing import Any

import streamlit as st

TOKEN = "token"  # the workspace of this session
TOUR = "tour"  # whether the guided run is on
MESSAGE = "message"  # a sentence to show once, with its kind
UPLOAD_ROUND = "upload_round"  # changes the key of an uploader, to empty it
CLASSIFIED = "classified"  # photos answered on the Classify page
CLEAR_CLASSIFIED = "clear_classified"  # whether they shall be thrown away
SECOND_ANSWERS = "second_answers"  # those of a second model for the same photos
EDITS = "edits"  # changes to photos under *What if?*, by file
PREVIEWS = "previews"  # larger images of photos answered last, by file
OPEN_TAB = "open_tab"  # of the Data page
TABS = "tabs"  # (number of problems, tab opened first) of the tabs drawn there
THUMBNAILS = "thumbnails"  # small images of photos that were shown, by folder and file
SNAPSHOTS = "snapshots"  # photos from the webcam that are not added yet
DOORS = "doors"  # what is open in each place of the Evaluate page, see `evaluate/doors.py`
DECIDED = "decided"  # folder and number of versions that decisions made here
TOLD = "told"  # a decision, to be said in a corner once the page was drawn anew
ADDED = "added"  # how the job that added photos ended, until it is told
TICKED = "ticked"  # photos ticked in each grid, see `gallery.py`
PHOTO_NUMBER = "photo_number"  # which photo of a gallery the dialog shows
LOOKED = "looked"  # where a network looked at the photo shown last
ASKED = "asked"  # what a model guessed for photos asked anew, by run
LAST_DOORS = "last_doors"  # the door each chart opened last
DATASETS = "datasets"  # versions of data sets that were read, by folder and number


def get(name: str, default: Any = None) -> Any:
    """A value of this session."""
    return st.session_state.get(name, default)


def put(name: str, value: Any) -> None:
    """Keeps a value in this session."""
    st.session_state[name] = value


def forget(*names: str) -> None:
    """Drops values of this session."""
    for name in names:
        st.session_state.pop(name, None)


def forget_all_but(*names: str) -> None:
    """Drops everything else of this session, also what Streamlit keeps for its elements."""
    for name in list(st.session_state):
        if name not in names:
            del st.session_state[name]


def take(name: str) -> Any:
    """A value of this session, dropped as it is read."""
    return st.session_state.pop(name, None)
