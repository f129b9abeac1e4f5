"""`pip install .` gives a command that works away from the project."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import make_zip, two_classes

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder into which the package was installed from a copy of the project."""
    copy, target = tmp_path_factory.mktemp("copy") / "project", tmp_path_factory.mktemp("target")
    shutil.copytree(
        PROJECT / "imgclf_core", copy / "imgclf_core", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(PROJECT / name, copy)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--target", str(target), str(copy)], check=True)
    return target


@pytest.mark.slow
def test_the_command_trains_and_answers(installed, tmp_path):
    """Its jobs, its weights and its model are found where it was installed."""
    source = make_zip(tmp_path / "photos.zip", two_classes(4))

    def run(*arguments: str) -> dict:
        done = subprocess.run(
            [sys.executable, str(installed / "bin" / "imgclf"), *arguments, "--json"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(installed)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    trained = run("train", "--data", str(source), "--model", "first_answer", "--out", "run")
    answered = run("classify", "run", str(source))

    assert trained["test"]["n"] > 0
    assert len(answered["photos"]) == 8
