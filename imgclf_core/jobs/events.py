"""What a job says while it works, and how far it has come.

A job's folder holds `status.json` (where it stands now, replaced as a whole) and
`events.jsonl` (what happened, one JSON object a line, only ever appended). The worker writes
them through a `Reporter`; pages and the command line read them. Whether the worker is still
alive is a question for `jobs/queue.py`.
"""

import contextlib
import json
import os
import time
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from imgclf_core import files
from imgclf_core.errors import JobCancelledError, JobStoppedError
from imgclf_core.jobs.pace import Pace

QUEUED, RUNNING, DONE = "queued", "running", "done"
FAILED, STOPPED, INTERRUPTED, CANCELLED = "failed", "stopped", "interrupted", "cancelled"
ENDED = frozenset({DONE, FAILED, STOPPED, INTERRUPTED, CANCELLED})
DISCARD = "discard"  # in the stop flag: keep nothing

STATUS_FILE, EVENTS_FILE, STOP_FILE = "status.json", "events.jsonl", "stop"

# A status is written at most this often; a page looks every two seconds.
SECONDS_BETWEEN_WRITES = 0.3


@dataclass(frozen=True)
class JobStatus:
    """Where a job stands.

    Attributes:
        state: `queued`, `running`, `done`, `failed`, `stopped` (by the person, nothing kept)
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
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        return self.state in ENDED


_STATUS_FIELDS = frozenset(item.name for item in fields(JobStatus))


def read_status(folder: Path) -> JobStatus | None:
    """The status as last written, or None where there is no job."""
    value = files.read_json(folder / STATUS_FILE)
    if not isinstance(value, dict):
        return None
    return JobStatus(**{name: value[name] for name in _STATUS_FIELDS & value.keys()})


def write_status(folder: Path, status: JobStatus) -> None:
    """Replaces `status.json`."""
    files.write_json(folder / STATUS_FILE, asdict(status))


def read_events(folder: Path, kind: str | None = None) -> list[dict[str, Any]]:
    """All events of a job, oldest first; a line cut by a crash is left out."""
    try:
        lines = (folder / EVENTS_FILE).read_text("utf-8").splitlines()
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
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._status = read_status(folder) or JobStatus(created=time.time())
        self._plan: dict[str, float] = {}
        self._started = self._stage_started = time.monotonic()
        self._written = 0.0
        self._pace = Pace()
        self.seconds: dict[str, float] = {}

    def waiting(self, ahead: int, why: str = "waiting") -> None:
        """Says how many jobs go first, or what else is waited for."""
        now = (self._status.state, self._status.stage, self._status.ahead)
        if now != (QUEUED, why, ahead):
            self._update(state=QUEUED, stage=why, ahead=ahead)
        self.raise_if_stopped()

    def start(self, stage: str = "starting") -> None:
        """The job has its turn."""
        self._started = self._stage_started = time.monotonic()
        self._update(state=RUNNING, stage=stage, ahead=0)

    def plan(self, seconds_by_stage: dict[str, float]) -> None:
        """Stages to come, in order, with the seconds each is expected to take."""
        self._plan = dict(seconds_by_stage)

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
        self._close_stage()
        self.record("stage", name=name, total=total)
        self._pace = Pace(total, already)
        self._update(stage=name, done=already, total=total, rate=None)

    def progress(self, done: int) -> None:
        """`done` steps of the current stage are finished."""
        self._pace.step(done)
        if time.monotonic() - self._written >= SECONDS_BETWEEN_WRITES:
            self._update(done=done)

    def record(self, kind: str, **values: Any) -> None:
        """Appends one event and flushes it to the disk."""
        line = json.dumps({"kind": kind, "time": time.time(), **values}, allow_nan=False)
        with open(self.folder / EVENTS_FILE, "a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())

    def stop_requested(self) -> bool:
        """Whether the person asked the job to stop."""
        return (self.folder / STOP_FILE).exists()

    def raise_if_stopped(self) -> None:
        """Ends the job here if the person asked for it.

        Raises:
            JobStoppedError: The stop flag is there.
        """
        if self.stop_requested():
            self.raise_if_discarded()
            raise JobStoppedError("Stopped before there was anything to keep.")

    def raise_if_discarded(self) -> None:
        """Ends the job here if the person wants nothing of it.

        Raises:
            JobCancelledError: The stop flag says so.
        """
        with contextlib.suppress(FileNotFoundError):
            if (self.folder / STOP_FILE).read_text("utf-8") == DISCARD:
                raise JobCancelledError("Cancelled; nothing was kept.")

    def out_of_memory(self) -> str:
        """The sentence for it, with what to try."""
        return f"This ran out of memory. {self._status.advice or 'Close other programs.'}"

    def finish(
        self, state: str, message: str = "", error: str = "", result: dict | None = None,
        peak_memory: int = 0,
    ):  # fmt: skip
        """Writes the last status; nothing follows.

        Args:
            state: One of `ENDED`.
            message, error, result, peak_memory: See `JobStatus`.
        """
        self._close_stage()
        now = time.time()
        fraction = 1.0 if state == DONE else self._status.fraction
        self._update(
            state=state, message=message, error=error, result=result or {},
            fraction=fraction, seconds_left=None, finished=now, peak_memory=peak_memory,
        )  # fmt: skip

    def _close_stage(self) -> None:
        now = time.monotonic()
        if self._status.stage:
            spent = self.seconds.get(self._status.stage, 0.0)
            self.seconds[self._status.stage] = spent + now - self._stage_started
        self._stage_started = now

    def _update(self, **changes: Any) -> None:
        values = {**asdict(self._status), **changes, "updated": time.time()}
        if values["state"] == RUNNING and self._plan:
            left, fraction = self._estimate(values["stage"])
            values |= {"seconds_left": left, "rate": self._pace.rate}
            values["fraction"] = max(self._status.fraction, fraction)
        self._status = JobStatus(**values)
        write_status(self.folder, self._status)
        self._written = time.monotonic()

    def _estimate(self, stage: str) -> tuple[float, float]:
        """Seconds left and share done: this stage by its pace, later ones as planned."""
        now = time.monotonic()
        stage_left = self._pace.seconds_left()
        if stage_left is None:
            stage_left = max(self._plan.get(stage, 0.0) - (now - self._stage_started), 0.0)
        names = list(self._plan)
        later = names[names.index(stage) + 1 :] if stage in names else names
        left = stage_left + sum(self._plan[name] for name in later)
        whole = now - self._started + left
        return left, (now - self._started) / whole if whole > 0 else 0.0
