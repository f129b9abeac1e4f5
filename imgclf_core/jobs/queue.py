"""Starting jobs, waiting for a turn, and telling the living from the dead.

A job is a folder with `job.json`. Its worker is a process of its own session, so it outlives
clicks, refreshes and the server. It holds an operating-system lock in the folder for as long
as it lives: locked means alive, whatever a process number may say. Whose turn it is is decided
in `jobs/lanes.py`, how much one person may ask for in `jobs/quotas.py`; what jobs do is listed in
`job_registry.py`.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from imgclf_core import config
from imgclf_core.errors import JobError
from imgclf_core.jobs import events, locks, quotas
from imgclf_core.jobs.events import JobStatus
from imgclf_core.jobs.kinds import JobKind
from imgclf_core.support import atomic_files, error_messages, file_system

JOB_FILE, LOG_FILE = "job.json", "worker.log"
# How the process ended, and that it has let another one go first.
EXIT_FILE, GAVE_WAY_FILE = "exit.json", "gave_way"
ASKING_FILE = "asking.lock"

SECONDS_BETWEEN_LOOKS = 0.2
_KILLED_IN_A_SHELL = 137  # 128 and the number of the signal

# With less a worker cannot write down how it ended.
_BYTES_FOR_LAST_WORDS = 64 * 1024

_PROJECT = Path(__file__).resolve().parents[2]


def submit(folder: Path, kind: JobKind, params: dict[str, Any], follows: bool = False) -> None:
    """Starts a job in `folder`, which is made if need be, and returns at once.

    Args:
        folder: Where the job keeps its files; becomes absolute.
        kind: What it shall do.
        params: JSON values for the job.
        follows: Whether it is part of the job that starts it, so that no bound holds.

    Raises:
        JobError: A worker is alive in this folder already, or about to begin.
        BoundError: Its owner, or all together, have as much as they may.
    """
    folder = folder.resolve()
    if not follows:
        quotas.check_job(folder)
    file_system.make_folder(folder)
    with FileLock(folder / ASKING_FILE):  # two tabs or servers may ask at the same moment
        status = read(folder)
        going_on = status is not None and not status.ended
        if going_on or locks.is_locked(folder / locks.LOCK_FILE):
            raise JobError("This job is running already. Wait for it, or stop it first.")
        for name in (events.STOP_FILE, EXIT_FILE, GAVE_WAY_FILE):
            file_system.remove(folder / name)
        atomic_files.write_json(folder / JOB_FILE, {"kind": kind, "params": params})
        events.write_status(folder, events.asked_now())
        _launch(folder)


def submit_once(folder: Path, kind: JobKind, params: dict[str, Any]) -> None:
    """Starts a job unless it goes on already, as after a double click."""
    status = read(folder)
    if status is None or status.ended:
        wait_until_free(folder)
        submit(folder, kind, params)


def read(folder: Path) -> JobStatus | None:
    """Where the job stands, with the dead told apart; None where there is no job."""
    status = events.read_status(folder)
    if status is None or status.ended or locks.is_locked(folder / locks.LOCK_FILE):
        return status
    # It may have ended between the two looks.
    status = events.read_status(folder)
    if status is None or status.ended or _may_be_starting(folder, status):
        return status
    return replace(
        status,
        state=events.INTERRUPTED,
        seconds_left=None,
        message=_death_sentence(folder, status),
        error="failed",
    )


def _death_sentence(folder: Path, status: JobStatus) -> str:
    """What is known of a process that died without a word, by its exit status."""
    code = _exit(folder, status).get("status")
    if code in (-9, _KILLED_IN_A_SHELL):
        text = "This was interrupted: the system ended it, most likely because memory ran out."
        return " ".join(filter(None, [text, status.advice, "What was reached is kept."]))
    if code is not None and code < 0 and code != -signal.SIGTERM:
        text = f"This was interrupted: its process crashed (signal {-code})."
        return f"{text} {status.advice}".strip()
    if file_system.free_bytes(folder) < _BYTES_FOR_LAST_WORDS:
        return error_messages.DISK_IS_FULL
    return "This was interrupted: its process ended before the work was done."


def forget(folder: Path) -> None:
    """Deletes the folder of a job that has ended, once its process is gone."""
    wait_until_free(folder)
    for _ in range(5):  # how the process ended may be noted at this very moment
        file_system.remove_tree(folder)
        if not folder.exists():
            return
        time.sleep(SECONDS_BETWEEN_LOOKS / 4)


def stop(folder: Path, discard: bool = False, why: str = events.PERSON) -> None:
    """Asks the job to stop; it keeps the best it has, unless that shall be discarded.

    Args:
        folder: Of the job.
        discard: Whether nothing of it shall be kept.
        why: One of `events.ASKED`.
    """
    if folder.is_dir():  # a job that was deleted meanwhile has stopped
        # As a whole: a job that saw the flag before its content would keep what it may not.
        text = events.DISCARD if discard else why
        atomic_files.write_bytes(folder / events.STOP_FILE, text.encode())


def end(folder: Path) -> None:
    """Asks the job to end at once, for its folder is about to be deleted."""
    if folder.is_dir():
        atomic_files.write_bytes(folder / events.STOP_FILE, events.DELETE.encode())


def stopping(folder: Path) -> str:
    """What the job was asked for: `stop`, `discard`, `delete`, or nothing, which is empty."""
    return events.stop_flag(folder)


def discard(folder: Path) -> None:
    """Ends the jobs in a folder and in those right below it, then deletes the folder."""
    _end(folder)
    for path in folder.glob(f"*/{JOB_FILE}"):  # one that followed is there only now
        _end(path.parent)
    forget(folder)


def follow(folder: Path, on_status: Callable[[JobStatus], None] | None = None) -> JobStatus:
    """Waits for the end of a job and returns its last status."""
    while True:
        status = read(folder)
        if status is None:
            raise JobError(f"There is no job in '{folder}'.")
        if on_status:
            on_status(status)
        if status.ended:
            return status
        time.sleep(SECONDS_BETWEEN_LOOKS)


def _end(folder: Path) -> None:
    with contextlib.suppress(JobError):  # gone meanwhile
        status = read(folder)
        if status is not None and not status.ended:
            end(folder)
            follow(folder)
    wait_until_free(folder)


def wait_until_free(folder: Path) -> None:
    """Waits until the process of a job that has ended is gone, for it still holds files."""
    for _ in range(int(locks.SECONDS_FOR_LOCK / SECONDS_BETWEEN_LOOKS)):
        if not locks.is_locked(folder / locks.LOCK_FILE):
            return
        time.sleep(SECONDS_BETWEEN_LOOKS)


def submit_again(folder: Path) -> None:
    """Puts the caller's own job back at the end of its lane; the caller must end at once."""
    _launch(folder)


def _may_be_starting(folder: Path, status: JobStatus) -> bool:
    return locks.may_be_starting(status) and not _exit(folder, status)


def _exit(folder: Path, status: JobStatus) -> dict[str, Any]:
    """How the process of this job ended, where that is known; not how one before it did."""
    value = atomic_files.read_json(folder / EXIT_FILE)
    if not isinstance(value, dict) or value.get("created") not in (None, status.created):
        return {}
    return value


def _launch(folder: Path) -> None:
    options: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        options = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    with file_system.open(folder / LOG_FILE, "ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "imgclf_core.job_registry", str(folder)],
            cwd=_PROJECT,
            env={
                **os.environ,
                # The worker runs in another folder, where a relative path would not lead home.
                "IMGCLF_HOME": str(config.home()),
                **_own_cache(folder),
                "TF_CPP_MIN_LOG_LEVEL": "3",
                "PYTHONUNBUFFERED": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **options,
        )
    threading.Thread(target=_wait_for, args=(process, folder), daemon=True).start()


def _own_cache(folder: Path) -> dict[str, str]:
    """A visitor's photos are decoded into the visitor's own workspace, and go with it."""
    owner = config.visitors_folder(folder)
    return {config.CACHE_VARIABLE: str(owner / "cache")} if owner else {}


def _wait_for(process: subprocess.Popen, folder: Path) -> None:
    """Keeps how a child ended; without anybody waiting it would stay a zombie as well."""
    created = _created(folder)
    code = process.wait()
    if code and folder.is_dir():
        with contextlib.suppress(OSError):
            # Not as a whole, which would make a folder anew that was deleted meanwhile.
            file_system.write(
                folder / EXIT_FILE, json.dumps({"status": code, "created": created}).encode()
            )


def _created(folder: Path) -> float | None:
    """When the job was asked for, by which its end is told from that of the next one here."""
    with contextlib.suppress(OSError):
        status = events.read_status(folder)
        return status.created if status else None
    return None
