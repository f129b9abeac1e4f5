"""A run's answers for one side, and what stands in where a side is empty."""

import numpy as np
import pytest

from imgclf_core.analysis import results
from imgclf_core.errors import ModelError
from imgclf_core.runs import calibration, predictions, run_store
from imgclf_core.runs.calibration import Calibration
from imgclf_core.runs.predictions import Predictions
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings


def run_with(tmp_path, labels, guesses, sides, name="run") -> Run:
    """A run of two classes whose answers are given."""
    folder = tmp_path / name
    scores = np.eye(2, dtype=np.float32)[guesses]
    names = np.array([f"{i}.jpg" for i in range(len(labels))])
    answers = Predictions(names, names, np.array(labels), np.array(sides), scores)
    predictions.save(folder / run_store.PREDICTIONS_FILE, answers)
    return Run(folder, name, 0.0, tmp_path, "set", TrainingSettings(), ("a", "b"))


def test_the_test_side_is_opened(tmp_path):
    """Figures count the test photos only."""
    run = run_with(tmp_path, [0, 1, 1], [0, 1, 0], ["training", "test", "test"])

    result = results.open_result(run)

    assert (result.side, result.figures.n, result.figures.right) == ("test", 2, 1)


def test_validation_stands_in_for_an_empty_test_side(tmp_path):
    """A tree without a test part is judged by its validation photos, and the result says so."""
    run = run_with(tmp_path, [0, 1], [0, 0], ["training", "validation"])

    assert results.open_result(run).side == "validation"


def test_a_run_without_answers_is_said(tmp_path):
    """No file of answers is a sentence."""
    run = Run(tmp_path, "run", 0.0, tmp_path, "set", TrainingSettings(), ("a", "b"))

    with pytest.raises(ModelError, match="Train again"):
        results.open_result(run)


def test_scores_before_the_temperature_can_be_had(tmp_path):
    """They are what the model would say without it; the guesses are the same."""
    run = run_with(tmp_path, [0, 1], [0, 1], ["test", "test"])
    calibration.save(run.folder, Calibration(temperature=1 / 30, threshold=0.4))

    result = results.open_result(run)

    assert result.plain_scores.max() < 0.95 < result.answers.scores.max()
    assert result.plain_scores.argmax(axis=1).tolist() == result.answers.guesses.tolist()
    assert result.calibration.threshold == 0.4


def test_sides_without_photos_are_not_offered(tmp_path):
    """Only the sides that have photos can be looked at."""
    run = run_with(tmp_path, [0, 1], [0, 0], ["training", "validation"])

    assert results.sides_of(results.load_predictions(run)) == ("training", "validation")
