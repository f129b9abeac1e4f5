"""Training both networks, on photos that differ by colour."""

from dataclasses import replace

import numpy as np
import pytest

from imgclf_core.data.layout import SIDES, TEST
from imgclf_core.errors import DatasetError, JobError, JobStoppedError
from imgclf_core.evaluation import metrics, predictions
from imgclf_core.jobs import events
from imgclf_core.jobs.events import Reporter
from imgclf_core.training import run as runs
from tests.conftest import QUICK, picture, train_here, two_classes

MODELS = sorted(QUICK)
HEAD = QUICK["mobilenet_v2"]


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
    history, report = run.history(), run.report()
    assert [record["epoch"] for record in history] == [1, 2, 3][: QUICK[model].epochs]
    assert report["epochs_run"] == len(history)
    losses = [record["val_loss"] for record in history]
    assert report["best_epoch"] == int(np.argmin(losses)) + 1
    answers = predictions.load(run.folder / runs.PREDICTIONS_FILE)
    assert answers.scores.shape == (24, 2)
    np.testing.assert_allclose(answers.scores.sum(axis=1), 1, atol=1e-5)
    for side in SIDES:
        part = answers.of(side)
        assert report[side] == metrics.evaluate(part.labels, part.scores, run.class_names).to_json()
    assert set(report["seconds"]) == {"total", "decode", "features", "fit"}
    assert run.status.result == {"test_accuracy": report[TEST]["accuracy"]}
    assert run.versions.keys() >= {"tensorflow", "keras"}


@pytest.mark.slow
def test_the_pretrained_network_tells_colours_apart(trained):
    """Three epochs of the last layer are enough for red and blue."""
    run = trained("mobilenet_v2")
    assert run.report()["training"]["accuracy"] >= 0.9
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
    report = run.report()
    assert (report["stopped"], report["epochs_run"], report["best_epoch"]) == ("person", 1, 1)
    assert run.finished
    assert all(np.isfinite(array).all() for array in run.learnt())


@pytest.mark.slow
def test_stop_before_the_first_epoch_keeps_nothing(make_dataset, tmp_path):
    """There is no result to show."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / events.STOP_FILE).touch()
    with pytest.raises(JobStoppedError, match="before there was anything to keep"):
        train_here(folder, make_dataset(), HEAD)
    assert not runs.load(folder).finished


@pytest.mark.slow
def test_the_same_seed_learns_the_same(make_dataset, tmp_path):
    """A training can be repeated to the last bit of the last layer."""
    made = make_dataset()
    one, two = (train_here(tmp_path / name, made, HEAD) for name in ("one", "two"))
    for a, b in zip(one.learnt(), two.learnt(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_extra_views_are_trained_on(make_dataset, tmp_path):
    """Varied copies change what is learnt; scores are of the photos themselves."""
    made = make_dataset()
    plain = train_here(tmp_path / "plain", made, HEAD)
    varied = train_here(tmp_path / "varied", made, replace(HEAD, views=1))
    assert not np.array_equal(plain.learnt()[0], varied.learnt()[0])
    answers = predictions.load(varied.folder / runs.PREDICTIONS_FILE)
    assert len(answers) == len(made.photos)


@pytest.mark.slow
def test_patience_ends_a_training_that_stands_still(make_dataset, tmp_path):
    """A learning rate of nearly nothing improves nothing."""
    settings = replace(HEAD, epochs=30, patience=2, learning_rate=1e-7)
    report = train_here(tmp_path / "run", make_dataset(), settings).report()
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
    answers = predictions.load(run.folder / runs.PREDICTIONS_FILE)
    assert not [name for name in answers.names if name.startswith("tiny")]


def test_one_class_left_is_nothing_to_learn(make_dataset, tmp_path):
    """Leaving out must leave two."""
    made = make_dataset({**two_classes(1), "red/1.jpg": picture(1), "red/2.jpg": picture(2)})
    with pytest.raises(DatasetError, match="Fewer than two classes"):
        train_here(tmp_path / "run", made, replace(HEAD, leave_out_small=True))


@pytest.mark.slow
def test_a_loss_that_is_no_number_ends_the_training(reporter):
    """The sentence says what to change."""
    from imgclf_core.models import mobilenet_v2
    from imgclf_core.training.fit import fit

    x = np.full((4, mobilenet_v2.FEATURES), np.nan, np.float32)
    y = np.eye(2, dtype=np.float32)[[0, 1, 0, 1]]
    model = mobilenet_v2.build_head(2, 0.0, 0)
    with pytest.raises(JobError, match="learning rate ten times smaller"):
        fit(model, (x, y, np.ones(4, np.float32)), (x, y), HEAD, reporter, 1, 0.0)
