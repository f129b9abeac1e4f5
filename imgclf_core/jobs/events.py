"""What a job says while it works, and how far it has come.

A job's folder holds `status.json` (where it stands now, replaced as a whole) and
`events.jsonl` (what happened, one JSON object a line, only ever appended). The worker writes
them through a `Reporter`; pages and the command line read them. Whether the worker is still
alive is a question for `jobs/queue.py`, how long it will take one for `jobs/pace.py`.
"""

import contextlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from imgclf_core.errors import JobCancelledError, JobStoppedError
from imgclf_core.jobs.pace import Course
from imgclf_core.support import atomic_files, clock, file_system

QUEUED, RUNNING, DONE = "queued", "running", "done"
FAILED, STOPPED, INTERRUPTED, CANCELLED = "failed", "stopped", "interrupted", "cancelled"
ENDED = frozenset({DONE, FAILED, STOPPED, INTERRUPTED, CANCELLED})
# What a person asks for: keep the best, keep nothing, or end at once, for the folder goes too.
STOP, DISCARD, DELETE = "stop", "discard", "delete"
# Who asked a training to stop and keep the best: the person, or a bound of a shared server.
PERSON, TOO_LONG, UNWATCHED = "person", "too long", "unwatched"
ASKED = frozenset({PERSON, TOO_LONG, UNWATCHED})

STATUS_FILE, EVENTS_FILE, STOP_FILE = "status.json", "events.jsonl", "stop"

# A status is written at most this often; a page looks every two seconds.
SECONDS_BETWEEN_WRITES = 0.3
# Windows replaces no file that a page is reading just then.
_TRIES, _SECONDS_BETWEEN_TRIES = 5, 0.02


@dataclass(frozen=True)
class JobStatus:
    """Where a job stands.

    Attributes:
        state: `queued`, `running`, `done`, `failed`, `stopped` (by the person, nothing kept),
            `cancelled` (by the person, to be discarded) or `interrupted` (the worker died).
        stage: What it is doing, in words for the screen.
        done, total: Steps of this stage; `total` is 0 where they cannot be counted.
        fraction: Share of the whole job, 0 to 1.
        seconds_left: Measured estimate at the time `updated`, or None.
        ahead: Jobs that go first while this one is queued.
        rate: Steps of this stage a second, or None before it can be told.
        advice: What to try if the process dies.
        message: The sentence of an error, empty otherwise.
        error: `input` (the person can mend it), `memory`, `failed` or `bug`; empty otherwise.
        created, updated, finished: Seconds since 1970; 0 where it has not happened.
        asked: The moment of `created`, see `support/clock.py`; empty where nobody waits for a
            process.
        peak_memory: Most bytes it had to itself, where it could be told; otherwise 0.
        result: Figures the job left, JSON values.
    """

    state: str = QUEUED
    stage: str = ""
    done: int = 0
    total: int = 0
    fraction: float = 0.0
    seconds_left: float | None = None
    ahead: int = 0
    rate: float | None = None
    advice: str = ""
    message: str = ""
    error: str = ""
    created: float = 0.0
    updated: float = 0.0
    finished: float = 0.0
    peak_memory: int = 0
    asked: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        return self.state in ENDED


_STATUS_FIELDS = frozenset(item.name for item in fields(JobStatus))


def read_status(folder: Path) -> JobStatus | None:
    """The status as last written, or None where there is no job."""
    value = atomic_files.read_json(folder / STATUS_FILE)
    if not isinstance(value, dict):
        return None
    return JobStatus(**{name: value[name] for name in _STATUS_FIELDS & value.keys()})


def asked_now() -> JobStatus:
    """The first status of a job."""
    return JobStatus(created=time.time(), updated=time.time(), asked=clock.now())


def write_status(folder: Path, status: JobStatus) -> None:
    """Replaces `status.json`, with a little patience for whoever reads it."""
    for _ in range(_TRIES - 1):
        with contextlib.suppress(PermissionError):
            return atomic_files.write_json(folder / STATUS_FILE, asdict(status))
        time.sleep(_SECONDS_BETWEEN_TRIES)
    return atomic_files.write_json(folder / STATUS_FILE, asdict(status))


def stop_flag(folder: Path) -> str:
    """What the person asked a job for: `stop`, `discard`, `delete`, or nothing, which is empty."""
    content = _stop_content(folder)
    if content is None:
        return ""
    return content if content in (DISCARD, DELETE) else STOP


def stop_reason(folder: Path) -> str:
    """Who or what asked the job to stop: one of `ASKED`."""
    content = _stop_content(folder)
    return content if content in ASKED else PERSON


def _stop_content(folder: Path) -> str | None:
    try:
        return file_system.read_text(folder / STOP_FILE)
    except FileNotFoundError:
        return None


def read_events(folder: Path, kind: str | None = None) -> list[dict[str, Any]]:
    """All events of a job, oldest first; a line cut by a crash is left out."""
    try:
        lines = file_system.read_text(folder / EVENTS_FILE).splitlines()
    except FileNotFoundError:
        return []
    events = []
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if kind is None or event.get("kind") == kind:
            events.append(event)
    return events


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
        self._status = read_status(folder) or JobStatus(created=time.time())
        self._written = 0.0
        self._course = Course(clock)
        self.seconds = self._course.seconds
        self.peak_memory = 0
        self.alone = threading.RLock()

    def waiting(self, ahead: int, why: str = "waiting") -> None:
        """Says how many jobs go first, or what else is waited for."""
        now = (self._status.state, self._status.stage, self._status.ahead)
        if now != (QUEUED, why, ahead):
            self._update(state=QUEUED, stage=why, ahead=ahead)
        self.raise_if_stopped()

    def start(self, stage: str = "starting") -> None:
        """The job has its turn."""
        self._course.start(stage)
        self._update(state=RUNNING, stage=stage, ahead=0)

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
        with file_system.open_text(self.folder / EVENTS_FILE, "a") as file:
            file.write(line + "\n")
            file_system.flush(file)

    def stop_requested(self) -> bool:
        """Whether the person asked the job to stop; cheap enough for every batch."""
        return (self.folder / STOP_FILE).exists()

    def discard_requested(self) -> bool:
        """Whether the person wants nothing of the job."""
        return stop_flag(self.folder) in (DISCARD, DELETE)

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
        fraction = 1.0 if state == DONE else self._status.fraction
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
            if values["state"] == RUNNING:
                left, fraction = self._course.estimate()
                values |= {"rate": self._course.rate, "seconds_left": left}
                values["fraction"] = max(self._status.fraction, fraction)
            self._status = JobStatus(**values)
            write_status(self.folder, self._status)
            self._written = self._clock()
