"""A job that takes more memory than there is, faster than it can watch itself.

`python -m tests.memory.greedy FOLDER` starts a shared server and such a job in one small group,
lets the system end the job, and prints in JSON what is said of it and whether the server lives.
`... FOLDER --take` is the job.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from imgclf_core import job_registry
from imgclf_core.config import SHARED
from imgclf_core.jobs import lanes, queue
from imgclf_core.jobs.kinds import JobDefinition, JobKind
from tests.browser.journey import start_server
from tests.memory import control_group
from tests.memory.main_job import Health

_MEGABYTES = 450  # the server and what started it take half of that
_KIND = JobKind.INGEST


def take(folder: Path, params: dict, reporter) -> dict:
    """Takes two gigabytes at one go."""
    return {"taken": len(bytearray(b"x") * (2 << 30))}


def main(folder: Path) -> None:
    """Starts both and tells what came of it."""
    group = control_group.enter(_MEGABYTES)
    if not group.limited:
        print(json.dumps({"limited": False}))
        return
    os.environ |= {"IMGCLF_HOME": str(folder / "home"), "IMGCLF_PROFILE": SHARED}
    server = start_server(folder / "home", SHARED)
    health = Health(server.url)
    start = subprocess.Popen

    def start_greedy(command: list[str], **options) -> subprocess.Popen:
        return start([sys.executable, "-m", __spec__.name, command[-1], "--take"], **options)

    subprocess.Popen = start_greedy
    try:
        job = folder / "job"
        queue.submit(job, _KIND, {})
        status = queue.follow(job)
        queue.wait_until_free(job)
        asked = health.asked
        while health.asked < asked + 2:
            time.sleep(0.1)
        print(
            json.dumps(
                {
                    "limited": True,
                    "state": status.state,
                    "said": queue.read(job).message,
                    "lives": server.process.poll() is None,
                    "silent": health.silent,
                }
            )
        )
    finally:
        server.process.terminate()
        server.process.wait()
        group.close()


if __name__ == "__main__":
    if "--take" in sys.argv:
        job_registry.DEFINITIONS[_KIND] = JobDefinition(lanes.LIGHT, f"{__spec__.name}:take", 1)
        sys.exit(job_registry.main([sys.argv[1]]))
    main(Path(sys.argv[1]))
