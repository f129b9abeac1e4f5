"""Threads that look now and then: one look that fails must not be the last."""

import threading
import time

from imgclf_core.jobs import events, queue, time_limits, worker
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.support import file_system
from tests.faults.failing import failing


def until(condition) -> None:
    """Waits until something holds; ten seconds are far more than it takes."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def test_a_bound_holds_after_a_look_that_failed(mine, monkeypatch):
    """A training that takes too long is stopped, although the first try could not be written."""
    folder = mine.folder / "runs" / "long"
    folder.mkdir(parents=True)
    monkeypatch.setattr(time_limits, "SECONDS_BETWEEN_LOOKS", 0.01)
    monkeypatch.setattr(time_limits.Watch, "too_much", lambda watch: events.TOO_LONG)
    fault = failing(file_system.WRITE, 1, folder)
    with file_system.observed(fault), time_limits.watched(folder):
        until(lambda: fault.happened and queue.stopping(folder) == events.STOP)
    assert events.stop_reason(folder) == events.TOO_LONG


def test_a_worker_ends_with_its_folder_after_a_look_that_failed(mine, monkeypatch):
    """Whoever deletes does not wait for the end of the work."""
    folder = mine.folder / "runs" / "deleted"
    folder.mkdir(parents=True)
    monkeypatch.undo()  # of what is replaced for jobs in this process
    ended = threading.Event()
    monkeypatch.setattr(worker.os, "_exit", lambda code: ended.set())
    monkeypatch.setattr(worker, "_end_children", lambda: None)
    fault = failing(file_system.READ, 1, folder)
    queue.end(folder)
    with file_system.observed(fault):
        worker._end_with_folder(Reporter(folder))
    assert fault.happened
    assert ended.is_set()
