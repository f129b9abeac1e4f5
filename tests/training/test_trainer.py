"""Training both networks, on photos that differ by colour."""

from dataclasses import replace

import numpy as np
import pytest

from imgclf_core.datasets.split import SIDES, TEST
from imgclf_core.errors import DatasetError, JobCancelledError, JobError, JobStoppedError
from imgclf_core.images import augmentation
from imgclf_core.jobs import events, memory, queue
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.metrics import classification
from imgclf_core.runs import predictions, run_store
from imgclf_core.training import presets, trainer
from tests.conftest import QUICK, picture, train_here, two_classes

MODELS = sorted(QUICK)
HEAD, SCRATCH = QUICK["mobilenet_v2"], QUICK["scratch_cnn"]


class StopsAfterFirstEpoch(Reporter):
    """A person who has seen enough after one epoch."""

    def record(self, kind, **values):
        super().record(kind, **values)
        if kind == "epoch":
            (self.folder / events.STOP_FILE).touch()


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_a_training_leaves_history_scores_and_figures(trained, model):
    """All of it fits together: one record an epoch, one row a photo, figures of each side."""
    run = trained(model)
    history, report = run_store.history(run), run.report
    assert [record["epoch"] for record in history] == [1, 2, 3][: QUICK[model].epochs]
    assert report["epochs_run"] == len(history)
    losses = [record["val_loss"] for record in history]
    assert report["best_epoch"] == int(np.argmin(losses)) + 1
    answers = predictions.load(run.folder / run_store.PREDICTIONS_FILE)
    assert answers.scores.shape == (24, 2)
    np.testing.assert_allclose(answers.scores.sum(axis=1), 1, atol=1e-5)
    for side in SIDES:
        part = answers.of(side)
        assert (
            report[side]
            == classification.evaluate(part.labels, part.scores, run.class_names).to_json()
        )
    assert set(report["seconds"]) == {"total", "decode", "features", "fit"}
    assert run.status.result == {"test_accuracy": report[TEST]["accuracy"]}
    assert run.versions.keys() >= {"tensorflow", "keras"}


@pytest.mark.slow
def test_the_pretrained_network_tells_colours_apart(trained):
    """Three epochs of the last layer are enough for red and blue."""
    run = trained("mobilenet_v2")
    assert run.report["training"]["accuracy"] >= 0.9
    assert (run.class_names, run.weights["source"]) == (("blue", "red"), "shipped")


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_stop_keeps_the_best_epoch_so_far(make_dataset, tmp_path, model):
    """The person gets a tested run of the epochs that were finished."""
    folder = tmp_path / "run"
    folder.mkdir()
    run = train_here(
        folder, make_dataset(), replace(QUICK[model], epochs=50), StopsAfterFirstEpoch(folder)
    )
    report = run.report
    assert (report["stopped"], report["epochs_run"], report["best_epoch"]) == ("person", 1, 1)
    assert run.finished
    assert all(np.isfinite(array).all() for array in run_store.learnt(run))


@pytest.mark.slow
def test_stop_before_the_first_epoch_keeps_nothing(make_dataset, tmp_path):
    """There is no result to show."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / events.STOP_FILE).touch()
    with pytest.raises(JobStoppedError, match="before there was anything to keep"):
        train_here(folder, make_dataset(), HEAD)
    assert not run_store.load(folder).finished


@pytest.mark.slow
def test_the_same_seed_learns_the_same(make_dataset, tmp_path):
    """A training can be repeated to the last bit of the last layer."""
    made = make_dataset()
    one, two = (train_here(tmp_path / name, made, HEAD) for name in ("one", "two"))
    for a, b in zip(run_store.learnt(one), run_store.learnt(two), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_extra_views_are_trained_on(make_dataset, tmp_path):
    """Varied copies change what is learnt; scores are of the photos themselves."""
    made = make_dataset()
    plain = train_here(tmp_path / "plain", made, HEAD)
    varied = train_here(tmp_path / "varied", made, replace(HEAD, views=1))
    assert not np.array_equal(run_store.learnt(plain)[0], run_store.learnt(varied)[0])
    answers = predictions.load(varied.folder / run_store.PREDICTIONS_FILE)
    assert len(answers) == len(made.photos)


@pytest.mark.slow
def test_patience_ends_a_training_that_stands_still(make_dataset, tmp_path):
    """A learning rate of nearly nothing improves nothing."""
    settings = replace(HEAD, epochs=30, patience=2, learning_rate=1e-7)
    report = train_here(tmp_path / "run", make_dataset(), settings).report
    assert report["stopped"] == "patience"
    assert report["epochs_run"] == report["best_epoch"] + 2


def with_a_small_class(make_dataset):
    """Two classes of twelve and one of two."""
    extra = {f"tiny/{i}.jpg": picture(700 + i, tint=1) for i in range(2)}
    return make_dataset({**two_classes(), **extra})


def test_a_class_too_small_is_refused_by_name(make_dataset, tmp_path):
    """The sentence says which, how many are needed, and both ways out."""
    made = with_a_small_class(make_dataset)
    with pytest.raises(DatasetError, match=r"Too few photos to train: tiny\. .* at least 3"):
        train_here(tmp_path / "run", made, HEAD)


@pytest.mark.slow
def test_a_class_too_small_can_be_left_out(make_dataset, tmp_path):
    """The model then knows the other classes only."""
    made = with_a_small_class(make_dataset)
    run = train_here(tmp_path / "run", made, replace(HEAD, leave_out_small=True))
    assert run.class_names == ("blue", "red")
    answers = predictions.load(run.folder / run_store.PREDICTIONS_FILE)
    assert not [name for name in answers.names if name.startswith("tiny")]


def test_one_class_left_is_nothing_to_learn(make_dataset, tmp_path):
    """Leaving out must leave two."""
    made = make_dataset({**two_classes(1), "red/1.jpg": picture(1), "red/2.jpg": picture(2)})
    with pytest.raises(DatasetError, match="Fewer than two classes"):
        train_here(tmp_path / "run", made, replace(HEAD, leave_out_small=True))


@pytest.mark.slow
def test_a_loss_that_is_no_number_ends_the_training(make_dataset, tmp_path):
    """The sentence says what to change."""
    settings = replace(SCRATCH, learning_rate=1.0, epochs=3, schedule="constant")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(augmentation, "augment", lambda pixels, *rest: np.full(pixels.shape, np.nan))
        with pytest.raises(JobError, match="learning rate ten times smaller"):
            train_here(tmp_path / "run", make_dataset(), settings)


class Dies(Reporter):
    """A worker that is killed once, right after an epoch was written to the disk."""

    def __init__(self, folder, epoch: int, stage: str = "training"):
        super().__init__(folder)
        self._epoch, self.stage_of_death = epoch, stage

    def progress(self, done):
        super().progress(done)
        if self._status.stage == self.stage_of_death and done == self._epoch:
            raise KeyboardInterrupt


class DiesBeforeItsCheckpoint(Dies):
    """Killed when the epoch is recorded and its checkpoint is not yet written."""

    def progress(self, done):
        Reporter.progress(self, done)

    def record(self, kind, **values):
        super().record(kind, **values)
        if kind == "epoch" and values["epoch"] == self._epoch:
            raise KeyboardInterrupt


def same_course(one, two) -> bool:
    """Whether two histories agree in everything but time."""
    clocks = ("time", "seconds", "photos_a_second")
    first, second = (
        [{k: v for k, v in record.items() if k not in clocks} for record in run_store.history(run)]
        for run in (one, two)
    )
    return first == second


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("death", [Dies, DiesBeforeItsCheckpoint])
def test_a_killed_training_resumes_to_the_last_bit(make_dataset, tmp_path, model, death):
    """Weights, history and scores are those of a training that nothing disturbed."""
    made = make_dataset()
    settings = replace(QUICK[model], epochs=4, dropout=0.3, views=min(QUICK[model].views + 1, 1))
    whole = train_here(tmp_path / "whole", made, settings)
    folder = tmp_path / "killed"
    folder.mkdir()
    with pytest.raises(KeyboardInterrupt):
        train_here(folder, made, settings, death(folder, 2))
    resumed = train_here(folder, made, settings)
    assert same_course(whole, resumed)
    for a, b in zip(run_store.learnt(whole), run_store.learnt(resumed), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_fine_tuning_resumes_to_the_last_bit_and_tells_its_worth(make_dataset, tmp_path):
    """Killed in the second phase, it goes on there; cost and gain are in the report."""
    made = make_dataset()
    settings = replace(HEAD, epochs=2, fine_tune=True, fine_tune_epochs=3)
    whole = train_here(tmp_path / "whole", made, settings)
    folder = tmp_path / "killed"
    folder.mkdir()
    with pytest.raises(KeyboardInterrupt):
        train_here(folder, made, settings, Dies(folder, 2, "fine-tuning"))
    resumed = train_here(folder, made, settings)
    assert same_course(whole, resumed)
    assert [record["phase"] for record in run_store.history(whole)] == ["learning"] * 2 + [
        "fine-tuning"
    ] * 3
    for a, b in zip(run_store.learnt(whole), run_store.learnt(resumed), strict=True):
        np.testing.assert_array_equal(a, b)
    tuned = resumed.report["fine_tuning"]
    assert tuned["kept"] == resumed.fine_tuned == (len(run_store.learnt(resumed)) > 2)
    assert tuned["kept"] == (tuned["after"]["val_loss"] < tuned["before"]["val_loss"] - 1e-4)
    assert min(tuned["before"]["seconds"], tuned["after"]["seconds"]) > 0


@pytest.mark.slow
def test_fine_tuning_follows_a_last_layer_that_stood_still(make_dataset, tmp_path):
    """Patience ends a phase, not the training."""
    settings = replace(
        HEAD, epochs=20, patience=1, learning_rate=1e-7, fine_tune=True, fine_tune_epochs=1
    )
    run = train_here(tmp_path / "run", make_dataset(), settings)
    assert run_store.history(run)[-1]["phase"] == "fine-tuning"
    assert run.report["fine_tuning"]["after"]["seconds"] > 0


@pytest.mark.slow
def test_stop_between_the_phases_keeps_the_last_layer(make_dataset, tmp_path):
    """Asked for while the inner features are computed."""
    folder = tmp_path / "run"
    folder.mkdir()

    class StopsBetween(Reporter):
        def stage(self, name, *arguments, **options):
            super().stage(name, *arguments, **options)
            if name == "computing inner features":
                queue.stop(self.folder)

    settings = replace(HEAD, fine_tune=True)
    run = train_here(folder, make_dataset(), settings, StopsBetween(folder))
    assert run.report["stopped"] == "person"
    assert run.report["training"]["accuracy"] >= 0.9
    assert len(run_store.learnt(run)) == 2


@pytest.mark.slow
def test_patience_begins_anew_where_a_training_goes_on(make_dataset, tmp_path):
    """One that had stopped by itself is given all of its patience again."""
    folder = tmp_path / "run"
    settings = replace(HEAD, epochs=30, patience=2, learning_rate=1e-7)
    before = len(run_store.history(train_here(folder, make_dataset(), settings)))
    trainer.run_job(folder, {"go_on": True}, Reporter(folder))
    assert len(run_store.history(run_store.load(folder))) >= before + 2


@pytest.mark.slow
def test_fine_tuning_that_makes_it_worse_is_not_kept(make_dataset, tmp_path):
    """At an absurd rate the last layer alone remains."""
    settings = replace(HEAD, epochs=3, fine_tune=True, fine_tune_epochs=1, fine_tune_rate=1.0)
    run = train_here(tmp_path / "run", make_dataset(), settings)
    assert not run.report["fine_tuning"]["kept"]
    assert len(run_store.learnt(run)) == 2
    assert run.report["training"]["accuracy"] >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_a_finished_training_goes_on_for_more_epochs(make_dataset, tmp_path, model):
    """On the same curve, and what was packed of it before is gone."""
    folder = tmp_path / "run"
    run = train_here(folder, make_dataset(), QUICK[model])
    before = run_store.history(run)
    (folder / run_store.KERAS_FILE).write_bytes(b"packed before")
    run_store.save(replace(run, settings=replace(run.settings, epochs=run.settings.epochs + 2)))
    reporter = Reporter(folder)
    reporter.start()
    trainer.run_job(folder, {"go_on": True}, reporter)
    after = run_store.load(folder)
    assert run_store.history(after)[: len(before)] == before
    assert after.report["epochs_run"] == len(before) + 2
    assert not (folder / run_store.KERAS_FILE).exists()


@pytest.mark.slow
def test_a_cancelled_training_leaves_no_result(make_dataset, tmp_path):
    """Cancelling is not stopping: the best so far is not kept."""
    folder = tmp_path / "run"
    folder.mkdir()

    class Cancels(Reporter):
        def record(self, kind, **values):
            super().record(kind, **values)
            if kind == "epoch":
                queue.stop(self.folder, discard=True)

    with pytest.raises(JobCancelledError, match="nothing was kept"):
        train_here(folder, make_dataset(), replace(SCRATCH, epochs=50), Cancels(folder))
    assert not run_store.load(folder).finished


@pytest.mark.slow
@pytest.mark.parametrize("name", ["scene_network", "sports_network"])
def test_published_networks_train(make_dataset, tmp_path, name):
    """They leave a run like any other, with maps from gradients."""
    settings = replace(presets.recipe(name), epochs=1)
    run = train_here(tmp_path / "run", make_dataset(), settings)
    assert run.finished
    assert len(run_store.history(run)) == 1
    answers = predictions.load(run.folder / run_store.PREDICTIONS_FILE)
    unseen = set(answers.files[answers.sides != "training"])
    assert run_store.maps(run).keys() == unseen
    assert all((one >= 0).all() for one in run_store.maps(run).values())


@pytest.mark.slow
def test_a_batch_that_does_not_fit_is_made_smaller(make_dataset, tmp_path, monkeypatch):
    """The run says so, and later keeps to it."""
    monkeypatch.setattr(memory, "available", lambda: 610_000_000)
    run = train_here(tmp_path / "run", make_dataset(), replace(SCRATCH, batch_size=64))
    assert run.settings.batch_size < 64
    assert f"Trained with {run.settings.batch_size} photos at once, not 64" in run.note
