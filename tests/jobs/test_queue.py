"""Real child processes: done, failed, stopped, killed, and served in order."""

import contextlib
import errno
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from imgclf_core import files
from imgclf_core.data import storage
from imgclf_core.errors import InputError, JobCancelledError, JobError, JobMemoryError
from imgclf_core.jobs import admission, events, memory, queue, worker
from imgclf_core.jobs.events import JobStatus
from tests.conftest import make_zip, two_classes

# A worker that runs out of memory in the middle of a slow write, and takes its time to end.
_TALKER = """
import os, sys, threading, time
from pathlib import Path
from imgclf_core.jobs import events, worker

end, write = os._exit, events.write_status
os._exit = lambda code: (time.sleep(0.5), end(code))

def write_slowly(folder, status):
    if status.state == events.RUNNING:
        threading.Thread(target=worker._too_much, args=(2, 1, reporter)).start()
        time.sleep(0.2)
    write(folder, status)

events.write_status = write_slowly
reporter = events.Reporter(Path(sys.argv[1]))
reporter.start()
"""


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


@pytest.fixture
def photos(tmp_path) -> Path:
    """A small zip."""
    return make_zip(tmp_path / "photos.zip", two_classes(3))


@pytest.fixture
def taken_lane():
    """A light lane that somebody else holds; call the value to let it go."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(queue.lane(queue.LIGHT_LANE, lambda ahead: None))
        yield stack.close


def test_a_job_that_takes_too_much_memory_ends_itself_and_says_so(tmp_path, photos, monkeypatch):
    """The server lives on, and the person knows what to try."""
    monkeypatch.setenv(memory.LIMIT_VARIABLE, "1")
    folder = tmp_path / "set"
    queue.submit(folder, "ingest", {"source": str(photos), "name": "a"})
    status = queue.follow(folder)
    assert (status.state, status.error) == ("failed", "memory")
    assert status.message == (
        "This ran out of memory: it may use 1 MB here and needed more. Close other programs."
    )
    assert status.peak_memory > 1024 * 1024
    (event,) = events.read_events(folder, "memory")
    assert event["used"] > event["limit"] == 1024 * 1024


def test_nothing_is_said_after_the_last_word(tmp_path):
    """Memory runs out while a status is being written, which must not arrive after the last."""
    ended = subprocess.run([sys.executable, "-c", _TALKER, str(tmp_path)], check=False, timeout=60)
    assert ended.returncode == 3
    assert events.read_status(tmp_path).state == events.FAILED


@pytest.mark.parametrize("failure", [None, InputError("No."), JobCancelledError("No."), OSError()])
def test_the_peak_of_memory_is_told_however_it_ends(tmp_path, monkeypatch, failure):
    """Also a job of a moment has used some."""

    def work(*arguments):
        if failure:
            raise failure
        return {}

    monkeypatch.setattr(worker, "_function", lambda kind: work)
    worker._perform(worker.KINDS["look"], tmp_path, {}, events.Reporter(tmp_path))
    assert events.read_status(tmp_path).peak_memory > 1024 * 1024


def test_a_job_waits_for_the_memory_that_another_one_holds(tmp_path, monkeypatch):
    """And goes on as soon as there is enough."""
    reporter = events.Reporter(tmp_path)
    free = iter([0, 0, 10**9])
    monkeypatch.setattr(memory, "available", lambda: next(free))
    with queue.lane(queue.LIGHT_LANE, lambda ahead: None), admission.working(queue.LIGHT_LANE):
        admission.wait_for_memory(queue.KERAS_LANE, 10**9, reporter)
    assert next(free, "all asked for") == "all asked for"
    status = events.read_status(tmp_path)
    assert (status.state, status.stage) == (events.QUEUED, "waiting for memory")


def test_two_jobs_that_wait_for_memory_do_not_wait_for_each_other(tmp_path, monkeypatch):
    """Only one that works will ever free any; a place in a lane is not enough."""
    looks = iter([0])
    monkeypatch.setattr(memory, "available", lambda: next(looks))
    with (
        queue.lane(queue.LIGHT_LANE, lambda ahead: None),
        pytest.raises(JobMemoryError, match="0 MB is free"),
    ):
        admission.wait_for_memory(queue.KERAS_LANE, 10**9, events.Reporter(tmp_path))


def test_a_job_can_be_cancelled_while_it_waits_for_memory(tmp_path, monkeypatch):
    """However long the other one works."""
    looks = iter([0])
    monkeypatch.setattr(memory, "available", lambda: next(looks))
    queue.stop(tmp_path, discard=True)
    with (
        queue.lane(queue.LIGHT_LANE, lambda ahead: None),
        admission.working(queue.LIGHT_LANE),
        pytest.raises(JobCancelledError),
    ):
        admission.wait_for_memory(queue.KERAS_LANE, 10**9, events.Reporter(tmp_path))


def test_a_job_that_has_no_room_fails_for_memory(tmp_path, monkeypatch):
    """Nothing of its work is begun."""
    monkeypatch.setattr(memory, "available", lambda: 1024**2)
    worker._perform(worker.KINDS["look"], tmp_path, {}, events.Reporter(tmp_path))
    status = events.read_status(tmp_path)
    assert (status.state, status.error) == ("failed", "memory")
    assert "needs about 300 MB of free memory, and 1 MB is free. Close" in status.message


def test_with_nobody_to_wait_for_too_little_memory_is_said(tmp_path, monkeypatch):
    """Half of what is needed is tried, less is refused with both figures."""
    reporter = events.Reporter(tmp_path)
    monkeypatch.setattr(memory, "available", lambda: 400 * 1024**2)
    admission.wait_for_memory(queue.KERAS_LANE, 700 * 1024**2, reporter)
    with pytest.raises(JobMemoryError, match="about 1.1 GB of free memory, and 400 MB is free"):
        admission.wait_for_memory(queue.KERAS_LANE, 1100 * 1024**2, reporter)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-9, "because memory ran out. Try 16 photos at once. What was reached is kept."),
        (137, "because memory ran out. Try 16 photos at once. What was reached is kept."),
        (-11, "crashed (signal 11). Try 16 photos"),
        (-15, "its process ended before the work was done"),
        (1, "its process ended before the work was done"),
        (None, "its process ended before the work was done"),
    ],
)
def test_a_death_without_a_word_is_read_from_the_exit_status(tmp_path, code, words):
    """With what the job advised before."""
    status = JobStatus(state="running", stage="training", advice="Try 16 photos at once.")
    events.write_status(tmp_path, status)
    files.write_json(tmp_path / queue.EXIT_FILE, {"status": code})
    found = queue.read(tmp_path)
    assert found.state == "interrupted"
    assert words in found.message


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_called_by_its_name(tmp_path, monkeypatch, number):
    """With what to do next."""

    def full(*arguments):
        raise OSError(number, "No space left on device")

    monkeypatch.setattr(worker, "_function", lambda kind: full)
    state = worker._perform(worker.KINDS["look"], tmp_path, {}, events.Reporter(tmp_path))
    assert state == "failed"
    assert events.read_status(tmp_path).message.startswith("The disk is full. Free some space")


def test_another_trouble_with_a_file_is_not_laid_to_the_disk(tmp_path, monkeypatch):
    """It says what the system said."""

    def broken(*arguments):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(worker, "_function", lambda kind: broken)
    worker._perform(worker.KINDS["look"], tmp_path, {}, events.Reporter(tmp_path))
    message = events.read_status(tmp_path).message
    assert message == "A file could not be read or written (Input/output error)."


def test_a_disk_too_full_for_last_words_is_still_called_so(tmp_path, monkeypatch):
    """A worker that could not even write its status is told from the disk."""
    events.write_status(tmp_path, JobStatus(state=events.RUNNING, stage="training"))
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage._replace(free=0))
    assert queue.read(tmp_path).message.startswith("The disk is full.")


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
    queue.submit(folder, "ingest", {"source": str(photos), "name": "a"})
    until(lambda: state_of(folder) == "queued" and queue.read(folder).stage == "waiting")
    queue.stop(folder, discard=True)
    status = queue.follow(folder)
    assert (status.state, status.message) == ("cancelled", "Cancelled; nothing was kept.")


def test_a_job_does_its_work_and_is_done(tmp_path, photos):
    """The child leaves its result, and its lock is free."""
    folder = tmp_path / "set"
    queue.submit(folder, "ingest", {"source": str(photos)})
    seen: list[JobStatus] = []
    status = queue.follow(folder, seen.append)
    assert (status.state, status.result) == ("done", {"photos": 6, "skipped": 0})
    assert seen[-1] == status
    assert len(storage.load(folder).photos) == 6
    until(lambda: not queue.is_locked(folder / queue.LOCK_FILE))


def test_a_light_job_never_loads_tensorflow(tmp_path, photos):
    """The parent neither waits for it nor pays for it."""
    code = (
        "import sys\n"
        "from imgclf_core.jobs import worker\n"
        "status = worker.main([sys.argv[1]])\n"
        "heavy = {'tensorflow', 'keras', 'sklearn', 'scipy'} & set(sys.modules)\n"
        "sys.exit(status or len(heavy))\n"
    )
    folder = tmp_path / "set"
    files.write_json(folder / queue.JOB_FILE, {"kind": "ingest", "params": {"source": str(photos)}})
    done = subprocess.run([sys.executable, "-c", code, str(folder)], check=False)
    assert done.returncode == 0


def test_a_mistake_of_the_person_is_one_sentence(tmp_path):
    """The status has the sentence and says that the person can mend it."""
    source = tmp_path / "photos.zip"
    source.write_bytes(b"Rar!")
    queue.submit(tmp_path / "set", "ingest", {"source": str(source)})
    status = queue.follow(tmp_path / "set")
    assert (status.state, status.error) == ("failed", "input")
    assert "'photos.zip' is a RAR file" in status.message


def test_a_bug_is_logged_and_said_plainly(tmp_path):
    """No traceback on screen, all of it in the log."""
    queue.submit(tmp_path / "set", "ingest", {"no source": 1})
    status = queue.follow(tmp_path / "set")
    assert (status.state, status.error) == ("failed", "bug")
    assert "Something went wrong inside the program" in status.message
    assert "KeyError: 'source'" in (tmp_path / "set" / queue.LOG_FILE).read_text()


def test_a_waiting_job_can_be_stopped(tmp_path, photos, taken_lane):
    """It ends as stopped without its turn ever coming."""
    folder = tmp_path / "set"
    queue.submit(folder, "ingest", {"source": str(photos)})
    until(lambda: queue.read(folder).ahead == 1)
    queue.stop(folder)
    status = queue.follow(folder)
    assert status.state == events.STOPPED
    assert not storage.is_dataset(folder)
    assert photos.exists()


def test_a_stopped_job_can_be_started_again(tmp_path, photos, taken_lane):
    """An old stop flag does not stop the new job."""
    folder = tmp_path / "set"
    folder.mkdir()
    queue.stop(folder)
    taken_lane()
    queue.submit(folder, "ingest", {"source": str(photos)})
    assert queue.follow(folder).state == events.DONE


def test_a_job_started_again_keeps_what_its_folder_holds(tmp_path, photos):
    """Its history and checkpoints stay; how the last one was stopped and died is forgotten."""
    folder = tmp_path / "set"
    events.write_status(folder, JobStatus(state=events.FAILED, message="It broke."))
    events.Reporter(folder).record("epoch", epoch=1)
    (folder / "checkpoint").write_text("all that was learnt")
    gone = (events.STOP_FILE, queue.EXIT_FILE, queue.GAVE_WAY_FILE)
    for name in gone:
        (folder / name).write_text("{}")
    queue.submit(folder, "ingest", {"source": str(photos)})
    status = queue.follow(folder)
    assert (status.state, status.message) == (events.DONE, "")
    assert [event["epoch"] for event in events.read_events(folder, "epoch")] == [1]
    assert (folder / "checkpoint").read_text() == "all that was learnt"
    assert not any((folder / name).exists() for name in gone)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_job_is_shown_as_interrupted(tmp_path):
    """A worker that could say nothing any more is told from its lock."""
    folder = tmp_path / "set"
    queue.submit(folder, "ingest", {"source": "sample", "name": "Shapes"})
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
    queue.submit(folder, "ingest", {"source": str(photos)})
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
    queue.submit(folder, "ingest", {"source": str(photos)})
    until(lambda: queue.is_locked(folder / queue.LOCK_FILE))
    with pytest.raises(JobError, match="running already"):
        queue.submit(folder, "ingest", {"source": str(photos)})
    taken_lane()
    assert queue.follow(folder).state == events.DONE


def test_jobs_are_served_in_order(tmp_path, photos, taken_lane):
    """Each sees how many go first, and the first to come is the first to end."""
    folders = [tmp_path / f"set{i}" for i in range(3)]
    for place, folder in enumerate(folders, start=1):
        queue.submit(folder, "ingest", {"source": str(photos)})
        until(lambda folder=folder, place=place: queue.read(folder).ahead == place)
    taken_lane()
    ended = [queue.follow(folder) for folder in folders]
    assert [status.state for status in ended] == [events.DONE] * 3
    assert ended[0].finished < ended[1].finished < ended[2].finished


def test_the_lanes_do_not_wait_for_each_other(tmp_path, photos):
    """Nobody's photos wait for another's training."""
    with queue.lane(queue.KERAS_LANE, lambda ahead: None):
        queue.submit(tmp_path / "set", "ingest", {"source": str(photos)})
        assert queue.follow(tmp_path / "set").state == events.DONE


def test_the_ticket_of_a_dead_worker_is_passed_over(home):
    """A ticket nobody holds does not block the lane, and is tidied away."""
    folder = home / "lanes" / queue.LIGHT_LANE
    folder.mkdir(parents=True)
    dead = folder / f"{time.time_ns() - 120 * 10**9:020d}-00.ticket"
    dead.touch()
    waited = []
    with queue.lane(queue.LIGHT_LANE, waited.append):
        assert waited == []
    assert not dead.exists()


def test_a_lock_is_seen_while_it_is_held(tmp_path):
    """Looking neither takes it away nor leaves it taken."""
    path = tmp_path / "lock"
    assert not queue.is_locked(path)
    with FileLock(path):
        assert queue.is_locked(path)
        assert queue.is_locked(path)
    assert not queue.is_locked(path)


def test_only_one_worker_lives_in_a_folder(tmp_path, monkeypatch):
    """The second one gives up."""
    monkeypatch.setattr(queue, "SECONDS_FOR_LOCK", 0.2)
    second = queue.hold(tmp_path)
    with queue.hold(tmp_path), pytest.raises(JobError, match="Another worker is alive"):
        second.__enter__()


def test_following_no_job_is_said(tmp_path):
    """There is nothing to wait for."""
    assert queue.read(tmp_path) is None
    with pytest.raises(JobError, match="There is no job in"):
        queue.follow(tmp_path)
