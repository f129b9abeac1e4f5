"""How fast the steps of one stage go by, for the rate and the time to go on screen.

The first steps are slow while graphs are built and files come from the disk, so only recent
steps count.
"""

import time
from collections.abc import Callable

# The share of the finished steps that counts as recent.
_RECENT = 1 / 3
# With less than this on the clock a rate would be noise.
_SHORTEST = 0.5


class Pace:
    """The steps of a stage.

    Args:
        total: Steps it has; 0 where they cannot be counted.
        already: Steps that were done before it began.
        clock: Seconds.
    """

    def __init__(
        self, total: int = 0, already: int = 0, clock: Callable[[], float] = time.monotonic
    ):
        self._total, self._already, self._clock = total, already, clock
        self._marks = [(already, clock())]

    def step(self, done: int) -> None:
        """`done` steps are finished now."""
        if done > self._marks[-1][0]:
            self._marks.append((done, self._clock()))

    @property
    def rate(self) -> float | None:
        """Recent steps a second, or None before it can be told."""
        (done, now), (first, began) = self._marks[-1], self._marks[0]
        if done <= first or now - began < _SHORTEST:
            return None
        recent = done - (done - first) * _RECENT
        before = max((mark for mark in self._marks[:-1] if mark[0] <= recent), default=None)
        steps, seconds = done - before[0], now - before[1]
        return steps / seconds if seconds > 0 else None

    def seconds_left(self) -> float | None:
        """Seconds until the last step, or None before it can be told."""
        rate = self.rate
        if rate is None or not self._total:
            return None
        done, at = self._marks[-1]
        return max((self._total - done) / rate - (self._clock() - at), 0.0)
