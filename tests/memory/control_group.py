"""A group of processes with little memory, as a small server has it; or only watched.

Linux lets root make such a group. Where that is not possible, `Watched` adds up what the processes
take, so that at least the sum can be compared.
"""

import contextlib
import os
import threading
import time
from pathlib import Path

import psutil

from imgclf_core.jobs import memory

_ROOT = Path("/sys/fs/cgroup")
_V1 = _ROOT / "memory"
_MEGABYTE = 1024 * 1024
_SECONDS_BETWEEN_LOOKS = 0.1


class Watched:
    """This process and all it starts, without a limit.

    Attributes:
        peak: Most anonymous memory of all together, bytes, as sampled; may be set back to 0.
    """

    limited = False

    def __init__(self):
        self.peak, self._ended = 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def hits(self) -> int:
        """How often the limit was reached."""
        return 0

    def close(self) -> None:
        """No longer looks."""
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(_SECONDS_BETWEEN_LOOKS):
            with contextlib.suppress(psutil.Error, OSError):
                self.peak = max(self.peak, self._anonymous())

    def _anonymous(self) -> int:
        return memory.anonymous()


class Group(Watched):
    """A control group of version 1 or 2 that this process enters.

    Args:
        megabytes: Its limit; what is over it is swapped nowhere, and a process is ended.

    Raises:
        OSError: No group can be made here.
    """

    limited = True

    def __init__(self, megabytes: int):
        self._old = _V1.is_dir()
        self._folder = (_V1 if self._old else _ROOT) / f"imgclf-{os.getpid()}-{megabytes}"
        self._folder.mkdir()
        limit = "memory.limit_in_bytes" if self._old else "memory.max"
        try:
            (self._folder / limit).write_text(str(megabytes * _MEGABYTE))
            (self._folder / "cgroup.procs").write_text(str(os.getpid()))
        except OSError:
            self._folder.rmdir()
            raise
        super().__init__()

    def hits(self) -> int:
        if self._old:
            return int((self._folder / "memory.failcnt").read_text())
        lines = (self._folder / "memory.events").read_text().split()
        return int(lines[lines.index("max") + 1])

    def close(self) -> None:
        """Leaves and removes it; nobody else may be inside any more."""
        super().close()
        (self._folder.parent / "cgroup.procs").write_text(str(os.getpid()))
        for _ in range(50):
            with contextlib.suppress(OSError):
                self._folder.rmdir()
                break
            time.sleep(0.1)

    def _anonymous(self) -> int:
        name = "total_rss" if self._old else "anon"
        for line in (self._folder / "memory.stat").read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
        return 0


def enter(megabytes: int) -> Watched:
    """A group with that limit, or, where none can be made, without one."""
    try:
        return Group(megabytes)
    except OSError:
        return Watched()
