"""What an evaluation reads and writes: figures are of whole files, or there are none."""

import json

import pytest

from imgclf_core.cli import main
from imgclf_core.runs import calibration, run_store
from imgclf_core.support import file_system
from tests.conftest import two_classes
from tests.faults import stages
from tests.faults.failing import content, every_failure, halves
from tests.pages.conftest import add_photos

READS = (file_system.OPEN, file_system.READ)


@pytest.fixture
def run(mine, tmp_path):
    """A finished run."""
    add_photos(mine, tmp_path, two_classes(3))
    made = stages.trained(mine)
    run_store.mark_test_opened(made)
    return run_store.load(made.folder)


@pytest.mark.parametrize("operation", READS)
def test_figures_are_right_or_refused(mine, run, capsys, operation):
    """The command tells the same figures, or ends with one sentence."""
    options = ["evaluate", str(run.folder), "--json"]
    assert main.main(options) == 0
    wanted = json.loads(capsys.readouterr().out.splitlines()[-1])
    before = content(mine.folder)

    def work() -> None:
        code = main.main(options)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        if code == 0:
            assert json.loads(said.out.splitlines()[-1]) == wanted
        else:
            assert said.err.strip().splitlines()[-1].endswith(".")

    for _ in every_failure(operation, mine.folder, lambda: None, work):
        assert content(mine.folder) == before


@pytest.mark.parametrize(
    "operation", (file_system.OPEN, file_system.WRITE, file_system.FLUSH, file_system.RENAME)
)
def test_a_threshold_is_kept_or_as_it_was(run, operation):
    """With the temperature beside it."""
    known = calibration.choose_threshold(run.folder, 0.25)

    def work() -> None:
        calibration.choose_threshold(run.folder, 0.75)

    def prepare() -> None:
        calibration.save(run.folder, known)

    for _ in every_failure(operation, run.folder, prepare, work):
        assert calibration.load(run.folder) == known
        assert halves(run.folder) == []
    assert calibration.load(run.folder).threshold == 0.75
