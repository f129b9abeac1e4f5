"""A worker's sign of life: a lock of the operating system in the folder of its job.

Locked means alive, whatever a process number may say; the system lets go of it however a process
ends. What is done about the dead is decided in `jobs/queue.py` and `jobs/lanes.py`.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from imgclf_core.errors import JobError

LOCK_FILE = "worker.lock"
# How long a worker waits for the lock of its own folder: a page that looks holds it for a
# moment, a worker that gave way until its process has ended.
SECONDS_FOR_LOCK = 10


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
