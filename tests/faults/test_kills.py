"""Ten real kills at each stage, spread over all it does on the disk.

After each the page has a sentence, nothing half counts as whole, what was there before is as it
was, the sweeper takes away what was left, and the same job succeeds when it is asked for again.
"""

import os

import pytest

from imgclf_core.jobs import events, queue, visits
from imgclf_core.runs import run_store
from imgclf_core.workspaces import expiry
from tests.faults import forking, stages
from tests.faults.failing import content, halves
from tests.faults.forking import KILLED

KILLS = 10
STAGES = ("ingest", "adding", "taking along", "sorting", "copies", "training", "bundling")


@pytest.fixture(scope="module")
def forging():
    """What workers are forked from, for all tests."""
    with forking.forge() as made:
        yield made


@pytest.fixture
def forge(forging, monkeypatch):
    """Jobs are real processes, which have ended when `submit` returns."""
    monkeypatch.setattr(queue, "_launch", forging.launch)
    forging.kill_at = 0
    return forging


def moments(count: int) -> list[int]:
    """Ten of so many operations, from the first to the last."""
    return [1 + round(i * (count - 1) / (KILLS - 1)) for i in range(KILLS)]


def age(folder) -> None:
    """Lets two hours pass for all files."""
    for path in folder.rglob("*"):
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 7200))


@pytest.mark.parametrize("name", STAGES)
def test_killed_at_ten_moments(mine, tmp_path, forge, name):
    """Each stage survives each of them."""
    stage = stages.all_of(mine, tmp_path)[name]
    kept = tmp_path / "kept"
    stage.keep(kept)
    queue.submit(stage.folder, stage.kind, stage.params)
    assert (forge.ended, stage.check(kept)) == (0, True)
    for moment in moments(forge.operations):
        stage.back(kept)
        visits.note(mine.folder)
        forge.kill_at = moment
        queue.submit(stage.folder, stage.kind, stage.params)
        assert forge.ended == KILLED
        survived(stage, kept)
        forge.kill_at = 0
        queue.submit(stage.folder, stage.kind, stage.params)
        assert (forge.ended, stage.check(kept)) == (0, True)
        assert queue.read(stage.folder).state == events.DONE


def survived(stage, kept) -> None:
    """What must hold after a kill, and after the sweeper came by."""
    said = queue.read(stage.folder)
    if said.state != events.DONE:  # killed after its last word it is done
        assert said.state == events.INTERRUPTED
        assert "the system ended it" in said.message
    stage.check(kept)
    age(stage.world)
    assert expiry.sweep() == 0
    assert halves(stage.world) == []
    stage.check(kept)


def test_a_training_that_was_killed_learns_the_same(mine, tmp_path, forge):
    """Resumed after a kill in the middle, it ends with the same bytes as one that was let alone."""
    stage = stages.all_of(mine, tmp_path)["training"]
    kept = tmp_path / "kept"
    stage.keep(kept)
    queue.submit(stage.folder, stage.kind, stage.params)
    wanted, total = learnt(stage.folder), forge.operations
    assert wanted
    for share in (0.4, 0.6, 0.8):
        stage.back(kept)
        forge.kill_at = int(share * total)
        queue.submit(stage.folder, stage.kind, stage.params)
        assert forge.ended == KILLED
        forge.kill_at = 0
        queue.submit(stage.folder, stage.kind, stage.params)
        assert learnt(stage.folder) == wanted


def learnt(folder) -> dict[str, bytes]:
    """What a training leaves, without what tells the time."""
    names = (run_store.LEARNT_FILE, run_store.PREDICTIONS_FILE, "gate.npz", "confidence.json")
    return {name: data for name, data in content(folder).items() if name in names}
