"""Throwing away what visitors left behind."""

import os
import time

import pytest

from imgclf_core import config
from imgclf_core.config import PERSONAL_TOKEN
from imgclf_core.jobs import events, queue, quotas, visits
from imgclf_core.jobs.kinds import JobKind
from imgclf_core.workspaces import expiry
from imgclf_core.workspaces.workspace import Workspace, new_token


def lived(token: str | None = None) -> Workspace:
    """A workspace with a file in it that was visited now."""
    made = Workspace(token or new_token())
    made.remember(dataset="photos")
    visits.note(made.folder)
    return made


@pytest.fixture
def later(home, monkeypatch):
    """Lets hours pass on this machine."""

    def pass_hours(hours: float) -> None:
        now = visits._now()
        now["running"] += hours * 3600
        monkeypatch.setattr(visits, "_now", lambda: now)

    return pass_hours


def test_a_visitors_workspace_goes_a_day_after_the_last_visit(later):
    """Not before, and the owner's never."""
    visitor, owner = lived(), lived(PERSONAL_TOKEN)
    later(23)
    assert expiry.sweep() == 0
    assert visitor.folder.is_dir()

    later(2)

    assert expiry.sweep() == 1
    assert not visitor.folder.exists()
    assert owner.folder.is_dir()


def test_a_visit_begins_the_day_anew(later):
    """Who comes back finds everything."""
    visitor = lived()
    later(23)
    visits.note(visitor.folder)
    later(23)

    assert expiry.sweep() == 0


def test_a_copy_that_nobody_opens_goes_too(later):
    """Copies for a class expire like workspaces."""
    copy = config.copies() / new_token()
    copy.mkdir(parents=True)
    visits.note(copy)
    later(25)

    assert expiry.sweep() == 1
    assert not copy.exists()


def test_a_workspace_without_a_visit_is_given_a_day(home):
    """One of an earlier version of the program, or begun this moment."""
    made = Workspace(new_token())
    made.remember(dataset="photos")

    assert expiry.sweep() == 0
    assert visits.seconds_since(made.folder) < 60


def test_leftovers_of_killed_work_go_after_an_hour(home):
    """What works now keeps its files, and so does whatever is a result."""
    folder = lived().folder / "datasets" / "set"
    folder.mkdir(parents=True)
    for name in (".zip.1234.tmp", "upload.zip", "images.csv"):
        (folder / name).write_bytes(b"x")
    expiry.sweep()
    assert len(list(folder.iterdir())) == 3
    for path in folder.iterdir():
        os.utime(path, (time.time() - 4000,) * 2)

    expiry.sweep()

    assert [path.name for path in folder.iterdir()] == ["images.csv"]


def test_the_sum_of_all_is_counted(home):
    """By which new visitors are told that the server is full."""
    workspace = lived()
    (workspace.folder / "photo").write_bytes(bytes(100_000))

    expiry.sweep()

    assert 100_000 < quotas.used_by_all() < 110_000


def test_deleting_ends_jobs_that_wait(home, tmp_path):
    """A job that was never begun does not write into a folder that is gone."""
    workspace = lived()
    folder = workspace.folder / "datasets" / "set"
    queue.submit(folder, JobKind.INGEST, {"source": str(tmp_path / "none.zip")})
    assert events.read_status(folder) is not None

    assert workspace.delete_everything()
    assert not workspace.folder.exists()
