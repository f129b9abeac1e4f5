"""When somebody last looked into a workspace.

Written as a visitor's page is drawn, read by the sweeper and by trainings. Time is that of the
machine since it was started, which no setting of the clock changes; only across a restart the
clock itself has to do.
"""

import contextlib
import time
from pathlib import Path

from imgclf_core import disk, files

FILE = "visited.json"
SECONDS_BETWEEN_NOTES = 10.0

_BOOT = Path("/proc/sys/kernel/random/boot_id")  # another after each start of the machine


def note(folder: Path) -> None:
    """Remembers that somebody looks into a workspace now; one that is not there stays so."""
    if folder.is_dir() and not seconds_since(folder) < SECONDS_BETWEEN_NOTES:
        files.write_json(folder / FILE, _now())


def seconds_since(folder: Path) -> float:
    """Seconds since the last visit; infinity where none was ever noted."""
    then, now = files.read_json(folder / FILE), _now()
    if not isinstance(then, dict) or then.keys() != now.keys():
        return float("inf")
    clock = "running" if then["start"] == now["start"] else "clock"
    return max(0.0, now[clock] - then[clock])


def stamp(folder: Path) -> int:
    """Another number after each visit that was noted."""
    with contextlib.suppress(OSError):
        return (folder / FILE).stat().st_mtime_ns
    return 0


def _now() -> dict:
    return {"start": _start(), "running": time.monotonic(), "clock": time.time()}


def _start() -> str:
    with contextlib.suppress(OSError):
        return disk.read_text(_BOOT).strip()
    return ""  # systems without it: the running time is compared all the same
