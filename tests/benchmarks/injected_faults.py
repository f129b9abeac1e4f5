"""Counts the faults that are injected into the work, and what was found after them.

For each stage every open, read, write, flush and rename on the disk fails once, in turn; then ten
workers are killed at moments spread over all their operations. The columns are the numbers of
faults by operation, the halves that were found (temporary files left behind, or results that count
and are not whole), the bugs that people would have been told of, the kills, and the kills after
which the same job did not succeed.

    python -m tests.benchmarks.injected_faults
"""

import contextlib
import logging
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from imgclf_core import config
from imgclf_core.jobs import queue
from imgclf_core.workspaces.workspace import Workspace, new_token
from tests.bundles import sealing
from tests.faults import forking, stages, stubbed
from tests.faults.failing import ERRORS, every_failure, halves, run_job
from tests.faults.stages import Stage
from tests.faults.test_kills import moments

_OPERATIONS = sorted(ERRORS)


@dataclass
class Row:
    """What became of one stage."""

    name: str
    faults: dict[str, int] = field(default_factory=dict)
    halves: int = 0
    bugs: int = 0
    kills: int = 0
    lost: int = 0

    def cells(self) -> list[object]:
        """For the table."""
        return [
            self.name,
            *(self.faults.get(one, 0) for one in _OPERATIONS),
            self.halves,
            self.bugs,
            self.kills,
            self.lost,
        ]


def _look(row: Row, stage: Stage, kept: Path) -> bool:
    """Whether the result is there; what is wrong is counted."""
    status = queue.read(stage.folder)
    row.bugs += status is None or status.error == "bug" or "Traceback" in status.message
    try:
        return stage.check(kept)
    except AssertionError:
        row.halves += 1
        return False


def _fail(row: Row, stage: Stage, kept: Path) -> None:
    def prepare() -> None:
        stage.back(kept)
        stage.ask()

    for operation in _OPERATIONS:
        for _ in every_failure(operation, stage.world, prepare, lambda: run_job(stage.folder)):
            row.faults[operation] = row.faults.get(operation, 0) + 1
            row.halves += len(halves(stage.world))
            _look(row, stage, kept)


def _kill(row: Row, stage: Stage, kept: Path, forge: forking.Forge) -> None:
    forge.kill_at = 0
    stage.back(kept)
    queue.submit(stage.folder, stage.kind, stage.params)
    for moment in moments(forge.operations):
        stage.back(kept)
        forge.kill_at = moment
        queue.submit(stage.folder, stage.kind, stage.params)
        row.kills += forge.ended == forking.KILLED
        _look(row, stage, kept)
        forge.kill_at = 0
        queue.submit(stage.folder, stage.kind, stage.params)
        row.lost += not _look(row, stage, kept)


def _stages(folder: Path) -> dict[str, Stage]:
    mine = Workspace(new_token())
    found = stages.all_of(mine, folder)
    theirs = sealing.write(folder / "theirs.zip", sealing.LABELS, sealing.FILES)
    return {**found, "import": stages.importing(mine, theirs)}


def _measure(patch: pytest.MonkeyPatch, folder: Path, name: str, forge: forking.Forge) -> Row:
    folder.mkdir()
    patch.setenv("IMGCLF_HOME", str(folder / "home"))
    patch.setenv(config.CACHE_VARIABLE, str(folder / "home" / "workspaces" / "cache"))
    stage, row, kept = _stages(folder)[name], Row(name), folder / "kept"
    stage.keep(kept)
    _fail(row, stage, kept)
    launch = queue._launch
    patch.setattr(queue, "_launch", forge.launch)
    _kill(row, stage, kept, forge)
    patch.setattr(queue, "_launch", launch)
    return row


def main() -> int:
    """Prints a row for each stage; returns 0 where nothing was half, lost or a bug."""
    logging.disable()
    began, wrong, total, kills = time.monotonic(), 0, 0, 0
    heads = ("stage", *_OPERATIONS, "halves", "bugs", "kills", "lost")
    print(f"{heads[0]:14}" + "".join(f"{head:>8}" for head in heads[1:]))
    with (
        tempfile.TemporaryDirectory() as name,
        pytest.MonkeyPatch.context() as patch,
        forking.forge() as forge,
        contextlib.redirect_stderr(None),
    ):
        stubbed.apply(patch.setattr)
        folder = Path(name)
        for i, stage in enumerate(stages.NAMES):
            row = _measure(patch, folder / str(i), stage, forge)
            cells = row.cells()
            print(f"{cells[0]:14}" + "".join(f"{cell:8}" for cell in cells[1:]), flush=True)
            wrong += row.halves + row.bugs + row.lost
            total, kills = total + sum(row.faults.values()), kills + row.kills
    print(f"{total} faults and {kills} kills in {time.monotonic() - began:.0f} s, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
