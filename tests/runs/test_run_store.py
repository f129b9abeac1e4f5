"""A run on disk."""

import numpy as np
import pytest

from imgclf_core.errors import ModelError
from imgclf_core.jobs import events
from imgclf_core.runs import run_store
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings


@pytest.fixture
def saved(tmp_path) -> Run:
    """A run that was written down."""
    record = Run(
        tmp_path / "run",
        "Zoë",
        1.5,
        tmp_path / "set",
        "photos.zip",
        TrainingSettings(epochs=3),
        ("a", "b"),
        {"source": "shipped"},
        {"keras": "3"},
    )
    run_store.save(record)
    return record


def test_everything_comes_back(saved):
    """What is written is what is read."""
    assert run_store.is_run(saved.folder)
    assert run_store.load(saved.folder) == saved


def test_a_run_without_results_says_so(saved):
    """Neither finished nor packed, no figures, no model."""
    assert (saved.finished, saved.packed, saved.packing) == (False, False, None)
    assert (saved.report, run_store.history(saved)) == ({}, [])
    with pytest.raises(ModelError, match="'Zoë' has no finished model"):
        run_store.learnt(saved)


def test_learnt_arrays_come_back_in_order(saved):
    """More than ten keep their order."""
    arrays = [np.full((i + 1,), i, np.float32) for i in range(12)]
    run_store.save_learnt(saved.folder, arrays)
    for one, other in zip(arrays, run_store.learnt(saved), strict=True):
        np.testing.assert_array_equal(one, other)


def test_half_a_file_of_arrays_is_no_model(saved):
    """A disk that was full leaves a sentence and no traceback."""
    run_store.save_learnt(saved.folder, [np.zeros(1000)])
    path = saved.folder / run_store.LEARNT_FILE
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ModelError, match="has no finished model"):
        run_store.learnt(saved)


@pytest.mark.parametrize("config", [None, "", "[]", "{}", '{"name": "x"}'])
def test_a_folder_without_a_whole_config_is_no_run(tmp_path, config):
    """Missing or damaged, it is one sentence."""
    if config is not None:
        (tmp_path / run_store.CONFIG_FILE).write_text(config)
    with pytest.raises(ModelError, match="There is no run in"):
        run_store.load(tmp_path)


def test_a_run_brought_from_elsewhere_counts_as_done(saved):
    """Without a status there is nothing to wait for."""
    assert saved.status.state == events.DONE
