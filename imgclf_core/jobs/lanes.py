"""Whose turn it is: one job at a time in each of two lanes, for the whole home.

One lane is for jobs with Keras, the other for light ones, so that nobody's upload waits for
somebody else's training. A job that waits holds a ticket, a locked file whose name tells when it
came, by the running machine, for a clock that is set would turn the order round; a ticket that
nobody holds is of a worker that died. How jobs start and end is in `jobs/queue.py`.
"""

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock

from imgclf_core import config
from imgclf_core.jobs import locks
from imgclf_core.support import file_system

KERAS, LIGHT = "keras", "light"

_SECONDS_BETWEEN_LOOKS = 0.2
# A job that waits looks after as many times this as go before it, at most so many.
_MOST_PATIENCE = 10
_SECONDS_OF_THE_DEAD = 60.0  # after which a ticket that nobody holds is thrown away
_TICKETS = "*.ticket"


@contextlib.contextmanager
def turn(name: str, on_wait: Callable[[int], None]) -> Iterator[None]:
    """Waits for a turn in a lane of this home, then holds it.

    Args:
        name: `keras` or `light`.
        on_wait: Called with the number of jobs that go first, while there are any.
    """
    folder = _folder(name)
    file_system.make_folder(folder)
    ticket = folder / f"{time.monotonic_ns():020d}-{secrets.token_hex(4)}.ticket"
    try:
        with FileLock(ticket):
            while ahead := _living_before(ticket):
                on_wait(ahead)
                # Each looks at all before it, which adds up where many wait; the next is quick.
                time.sleep(_SECONDS_BETWEEN_LOOKS * min(ahead, _MOST_PATIENCE))
            with FileLock(folder / "lane.lock"):
                yield
    finally:
        file_system.remove(ticket)


def someone_waits(name: str) -> bool:
    """Whether another job waits in this lane, which the caller holds."""
    return living(name) > 1


def living(name: str) -> int:
    """Jobs that have their turn in a lane, or wait for it."""
    return sum(locks.is_locked(ticket) for ticket in _folder(name).glob(_TICKETS))


def _living_before(ticket: Path) -> int:
    count = 0
    for other in ticket.parent.glob(_TICKETS):
        if other.name < ticket.name and locks.is_locked(other):
            count += 1
        elif _old(other) and not locks.is_locked(other):
            file_system.remove(other)  # its worker was killed
    return count


def _old(ticket: Path) -> bool:
    """Whether it came long ago, or before the machine was started anew."""
    came = int(ticket.name.split("-")[0]) / 1e9
    return abs(time.monotonic() - came) > _SECONDS_OF_THE_DEAD


def _folder(name: str) -> Path:
    return config.home() / "lanes" / name
