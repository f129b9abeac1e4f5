"""How a job says where it stands, and hears that it shall stop.

What it writes is told in `jobs/events.py`, how long the rest will take in `jobs/pace.py`.
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from imgclf_core.errors import JobCancelledError, JobStoppedError
from imgclf_core.jobs import events
from imgclf_core.jobs.events import JobStatus
from imgclf_core.jobs.pace import Course
from imgclf_core.support import file_system

# A status is written at most this often; a page looks every two seconds.
SECONDS_BETWEEN_WRITES = 0.3


class Reporter:
    """The worker's voice. It knows nothing of who listens.

    Args:
        folder: The job's folder, which exists.
        clock: Seconds.

    Attributes:
        seconds: Time spent in each stage that is over.
        peak_memory: Bytes for the last status, told by whoever watches the memory.
        alone: Held while a status is written. Who keeps it has the last word.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic):
        self.folder = folder
        self._clock = clock
        self._status = events.read_status(folder) or JobStatus(created=time.time())
        self._written = 0.0
        self._course = Course(clock)
        self.seconds = self._course.seconds
        self.peak_memory = 0
        self.alone = threading.RLock()

    def waiting(self, ahead: int, why: str = "waiting") -> None:
        """Says how many jobs go first, or what else is waited for."""
        now = (self._status.state, self._status.stage, self._status.ahead)
        if now != (events.QUEUED, why, ahead):
            self._update(state=events.QUEUED, stage=why, ahead=ahead)
        self.raise_if_stopped()

    def start(self, stage: str = "starting") -> None:
        """The job has its turn."""
        self._course.start(stage)
        self._update(state=events.RUNNING, stage=stage, ahead=0)

    def plan(self, seconds_by_stage: dict[str, float]) -> None:
        """Stages to come, in order, with the seconds each is expected to take."""
        self._course.plan = dict(seconds_by_stage)

    def advise(self, text: str) -> None:
        """Says what to try if the process dies."""
        self._update(advice=text)

    def stage(self, name: str, total: int = 0, may_stop: bool = True, already: int = 0) -> None:
        """A new stage begins; the time of the one before is kept in `seconds`.

        Args:
            name: In words for the screen.
            total: Steps it has, 0 where they cannot be counted.
            may_stop: False for a stage that brings to safety what a stop wants to keep.
            already: Steps that were done before, which say nothing about the speed.
        """
        if may_stop:
            self.raise_if_stopped()
        self.record("stage", name=name, total=total)
        self._course.enter(name, total, already)
        self._update(stage=name, done=already, total=total)

    def progress(self, done: int) -> None:
        """`done` steps of the current stage are finished."""
        self._course.step(done)
        if self._clock() - self._written >= SECONDS_BETWEEN_WRITES:
            self._update(done=done)

    def record(self, kind: str, **values: Any) -> None:
        """Appends one event and flushes it to the disk."""
        line = json.dumps({"kind": kind, "time": time.time(), **values}, allow_nan=False)
        with file_system.open_text(self.folder / events.EVENTS_FILE, "a") as file:
            file.write(line + "\n")
            file_system.flush(file)

    def stop_requested(self) -> bool:
        """Whether the person asked the job to stop; cheap enough for every batch."""
        return (self.folder / events.STOP_FILE).exists()

    def discard_requested(self) -> bool:
        """Whether the person wants nothing of the job."""
        return events.stop_flag(self.folder) in (events.DISCARD, events.DELETE)

    def raise_if_stopped(self) -> None:
        """Ends the job here if the person asked for it.

        Raises:
            JobCancelledError: Nothing shall be kept.
            JobStoppedError: It shall stop with what it has, which is nothing yet.
        """
        if self.stop_requested():
            self.raise_if_discarded()
            raise JobStoppedError("Stopped before there was anything to keep.")

    def raise_if_discarded(self) -> None:
        """Ends the job here if the person wants nothing of it.

        Raises:
            JobCancelledError: The stop flag says so.
        """
        if self.discard_requested():
            raise JobCancelledError("Cancelled; nothing was kept.")

    def out_of_memory(self, limit: int = 0) -> str:
        """The sentence for it, with what to try; `limit` is in bytes, 0 where there is none."""
        figure = f": it may use {limit / 2**20:,.0f} MB here and needed more" if limit else ""
        return f"This ran out of memory{figure}. {self._status.advice or 'Close other programs.'}"

    def finish(
        self, state: str, message: str = "", error: str = "", result: dict | None = None
    ) -> None:
        """Writes the last status; nothing follows.

        Args:
            state: One of `ENDED`.
            message, error, result: See `JobStatus`.
        """
        self._course.leave()
        now = time.time()
        fraction = 1.0 if state == events.DONE else self._status.fraction
        self._update(
            state=state,
            message=message,
            error=error,
            result=result or {},
            fraction=fraction,
            seconds_left=None,
            finished=now,
            peak_memory=self.peak_memory,
        )

    def _update(self, **changes: Any) -> None:
        with self.alone:
            values = {**asdict(self._status), **changes, "updated": time.time()}
            if values["state"] == events.RUNNING:
                left, fraction = self._course.estimate()
                values |= {"rate": self._course.rate, "seconds_left": left}
                values["fraction"] = max(self._status.fraction, fraction)
            self._status = JobStatus(**values)
            events.write_status(self.folder, self._status)
            self._written = self._clock()


def progress_of(reporter: Reporter) -> Callable[[int], None]:
    """A function that tells how many photos are done, and ends the work when asked to."""

    def progress(done: int) -> None:
        reporter.progress(done)
        reporter.raise_if_stopped()

    return progress
