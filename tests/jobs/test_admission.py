"""Jobs and memory: let in, made to wait, refused, and ended when they take too much."""

import subprocess
import sys

import pytest

from imgclf_core import job_registry
from imgclf_core.errors import InputError, JobCancelledError, JobMemoryError
from imgclf_core.jobs import admission, events, lanes, memory, queue, worker
from imgclf_core.jobs.kinds import JobKind
from imgclf_core.jobs.reporter import Reporter

# A worker that runs out of memory in the middle of a slow write, and takes its time to end.
_TALKER = """
import os, sys, threading, time
from pathlib import Path
from imgclf_core.jobs import events, worker
from imgclf_core.jobs.reporter import Reporter

end, write = os._exit, events.write_status
os._exit = lambda code: (time.sleep(0.5), end(code))

def write_slowly(folder, status):
    if status.state == events.RUNNING:
        threading.Thread(target=worker._too_much, args=(2, 1, reporter)).start()
        time.sleep(0.2)
    write(folder, status)

events.write_status = write_slowly
reporter = Reporter(Path(sys.argv[1]))
reporter.start()
"""


def test_a_job_that_takes_too_much_memory_ends_itself_and_says_so(tmp_path, photos, monkeypatch):
    """The server lives on, and the person knows what to try."""
    monkeypatch.setenv(memory.LIMIT_VARIABLE, "1")
    folder = tmp_path / "set"
    queue.submit(folder, JobKind.INGEST, {"source": str(photos), "name": "a"})
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
    worker._perform(
        job_registry.DEFINITIONS[JobKind.FIND_OUTLIERS], tmp_path, {}, Reporter(tmp_path)
    )
    assert events.read_status(tmp_path).peak_memory > 1024 * 1024


def test_a_job_waits_for_the_memory_that_another_one_holds(tmp_path, monkeypatch):
    """And goes on as soon as there is enough."""
    reporter = Reporter(tmp_path)
    free = iter([0, 0, 10**9])
    monkeypatch.setattr(memory, "available", lambda: next(free))
    with lanes.turn(lanes.LIGHT, lambda ahead: None), admission.working(lanes.LIGHT):
        admission.wait_for_memory(lanes.KERAS, 10**9, reporter)
    assert next(free, "all asked for") == "all asked for"
    status = events.read_status(tmp_path)
    assert (status.state, status.stage) == (events.QUEUED, "waiting for memory")


def test_two_jobs_that_wait_for_memory_do_not_wait_for_each_other(tmp_path, monkeypatch):
    """Only one that works will ever free any; a place in a lane is not enough."""
    monkeypatch.setattr(memory, "available", lambda: 0)
    with (
        lanes.turn(lanes.LIGHT, lambda ahead: None),
        pytest.raises(JobMemoryError, match="0 MB is free"),
    ):
        admission.wait_for_memory(lanes.KERAS, 10**9, Reporter(tmp_path))


def test_a_job_can_be_cancelled_while_it_waits_for_memory(tmp_path, monkeypatch):
    """However long the other one works."""
    looks = iter([0])
    monkeypatch.setattr(memory, "available", lambda: next(looks))
    queue.stop(tmp_path, discard=True)
    with (
        lanes.turn(lanes.LIGHT, lambda ahead: None),
        admission.working(lanes.LIGHT),
        pytest.raises(JobCancelledError),
    ):
        admission.wait_for_memory(lanes.KERAS, 10**9, Reporter(tmp_path))


def test_a_job_that_has_no_room_fails_for_memory(tmp_path, monkeypatch):
    """Nothing of its work is begun."""
    monkeypatch.setattr(memory, "available", lambda: 1024**2)
    worker._perform(
        job_registry.DEFINITIONS[JobKind.FIND_OUTLIERS], tmp_path, {}, Reporter(tmp_path)
    )
    status = events.read_status(tmp_path)
    assert (status.state, status.error) == ("failed", "memory")
    assert "needs about 300 MB of free memory, and 1 MB is free. Close" in status.message


def test_with_nobody_to_wait_for_too_little_memory_is_said(tmp_path, monkeypatch):
    """Most of what is needed is tried, less is refused with both figures and a way on."""
    reporter = Reporter(tmp_path)
    monkeypatch.setattr(memory, "available", lambda: 400 * 1024**2)
    admission.wait_for_memory(lanes.KERAS, 480 * 1024**2, reporter)
    with pytest.raises(JobMemoryError, match="about 650 MB of free memory, and 400 MB is free"):
        admission.wait_for_memory(lanes.KERAS, 650 * 1024**2, reporter)
    with pytest.raises(JobMemoryError, match="The first answer needs far less"):
        admission.wait_for_memory(lanes.KERAS, 650 * 1024**2, reporter)


def test_a_process_that_ends_may_still_give_its_memory_back(tmp_path, monkeypatch):
    """The next job, which follows at once, is not refused for that."""
    free = iter([0, 0, 10**9])
    monkeypatch.setattr(memory, "available", lambda: next(free))
    admission.wait_for_memory(lanes.KERAS, 10**9, Reporter(tmp_path))

    assert next(free, "all asked for") == "all asked for"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """What is refused is refused soon."""
    monkeypatch.setattr(admission, "SECONDS_OF_PATIENCE", 0.5)
