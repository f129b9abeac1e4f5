"""The first answer: a run like any other, in seconds and without TensorFlow."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from imgclf_core.analysis import results
from imgclf_core.datasets import photo_files
from imgclf_core.errors import DatasetError
from imgclf_core.inference import predictor
from imgclf_core.jobs import events
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.runs import predictions, run_store
from imgclf_core.runs.run import Run
from imgclf_core.training import baseline
from tests.conftest import picture, two_classes


def answer(folder: Path, dataset) -> Run:
    """Makes the first answer in this process."""
    record = Run(folder, "First answer", 1.0, dataset.folder, dataset.name, baseline.settings())
    run_store.save(record)
    reporter = Reporter(folder)
    reporter.start()
    reporter.finish(events.DONE, result=baseline.run_job(folder, {}, reporter))
    return run_store.load(folder)


def test_it_is_right_on_colours_and_opens_like_any_run(make_dataset, tmp_path):
    """Score, matrix and single answers come from the same places as those of a training."""
    run = answer(tmp_path / "run", make_dataset())
    assert run.finished
    result = results.open_result(run)
    assert result.figures.accuracy == 1.0
    model = predictor.open_run(run)
    assert model.class_names[model.answer(picture(5, tint=0)).order[0]] == "red"
    assert run_store.history(run) == []


def test_scores_of_the_run_are_those_of_its_predictor(make_dataset, tmp_path):
    """What the page shows is what a single photo gets."""
    made = make_dataset()
    run = answer(tmp_path / "run", made)
    answers = predictions.load(run.folder / run_store.PREDICTIONS_FILE)
    model = predictor.open_run(run)
    for i in range(3):
        scores = model.answer(photo_files.read_photo(made, made.photos[i])).scores
        np.testing.assert_allclose(scores, answers.scores[i], atol=1e-4)


def test_a_class_too_small_is_left_out(make_dataset, tmp_path):
    """Nobody is asked anything before the first answer."""
    made = make_dataset({**two_classes(), "tiny/1.jpg": picture(9, tint=1)})
    assert answer(tmp_path / "run", made).class_names == ("blue", "red")


def test_one_class_gets_a_sentence(make_dataset, tmp_path):
    """There is nothing to tell apart."""
    made = make_dataset({f"red/{i}.jpg": picture(i, tint=0) for i in range(5)})
    with pytest.raises(DatasetError, match="Fewer than two classes"):
        answer(tmp_path / "run", made)


def test_it_needs_no_tensorflow():
    """A light job: what it imports leaves Keras, TensorFlow, scikit-learn and SciPy alone."""
    code = (
        "import sys, imgclf_core.training.baseline\n"
        "print({'tensorflow', 'keras', 'sklearn', 'scipy', 'streamlit'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
