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

from imgclf_core import disk
from imgclf_core.jobs import worker

ERRORS = {
    disk.READ: errno.EIO,
    disk.WRITE: errno.ENOSPC,
    disk.FLUSH: errno.EIO,
    disk.RENAME: errno.EACCES,
    disk.OPEN: errno.ENOSPC,
}
_MOST = 3000  # operations of one kind; more would be a loop without an end


class Failing:
    """Fails at the n-th operation of a kind, once."""

    def __init__(self, operation: str, number: int, below: Path):
        self._operation, self._left, self._below = operation, number, below
        self._alone = threading.Lock()
        self.happened = False

    def __call__(self, operation: str, path: Path) -> None:
        if operation != self._operation or not Path(path).is_relative_to(self._below):
            return
        with self._alone:
            self._left -= 1
            if self._left != 0:
                return
            self.happened = True
        code = ERRORS[operation]
        raise OSError(code, os.strerror(code), str(path))


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
        failing = Failing(operation, number, below)
        with ExitStack() as stack:
            stack.enter_context(disk.observed(failing))
            try:
                work()
            except OSError:
                if not failing.happened:
                    raise
        if not failing.happened:
            return
        yield number
    raise AssertionError(f"more than {_MOST} operations of the kind {operation}")


def run_job(folder: Path) -> None:
    """A job as its process would do it, but in this one."""
    worker.main([str(folder)])


def content(folder: Path) -> dict[str, bytes]:
    """All files of a folder but those of its jobs."""
    own = {"status.json", "events.jsonl", "worker.lock", "lock", "used", "job.json"}
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in own
    }


def halves(folder: Path) -> list[str]:
    """Names of temporary files that somebody left behind."""
    return [path.name for path in folder.rglob("*") if path.suffix in (".tmp", ".part")]
