"""What one person may have and ask for on a shared server, said before any work is done.

The numbers are in `config.LIMITS`; the owner of a machine has none of these bounds. What an upload
may hold is judged in `archives/` and `datasets/ingest/`, how long a training may go on in
`jobs/time_limits.py`, and what is thrown away after the last visit in `workspaces/expiry.py`.
"""

from pathlib import Path

from imgclf_core import config
from imgclf_core.config import MEGABYTE, SHARED
from imgclf_core.errors import BoundError
from imgclf_core.jobs import events, lanes, locks
from imgclf_core.support import atomic_files, file_system

# In the home; holds what all workspaces together took when it was last counted.
USAGE_FILE = "usage.json"


def another(what: str, have: int, most: int | None) -> None:
    """Whether there may be one more of something.

    Args:
        what: Of which, in words, such as `data sets`.
        have: That there are.
        most: That there may be, or None.

    Raises:
        BoundError: There are as many as there may be.
    """
    if most is not None and have >= most:
        raise BoundError(
            f"You have {have} {what}, and {most} is the most here. Delete one on the start page, "
            "then try again."
        )


def check_training(seconds: float, minutes: int | None) -> None:
    """Whether a training may take that long.

    Args:
        seconds: Expected.
        minutes: That it may take, or None.

    Raises:
        BoundError: It would take longer.
    """
    if minutes is not None and seconds > 60 * minutes:
        raise BoundError(
            f"This training would take about {seconds / 60:.0f} minutes, and {minutes} is the "
            "most here. Choose Quick, fewer epochs or a smaller picture size, or run the app on "
            "your own computer, where it may take as long as you like."
        )


def check_job(folder: Path) -> None:
    """Whether the visitor in whose workspace a job shall work may ask for one more.

    Args:
        folder: Of the job; outside of visitors' workspaces there is no bound.

    Raises:
        BoundError: Too many jobs, or no room on the disk.
    """
    owner = config.visitors_folder(folder)
    if owner is None:
        return
    limits = config.limits(SHARED)
    own = jobs_of(owner)
    if limits.jobs is not None and own >= limits.jobs:
        raise BoundError(
            f"{own} jobs of yours are waiting or at work, and {limits.jobs} is the most here. "
            "Wait until one ends, or stop one."
        )
    waiting = lanes.living(lanes.KERAS) + lanes.living(lanes.LIGHT)
    if limits.queue is not None and waiting >= limits.queue:
        raise BoundError(
            f"This server is busy: {waiting} jobs are waiting or at work. Try again in some "
            "minutes; what you have stays."
        )
    check_disk(owner)


def check_disk(owner: Path) -> None:
    """Whether a visitor's workspace, and all together, leave room for more.

    Raises:
        BoundError: They do not.
    """
    limits = config.limits(SHARED)
    used = file_system.used_bytes(owner)
    if limits.workspace_bytes is not None and used >= limits.workspace_bytes:
        raise BoundError(
            f"Your photos and models take {used // MEGABYTE:,} MB, and "
            f"{limits.workspace_bytes // MEGABYTE:,} MB is the most here. Delete data sets or runs "
            "on the start page, then try again."
        )
    if limits.home_bytes is not None and used_by_all() >= limits.home_bytes:
        raise BoundError(
            "This server has no room left for more photos. Everything of visitors goes a day "
            "after their last visit, so try again tomorrow, or run the app on your own computer."
        )


def jobs_of(owner: Path) -> int:
    """Jobs of a workspace that wait or work."""
    found = [*owner.glob(f"*/*/{events.STATUS_FILE}"), *owner.glob(f"*/*/*/{events.STATUS_FILE}")]
    return sum(goes_on(path.parent) for path in found)


def count_all() -> int:
    """Counts the bytes of all workspaces, and keeps the sum for `used_by_all`."""
    total = file_system.used_bytes(config.workspaces())
    atomic_files.write_json(config.home() / USAGE_FILE, {"bytes": total})
    return total


def used_by_all() -> int:
    """Bytes of all workspaces when they were last counted, which the sweeper does."""
    known = atomic_files.read_json(config.home() / USAGE_FILE)
    return known["bytes"] if isinstance(known, dict) else count_all()


def goes_on(folder: Path) -> bool:
    """Whether a job in this folder waits, works, or is about to begin."""
    status = events.read_status(folder)
    if status is None or status.ended:
        return False
    return locks.may_be_starting(status) or locks.is_locked(folder / locks.LOCK_FILE)
