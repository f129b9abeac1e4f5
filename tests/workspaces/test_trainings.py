"""Starting a training, and going on with one."""

from dataclasses import replace

import pytest

from imgclf_core.errors import JobError, OptionError
from imgclf_core.jobs import events, locks, queue
from imgclf_core.jobs.events import JobStatus
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.runs import checkpoint, run_store
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.support import atomic_files
from imgclf_core.workspaces import trainings


def put(folder, phases: list[str], state: str = events.DONE, **settings) -> Run:
    """A run that has ended after some epochs."""
    chosen = TrainingSettings(epochs=40, **settings)
    run_store.save(Run(folder, "A run", 1.0, folder / "set", "photos.zip", chosen))
    events.write_status(folder, JobStatus(state=state))
    reporter = Reporter(folder)
    for number, phase in enumerate(phases, start=1):
        reporter.record("epoch", epoch=number, phase=phase)
    if phases:
        checkpoint.save(folder, checkpoint.State(phases[-1]))
    return run_store.load(folder)


@pytest.fixture
def submitted(monkeypatch) -> list:
    """What would be started."""
    found = []
    monkeypatch.setattr(queue, "submit", lambda folder, kind, params: found.append((kind, params)))
    return found


def test_more_epochs_count_from_where_it_stands(tmp_path, submitted):
    """Stopped after ten of forty, ten more make twenty."""
    run = put(tmp_path / "run", ["learning"] * 10)
    trainings.resume(run, "personal", more_epochs=10)
    assert run_store.load(run.folder).settings.epochs == 20
    assert submitted == [("train", {"profile": "personal", "go_on": True})]


@pytest.mark.parametrize(
    ("phases", "more", "words"),
    [(["learning"], -3, "-3 more epochs are none"), ([], 5, "has no checkpoint to go on from")],
)
def test_what_cannot_be_made_longer_is_refused(tmp_path, submitted, phases, more, words):
    """Fewer epochs than none, and a run that nothing is left of to go on from."""
    with pytest.raises(OptionError, match=words):
        trainings.resume(put(tmp_path / "run", phases), "personal", more)
    assert submitted == []


@pytest.mark.parametrize(("go_on", "discarded"), [(False, True), (True, False)])
def test_a_cancelled_training_goes_unless_it_had_a_result(tmp_path, go_on, discarded):
    """Training longer and thinking better of it costs nothing."""
    run = put(tmp_path / "run", ["learning"], events.CANCELLED)
    atomic_files.write_json(
        run.folder / queue.JOB_FILE, {"kind": "train", "params": {"go_on": go_on}}
    )
    assert not trainings.to_be_discarded(run)
    queue.stop(run.folder, discard=True)
    assert trainings.to_be_discarded(run) == discarded
    queue.end(run.folder)  # deleted, whatever it had
    assert trainings.to_be_discarded(run)


def test_the_phase_that_ran_last_is_made_longer(tmp_path, submitted):
    """Fine-tuning goes on as fine-tuning."""
    run = put(tmp_path / "run", ["learning"] * 40 + ["fine-tuning"] * 8, fine_tune=True)
    trainings.resume(run, "personal", more_epochs=5)
    settings = run_store.load(run.folder).settings
    assert (settings.epochs, settings.fine_tune_epochs) == (40, 13)


def test_what_was_interrupted_keeps_its_plan(tmp_path, submitted):
    """And why it had stopped, if it had: then only the test is missing."""
    run = put(tmp_path / "run", ["learning"] * 3, events.INTERRUPTED)
    trainings.resume(run, "personal")
    assert run_store.load(run.folder).settings == run.settings
    assert submitted == [("train", {"profile": "personal", "go_on": False})]


def test_what_goes_on_is_not_started_twice(tmp_path, submitted):
    """A double click changes nothing."""
    run = put(tmp_path / "run", [], events.RUNNING)
    with locks.hold(run.folder), pytest.raises(JobError, match="'A run' is going on already"):
        trainings.resume(run, "personal", more_epochs=5)
    assert run_store.load(run.folder).settings == replace(run.settings)
    assert submitted == []
