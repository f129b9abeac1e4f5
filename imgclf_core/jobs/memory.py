"""How much memory there is, how much a job uses, and an end to a job that uses too much.

A server of several people dies as a whole when memory runs out, so the worker watches itself.
`RLIMIT_AS` is no way: TensorFlow dies of it with a segmentation fault. What a job may use is
decided in `jobs/worker.py`.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

CGROUPS = Path("/sys/fs/cgroup")
OWN_GROUPS = Path("/proc/self/cgroup")
# Two looks a second: TensorFlow takes hundreds of megabytes in one.
SECONDS_BETWEEN_LOOKS = 0.5
# Left for the system and the server, whatever a job wants; half of what is free where that is less,
# for a job that was let in shall have something.
RESERVE = 150 * 1024 * 1024
LIMIT_VARIABLE = "IMGCLF_MEMORY_MB"


def available(cgroups: Path = CGROUPS, own: Path = OWN_GROUPS) -> int:
    """Bytes free for new work: the least of what the system and its control groups leave.

    Args:
        cgroups: Where control groups are mounted.
        own: Tells in which of them this process is.
    """
    return max(0, min([psutil.virtual_memory().available, *_left_by_cgroups(cgroups, own)]))


def allowed() -> int:
    """Bytes this process may use from now on, with what it uses already."""
    free = available()
    limit = anonymous() + free - min(RESERVE, free // 2)
    with contextlib.suppress(KeyError, ValueError):
        limit = min(limit, int(os.environ[LIMIT_VARIABLE]) * 1024 * 1024)
    return limit


def anonymous() -> int:
    """Bytes of memory that this process and its children alone account for.

    Files that are mapped do not count, for the system can let go of them.
    """
    own = psutil.Process()
    total = 0
    for process in [own, *own.children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            total += _anonymous(process)
    return total


class Watch:
    """Looks at the memory of this process until it ends.

    Args:
        limit: Gives bytes; more calls `on_excess` once. Asked again before that, for what another
            process has freed meanwhile may be used.
        on_excess: Called on another thread, with the bytes used.
    """

    def __init__(self, limit: Callable[[], int], on_excess: Callable[[int], None]):
        self._renewed, self.limit, self.peak = limit, limit(), 0
        self._on_excess = on_excess
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._ended.set()
        self._thread.join()  # from here on nothing is too much: the work is done

    def _look(self) -> None:
        while True:
            used = anonymous()
            self.peak = max(self.peak, used)
            if used > self.limit:
                self.limit = self._renewed()
            if used > self.limit:
                self._on_excess(used)
                return
            if self._ended.wait(SECONDS_BETWEEN_LOOKS):
                return


def offer_as_first_victim() -> None:
    """Asks Linux to end this process before any other when memory runs out."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _left_by_cgroups(root: Path, own: Path) -> list[int]:
    """Bytes left by the group of this process and all above it; pages of files count as free.

    A container shows its own group as the root; a service or a test has one further down.
    """
    found = []
    for folder, limit, used in _groups(root, own):
        # "max", or no such file, is no limit.
        with contextlib.suppress(OSError, ValueError):
            most = int((folder / limit).read_text())
            free = most - int((folder / used).read_text())
            found.append(free + _file_pages(folder / "memory.stat"))
    return found


def _groups(root: Path, own: Path) -> Iterator[tuple[Path, str, str]]:
    """Folders of versions 2 and 1, from the group of this process up, with the names to read."""
    inside = {"": "/", "memory": "/"}
    with contextlib.suppress(OSError):
        for line in own.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            for name in controllers.split(","):
                inside[name] = path
    for base, path, limit, used in (
        (root, inside[""], "memory.max", "memory.current"),
        (root / "memory", inside["memory"], "memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        parts = [part for part in path.split("/") if part not in ("", "..")]
        for depth in range(len(parts), -1, -1):
            yield base.joinpath(*parts[:depth]), limit, used


def _file_pages(stat: Path) -> int:
    """Bytes of files that the system holds in memory and can let go of, libraries among them."""
    with contextlib.suppress(OSError, ValueError):
        lines = dict(line.split() for line in stat.read_text().splitlines())
        # Version 1 counts groups below under names of their own.
        whole = "total_" if "total_inactive_file" in lines else ""
        return sum(int(lines.get(f"{whole}{kind}_file", 0)) for kind in ("active", "inactive"))
    return 0


def _anonymous(process: psutil.Process) -> int:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) * 1024
    info = process.memory_info()
    return getattr(info, "private", 0) or getattr(info, "uss", 0) or info.rss
