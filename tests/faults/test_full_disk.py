"""A disk that is full, not once but until somebody frees some space."""

import contextlib
import shutil

import pytest

from imgclf_core.jobs import events, queue
from imgclf_core.support import file_system
from imgclf_core.support.error_messages import DISK_IS_FULL
from tests.faults import stages
from tests.faults.failing import Full, attempted, halves, run_job

STAGES = (
    "ingest",
    "adding",
    "taking along",
    "training",
    "labels",
    "packing",
    "bundling",
    "sorting",
    "copies",
)
_STEP = 5  # from one moment to the next, in writes


@contextlib.contextmanager
def none_left():
    """Lets the disk tell that nothing is left, as a full one does."""
    usage = shutil.disk_usage("/")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda folder: usage._replace(free=0))
        yield


@pytest.mark.parametrize("name", STAGES)
def test_a_disk_that_stays_full(mine, tmp_path, name):
    """From the n-th write on: the page calls it by its name; with space again the job succeeds."""
    stage = stages.all_of(mine, tmp_path)[name]
    kept = tmp_path / "kept"
    stage.keep(kept)
    for number in range(1, 1000, _STEP):
        stage.back(kept)
        stage.ask()
        full = Full(number, stage.world)
        if not attempted(full, lambda: run_job(stage.folder)):
            break
        with none_left():
            status = queue.read(stage.folder)
            assert status.state in (events.FAILED, events.INTERRUPTED)
            assert status.message == DISK_IS_FULL
            stage.check(kept)
        assert halves(stage.world) == []
        stage.ask()
        run_job(stage.folder)
        assert stage.check(kept)
    assert number > _STEP
    assert stage.check(kept)


def test_too_little_room_is_said_before_anything_is_written(mine, tmp_path):
    """Photos are not begun to be taken in where they will not fit."""
    stage = stages.all_of(mine, tmp_path)["ingest"]
    stage.ask()
    written = []

    def note(operation: str, path) -> None:
        if operation == file_system.WRITE and path.is_relative_to(stage.folder / "images"):
            written.append(path)

    with none_left(), file_system.observed(note):
        run_job(stage.folder)
    status = queue.read(stage.folder)
    assert (status.state, status.error) == (events.FAILED, "input")
    assert status.message.startswith("The disk is nearly full (0 MB free).")
    assert written == []
