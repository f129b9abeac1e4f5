"""When somebody last looked into a workspace.

Written as a visitor's page is drawn, read by the sweeper and by trainings. How time is told
although somebody sets the clock is in `support/clock.py`.
"""

import contextlib
import logging
from pathlib import Path

from imgclf_core.support import atomic_files, clock, error_messages, file_system

FILE = "visited.json"
SECONDS_BETWEEN_NOTES = 10.0

logger = logging.getLogger("imgclf.visits")


def note(folder: Path) -> None:
    """Remembers that somebody looks into a workspace now; one that is not there stays so.

    On a full disk it is not remembered: whoever comes to make room must be let in.
    """
    if not folder.is_dir() or seconds_since(folder) < SECONDS_BETWEEN_NOTES:
        return
    try:
        atomic_files.write_json(folder / FILE, _now())
    except OSError as error:
        if error.errno not in file_system.FULL:
            raise
        logger.warning("a visit was not noted: %s", error_messages.way(error))


def seconds_since(folder: Path) -> float:
    """Seconds since the last visit; infinity where none was ever noted."""
    return clock.seconds_between(atomic_files.read_json(folder / FILE), _now())


def stamp(folder: Path) -> int:
    """Another number after each visit that was noted."""
    with contextlib.suppress(OSError):
        return (folder / FILE).stat().st_mtime_ns
    return 0


def _now() -> dict:
    return clock.now()
