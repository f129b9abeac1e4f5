"""What one person may have and ask for on a shared server."""

import time
from dataclasses import replace

import pytest

from imgclf_core import config
from imgclf_core.config import PERSONAL_TOKEN, SHARED
from imgclf_core.errors import BoundError
from imgclf_core.jobs import events, queue, quotas
from imgclf_core.jobs.events import JobStatus
from imgclf_core.jobs.kinds import JobKind
from imgclf_core.workspaces.workspace import Workspace, new_token


@pytest.fixture
def limits(monkeypatch):
    """Changes limits of a shared server."""

    def change(**values) -> None:
        monkeypatch.setitem(config.LIMITS, SHARED, replace(config.LIMITS[SHARED], **values))

    return change


@pytest.fixture
def visitor(home) -> Workspace:
    """A visitor with one photo of a megabyte."""
    made = Workspace(new_token())
    made.remember(dataset="photos")
    (made.folder / "photo").write_bytes(bytes(1 << 20))
    return made


def waiting(workspace: Workspace, name: str) -> None:
    """A job that was asked for just now."""
    folder = workspace.folder / "datasets" / name
    events.write_status(folder, JobStatus(created=time.time()))


def refused(folder) -> str:
    """The sentence with which a job is refused before anything is written."""
    with pytest.raises(BoundError) as told:
        queue.submit(folder, JobKind.FIND_OUTLIERS, {})
    assert not folder.exists()
    return str(told.value)


def test_a_visitor_may_ask_for_so_many_jobs_at_once(visitor, limits):
    """More are refused, with what to do."""
    limits(jobs=2)
    waiting(visitor, "one")
    quotas.check_job(visitor.folder / "datasets" / "more")
    waiting(visitor, "two")

    assert "2 jobs of yours" in refused(visitor.folder / "datasets" / "more")


def test_the_queue_of_all_has_an_end(visitor, limits):
    """A busy server says so and keeps what there is."""
    limits(queue=0)

    assert "This server is busy" in refused(visitor.folder / "datasets" / "more")


@pytest.mark.parametrize(
    ("bound", "words"),
    [("workspace_bytes", "Your photos and models take 1 MB"), ("home_bytes", "no room left")],
)
def test_the_disk_is_bounded(visitor, limits, bound, words):
    """Of one person, and of all together."""
    limits(**{bound: 1 << 20})
    quotas.count_all()

    assert words in refused(visitor.folder / "datasets" / "more")
    with pytest.raises(BoundError, match=words):
        visitor.new_dataset("more.zip")


def test_data_sets_are_counted_before_one_is_begun(visitor, limits):
    """Nothing is uploaded in vain."""
    limits(datasets=1)
    folder = visitor.new_dataset("one.zip")
    (folder / queue.JOB_FILE).write_text("{}")

    with pytest.raises(BoundError, match="You have 1 data sets, and 1 is the most here"):
        visitor.room_for_photos()


def test_a_training_that_takes_too_long_is_refused_beforehand(visitor, limits):
    """With what to choose instead."""
    limits(training_minutes=30)
    visitor.room_for_training(29 * 60)

    with pytest.raises(BoundError, match="about 45 minutes, and 30 is the most here"):
        visitor.room_for_training(45 * 60)


def test_the_owner_has_no_bounds(home, limits):
    """A personal machine trains as long and keeps as much as its owner likes."""
    limits(jobs=0, queue=0, workspace_bytes=0, home_bytes=0, datasets=0, training_minutes=0)
    owner = Workspace(PERSONAL_TOKEN)

    quotas.check_job(owner.folder / "datasets" / "one")
    owner.room_for_photos()
    owner.room_for_training(1e6)


def test_a_job_of_a_visitor_keeps_its_photos_in_the_workspace(visitor, monkeypatch):
    """Decoded photos and features go with everything else of theirs."""
    started = []
    monkeypatch.setattr(queue.subprocess, "Popen", lambda *_, **options: started.append(options))
    monkeypatch.setattr(queue.threading, "Thread", lambda **_: _Nothing())

    queue.submit(visitor.folder / "datasets" / "one", JobKind.FIND_OUTLIERS, {})
    queue.submit(Workspace(PERSONAL_TOKEN).folder / "datasets" / "one", JobKind.FIND_OUTLIERS, {})

    mine, owners = (options["env"].get(config.CACHE_VARIABLE) for options in started)
    assert mine == str(visitor.folder / "cache")
    assert owners is None


class _Nothing:
    def start(self) -> None:
        pass
