"""Who is looking, and which workspace is theirs.

The owner of the machine has a lasting workspace that opens only on the machine itself.
Everybody else has one named by a token in the address: the link is the key, so it survives a
refresh, the Back button and a middle click.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlsplit

import streamlit as st

from imgclf_core import config
from imgclf_core.config import PERSONAL_TOKEN, Limits
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.store import is_dataset
from imgclf_core.errors import ImgclfError
from imgclf_core.jobs import visits
from imgclf_core.networks import catalogue
from imgclf_core.runs.run import Run
from imgclf_core.support import error_messages, file_system
from imgclf_core.ui import session
from imgclf_core.workspaces import auto_start, class_copies
from imgclf_core.workspaces.workspace import Workspace, is_token, new_token

TOKEN_PARAMETER = "w"
COPY_PARAMETER = "copy"  # of a workspace that somebody gave away

_NOT_THERE = (
    "There is nothing under this address, or not any more: everything goes {hours} hours after the "
    "last visit. Bring your photos in again."
)

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
_FORWARDED = (
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-real-ip",
    "x-forwarded-proto",
)


@dataclass(frozen=True)
class Visit:
    """One look at one page.

    Attributes:
        profile: `personal` or `shared`.
        workspace: Of the visitor.
        limits: Of the profile.
        dark: Whether the page has a dark background.
        runs: All runs of the visitor when the page was opened, newest first.
        may_type_paths: Whether paths of the server may be typed: it serves its owner alone.
    """

    profile: str
    workspace: Workspace
    limits: Limits
    dark: bool
    runs: tuple[Run, ...]
    may_type_paths: bool = False

    @cached_property
    def dataset(self) -> Dataset | None:
        """The data set that is open, by default the newest."""
        chosen = self.workspace.current().get("dataset")
        if dataset := _open(self.workspace.dataset, chosen):
            return dataset
        found = (_open(self.workspace.dataset, name) for name in self.workspace.histories())
        return next(filter(None, found), None)

    @cached_property
    def run(self) -> Run | None:
        """The finished run that is open: of the open data set, or one whose data set is gone."""
        dataset = self.dataset
        finished = [run for run in self.runs if run.finished]
        own = [run for run in finished if dataset is None or run.dataset.name == dataset.id]
        chosen = self.workspace.current().get("run")
        for run in finished:
            if run.id == chosen and (run in own or not is_dataset(run.dataset)):
                return run
        trained = (run for run in own if run.settings.model != catalogue.FIRST_ANSWER)
        return next(trained, next(iter(own), None))

    def renewed(self) -> "Visit":
        """The same with the runs that are there at this moment."""
        return replace(self, runs=tuple(self.workspace.runs()))

    @property
    def first_answer(self) -> Run | None:
        """The first answer of the open data set, on its way or there."""
        if self.dataset is None:
            return None
        folder = self.workspace.first_answer_folder(self.dataset)
        return next((run for run in self.runs if run.folder == folder), None)


def identify() -> Visit:
    """Finds the visitor's workspace; a newcomer gets one, named in the address."""
    profile = config.forced_profile() or (
        config.PERSONAL if _is_owner(*_connection()) else config.SHARED
    )
    token = PERSONAL_TOKEN if profile == config.PERSONAL else _visitors_token()
    session.put(session.TOKEN, token)
    workspace = Workspace(token)
    if profile == config.SHARED:
        visits.note(workspace.folder)
    runs = _settle(workspace, profile)
    dark = getattr(st.context.theme, "type", "light") == "dark"
    # Being the owner is read from the request, which a careless proxy may forge; a server that
    # was told to be personal, or that only this machine can reach, cannot be mistaken.
    alone = st.get_option("server.address") in _LOOPBACK
    may_type = profile == config.PERSONAL and (config.forced_profile() is not None or alone)
    return Visit(profile, workspace, config.limits(profile), dark, runs, may_type)


def _settle(workspace: Workspace, profile: str) -> tuple[Run, ...]:
    """Does what is done by itself, and gives the runs that are there then."""
    try:
        return auto_start.settle(workspace, profile)
    except OSError as error:
        if error.errno not in file_system.FULL:
            raise
        # The page opens all the same, for on it room is made.
        session.put(session.MESSAGE, ("warning", error_messages.DISK_IS_FULL))
        return tuple(workspace.runs())


def _visitors_token() -> str:
    """The token in the address, or of the session, or a new one; it is in the address then.

    Only a visitor's token counts: the name of the owner's workspace, or anything else that is no
    token, gets a new workspace.

    Raises:
        WorkspaceError, BoundError: A copy was asked for that cannot be had.
    """
    if copy := st.query_params.get(COPY_PARAMETER):
        del st.query_params[COPY_PARAMETER]
        token = class_copies.open_copy(copy).token
        session.put(session.MESSAGE, ("success", "This is your own copy. Nobody else sees it."))
    else:
        given, own = st.query_params.get(TOKEN_PARAMETER), session.get(session.TOKEN)
        token = next((one for one in (given, own) if one and is_token(one)), None) or new_token()
        if given == token != own and not Workspace(token).folder.is_dir():
            hours = (config.limits(config.SHARED).seconds_kept or 0) // 3600
            session.put(session.MESSAGE, ("info", _NOT_THERE.format(hours=hours)))
    st.query_params[TOKEN_PARAMETER] = token
    return token


def address_parameters() -> dict[str, str] | None:
    """What every link between pages must carry."""
    token = session.get(session.TOKEN)
    return {TOKEN_PARAMETER: token} if token and token != PERSONAL_TOKEN else None


def _connection() -> tuple[str | None, str | None, Mapping[str, str]]:
    return st.context.ip_address, st.context.url, st.context.headers


def _is_owner(address: str | None, url: str | None, headers: Mapping[str, str]) -> bool:
    """Whether the browser runs on this machine, with nothing in between.

    Args:
        address: Of the client; Streamlit gives None for the machine itself.
        url: In the address bar.
        headers: Of the request.
    """
    names = {name.lower(): value for name, value in headers.items()}
    if any(name in names for name in _FORWARDED):
        return False
    host = urlsplit(f"//{names.get('host', '')}").hostname
    page = urlsplit(url or "").hostname
    local_client = address is None or address in _LOOPBACK
    return local_client and host in _LOOPBACK and page in _LOOPBACK


def _open(find, name: str | None):
    """What a remembered name stands for, or None where it is gone."""
    if not name:
        return None
    try:
        return find(name)
    except ImgclfError:
        return None
