"""Real workers that start at once: a process that has imported everything forks one a job.

`python -m tests.faults.forking` reads a task a line, forks a worker in a session of its own, and
writes how it ended. The worker is what `imgclf_core/job_registry.py` runs, with `stubbed.py`
applied, and kills itself, really and without a word, before the n-th operation on the disk.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imgclf_core import config, job_registry
from imgclf_core.datasets.ingest import ingestion  # noqa: F401 - imported before, so that no worker need
from imgclf_core.jobs import queue
from imgclf_core.support import file_system
from imgclf_core.training import trainer  # noqa: F401 - as above
from tests.faults import stubbed
from tests.faults.failing import Countdown

KILLED = -signal.SIGKILL
_PROJECT = Path(__file__).resolve().parents[2]


class Forge:
    """Makes workers.

    Attributes:
        kill_at: Before which operation the next worker kills itself; 0 for never.
        operations: How many the last worker did, where it lived.
    """

    def __init__(self, process: subprocess.Popen):
        self._process = process
        self.kill_at = 0
        self.operations = 0
        self.ended = 0

    def launch(self, folder: Path) -> None:
        """In place of `queue._launch`: returns once the worker has ended, however it did."""
        task = {
            "folder": str(folder),
            "home": str(config.home()),
            "kill_at": self.kill_at,
            "cache": os.environ.get(config.CACHE_VARIABLE, ""),
        }
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        self.ended, self.operations = json.loads(self._process.stdout.readline())
        queue._wait_for(self, folder)  # as the server does for a child of its own

    def wait(self) -> int:
        """As of `subprocess.Popen`."""
        return self.ended


@contextmanager
def forge() -> Iterator[Forge]:
    """A process that forks workers, for as long as the block lasts."""
    command = [sys.executable, "-m", "tests.faults.forking"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_PROJECT
    ) as process:
        try:
            yield Forge(process)
        finally:
            process.stdin.close()


def _work(task: dict, answer: int) -> None:
    """In the child: the job, and at the end the number of its operations."""
    os.setsid()
    os.environ["IMGCLF_HOME"], os.environ[config.CACHE_VARIABLE] = task["home"], task["cache"]
    stubbed.apply(setattr)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    countdown = Countdown(task["kill_at"], Path(task["home"]) / "workspaces", _die)
    code = 1
    try:
        with file_system.observed(countdown):
            code = job_registry.main([task["folder"]])
    finally:
        os.write(answer, str(countdown.count).encode())
        os._exit(code)


def _die(path: Path) -> None:
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Serves until there are no more tasks."""
    for line in sys.stdin:
        task = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            _work(task, writing)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            count = int(pipe.read() or 0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(json.dumps([code, count]), flush=True)


if __name__ == "__main__":
    main()
