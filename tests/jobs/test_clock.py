"""A clock that jumps by a day, while jobs wait and work: nobody living is called dead."""

import threading
import time

import pytest

from imgclf_core.errors import JobError
from imgclf_core.jobs import events, lanes, locks, queue, quotas, visits
from imgclf_core.jobs.events import JobStatus
from imgclf_core.jobs.kinds import JobKind
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.support import clock
from imgclf_core.workspaces import expiry
from imgclf_core.workspaces.workspace import Workspace, new_token

DAY = 86_400.0
JUMPS = pytest.mark.parametrize("jump", [-DAY, DAY])


@pytest.fixture
def set_clock(monkeypatch):
    """Sets the clock of this machine; the machine itself runs on."""
    true = time.time

    def set_by(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: true() + seconds)

    return set_by


@pytest.fixture
def not_launched(monkeypatch):
    """Workers that take their time to start."""
    monkeypatch.setattr(queue, "_launch", lambda folder: None)


@JUMPS
def test_a_job_that_begins_is_not_dead(tmp_path, not_launched, set_clock, jump):
    """Its worker has not taken its lock yet; nobody may ask for it a second time meanwhile."""
    queue.submit(tmp_path, JobKind.FIND_OUTLIERS, {})
    set_clock(jump)
    assert queue.read(tmp_path).state == events.QUEUED
    with pytest.raises(JobError, match="running already"):
        queue.submit(tmp_path, JobKind.FIND_OUTLIERS, {})


@JUMPS
def test_a_job_at_work_is_not_dead(tmp_path, not_launched, set_clock, jump):
    """It holds its lock, which no clock lets go."""
    queue.submit(tmp_path, JobKind.FIND_OUTLIERS, {})
    reporter = Reporter(tmp_path)
    with locks.hold(tmp_path):
        reporter.start("working")
        set_clock(jump)
        reporter.stage("still working", 2)
        assert queue.read(tmp_path).state == events.RUNNING
        assert quotas.goes_on(tmp_path)
    assert queue.read(tmp_path).state == events.INTERRUPTED


@JUMPS
def test_a_job_that_never_began_is_found_dead(tmp_path, not_launched, set_clock, monkeypatch, jump):
    """After half a minute of the machine, wherever the clock stands."""
    queue.submit(tmp_path, JobKind.FIND_OUTLIERS, {})
    set_clock(jump)
    later = clock.now()
    later["running"] += locks.SECONDS_TO_START + 1
    monkeypatch.setattr(clock, "now", lambda: later)
    assert queue.read(tmp_path).state == events.INTERRUPTED
    queue.submit(tmp_path, JobKind.FIND_OUTLIERS, {})


def test_no_job_is_about_to_begin_after_a_restart(tmp_path, not_launched, set_clock, monkeypatch):
    """Not even where the clock was set back meanwhile."""
    queue.submit(tmp_path, JobKind.FIND_OUTLIERS, {})
    set_clock(-DAY)
    later = {**clock.now(), "start": "another", "running": 1.0}
    monkeypatch.setattr(clock, "now", lambda: later)
    assert queue.read(tmp_path).state == events.INTERRUPTED


def test_a_death_of_the_job_before_is_not_that_of_this_one(tmp_path, not_launched):
    """A server that noted it late does not make the next job look dead."""
    queue.submit(tmp_path, JobKind.FIND_OUTLIERS, {})
    (tmp_path / queue.EXIT_FILE).write_text('{"status": -9, "created": 1.5}')
    assert queue.read(tmp_path).state == events.QUEUED


@JUMPS
def test_the_first_in_a_lane_stays_the_first(home, set_clock, jump):
    """Who comes after the clock was set waits, and is told so; nobody's ticket is thrown away."""
    waited, done = threading.Event(), threading.Event()

    def second() -> None:
        with lanes.turn(lanes.LIGHT, lambda ahead: waited.set()):
            done.set()

    with lanes.turn(lanes.LIGHT, lambda ahead: None):
        set_clock(jump)
        thread = threading.Thread(target=second, daemon=True)
        thread.start()
        assert waited.wait(10)
        assert not done.is_set()
        assert lanes.living(lanes.LIGHT) == 2
    assert done.wait(10)
    thread.join()


@JUMPS
def test_a_visitor_who_is_there_stays(home, set_clock, jump):
    """Nothing of hers expires because somebody set the clock."""
    mine = Workspace(new_token())
    mine.remember(dataset="photos")
    visits.note(mine.folder)
    set_clock(3 * jump)
    assert expiry.sweep() == 0
    assert mine.folder.is_dir()


def test_what_is_uploaded_for_a_job_that_begins_is_no_leftover(home, not_launched, set_clock):
    """It looks old once the clock is a day ahead, and its worker holds no lock yet."""
    folder = Workspace(new_token()).folder / "datasets" / "set"
    queue.submit(folder, JobKind.INGEST, {})
    visits.note(folder.parents[1])
    (folder / "upload.zip").write_bytes(b"x")
    set_clock(DAY)
    expiry.sweep()
    assert (folder / "upload.zip").exists()
    events.write_status(folder, JobStatus(state=events.FAILED))
    expiry.sweep()
    assert not (folder / "upload.zip").exists()
