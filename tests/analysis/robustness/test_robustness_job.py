"""Answers for changed photos: whose they are, how they are kept, and what they find out."""

import io
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imgclf_core.analysis.robustness import (
    interpretation,
    metadata_probe,
    perturbations,
    robustness_job,
    robustness_results,
)
from imgclf_core.datasets import sample, store
from imgclf_core.errors import DatasetError, JobStoppedError, ModelError, OptionError
from imgclf_core.jobs import events
from imgclf_core.jobs.events import JobStatus
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.runs import calibration, predictions, run_store
from imgclf_core.runs.calibration import Calibration
from imgclf_core.runs.run import Run
from imgclf_core.training import baseline

KINDS = tuple(sample.COUNTS)


def jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def honest(generator) -> dict[str, bytes]:
    """Shapes by class; nothing else tells it."""
    return {
        f"{kind}/{i}.jpg": jpeg(sample.draw_shape(kind, generator)[0])
        for kind in KINDS
        for i in range(60)
    }


def told_by_border(generator) -> dict[str, bytes]:
    """Any shape in any class; only the colour of the border tells it."""
    entries = {}
    for name, colour in {"a": (200, 60, 60), "b": (60, 170, 60), "c": (60, 60, 200)}.items():
        for i in range(60):
            frame = np.array(colour) + generator.normal(0, 20, 3)
            frame = np.clip(frame + generator.normal(0, 9, (160, 160, 3)), 0, 255).astype(np.uint8)
            inside = np.array(sample.draw_shape(generator.choice(KINDS), generator)[0])
            frame[20:140, 20:140] = inside[20:140, 20:140]
            entries[f"{name}/{i}.jpg"] = jpeg(Image.fromarray(frame))
    return entries


def told_by_size(generator) -> dict[str, bytes]:
    """Any shape in any class; only the number of pixels tells it."""
    entries = {}
    for name, (least, most) in {"small": (80, 140), "large": (180, 260)}.items():
        for i in range(60):
            size = tuple(int(side) for side in generator.integers(least, most, 2))
            image = sample.draw_shape(generator.choice(KINDS), generator)[0]
            entries[f"{name}/{i}.jpg"] = jpeg(image.resize(size))
    return entries


def answered(tmp_path, dataset) -> Run:
    """A first answer, which needs no TensorFlow."""
    folder = tmp_path / "answered"
    settings = baseline.settings()
    run_store.save(Run(folder, "First answer", 1.0, dataset.folder, dataset.name, settings))
    reporter = Reporter(folder)
    reporter.start()
    reporter.finish(events.DONE, result=baseline.run_job(folder, {}, reporter))
    return run_store.load(folder)


def warned(make_dataset, tmp_path, make) -> set[str]:
    """Names of all results that warn about a made-up data set."""
    dataset = make_dataset(make(np.random.default_rng(0)))
    found = robustness_job.compute(answered(tmp_path, dataset), dataset)
    findings = (
        *interpretation.of_variations(found),
        *interpretation.of_clues(found.appearance),
    )
    return {finding.name for finding in findings if finding.warns}


def test_a_class_told_by_the_border_is_warned_of(make_dataset, tmp_path):
    """Seeing only the border is as good, and without it the model is lost."""
    names = warned(make_dataset, tmp_path, told_by_border)

    assert {perturbations.BORDER_ONLY, perturbations.BORDER_HIDDEN} <= names
    assert metadata_probe.SIZE not in names


def test_a_class_told_by_the_size_is_warned_of(make_dataset, tmp_path):
    """Width and height give it away; the border does not."""
    names = warned(make_dataset, tmp_path, told_by_size)

    assert metadata_probe.SIZE in names
    assert not {perturbations.BORDER_ONLY, metadata_probe.COLOUR} & names


def test_honest_photos_are_not_warned_of(make_dataset, tmp_path):
    """Drawn shapes are told by their shape, and nothing else is said of them."""
    assert warned(make_dataset, tmp_path, honest) == set()


@pytest.fixture
def run(trained, tmp_path) -> Run:
    """A copy of a trained run, to be written into."""
    folder = tmp_path / "copy"
    shutil.copytree(trained("mobilenet_v2").folder, folder)
    return run_store.load(folder)


@pytest.fixture
def dataset(run):
    return store.load(run.dataset, run.dataset_version)


def test_plain_answers_are_those_of_the_run(run, dataset):
    """Guesses and scores of the unchanged photos are what Evaluate shows."""
    found = robustness_job.compute(run, dataset)

    answers = predictions.load(run.folder / run_store.PREDICTIONS_FILE).of("test")
    order = np.argsort(answers.files)
    mine = np.argsort(found.files)
    np.testing.assert_array_equal(found.files[mine], answers.files[order])
    np.testing.assert_array_equal(found.labels[mine], answers.labels[order])
    np.testing.assert_array_equal(found.plain.guesses[mine], answers.guesses[order])
    true_scores = answers.scores[np.arange(len(answers)), answers.labels]
    np.testing.assert_allclose(found.plain.scores[mine], true_scores[order], atol=0.02)
    assert (found.side, found.of_side, found.skipped) == ("test", len(answers), 0)
    assert tuple(one.name for one in found.variations) == perturbations.NAMES


def test_the_job_keeps_what_it_found(run, dataset):
    """What is loaded is what was computed, for the side that was asked for."""
    folder = run.folder / robustness_job.FOLDER
    folder.mkdir()
    events.write_status(folder, JobStatus())
    reporter = Reporter(folder)
    reporter.start()

    result = robustness_job.run_job(folder, {"side": "validation"}, reporter)

    kept, again = (
        robustness_results.load(run, "validation"),
        robustness_job.compute(run, dataset, "validation"),
    )
    assert robustness_results.load(run, "test") is None
    assert result["photos"] == kept.plain.n == again.plain.n
    assert kept.to_json() == again.to_json()
    np.testing.assert_array_equal(kept.files, again.files)
    np.testing.assert_array_equal(kept.appearance.files, again.appearance.files)
    for one, other in zip(kept.appearance.clues, again.appearance.clues, strict=True):
        np.testing.assert_array_equal(one.guesses, other.guesses)
    stages = [event["name"] for event in events.read_events(folder, "stage")]
    assert stages == [robustness_job.ANSWERING, robustness_job.CLUES]


def test_it_can_be_stopped(run):
    """A stop ends the job at the next photo, and nothing is kept."""
    folder = run.folder / robustness_job.FOLDER
    folder.mkdir()
    events.write_status(folder, JobStatus())
    (folder / events.STOP_FILE).touch()

    with pytest.raises(JobStoppedError):
        robustness_job.run_job(folder, {}, Reporter(folder))
    assert robustness_results.load(run, "test") is None


def test_results_of_an_earlier_training_do_not_count(run, dataset):
    """New answers need a new look; a new temperature does not. A damaged file is none."""
    robustness_results.save(run, robustness_job.compute(run, dataset))
    calibration.save(run.folder, Calibration(temperature=3.0, threshold=0.9))
    assert robustness_results.load(run, "test") is not None

    answers = predictions.load(run.folder / run_store.PREDICTIONS_FILE)
    changed = replace(answers, scores=answers.scores[:, ::-1])
    predictions.save(run.folder / run_store.PREDICTIONS_FILE, changed)
    assert robustness_results.load(run, "test") is None

    predictions.save(run.folder / run_store.PREDICTIONS_FILE, answers)
    (path,) = run.folder.glob("shortcuts*.npz")
    path.write_bytes(path.read_bytes()[:200])
    assert robustness_results.load(run, "test") is None


def test_photos_it_learnt_from_are_never_asked(run, dataset):
    """Neither as a side, nor where another version has them on the test side."""
    with pytest.raises(OptionError, match="by heart"):
        robustness_job.compute(run, dataset, "training")

    moved = replace(dataset, photos=tuple(replace(p, side="test") for p in dataset.photos))
    found = robustness_job.compute(run, moved)

    learnt = {photo.file for photo in dataset.photos if photo.side == "training"}
    assert not learnt & set(found.files.tolist())
    assert found.plain.n == len(dataset.photos) - len(learnt)


def test_photos_that_cannot_be_read_are_counted(run, dataset, tmp_path):
    """One is skipped; none at all is a sentence."""
    broken = replace(dataset, folder=tmp_path / "broken")
    shutil.copytree(dataset.folder / "images", broken.folder / "images")
    tested = [photo for photo in dataset.photos if photo.side == "test"]
    (broken.folder / "images" / tested[0].file).write_bytes(b"no picture")

    found = robustness_job.compute(run, broken)
    assert (found.skipped, found.plain.n) == (1, len(tested) - 1)
    assert tested[0].file not in found.files

    shutil.rmtree(broken.folder / "images")
    with pytest.raises(DatasetError, match="no test photos that can be read"):
        robustness_job.compute(run, broken)


def test_a_network_that_is_not_packed_yet_cannot_answer(trained, tmp_path):
    """It says so in a sentence."""
    folder = tmp_path / "copy"
    shutil.copytree(trained("scratch_cnn").folder, folder)
    (folder / run_store.LITERT_FILE).unlink()
    unpacked = run_store.load(folder)

    with pytest.raises(ModelError, match="cannot answer yet"):
        robustness_job.compute(unpacked, store.load(unpacked.dataset))


@given(st.lists(st.integers(0, 5), min_size=1, max_size=200), st.integers(1, 250))
def test_a_sample_is_fair(labels, most):
    """As many as asked for, each once, of every class its share within a photo; always the same."""
    labels = np.array(labels)

    chosen = robustness_job.sample(labels, most)

    assert len(chosen) == min(most, len(labels)) == len(set(chosen.tolist()))
    np.testing.assert_array_equal(chosen, robustness_job.sample(labels, most))
    share = len(chosen) / len(labels)
    for label in set(labels.tolist()):
        taken, there = (labels[chosen] == label).sum(), (labels == label).sum()
        assert abs(taken - share * there) <= 1


def test_more_photos_take_longer_up_to_the_most(run):
    """The estimate grows with the photos that are really answered."""
    assert 0 < robustness_job.seconds(run, 10) < robustness_job.seconds(run, 400)
    assert robustness_job.seconds(run, 10**6) < 2 * robustness_job.seconds(run, 400)


def test_pages_may_import_it():
    """Results and words load neither TensorFlow nor scikit-learn."""
    code = (
        "import sys, imgclf_core.analysis.robustness.interpretation, imgclf_core.charts.robustness;"
        "print(sorted({'tensorflow', 'keras', 'sklearn', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
