"""Real child processes: done, failed, stopped, killed, and served in order."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from imgclf_core.datasets import store
from imgclf_core.errors import JobError
from imgclf_core.jobs import events, lanes, locks, queue
from imgclf_core.jobs.events import JobStatus
from imgclf_core.jobs.kinds import JobKind
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.support import atomic_files


def until(condition: Callable[[], object]) -> None:
    """Waits until something holds; a minute is far more than it takes."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def state_of(folder: Path) -> str:
    """The state of a job as a page shows it."""
    status = queue.read(folder)
    return status.state if status else ""


def worker_of(folder: Path) -> psutil.Process | None:
    """The child that works in a folder."""
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if str(folder) in child.cmdline():
                return child
    return None


def test_what_was_asked_of_a_job_can_be_read(tmp_path):
    """A page says so until it has happened; a job that is gone is not brought back by it."""
    assert queue.stopping(tmp_path) == ""
    queue.stop(tmp_path)
    assert queue.stopping(tmp_path) == "stop"
    queue.stop(tmp_path, discard=True)
    assert queue.stopping(tmp_path) == "discard"
    queue.stop(tmp_path / "gone")
    assert not (tmp_path / "gone").exists()


def test_a_job_can_be_cancelled_while_it_waits(tmp_path, photos, taken_lane):
    """Nothing of it is kept."""
    folder = tmp_path / "set"
    queue.submit(folder, JobKind.INGEST, {"source": str(photos), "name": "a"})
    until(lambda: state_of(folder) == "queued" and queue.read(folder).stage == "waiting")
    queue.stop(folder, discard=True)
    status = queue.follow(folder)
    assert (status.state, status.message) == ("cancelled", "Cancelled; nothing was kept.")


def test_a_job_does_its_work_and_is_done(tmp_path, photos):
    """The child leaves its result, and its lock is free."""
    folder = tmp_path / "set"
    queue.submit(folder, JobKind.INGEST, {"source": str(photos)})
    seen: list[JobStatus] = []
    status = queue.follow(folder, seen.append)
    assert (status.state, status.result) == ("done", {"photos": 6, "skipped": 0})
    assert seen[-1] == status
    assert len(store.load(folder).photos) == 6
    until(lambda: not locks.is_locked(folder / locks.LOCK_FILE))


def test_a_light_job_never_loads_tensorflow(tmp_path, photos):
    """The parent neither waits for it nor pays for it."""
    code = (
        "import sys\n"
        "from imgclf_core import job_registry\n"
        "status = job_registry.main([sys.argv[1]])\n"
        "heavy = {'tensorflow', 'keras', 'sklearn', 'scipy'} & set(sys.modules)\n"
        "sys.exit(status or len(heavy))\n"
    )
    folder = tmp_path / "set"
    atomic_files.write_json(
        folder / queue.JOB_FILE, {"kind": "ingest", "params": {"source": str(photos)}}
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], check=False)
    assert done.returncode == 0


def test_a_mistake_of_the_person_is_one_sentence(tmp_path):
    """The status has the sentence and says that the person can mend it."""
    source = tmp_path / "photos.zip"
    source.write_bytes(b"Rar!")
    queue.submit(tmp_path / "set", JobKind.INGEST, {"source": str(source)})
    status = queue.follow(tmp_path / "set")
    assert (status.state, status.error) == ("failed", "input")
    assert "'photos.zip' is a RAR file" in status.message


def test_a_bug_is_logged_and_said_plainly(tmp_path):
    """No traceback on screen, all of it in the log."""
    queue.submit(tmp_path / "set", JobKind.INGEST, {"no source": 1})
    status = queue.follow(tmp_path / "set")
    assert (status.state, status.error) == ("failed", "bug")
    assert "Something went wrong inside the program" in status.message
    assert "KeyError: 'source'" in (tmp_path / "set" / queue.LOG_FILE).read_text()


def test_a_waiting_job_can_be_stopped(tmp_path, photos, taken_lane):
    """It ends as stopped without its turn ever coming."""
    folder = tmp_path / "set"
    queue.submit(folder, JobKind.INGEST, {"source": str(photos)})
    until(lambda: queue.read(folder).ahead == 1)
    queue.stop(folder)
    status = queue.follow(folder)
    assert status.state == events.STOPPED
    assert not store.is_dataset(folder)
    assert photos.exists()


def test_a_stopped_job_can_be_started_again(tmp_path, photos, taken_lane):
    """An old stop flag does not stop the new job."""
    folder = tmp_path / "set"
    folder.mkdir()
    queue.stop(folder)
    taken_lane()
    queue.submit(folder, JobKind.INGEST, {"source": str(photos)})
    assert queue.follow(folder).state == events.DONE


def test_a_job_started_again_keeps_what_its_folder_holds(tmp_path, photos):
    """Its history and checkpoints stay; how the last one was stopped and died is forgotten."""
    folder = tmp_path / "set"
    events.write_status(folder, JobStatus(state=events.FAILED, message="It broke."))
    Reporter(folder).record("epoch", epoch=1)
    (folder / "checkpoint").write_text("all that was learnt")
    gone = (events.STOP_FILE, queue.EXIT_FILE, queue.GAVE_WAY_FILE)
    for name in gone:
        (folder / name).write_text("{}")
    queue.submit(folder, JobKind.INGEST, {"source": str(photos)})
    status = queue.follow(folder)
    assert (status.state, status.message) == (events.DONE, "")
    assert [event["epoch"] for event in events.read_events(folder, "epoch")] == [1]
    assert (folder / "checkpoint").read_text() == "all that was learnt"
    assert not any((folder / name).exists() for name in gone)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_job_is_shown_as_interrupted(tmp_path):
    """A worker that could say nothing any more is told from its lock."""
    folder = tmp_path / "set"
    queue.submit(folder, JobKind.INGEST, {"source": "sample", "name": "Shapes"})
    until(lambda: state_of(folder) == events.RUNNING)
    worker = worker_of(folder)
    worker.send_signal(signal.SIGSTOP)  # so that it does not end by itself meanwhile
    assert events.read_status(folder).state == events.RUNNING
    worker.kill()
    until(lambda: state_of(folder) != events.RUNNING)
    status = queue.read(folder)
    assert (status.state, status.error, status.ended) == ("interrupted", "failed", True)
    assert "interrupted" in status.message
    until(lambda: "most likely because memory ran out" in queue.read(folder).message)
    until(lambda: not psutil.pid_exists(worker.pid))  # no zombie is left


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_job_killed_while_it_waits_is_shown_as_interrupted(tmp_path, photos, taken_lane):
    """Dead is dead also before the first turn, without half a minute of doubt."""
    folder = tmp_path / "set"
    queue.submit(folder, JobKind.INGEST, {"source": str(photos)})
    until(lambda: queue.read(folder).ahead == 1)
    worker = worker_of(folder)
    worker.kill()
    until(lambda: not psutil.pid_exists(worker.pid))
    assert state_of(folder) == events.INTERRUPTED


def test_a_job_that_never_started_is_given_up(tmp_path):
    """A queued job without a worker counts as dead after a while."""
    for age, state in ((5, events.QUEUED), (60, events.INTERRUPTED), (-60, events.INTERRUPTED)):
        events.write_status(tmp_path, JobStatus(created=time.time() - age))
        assert state_of(tmp_path) == state


def test_a_living_job_is_not_started_twice(tmp_path, photos, taken_lane):
    """A double click is one job."""
    folder = tmp_path / "set"
    queue.submit(folder, JobKind.INGEST, {"source": str(photos)})
    until(lambda: locks.is_locked(folder / locks.LOCK_FILE))
    with pytest.raises(JobError, match="running already"):
        queue.submit(folder, JobKind.INGEST, {"source": str(photos)})
    taken_lane()
    assert queue.follow(folder).state == events.DONE


def test_jobs_are_served_in_order(tmp_path, photos, taken_lane):
    """Each sees how many go first, and the first to come is the first to end."""
    folders = [tmp_path / f"set{i}" for i in range(3)]
    for place, folder in enumerate(folders, start=1):
        queue.submit(folder, JobKind.INGEST, {"source": str(photos)})
        until(lambda folder=folder, place=place: queue.read(folder).ahead == place)
    taken_lane()
    ended = [queue.follow(folder) for folder in folders]
    assert [status.state for status in ended] == [events.DONE] * 3
    assert ended[0].finished < ended[1].finished < ended[2].finished


def test_a_job_whose_folder_goes_ends_at_once(tmp_path):
    """Whatever it is at, and with all it has started: a page waits for it."""
    code = (
        "import subprocess, sys\n"
        "from imgclf_core import job_registry\n"
        "from imgclf_core.jobs import worker\n"
        "work = lambda *arguments: subprocess.run([sys.executable, '-c', 'input()'])\n"
        "worker._function = lambda kind: work\n"
        "job_registry.main([sys.argv[1]])\n"
    )
    folder = tmp_path / "set"
    atomic_files.write_json(folder / queue.JOB_FILE, {"kind": "ingest", "params": {}})
    worker = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE)
    until(lambda: psutil.Process(worker.pid).children())
    (child,) = psutil.Process(worker.pid).children()
    queue.end(folder)
    status = queue.follow(folder)
    assert (status.state, status.message) == ("cancelled", "Its folder was deleted.")
    assert worker.wait(10) == 0
    worker.stdin.close()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    queue.end(tmp_path / "gone")
    assert not (tmp_path / "gone").exists()


def test_the_lanes_do_not_wait_for_each_other(tmp_path, photos):
    """Nobody's photos wait for another's training."""
    with lanes.turn(lanes.KERAS, lambda ahead: None):
        queue.submit(tmp_path / "set", JobKind.INGEST, {"source": str(photos)})
        assert queue.follow(tmp_path / "set").state == events.DONE


def test_the_ticket_of_a_dead_worker_is_passed_over(home):
    """A ticket nobody holds does not block the lane, and is tidied away."""
    folder = home / "lanes" / lanes.LIGHT
    folder.mkdir(parents=True)
    dead = folder / f"{time.time_ns() - 120 * 10**9:020d}-00.ticket"
    dead.touch()
    waited = []
    with lanes.turn(lanes.LIGHT, waited.append):
        assert waited == []
    assert not dead.exists()


def test_a_lock_is_seen_while_it_is_held(tmp_path):
    """Looking neither takes it away nor leaves it taken."""
    path = tmp_path / "lock"
    assert not locks.is_locked(path)
    with FileLock(path):
        assert locks.is_locked(path)
        assert locks.is_locked(path)
    assert not locks.is_locked(path)


def test_only_one_worker_lives_in_a_folder(tmp_path, monkeypatch):
    """The second one gives up."""
    monkeypatch.setattr(locks, "SECONDS_FOR_LOCK", 0.2)
    second = locks.hold(tmp_path)
    with locks.hold(tmp_path), pytest.raises(JobError, match="Another worker is alive"):
        second.__enter__()


def test_following_no_job_is_said(tmp_path):
    """There is nothing to wait for."""
    assert queue.read(tmp_path) is None
    with pytest.raises(JobError, match="There is no job in"):
        queue.follow(tmp_path)
