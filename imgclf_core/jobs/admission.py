"""Whether a job may begin: enough free memory, or a good reason to try.

Two jobs at once, one a lane, may be more than the machine has. A job then waits for the other;
where nobody else works, waiting would be for ever, and it says so instead. Whose turn it is in a
lane is decided in `jobs/queue.py`, how much memory is free in `jobs/memory.py`.
"""

import contextlib
import time
from collections.abc import Iterator

from filelock import FileLock

from imgclf_core import config
from imgclf_core.errors import JobMemoryError
from imgclf_core.jobs import lanes, locks, memory, queue
from imgclf_core.jobs.reporter import Reporter

WAITING = "waiting for memory"  # the stage of a job that does
_REMEDY = {
    lanes.LIGHT: "Close other programs and start it again.",
    lanes.KERAS: "Close other programs and start it again. The first answer needs far less and can "
    "be used meanwhile; on a computer with more memory all of it works.",
}
_MEGABYTE = 1024 * 1024
# With less than this share of what it needs a job is not even tried.
_LEAST_SHARE = 0.8
# A process that has just ended still gives its memory back.
SECONDS_OF_PATIENCE = 5.0
# Held in a lane while its job works. The lane itself is also held by a job that waits for memory:
# two of those, one a lane, would wait for each other for ever.
_WORKING = "working.lock"


def wait_for_memory(lane: str, need: int, reporter: Reporter) -> None:
    """Returns once there is room for a job.

    Args:
        lane: Where the job has its turn.
        need: Bytes such a job takes.
        reporter: Told while it waits; ends the waiting when the person stops it.

    Raises:
        JobMemoryError: There is far too little, and no other job whose end would free any.
    """
    patience = time.monotonic() + SECONDS_OF_PATIENCE
    while (free := memory.available()) < need:
        if not others_work(lane) and (time.monotonic() > patience or free >= _LEAST_SHARE * need):
            break
        reporter.waiting(0, WAITING)
        time.sleep(queue.SECONDS_BETWEEN_LOOKS)
    if free < _LEAST_SHARE * need:
        raise JobMemoryError(
            f"This needs about {_size(need)} of free memory, and {_size(free)} is free. "
            f"{_REMEDY[lane]}"
        )


@contextlib.contextmanager
def working(lane: str) -> Iterator[None]:
    """Tells the other lanes that a job has been let in here, and works."""
    with FileLock(config.home() / "lanes" / lane / _WORKING):
        yield


def others_work(lane: str) -> bool:
    """Whether a job works in another lane than this one."""
    marks = (config.home() / "lanes").glob(f"*/{_WORKING}")
    return any(mark.parent.name != lane and locks.is_locked(mark) for mark in marks)


def _size(count: int) -> str:
    """Bytes in words."""
    megabytes = count / _MEGABYTE
    return f"{megabytes:,.0f} MB" if megabytes < 1000 else f"{megabytes / 1000:,.1f} GB"
