"""The whole main job on a server as small as those that are free of charge."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
TRAININGS = ("train scratch_cnn, quick", "train mobilenet_v2, thorough")


def done_with(megabytes: int) -> list[dict]:
    """The steps of the main job with so much memory for the server and its jobs together."""
    command = [sys.executable, "-m", "tests.memory.main_job", "drawn", str(megabytes), "--brief"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, timeout=500)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return [json.loads(line) for line in ended.stdout.splitlines()]


@pytest.mark.slow
def test_everything_works_with_1200_megabytes():
    """Fine-tuning and packing each fit, one after the other, and the server answers all along.

    Where no control group can be made, all processes together must stay below a gigabyte.
    """
    rows = done_with(1200)
    *steps, server = rows
    assert [row["step"] for row in steps if row["state"] != "done"] == []
    assert set(TRAININGS) < {row["step"] for row in steps}
    assert server["state"] == "lived", server["said"]
    assert max(row["megabytes"] for row in steps) < 1000


@pytest.mark.slow
def test_a_job_that_the_system_ends_for_its_memory_takes_nobody_along(tmp_path):
    """The server answers on, and the page says why the job is gone."""
    command = [sys.executable, "-m", "tests.memory.greedy", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, timeout=100)
    assert ended.returncode == 0, ended.stderr[-2000:]
    found = json.loads(ended.stdout)
    if not found["limited"]:
        pytest.skip("no control group can be made here")
    assert found["state"] == "interrupted"
    assert "the system ended it, most likely because memory ran out" in found["said"]
    assert (found["lives"], found["silent"]) == (True, 0)


@pytest.mark.slow
def test_with_690_megabytes_the_first_answer_works_and_training_is_refused():
    """In a sentence that says what can be done instead."""
    rows = done_with(690)
    if not rows[0]["limited"]:
        pytest.skip("no control group can be made here")
    ended = {row["step"]: row for row in rows}
    for step in ("bring photos in", "first answer", "classify"):
        assert ended[step]["state"] == "done", ended[step]["said"]
    for step in TRAININGS:
        assert ended[step]["state"] == "failed"
        assert "of free memory" in ended[step]["said"]
        assert "The first answer needs far less" in ended[step]["said"]
    assert ended["the server"]["state"] == "lived", ended["the server"]["said"]
