"""All that a report tells of, gathered once: figures, photos, what was found about them.

What is said about it is in the sections; nothing is computed twice.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from imgclf_core.analysis import mistakes, results, second_labels
from imgclf_core.analysis.label_issues import label_job
from imgclf_core.analysis.label_issues.label_job import Judged
from imgclf_core.analysis.mistakes import Mistake
from imgclf_core.analysis.results import Result
from imgclf_core.analysis.robustness import robustness_results
from imgclf_core.analysis.robustness.robustness_results import Shortcuts
from imgclf_core.analysis.second_labels import Tagged
from imgclf_core.datasets import store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.split import SIDES
from imgclf_core.errors import DatasetError
from imgclf_core.metrics import ranking, reliability
from imgclf_core.metrics.ranking import Curve
from imgclf_core.metrics.reliability import Answered, Reliability
from imgclf_core.runs import predictions, run_store
from imgclf_core.runs.predictions import Predictions
from imgclf_core.runs.run import Run
from imgclf_core.support import safe_text


@dataclass(frozen=True)
class Gathered:
    """What a report is made of.

    Attributes:
        result: Figures and answers of the side it is about.
        everything: Answers for all photos that took part, on every side.
        dataset: The version the run was trained on; None where it was deleted.
        history: Records of `run_store.history`.
        report: `Run.report`.
        judged: Labels that look wrong; None where nobody has looked for them.
        shortcuts: Answers for changed photos; None where nobody has asked.
    """

    result: Result
    everything: Predictions
    dataset: Dataset | None
    history: list[dict[str, Any]]
    report: dict[str, Any]
    judged: Judged | None
    shortcuts: Shortcuts | None

    @property
    def run(self) -> Run:
        return self.result.run

    @cached_property
    def names(self) -> tuple[str, ...]:
        """K class names on one line, no two alike."""
        return safe_text.told_apart(self.run.class_names)

    @cached_property
    def mistakes(self) -> list[Mistake]:
        """Wrong guesses, worst first."""
        return mistakes.find_mistakes(self.result.answers, self.run.class_names)

    @cached_property
    def current(self) -> Dataset | None:
        """The data set as it is now, with what was decided since; None where it was deleted."""
        if self.dataset is None:
            return None
        folder = self.dataset.folder
        number = store.history(folder).current
        return self.dataset if number == self.dataset.version else store.load(folder, number)

    @cached_property
    def tagged(self) -> Tagged | None:
        """What second tags change, as they are now; None where there are none."""
        if self.current is None:
            return None
        also = second_labels.of_dataset(self.current)
        found = second_labels.count(self.result.answers, self.run.class_names, also)
        return found if found.tagged else None

    @cached_property
    def counts(self) -> np.ndarray:
        """int64 (K, 3): photos of each class that took part, in the order of `SIDES`."""
        columns = [
            np.bincount(self.everything.of(side).labels, minlength=len(self.names))
            for side in SIDES
        ]
        return np.stack(columns, axis=1)

    @cached_property
    def before(self) -> Reliability:
        """How well scores could be believed before temperature scaling."""
        return reliability.reliability(self.result.answers.labels, self.result.plain_scores)

    @cached_property
    def after(self) -> Reliability:
        """The same after it: as the model answers."""
        return reliability.reliability(self.result.answers.labels, self.result.answers.scores)

    @cached_property
    def coverage(self) -> tuple[Answered, ...]:
        """What is left for thresholds of 0 to 100 %."""
        return reliability.coverage(self.result.answers.labels, self.result.answers.scores)

    @cached_property
    def rankings(self) -> list[tuple[Curve, Curve]]:
        """ROC and precision-recall curve of each class."""
        answers = self.result.answers
        return [
            (
                ranking.roc(answers.labels == k, answers.scores[:, k]),
                ranking.precision_recall(answers.labels == k, answers.scores[:, k]),
            )
            for k in range(len(self.names))
        ]


def gather(run: Run, side: str) -> Gathered:
    """All about a finished run.

    Args:
        run: Whose report it is.
        side: Which photos; the next best where there are none, see `results.open_result`.

    Raises:
        ModelError: The run has no results, or they are damaged.
    """
    result, dataset = results.open_result(run, side), _dataset(run)
    return Gathered(
        result=result,
        everything=predictions.load(run.folder / run_store.PREDICTIONS_FILE),
        dataset=dataset,
        history=run_store.history(run),
        report=run.report,
        judged=label_job.load(dataset) if dataset else None,
        shortcuts=robustness_results.load(run, result.side),
    )


def _dataset(run: Run) -> Dataset | None:
    try:
        return store.load(run.dataset, run.dataset_version)
    except DatasetError:  # deleted or damaged: the figures remain
        return None
