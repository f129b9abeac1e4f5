"""What a visitor of a shared server is told: whose the photos are, for how long, and the links.

Who a visitor is, is found out in `ui/visitor.py`; copies are made in `workspaces/class_copies.py`.
"""

from urllib.parse import urlsplit, urlunsplit

import streamlit as st

from imgclf_core.config import Limits
from imgclf_core.jobs import visits
from imgclf_core.ui import errors
from imgclf_core.ui.visitor import COPY_PARAMETER, Visit
from imgclf_core.workspaces import class_copies, expiry
from imgclf_core.workspaces.workspace import Workspace

_SECONDS_BETWEEN_SIGNS = 60.0
_CLOUD = "streamlit.app"


def sidebar(visit: Visit) -> None:
    """The privacy note, the links, and a sign of life while the page is open."""
    _keep_the_disk_clean()
    st.caption(
        f"Your photos are on {whose_server(st.context.url)}, in a workspace that only this address "
        "opens: **the link is the key**. Keep it to yourself, and as a bookmark."
    )
    hours = _hours(visit.limits)
    st.caption(
        f"Everything of yours is deleted **{hours} hours after your last visit**, or at once on "
        "the start page; the server may forget it sooner. Download your model on *Share*."
    )
    with st.popover("Links to give away", icon=":material/link:"):
        _links(visit)
    _sign_of_life(visit.workspace)


def training_note(limits: Limits) -> None:
    """What a shared server does with a training that takes long, before it begins."""
    if limits.seconds_unwatched is not None and limits.training_minutes is not None:
        st.caption(
            f"Here a training may take {limits.training_minutes} minutes, and one that nobody "
            f"looks at for {limits.seconds_unwatched // 60} minutes stops; both keep the best. "
            "Leave this page open."
        )


def whose_server(url: str | None) -> str:
    """In words, where the app at an address keeps photos.

    Community Cloud stands in the United States, says its documentation; of other servers only
    who runs them knows.
    """
    host = urlsplit(url or "").hostname or ""
    if host == _CLOUD or host.endswith(f".{_CLOUD}"):
        return "a server of Streamlit's in the United States"
    return "the server of this app"


@st.cache_resource(show_spinner=False)
def _keep_the_disk_clean() -> object:
    """Starts the sweeper, once in the life of the server; it knows no visitor."""
    return expiry.keep_sweeping()


def _links(visit: Visit) -> None:
    st.markdown("**Copy the app's link**")
    st.caption("It opens the app without your photos.")
    st.code(app_address(), language=None)
    st.markdown("**Give my class a copy**")
    st.caption(
        "Whoever opens this link gets a copy of your photos, runs and models to work with. "
        "Nobody sees yours, or what another one does. It goes "
        f"{_hours(visit.limits)} hours after it was last opened, or with everything of yours."
    )
    if st.button("Make a copy", key="make_copy", icon=":material/content_copy:"):
        token = class_copies.make(visit.workspace)
        st.code(f"{app_address()}?{COPY_PARAMETER}={token}", language=None)
        st.caption("The link is shown only now. Copy it.")


def app_address() -> str:
    """The address of the start page, without any workspace."""
    parts = urlsplit(st.context.url or "")
    folders = parts.path.rstrip("/").split("/")
    is_page = folders[-1] in ("Data", "Train", "Evaluate", "Classify", "Share")
    path = "/".join(folders[:-1] if is_page else folders)
    return urlunsplit((parts.scheme, parts.netloc, f"{path}/", "", ""))


def _hours(limits: Limits) -> int:
    return (limits.seconds_kept or 0) // 3600


def _sign_of_life(workspace: Workspace) -> None:
    """While the page is open somebody looks, also without clicking."""

    @errors.fragment("sidebar", _SECONDS_BETWEEN_SIGNS)
    def sign() -> None:
        visits.note(workspace.folder)

    sign()
