"""What one run answered for the photos of one side, with all figures: what Evaluate shows."""

from dataclasses import dataclass

import numpy as np

from imgclf_core.data.layout import SIDES, TEST
from imgclf_core.evaluation import metrics, predictions
from imgclf_core.evaluation.metrics import Evaluation
from imgclf_core.evaluation.predictions import Predictions
from imgclf_core.training import run as runs
from imgclf_core.training.run import Run


@dataclass(frozen=True)
class Result:
    """A run, the photos of one side, and their figures."""

    run: Run
    side: str
    answers: Predictions
    figures: Evaluation


def open_result(run: Run, side: str = TEST) -> Result:
    """The result of a finished run.

    Args:
        run: Finished.
        side: Which photos. Where there are none, as in a tree that came without a test part, the
            next best side stands in: validation, then training; `Result.side` tells.

    Raises:
        ModelError: The run has no results, or they are damaged.
    """
    everything = predictions.load(run.folder / runs.PREDICTIONS_FILE)
    for other in (side, *reversed(SIDES)):
        answers = everything.of(other)
        if len(answers):
            break
    figures = metrics.evaluate(answers.labels, answers.scores, run.class_names)
    return Result(run, other, answers, figures)


def comparable(first: Result, second: Result) -> bool:
    """Whether both answered the same photos with the same labels.

    Runs on two versions of a data set often did not: then their scores stand for different
    tests.
    """
    one, two = first.answers, second.answers
    return (
        first.run.class_names == second.run.class_names
        and np.array_equal(one.files, two.files)
        and np.array_equal(one.labels, two.labels)
    )


def right_only_by_one(first: Result, second: Result) -> tuple[int, int]:
    """Of the same photos, how many only the first guessed right, and how many only the second."""
    one = first.answers.labels == first.answers.guesses
    two = second.answers.labels == second.answers.guesses
    return int((one & ~two).sum()), int((two & ~one).sum())
