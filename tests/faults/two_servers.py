"""One of several servers on one home: `python -m tests.faults.two_servers SEED SECONDS`.

It asks for jobs, looks at them, sweeps and deletes, all at once with the others, and prints what
went wrong. Its workers are forks of it, which note in the folder of their job that they worked.
"""

import json
import os
import random
import sys
import time
import traceback
from pathlib import Path

from imgclf_core import config, job_registry
from imgclf_core.errors import BoundError, JobError
from imgclf_core.jobs import admission, events, lanes, memory, queue, quotas, visits
from imgclf_core.jobs.kinds import JobDefinition, JobKind
from imgclf_core.support import file_system
from imgclf_core.workspaces import expiry

RAN_FILE = "ran"
_TOKENS = ("first-visitor-0000000000", "other-visitor-0000000000")
_GONE = "gone-visitor-00000000000"  # whose day is over


def work(folder: Path, params: dict, reporter) -> dict:
    """The job: it takes a moment, and leaves a line each time that it is done."""
    reporter.stage("working", 1)
    with file_system.open(folder / RAN_FILE, "ab") as file:
        file.write(b"%d\n" % os.getpid())
    time.sleep(0.01)
    return {}


def launch(folder: Path) -> None:
    """In place of `queue._launch`: a fork, which is a worker from then on."""
    if os.fork():
        return
    code = 1
    try:
        with open(folder / queue.LOG_FILE, "ab") as log:
            os.dup2(log.fileno(), 2)
        code = job_registry.main([str(folder)])
    finally:
        os._exit(code)


def serve(seed: int, seconds: float) -> dict[str, list[str]]:
    """Does this and that; raises what should not happen."""
    chance, until = random.Random(seed), time.monotonic() + seconds
    asked: list[str] = []
    while time.monotonic() < until:
        # All servers come to the same folder at the same moment, as after two clicks.
        time.sleep(max(0.0, 0.1 - time.time() % 0.1))
        tick = int(time.time() * 10)
        owner = config.workspaces() / _TOKENS[tick % 2]
        asked += _ask(owner / "datasets" / f"set-{tick}")
        for path in list(owner.glob(f"*/*/{events.STATUS_FILE}")):
            status = queue.read(path.parent)
            if status is not None and status.ended and status.state != events.DONE:
                raise RuntimeError(f"{path.parent.name}: {status}")
        visits.note(owner)
        expiry.sweep()
        quotas.jobs_of(owner)
        if chance.random() < 0.3:
            _live_and_expire()
        _reap()
    return {"asked": asked}


def _ask(folder: Path) -> list[str]:
    try:
        queue.submit(folder, JobKind.FIND_OUTLIERS, {})
    except (BoundError, JobError):
        return []  # the other one was there first
    return [folder.name]


def _live_and_expire() -> None:
    """A visitor came and was not seen for a day; both servers sweep."""
    gone = config.workspaces() / _GONE
    file_system.make_folder(gone / "datasets" / "old")
    file_system.write(
        gone / visits.FILE, json.dumps({"start": "", "running": 0, "clock": 0}).encode()
    )


def _reap() -> None:
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return


def main(seed: str, seconds: str) -> None:
    """Prints what was done and what went wrong, as JSON."""
    job_registry.DEFINITIONS[JobKind.FIND_OUTLIERS] = JobDefinition(
        lanes.LIGHT, "tests.faults.two_servers:work", 0
    )
    queue._launch = launch
    memory.offer_as_first_victim = lambda: None
    admission.wait_for_memory = lambda lane, need, reporter: None
    try:
        found: dict = serve(int(seed), float(seconds))
    except Exception:  # noqa: BLE001 - it is what the test wants to know
        found = {"wrong": traceback.format_exc()}
    deadline = time.monotonic() + 20
    while lanes.living(lanes.LIGHT) and time.monotonic() < deadline:
        time.sleep(0.05)
    _reap()
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
