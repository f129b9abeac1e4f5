"""One function over all files of a source, on every core of the machine.

Few files are worked on by threads of this process. For many, processes open the source anew
and are told which of its files to read, so that bytes never travel between processes.
"""

import contextlib
import multiprocessing
import os
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from imgclf_core.archives import sources
from imgclf_core.archives.sources import Member
from imgclf_core.config import Limits
from imgclf_core.errors import JobError

_FILES_AT_ONCE = 32
# From this many files on, processes pay for the time they take to start.
_FEWEST_FOR_PROCESSES = 1000
_MOST_PROCESSES = 16
# A fork starts at once. It is safe here, for whoever brings photos in has no TensorFlow and no
# threads but those of the numerical library, which bears it on Linux.
_START_METHOD = "fork" if sys.platform == "linux" else "spawn"

_Key = tuple[str, int]  # name of a file, and how many of that name came before
# Of a child process: the files of its source, and what keeps them open.
_open_source: dict[_Key, Member] = {}
_until_the_end = contextlib.ExitStack()


def map_members(
    function: Callable[..., Any],
    arguments: tuple,
    path: Path,
    members: list[Member],
    limits: Limits,
) -> Iterator[list[Any]]:
    """Applies a function to files on all cores, in order.

    Args:
        function: Called with a member and the arguments; a function of a module.
        arguments: Further arguments.
        path: Of the source.
        members: Files of it, open in this process.
        limits: With which it was opened.

    Yields:
        Results of a few files at a time.

    Raises:
        JobError: A process died.
    """
    cores = _cores()
    if len(members) < _FEWEST_FOR_PROCESSES or cores == 1:
        with ThreadPoolExecutor(cores) as pool:
            tasks = ((_here, (function, arguments, batch)) for batch in _batches(members))
            yield from _in_order(pool, tasks, cores)
        return
    pool = ProcessPoolExecutor(
        cores, multiprocessing.get_context(_START_METHOD), _begin, (path, limits)
    )
    try:
        keys = list(_numbered(members))
        tasks = ((_there, (function, arguments, batch)) for batch in _batches(keys))
        yield from _in_order(pool, tasks, cores)
    except BrokenProcessPool as error:
        raise JobError(
            "A part of the work was ended by the system, most likely for lack of memory. Close "
            "other programs and bring the photos in again."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(pool: Executor, tasks: Iterator[tuple], cores: int) -> Iterator[Any]:
    waiting: deque[Future] = deque()
    try:
        for function, arguments in tasks:
            waiting.append(pool.submit(function, *arguments))
            if len(waiting) > 2 * cores:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _cores() -> int:
    """Cores this process may use, few enough for every system's pools."""
    allowed = getattr(os, "sched_getaffinity", None)  # not on Windows and macOS
    return min(len(allowed(0)) if allowed else os.cpu_count() or 1, _MOST_PROCESSES)


def _batches(items: list) -> Iterator[list]:
    for start in range(0, len(items), _FILES_AT_ONCE):
        yield items[start : start + _FILES_AT_ONCE]


def _numbered(members: list[Member]) -> dict[_Key, Member]:
    """Members under keys that are the same in every process."""
    seen: Counter[str] = Counter()
    numbered = {}
    for member in members:
        numbered[member.name, seen[member.name]] = member
        seen[member.name] += 1
    return numbered


def _here(function: Callable[..., Any], arguments: tuple, batch: list[Member]) -> list[Any]:
    return [function(member, *arguments) for member in batch]


def _there(function: Callable[..., Any], arguments: tuple, keys: list[_Key]) -> list[Any]:
    return [function(_open_source[key], *arguments) for key in keys]


def _begin(path: Path, limits: Limits) -> None:
    """Opens the source in a child process, which ends when its parent does."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    source = _until_the_end.enter_context(sources.open_source(path, limits))
    _open_source.update(_numbered(source.members))


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)
