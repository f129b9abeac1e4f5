"""Child processes seen from outside: what memory they took, and when the last one is gone."""

import contextlib
import threading
import time
from pathlib import Path

import psutil

_SECONDS_BETWEEN_LOOKS = 0.05


class Workers:
    """Looks at the memory of all children of this process until told to end.

    Attributes:
        peak: Bytes, of all children that lived at one time, each with its highest mark.
    """

    def __init__(self):
        self.peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stops looking."""
        self._ended.set()
        self._thread.join()

    @staticmethod
    def wait(seconds: float = 20.0) -> None:
        """Waits until no child works at a job any more."""
        deadline = time.monotonic() + seconds
        while any(map(_is_worker, psutil.Process().children())) and time.monotonic() < deadline:
            time.sleep(_SECONDS_BETWEEN_LOOKS)

    def _look(self) -> None:
        while not self._ended.wait(_SECONDS_BETWEEN_LOOKS):
            children = psutil.Process().children(recursive=True)
            self.peak = max(self.peak, sum(_highest(child) for child in children))


def _highest(process: psutil.Process) -> int:
    """Resident memory at its highest mark where the system keeps one, otherwise now."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    with contextlib.suppress(psutil.Error):
        return process.memory_info().rss
    return 0


def _is_worker(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return "imgclf_core.job_registry" in process.cmdline()
    return False
