"""Training, evaluation, export and import, whichever file operation fails.

Bringing photos in, adding, taking along and sorting are in `test_every_operation.py`.
"""

import pytest

from tests.bundles import sealing
from tests.faults import stages
from tests.faults.failing import ERRORS, every_failure, halves, run_job
from tests.faults.stages import Stage

KINDS = sorted(ERRORS)


def survives(stage: Stage, tmp_path, operation: str) -> None:
    """Every operation of a kind fails in turn; the job that is asked for afterwards succeeds."""
    kept = tmp_path / "kept"
    stage.keep(kept)

    def prepare() -> None:
        stage.back(kept)
        stage.ask()

    for number in every_failure(operation, stage.world, prepare, lambda: run_job(stage.folder)):
        stage.check(kept)
        assert halves(stage.world) == []
        if number % 7 == 1:  # the others would take as long again
            stage.ask()
            run_job(stage.folder)
            assert stage.check(kept)
    assert stage.check(kept)


@pytest.mark.parametrize("operation", KINDS)
@pytest.mark.parametrize("name", ["training", "labels", "map", "packing", "bundling"])
def test_a_stage_of_a_run(mine, tmp_path, name, operation):
    """Either a whole result or the one before; the photos and the other run stay as they are."""
    survives(stages.all_of(mine, tmp_path)[name], tmp_path, operation)


@pytest.mark.parametrize("operation", KINDS)
def test_a_model_from_elsewhere(mine, tmp_path, honest, operation):
    """A model is whole or not there."""
    mine.folder.mkdir(parents=True)
    survives(stages.importing(mine, honest), tmp_path, operation)


@pytest.fixture(scope="session")
def honest(tmp_path_factory):
    """A bundle of somebody else in which nothing lies."""
    path = tmp_path_factory.mktemp("bundle") / "model.zip"
    return sealing.write(path, sealing.LABELS, sealing.FILES)
