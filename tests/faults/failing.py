"""Runs a piece of work again and again, each time with another file operation failing.

The n-th operation of a kind raises what a broken or full disk raises, for n from 1 until the work
has so few that none fails. After each failure the caller looks at what is left.
"""

import errno
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from imgclf_core import job_registry
from imgclf_core.support import file_system

ERRORS = {
    file_system.READ: errno.EIO,
    file_system.WRITE: errno.ENOSPC,
    file_system.FLUSH: errno.EIO,
    file_system.RENAME: errno.EACCES,
    file_system.OPEN: errno.ENOSPC,
}
# What a full disk refuses, for as long as it is full; what is there can be read and removed.
_REFUSED = frozenset({file_system.WRITE, file_system.FLUSH})
_MOST = 3000  # operations of one kind; more would be a loop without an end


class Countdown:
    """Does something at the n-th operation below a folder, once.

    Args:
        number: Which, from 1; 0 for none.
        below: Only operations on files below this folder count.
        act: Called with the path.
        kinds: Only these operations count.

    Attributes:
        count: How many there were.
        happened: Whether it was done.
    """

    def __init__(
        self,
        number: int,
        below: Path,
        act: Callable[[Path], None],
        kinds: frozenset[str] = frozenset(file_system.OPERATIONS),
    ):
        self._number, self._below, self._act, self._kinds = number, below, act, kinds
        self._alone = threading.Lock()
        self.count = 0
        self.happened = False

    def __call__(self, operation: str, path: Path) -> None:
        if operation not in self._kinds or not Path(path).is_relative_to(self._below):
            return
        with self._alone:
            self.count += 1
            if self.count != self._number:
                return
            self.happened = True
        self._act(Path(path))


def failing(operation: str, number: int, below: Path) -> Countdown:
    """Fails at the n-th operation of a kind, once."""

    def fail(path: Path) -> None:
        raise OSError(ERRORS[operation], os.strerror(ERRORS[operation]), str(path))

    return Countdown(number, below, fail, frozenset({operation}))


class Full:
    """A disk that is full from the n-th write on.

    Attributes:
        happened: Whether anything was refused.
    """

    def __init__(self, number: int, below: Path):
        self._left, self._below = number, below
        self.happened = False

    def __call__(self, operation: str, path: Path) -> None:
        if operation not in _REFUSED or not Path(path).is_relative_to(self._below):
            return
        self._left -= 1
        if self._left <= 0:
            self.happened = True
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def attempted(observer, work: Callable[[], None]) -> bool:
    """Does the work under an observer, which may make it raise; whether it did anything."""
    with ExitStack() as stack:
        stack.enter_context(file_system.observed(observer))
        try:
            work()
        except OSError:
            if not observer.happened:
                raise
    return observer.happened


def every_failure(
    operation: str, below: Path, prepare: Callable[[], None], work: Callable[[], None]
) -> Iterator[int]:
    """Does the work until no operation fails any more; yields after each that did.

    Args:
        operation: A key of `ERRORS`.
        below: Only operations on files below this folder count.
        prepare: Called before each try.
        work: May raise what the disk raised.
    """
    for number in range(1, _MOST):
        prepare()
        if not attempted(failing(operation, number, below), work):
            return
        yield number
    raise AssertionError(f"more than {_MOST} operations of the kind {operation}")


def run_job(folder: Path) -> None:
    """A job as its process would do it, but in this one."""
    job_registry.main([str(folder)])


def content(folder: Path) -> dict[str, bytes]:
    """All files of a folder but those of its jobs."""
    own = {
        "status.json",
        "events.jsonl",
        "worker.lock",
        "lock",
        "used",
        "job.json",
        "exit.json",
        "visited.json",
    }
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in own
    }


def halves(folder: Path) -> list[str]:
    """Names of temporary files that somebody left behind."""
    return [
        path.name
        for path in folder.rglob("*")
        if path.suffix in (".tmp", ".part") or path.name.startswith("new-")
    ]
