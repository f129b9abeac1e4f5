"""What one run answered for the photos of one side, with all figures: what Evaluate shows."""

from dataclasses import dataclass

import numpy as np

from imgclf_core.datasets.split import SIDES, TEST
from imgclf_core.metrics import classification
from imgclf_core.metrics.classification import Evaluation
from imgclf_core.runs import calibration, predictions, run_store
from imgclf_core.runs.calibration import Calibration
from imgclf_core.runs.predictions import Predictions
from imgclf_core.runs.run import Run


@dataclass(frozen=True)
class Result:
    """A run, the photos of one side, and their figures.

    Attributes:
        run, side: Which run and which photos.
        answers: As the model gives them, at its temperature.
        figures: Of these answers.
        calibration: The temperature and the threshold.
    """

    run: Run
    side: str
    answers: Predictions
    figures: Evaluation
    calibration: Calibration

    @property
    def plain_scores(self) -> np.ndarray:
        """float32 (N, K): what the scores would be without temperature scaling."""
        return calibration.apply(self.answers.scores, 1 / self.calibration.temperature)


def load_predictions(run: Run) -> Predictions:
    """Reads what a run answered for every photo of its data set.

    Raises:
        ModelError: The run has no results, or they are damaged.
    """
    return predictions.load(run.folder / run_store.PREDICTIONS_FILE)


def open_result(run: Run, side: str = TEST) -> Result:
    """Reads the result of a finished run, see `of_side`.

    Raises:
        ModelError: The run has no results, or they are damaged.
    """
    return of_side(run, load_predictions(run), side)


def of_side(run: Run, everything: Predictions, side: str) -> Result:
    """Returns the result of a run on the photos of one side.

    Args:
        run: Finished.
        everything: What it answered for every photo.
        side: Which photos. Where there are none, as in a tree that came without a test part, the
            next best side stands in: validation, then training; `Result.side` tells.
    """
    for other in (side, *reversed(SIDES)):
        answers = everything.of(other)
        if len(answers):
            break
    return of_answers(run, other, answers)


def of_answers(run: Run, side: str, answers: Predictions) -> Result:
    """The result of answers that a run gave, say for photos of another data set.

    Args:
        run: Whose answers.
        side: What to call these photos.
        answers: N > 0.
    """
    figures = classification.evaluate(answers.labels, answers.scores, run.class_names)
    return Result(run, side, answers, figures, calibration.load(run.folder))


def sides_of(everything: Predictions) -> tuple[str, ...]:
    """Returns the sides that have photos."""
    there = set(np.unique(everything.sides).tolist())
    return tuple(side for side in SIDES if side in there)
