"""How fast a job goes by, for the rate and the time to go on screen.

The first steps are slow while graphs are built and files come from the disk, so only recent
steps count. Files and words are left to `jobs/events.py`.
"""

import math
import time
from bisect import bisect_right
from collections.abc import Callable

# The share of the finished steps that counts as recent.
_RECENT = 1 / 3
# With less than this on the clock a rate would be noise.
_SHORTEST = 0.5
# Marks are kept this far apart: a stage may have 200,000 steps.
_SECONDS_BETWEEN_MARKS = 0.1


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
        if done <= self._marks[-1][0]:
            return
        now = self._clock()
        if len(self._marks) > 1 and now - self._marks[-2][1] < _SECONDS_BETWEEN_MARKS:
            self._marks.pop()
        self._marks.append((done, now))

    @property
    def rate(self) -> float | None:
        """Recent steps a second, or None before it can be told."""
        (done, now), (first, began) = self._marks[-1], self._marks[0]
        if done <= first or now - began < _SHORTEST:
            return None
        recent = done - (done - first) * _RECENT
        before = self._marks[bisect_right(self._marks, (recent, math.inf)) - 1]
        steps, seconds = done - before[0], now - before[1]
        return steps / seconds if seconds > 0 else None

    def seconds_left(self) -> float | None:
        """Seconds until the last step, or None before it can be told."""
        rate = self.rate
        if rate is None or not self._total:
            return None
        done, at = self._marks[-1]
        return max((self._total - done) / rate - (self._clock() - at), 0.0)


class Course:
    """The stages of a job, one after the other, beside what was planned.

    Args:
        clock: Seconds.

    Attributes:
        plan: Stages in order, with the seconds each is expected to take; may be empty.
        seconds: Time spent in each stage that is over.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._stage, self._pace = "", Pace(clock=clock)
        self._started = self._stage_started = clock()
        self.plan: dict[str, float] = {}
        self.seconds: dict[str, float] = {}

    def start(self, stage: str) -> None:
        """The job begins now, with this stage; what was before was waiting."""
        self._stage = stage
        self._started = self._stage_started = self._clock()

    def enter(self, stage: str, total: int, already: int) -> None:
        """Another stage begins; see `Pace`."""
        self.leave()
        self._stage, self._pace = stage, Pace(total, already, self._clock)

    def leave(self) -> None:
        """The stage is over; its time is kept, added up where it comes more than once."""
        now = self._clock()
        if self._stage:
            spent = self.seconds.get(self._stage, 0.0)
            self.seconds[self._stage] = spent + now - self._stage_started
        self._stage_started = now

    def step(self, done: int) -> None:
        """`done` steps of the stage are finished now."""
        self._pace.step(done)

    @property
    def rate(self) -> float | None:
        """Steps of this stage a second, or None before it can be told."""
        return self._pace.rate

    def estimate(self) -> tuple[float | None, float]:
        """Seconds left, None without a plan, and share of the whole job done, 0 to 1.

        This stage goes by its pace, later ones as planned.
        """
        if not self.plan:
            return None, 0.0
        now = self._clock()
        stage_left = self._pace.seconds_left()
        if stage_left is None:
            planned = self.plan.get(self._stage, 0.0)
            stage_left = max(planned - (now - self._stage_started), 0.0)
        names = list(self.plan)
        later = names[names.index(self._stage) + 1 :] if self._stage in names else names
        left = stage_left + sum(self.plan[name] for name in later)
        whole = now - self._started + left
        return left, (now - self._started) / whole if whole > 0 else 0.0
