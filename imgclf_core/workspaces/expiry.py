"""Throwing away what visitors left behind: a day after their last visit, everything of theirs.

Also what a killed process could not remove itself. It is done while the server runs, by one
process of the home at a time; the owner's workspace is never touched. What a person deletes at
once is in `workspaces/workspace.py`, how decoded photos are bounded in `support/row_store.py`.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from imgclf_core import config
from imgclf_core.config import PERSONAL_TOKEN, SHARED
from imgclf_core.jobs import events, locks, queue, quotas, visits
from imgclf_core.support import error_messages, file_system

SECONDS_BETWEEN_SWEEPS = 600.0
# Files of a work that was cut off: nothing that goes on is older.
_SECONDS_OF_LEFTOVERS = 3600.0
_LEFTOVERS = (".*.tmp", "*.part", "upload.zip", "new-*")

logger = logging.getLogger("imgclf.sweeping")


def keep_sweeping() -> threading.Thread:
    """Sweeps now and then for as long as this process lives; on a thread of its own."""
    thread = threading.Thread(target=_sweep_for_ever, name="sweeping", daemon=True)
    thread.start()
    return thread


def sweep() -> int:
    """Deletes expired workspaces and copies and old leftovers; returns how many went.

    Does nothing while another process sweeps the same home.
    """
    file_system.make_folder(config.home())
    with contextlib.suppress(Timeout), FileLock(config.home() / "sweep.lock", timeout=0):
        gone = [folder for folder in _visitors() if _expired(folder)]
        for folder in gone:
            delete(folder)
        for path in _leftovers():
            file_system.remove(path)
        quotas.count_all()
        return len(gone)
    return 0


def delete(folder: Path) -> bool:
    """Ends all jobs of a workspace and deletes it; returns whether nothing is left."""
    for path in sorted(folder.glob(f"*/*/**/{events.STATUS_FILE}")):
        queue.end(path.parent)  # all at once, then one after another
    for path in list(folder.glob(f"*/*/{events.STATUS_FILE}")):
        queue.discard(path.parent)
    for _ in range(10):  # a page may write at this very moment
        file_system.remove_tree(folder)
        if not folder.exists():
            return True
        time.sleep(queue.SECONDS_BETWEEN_LOOKS)
    return False


def _visitors() -> Iterator[Path]:
    for parent in (config.workspaces(), config.copies()):
        for folder in parent.glob("*"):
            if folder.is_dir() and folder.name != PERSONAL_TOKEN:
                yield folder


def _expired(folder: Path) -> bool:
    kept = config.limits(SHARED).seconds_kept
    since = visits.seconds_since(folder)
    if since == float("inf"):  # of an earlier version, or begun at this moment
        visits.note(folder)
        return False
    return kept is not None and since > kept


def _leftovers() -> Iterator[Path]:
    """Files cut off in visitors' workspaces, of jobs that are dead."""
    for folder in _visitors():
        for pattern in _LEFTOVERS:
            for path in folder.rglob(pattern):
                with contextlib.suppress(OSError):
                    old = time.time() - path.stat().st_mtime > _SECONDS_OF_LEFTOVERS
                    if old and path.is_file() and not _alive(path.parent):
                        yield path


def _alive(folder: Path) -> bool:
    return any(_goes_on(place) for place in (folder, folder.parent))


def _goes_on(folder: Path) -> bool:
    """Whether a job works here, or is about to, or has not quite ended."""
    if locks.is_locked(folder / locks.LOCK_FILE):
        return True
    status = queue.read(folder)
    return status is not None and not status.ended


def _sweep_for_ever() -> None:
    while True:
        try:
            sweep()
        except Exception as error:  # noqa: BLE001 - the next time it may do
            error_messages.log(logger, "sweeping", error, error_messages.of(error), private=False)
        time.sleep(SECONDS_BETWEEN_SWEEPS)
