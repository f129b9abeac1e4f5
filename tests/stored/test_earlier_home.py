"""A home and a bundle made by version 43eba50 open, answer the same, resume and export."""

import shutil

import numpy as np
import pytest

from imgclf_core.analysis import embedding_map, results
from imgclf_core.analysis.label_issues import label_job
from imgclf_core.analysis.robustness import robustness_results
from imgclf_core.bundles.reader import imported
from imgclf_core.bundles.writer import bundle_job
from imgclf_core.config import LIMITS, PERSONAL, PERSONAL_TOKEN
from imgclf_core.datasets import photo_files, store
from imgclf_core.datasets.checks import outliers
from imgclf_core.inference import predictor
from imgclf_core.jobs import events, queue
from imgclf_core.runs import predictions, run_store
from imgclf_core.runs.run import Run
from imgclf_core.workspaces import job_requests, opening, trainings
from imgclf_core.workspaces.workspace import Workspace

TOLERANCE = 1e-4
KINDS = ("first_answer", "mobilenet_v2", "scratch_cnn")


@pytest.fixture
def workspace(earlier) -> Workspace:
    """The owner's workspace in the earlier home."""
    return Workspace(PERSONAL_TOKEN)


def finished(workspace: Workspace, model: str) -> Run:
    """The finished run of a network."""
    return next(run for run in workspace.runs() if run.settings.model == model and run.finished)


def assert_answers_as_stored(run: Run) -> None:
    """The run gives every photo of its data set the scores that it gave then."""
    dataset = store.load(run.dataset, run.dataset_version)
    answers = predictions.load(run.folder / run_store.PREDICTIONS_FILE)
    model = predictor.open_run(run)
    data = {photo.file: photo_files.read_photo(dataset, photo) for photo in dataset.photos}
    scores = np.stack([model.answer(data[file]).scores for file in answers.files.tolist()])
    np.testing.assert_allclose(scores, answers.scores, atol=TOLERANCE)


def test_a_data_set_opens_in_all_its_versions(workspace):
    """Photos, classes, what was left out, notes and the history are there."""
    dataset = workspace.datasets()[0]
    assert (dataset.version, dataset.class_names) == (4, ("blue", "scarlet"))
    assert (len(dataset.photos), len(dataset.left_out)) == (19, 1)
    assert (dataset.source_note, dataset.rights_note) == ("Drawn by a program.", "CC0")
    assert sum(bool(photo.also) for photo in dataset.photos) == 1
    first = workspace.dataset(dataset.id, 1)
    assert (first.class_names, len(first.photos)) == (("blue", "red"), 20)
    assert all(photo_files.read_photo(first, photo) for photo in first.photos)
    assert len(store.history(dataset.folder).line) == 4
    assert store.undo(dataset.folder)
    assert workspace.dataset(dataset.id).version == 3


def test_results_of_jobs_still_hold(workspace):
    """Judged labels, the map, unusual photos and the check for shortcuts are read."""
    dataset = workspace.datasets()[0]
    assert outliers.looked_at(dataset)
    assert label_job.load(dataset) is not None
    assert embedding_map.load(dataset) is not None
    run = finished(workspace, "scratch_cnn")
    assert robustness_results.load(run, "test") is not None


@pytest.mark.parametrize("model", KINDS)
def test_a_run_opens_and_answers_the_same(workspace, model):
    """Figures are there, and scores of all photos are those of then."""
    run = finished(workspace, model)
    assert run.status.state == events.DONE
    assert results.open_result(run).figures.accuracy == run.report["test"]["accuracy"]
    assert_answers_as_stored(run)


def test_what_was_open_and_chosen_is_kept(workspace):
    """The open data set, the threshold, the opened test and the words about the model."""
    run = finished(workspace, "scratch_cnn")
    assert workspace.current()["dataset"] == workspace.datasets()[0].id
    assert results.open_result(run).calibration.threshold == 0.6
    assert run.test_opened
    assert bundle_job.said(run).class_names == ("blau", "rot")
    assert all(proven.ok for proven in bundle_job.load(run).proven)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["mobilenet_v2", "scratch_cnn"])
def test_a_finished_run_is_trained_longer_and_exported(workspace, earlier, model):
    """It goes on from its checkpoint, is packed, and its bundle is proven."""
    run = finished(workspace, model)
    before = len(run_store.history(run))
    trainings.resume(run, PERSONAL, more_epochs=1)
    assert queue.follow(run.folder).state == events.DONE
    assert queue.follow(run.folder / run_store.PACK_FOLDER).state == events.DONE
    longer = run_store.load(run.folder)
    assert len(run_store.history(longer)) == before + 1
    assert_answers_as_stored(longer)
    job_requests.bundle(longer)
    assert queue.follow(run.folder / bundle_job.FOLDER).state == events.DONE
    shared = bundle_job.load(longer)
    assert all(proven.ok for proven in shared.proven)
    imported.check(shared.path, LIMITS[PERSONAL])


@pytest.mark.slow
def test_an_interrupted_run_goes_on(workspace):
    """What was killed after three epochs goes on after them, and can be stopped with the best."""
    run = next(run for run in workspace.runs() if not run.finished)
    assert run.resumable and run.status.state == events.INTERRUPTED
    trainings.resume(run, PERSONAL)
    while len(run_store.history(run)) < 5:
        assert not run_store.read_status(run.folder).ended
    queue.stop(run.folder)
    assert queue.follow(run.folder).state == events.DONE
    assert run_store.load(run.folder).report["epochs_run"] >= 5


def test_a_model_that_was_brought_in_answers(workspace, earlier):
    """It answers as the run that it was exported from."""
    model = imported.models_in(workspace.folder / "models")[0]
    run = finished(workspace, "scratch_cnn")
    here, there = predictor.open_run(run), imported.open_imported(model.folder)
    data = photo_files.read_photo(workspace.datasets()[0], workspace.datasets()[0].photos[0])
    assert there.class_names == ("blau", "rot")
    np.testing.assert_allclose(there.answer(data).scores, here.answer(data).scores, atol=TOLERANCE)


@pytest.mark.slow
def test_a_bundle_opens_and_answers_the_same(workspace, earlier):
    """Its seal holds, it is built anew, and answers as the run that it was exported from."""
    shutil.rmtree(earlier / "home" / "cache", ignore_errors=True)
    known = imported.check(earlier / "bundle.zip", LIMITS[PERSONAL])
    assert known.class_names == ("blau", "rot")
    here = predictor.open_run(finished(workspace, "scratch_cnn"))
    there = opening.open_model(earlier / "bundle.zip")
    data = photo_files.read_photo(workspace.datasets()[0], workspace.datasets()[0].photos[0])
    np.testing.assert_allclose(there.answer(data).scores, here.answer(data).scores, atol=TOLERANCE)
