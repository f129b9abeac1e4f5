"""Whether a job may begin: enough free memory, or a good reason to try.

Two jobs at once, one a lane, may be more than the machine has. A job then waits for the other;
where nobody else works, waiting would be for ever, and it says so instead.
"""

import time

from imgclf_core.errors import JobError
from imgclf_core.jobs import memory, queue
from imgclf_core.jobs.events import Reporter

_MEGABYTE = 1024 * 1024
# With less than this share of what it needs a job is not even tried.
_LEAST_SHARE = 0.5


def wait_for_memory(lane: str, need: int, reporter: Reporter) -> None:
    """Returns once there is room for a job.

    Args:
        lane: Where the job has its turn.
        need: Bytes such a job takes.
        reporter: Told while it waits; ends the waiting when the person stops it.

    Raises:
        JobError: There is far too little, and no other job whose end would free any.
    """
    while (free := memory.available()) < need and queue.others_work(lane):
        reporter.waiting(0, "waiting for memory")
        time.sleep(queue.SECONDS_BETWEEN_LOOKS)
    if free < _LEAST_SHARE * need:
        raise JobError(
            f"This needs about {need / _MEGABYTE:,.0f} MB of memory, and "
            f"{free / _MEGABYTE:,.0f} MB are free. Close other programs and start it again."
        )
