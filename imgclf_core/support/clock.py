"""Moments that can be compared although somebody sets the clock.

Time is that of the machine since it was started, which no setting of the clock changes and which
all its processes share; only across a restart the clock itself has to do. A moment is a value for
JSON files.
"""

import contextlib
import time
from pathlib import Path
from typing import Any

from imgclf_core.support import file_system

_BOOT = Path("/proc/sys/kernel/random/boot_id")  # another after each start of the machine


def now() -> dict[str, Any]:
    """This moment."""
    return {"start": _start(), "running": time.monotonic(), "clock": time.time()}


def seconds_between(then: Any, now: dict[str, Any]) -> float:
    """Seconds from one moment to a later one, at least 0; infinity where the first is none."""
    if not isinstance(then, dict) or then.keys() != now.keys():
        return float("inf")
    clock = "running" if then["start"] == now["start"] else "clock"
    return max(0.0, now[clock] - then[clock])


def _start() -> str:
    with contextlib.suppress(OSError):
        return file_system.read_text(_BOOT).strip()
    return ""  # systems without it: the running time is compared all the same
