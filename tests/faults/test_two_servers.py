"""Two servers on one home, which know nothing of each other."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from imgclf_core import config
from imgclf_core.jobs import events, queue
from tests.faults.two_servers import RAN_FILE

_PROJECT = Path(__file__).resolve().parents[2]
_SECONDS = 4.0


def test_two_servers_do_each_job_once_and_sweep_nothing_that_lives(home):
    """Both ask for the same jobs, look, sweep and delete for some seconds; nothing goes wrong."""
    servers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.two_servers", str(seed), str(_SECONDS)],
            cwd=_PROJECT,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "IMGCLF_PROFILE": config.SHARED},
        )
        for seed in range(2)
    ]
    told = [json.loads(server.communicate(timeout=60)[0]) for server in servers]
    assert [one.get("wrong") for one in told] == [None, None]
    asked = Counter(name for one in told for name in one["asked"])
    folders = [path.parent for path in config.workspaces().glob(f"*/*/*/{events.STATUS_FILE}")]
    assert len(folders) >= 10
    for folder in folders:
        assert queue.read(folder).state == events.DONE
        assert len((folder / RAN_FILE).read_text().splitlines()) == asked[folder.name]
    assert not list(config.workspaces().glob("gone-*/datasets/old/*"))
