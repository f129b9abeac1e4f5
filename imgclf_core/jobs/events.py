"""What a job says while it works, and how far it has come.

A job's folder holds `status.json` (where it stands now, replaced as a whole) and
`events.jsonl` (what happened, one JSON object a line, only ever appended). The worker writes
them through a `Reporter`; pages and the command line read them. Whether the worker is still
alive is a question for `jobs/queue.py`, how long it will take one for `jobs/pace.py`.
"""

import contextlib
import json
import time
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

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
