"""Ends a training of a visitor that takes too long, or that nobody looks at any more.

It stops and keeps the best, as if the person had pressed the button. The times are in
`config.LIMITS`; the owner of a machine trains as long as the machine runs. Time is counted by the
running machine, so a clock that is set does not matter.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from imgclf_core import config
from imgclf_core.config import SHARED, Limits
from imgclf_core.jobs import events, queue, visits
from imgclf_core.support import error_messages

SECONDS_BETWEEN_LOOKS = 5.0

logger = logging.getLogger("imgclf.overtime")


@contextlib.contextmanager
def watched(folder: Path) -> Iterator[None]:
    """Watches over the training in a folder until the block ends; the owner's is let alone."""
    owner = config.visitors_folder(folder)
    if owner is None:
        yield
        return
    over = threading.Event()
    watch = Watch(folder, owner, config.limits(SHARED))

    def look() -> None:
        while not over.wait(SECONDS_BETWEEN_LOOKS):
            try:
                if why := watch.too_much():
                    queue.stop(folder, why=why)
                    return
            except OSError as error:  # a bound must not end with one look that failed
                logger.warning("could not look: %s", error_messages.way(error))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class Watch:
    """How long a training has gone on, and how long nobody has looked.

    Args:
        folder: Of the training.
        owner: The workspace in which it lies.
        limits: Of a shared server.
        clock: Seconds of the running machine.
    """

    def __init__(
        self, folder: Path, owner: Path, limits: Limits, clock: Callable[[], float] = time.monotonic
    ):
        self._folder, self._owner, self._limits, self._clock = folder, owner, limits, clock
        self._began = self._seen = clock()
        self._stamp = visits.stamp(owner)

    def too_much(self) -> str:
        """Why it has to stop, one of `events.ASKED`; empty where it may go on."""
        now, stamp = self._clock(), visits.stamp(self._owner)
        if stamp != self._stamp:
            self._stamp, self._seen = stamp, now
        if events.stop_flag(self._folder):
            return ""  # it stops already
        longest, unwatched = self._limits.training_minutes, self._limits.seconds_unwatched
        if longest is not None and now - self._began > 60 * longest:
            return events.TOO_LONG
        if unwatched is not None and now - self._seen > unwatched:
            return events.UNWATCHED
        return ""
