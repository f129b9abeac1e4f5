"""The command `evaluate`: all figures of a run, labels that look wrong, and the report.

On the run's own photos or on others. Options are in `cli/main.py`; the figures come from
`analysis/`, the report from `reports/`.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from imgclf_core.analysis import mistakes, results, second_labels
from imgclf_core.analysis.label_issues import label_job
from imgclf_core.analysis.label_issues.label_job import Judged
from imgclf_core.analysis.results import Result
from imgclf_core.cli import commands, output
from imgclf_core.datasets import photo_files, store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.errors import DatasetError, InputError, ModelError, OptionError
from imgclf_core.inference import predictor
from imgclf_core.metrics import reliability
from imgclf_core.reports import write
from imgclf_core.runs import run_store
from imgclf_core.runs.predictions import Predictions
from imgclf_core.runs.run import Run
from imgclf_core.support.parallel_map import map_batches


def evaluate(options: argparse.Namespace) -> dict:
    """Prints the figures of a run, on its own photos of one side or on other ones."""
    record = run_store.load(options.run)
    if not record.finished:
        raise ModelError(f"The run in '{options.run}' is not finished. Train it to the end first.")
    if options.data and (options.report or options.figures):
        raise OptionError("A report is of the run's own photos. Leave out --data or --report.")
    with _asked(record, options) as (result, dataset):
        judged = None if options.no_labels else _judged(dataset)
        wrong = mistakes.find_mistakes(result.answers, record.class_names)
        figures = _figures(result, dataset, judged, wrong)
    if options.report or options.figures:
        with tempfile.TemporaryDirectory() as folder:
            page = options.report or Path(folder) / "report.html"
            write.write(record, result.side, page, options.figures)
    if not options.json:
        output.print_evaluation(result.figures, wrong)
        output.print_confidence(figures["calibration"])
        output.print_label_issues(figures["label_issues"])
    return figures


def _figures(
    result: Result, dataset: Dataset | None, judged: Judged | None, wrong: list[mistakes.Mistake]
) -> dict[str, Any]:
    labels = result.answers.labels
    own = result.calibration
    return {
        "run": str(result.run.folder),
        "model": result.run.settings.model,
        "side": result.side,
        "class_names": list(result.run.class_names),
        **result.figures.to_json(),
        "calibration": {
            **asdict(own),
            **reliability.to_json(labels, result.plain_scores, result.answers.scores),
            "answered": _answered(result),
        },
        "counting_tags": _tagged(result, dataset),
        "mistakes": [
            {
                "name": m.name,
                "true": m.true_class,
                "guess": m.guess,
                "guess_score": m.guess_score,
                "true_score": m.true_score,
            }
            for m in wrong
        ],
        "label_issues": None if judged is None else _issues(judged, dataset),
    }


def _answered(result: Result) -> dict[str, Any]:
    """What is left above the threshold that was chosen for the model."""
    found = reliability.answered(
        result.answers.labels, result.answers.scores, result.calibration.threshold
    )
    return {"coverage": found.coverage, "accuracy": found.accuracy}


def _tagged(result: Result, dataset: Dataset | None) -> dict[str, Any] | None:
    if dataset is None:
        return None
    names = result.run.class_names
    found = second_labels.count(result.answers, names, second_labels.of_dataset(dataset))
    return {"accuracy": found.right / found.n, "right": found.right, "tagged": found.tagged}


def _issues(judged: Judged, dataset: Dataset) -> list[dict[str, Any]]:
    """All photos, the most doubtful label first."""
    names, issues = judged.class_names, judged.issues
    return [
        {
            "name": dataset.photos[i].name,
            "label": names[judged.labels[i]],
            "suggestion": names[issues.suggestions[i]],
            "score": float(issues.scores[i]),
            "side": dataset.photos[i].side,
            "flagged": bool(issues.flagged[i]),
        }
        for i in issues.order
    ]


def _judged(dataset: Dataset | None) -> Judged | None:
    if dataset is None:
        print("The photos of this run were deleted, so labels are not judged.", file=sys.stderr)
        return None
    if len(dataset.class_names) < 2:
        return None
    print("judging labels", file=sys.stderr)
    return label_job.find(dataset)


@contextmanager
def _asked(record: Run, options: argparse.Namespace) -> Iterator[tuple[Result, Dataset | None]]:
    """The run's answers, and the photos they are for where they are still there."""
    if not options.data:
        result = results.open_result(record, options.side)
        if result.side != options.side:
            raise InputError(
                f"There are no {options.side} photos to evaluate on. Give some with --data, or "
                f"choose --side {result.side}."
            )
        yield result, _own_photos(record)
        return
    with tempfile.TemporaryDirectory() as folder:
        source = options.data
        given = source.is_dir() and store.is_dataset(source)
        dataset = (
            store.load(source)
            if given
            else (commands.bring_in(source, Path(folder) / "dataset", {}))
        )
        yield results.of_answers(record, str(source), _answers(record, dataset, source)), dataset


def _own_photos(record: Run) -> Dataset | None:
    try:
        return store.load(record.dataset, record.dataset_version)
    except DatasetError:
        return None


def _answers(record: Run, dataset: Dataset, source: Path) -> Predictions:
    """Scores of all photos of other data, whose classes must be the run's."""
    index = {name: k for k, name in enumerate(record.class_names)}
    foreign = sorted(set(dataset.class_names) - set(index))
    if foreign:
        raise InputError(
            f"'{source}' has classes that the model does not know: {', '.join(foreign)}. "
            f"It knows {', '.join(record.class_names)}."
        )
    model = predictor.open_run(record)

    def one(batch):
        return model.answer(photo_files.read_photo(dataset, batch[0])).scores

    scores = [row for _, row in map_batches(one, dataset.photos, size=1)]
    return Predictions(
        files=np.array([photo.file for photo in dataset.photos]),
        names=np.array([photo.name for photo in dataset.photos]),
        labels=np.array([index[dataset.class_of(photo)] for photo in dataset.photos]),
        sides=dataset.sides,
        scores=np.stack(scores),
    )
