"""A worker's sign of life: a lock of the operating system in the folder of its job.

Locked means alive, whatever a process number may say; the system lets go of it however a process
ends. What is done about the dead is decided in `jobs/queue.py` and `jobs/lanes.py`.
"""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from imgclf_core.errors import JobError
from imgclf_core.jobs import events
from imgclf_core.jobs.events import JobStatus
from imgclf_core.support import clock

LOCK_FILE = "worker.lock"
# How long a worker waits for the lock of its own folder: a page that looks holds it for a
# moment, a worker that gave way until its process has ended.
SECONDS_FOR_LOCK = 10
# A job that was asked for and whose worker has not taken its lock by then never started.
SECONDS_TO_START = 30.0


def is_locked(path: Path) -> bool:
    """Whether a living process holds this lock file."""
    if not path.exists():
        return False
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    lock.release()
    return False


def may_be_starting(status: JobStatus) -> bool:
    """Whether a job was asked for so lately that its worker need not have taken its lock yet."""
    if status.state != events.QUEUED or status.stage:
        return False  # it has said something
    if status.asked:
        now = clock.now()
        age = now["running"] - status.asked.get("running", float("inf"))
        # No process outlives the machine, and none is older than it.
        return status.asked.get("start") == now["start"] and 0 <= age < SECONDS_TO_START
    return 0 <= time.time() - status.created < SECONDS_TO_START


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[None]:
    """The worker's sign of life.

    Raises:
        JobError: Another worker lives in this folder.
    """
    lock = FileLock(folder / LOCK_FILE)
    try:
        lock.acquire(timeout=SECONDS_FOR_LOCK)
    except Timeout as error:
        raise JobError(f"Another worker is alive in '{folder}'.") from error
    try:
        yield
    finally:
        lock.release()
