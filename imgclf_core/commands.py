"""What the commands of the command line do; the options themselves are in `cli.py`.

Each takes parsed options and returns the figures that `--json` prints. Results are printed to
standard output, progress to standard error.
"""

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from imgclf_core import config, workspace
from imgclf_core.data import checks
from imgclf_core.data import dataset as datasets
from imgclf_core.data.dataset import Dataset
from imgclf_core.data.layout import SIDES, TEST
from imgclf_core.errors import InputError, JobError, ModelError, OptionError
from imgclf_core.evaluation import metrics, mistakes, predictions
from imgclf_core.evaluation.predictions import Predictions
from imgclf_core.export import bundle
from imgclf_core.inference import predictor, sorting
from imgclf_core.inference.batch import map_batches
from imgclf_core.jobs import events, queue
from imgclf_core.jobs.events import JobStatus
from imgclf_core.training import run as runs
from imgclf_core.training import settings as settings_module
from imgclf_core.training.settings import TrainingSettings

_LIMITS = config.LIMITS[config.PERSONAL]

_SETTING_OPTIONS = (
    "epochs", "image_size", "batch_size", "learning_rate", "rotation", "zoom", "shift", "flip",
    "views", "dropout", "class_weights", "patience", "seed", "weights", "fit", "leave_out_small",
)  # fmt: skip


def _given(options: argparse.Namespace) -> dict:
    return {name: getattr(options, name) for name in _SETTING_OPTIONS}


def ingest(options: argparse.Namespace) -> dict:
    """Makes a data set of a zip or folder."""
    dataset = _ingest(options.input, options.out, options.seed)
    receipt = dataset.receipt
    if not options.json:
        print(f"{receipt.taken} photos in {len(dataset.class_names)} classes, "
              f"{len(receipt.skipped)} files skipped.")  # fmt: skip
        for name, reason in receipt.skipped:
            print(f"  skipped {name}: {reason}")
        for problem in checks.find_problems(dataset):
            print(f"  {problem.severity}: {problem.title}. {problem.sentence}")
    return receipt_json(dataset)


def receipt_json(dataset: Dataset) -> dict:
    """What `ingest --json` prints."""
    totals = dataset.counts.sum(axis=1)
    return {
        "dataset": str(dataset.folder),
        "received": dataset.receipt.received,
        "images": dataset.receipt.taken,
        "classes": {n: int(c) for n, c in zip(dataset.class_names, totals, strict=True)},
        "skipped": [{"name": n, "reason": r} for n, r in dataset.receipt.skipped],
        "splits": {
            side: {
                "images": int(dataset.counts[:, i].sum()),
                "classes": {
                    n: int(c)
                    for n, c in zip(dataset.class_names, dataset.counts[:, i], strict=True)
                },
            }
            for i, side in enumerate(SIDES)
        },
        "system_files": dataset.receipt.system_files,
        "empty_classes": list(dataset.receipt.empty_classes),
        "problems": [
            {"check": p.check, "severity": p.severity, "title": p.title, "sentence": p.sentence,
             "photos": [dataset.photos[i].name for i in p.photos]}
            for p in checks.find_problems(dataset)
        ],
    }  # fmt: skip


def train(options: argparse.Namespace) -> dict:
    """Trains a network and tests it."""
    _must_be_new(options.out)
    settings_module.changed(TrainingSettings(model=options.model), **_given(options))
    source = options.data
    if source.is_dir() and datasets.is_dataset(source):
        dataset = datasets.load(source)
    else:
        dataset = _ingest(source, options.out / "dataset", options.seed)
    training_photos = int(dataset.counts[:, 0].sum())
    chosen = settings_module.changed(
        settings_module.defaults(options.model, training_photos), **_given(options)
    )
    workspace.start_run(options.out, options.out.name, dataset, chosen, config.PERSONAL)
    status = _follow(options.out)
    _follow(options.out / runs.PACK_FOLDER)
    return _train_figures(runs.load(options.out), status, options.json)


def evaluate(options: argparse.Namespace) -> dict:
    """Prints the figures of a run, on its own test photos or on other ones."""
    record = runs.load(options.run)
    if not record.finished:
        raise ModelError(f"The run in '{options.run}' is not finished. Train it to the end first.")
    if options.data:
        answers = _predictions_on(record, options.data)
    else:
        answers = predictions.load(record.folder / runs.PREDICTIONS_FILE).of(TEST)
    if not len(answers):
        raise InputError("There are no test photos to evaluate on. Give some with --data.")
    result = metrics.evaluate(answers.labels, answers.scores, record.class_names)
    wrong = mistakes.find_mistakes(answers, record.class_names)
    figures = {
        "run": str(record.folder),
        "model": record.settings.model,
        "class_names": list(record.class_names),
        **result.to_json(),
        "mistakes": [
            {"name": m.name, "true": m.true_class, "guess": m.guess,
             "guess_score": m.guess_score, "true_score": m.true_score}
            for m in wrong
        ],
    }  # fmt: skip
    if not options.json:
        _print_evaluation(result, wrong)
    return figures


def classify(options: argparse.Namespace) -> dict:
    """Answers for photos, folders and zips."""
    model = predictor.open_model(options.model)
    answers = _Answers(options, model.class_names)
    with sorting.opened(options.input, _LIMITS) as members:
        for item in sorting.classify(model, members, keep_bytes=options.copy_to is not None):
            answers.add(item)
    return answers.figures()


class _Answers:
    """Prints, copies and counts answers as they come."""

    def __init__(self, options: argparse.Namespace, class_names: tuple[str, ...]):
        self._options, self._names = options, class_names
        self._photos, self._skipped, self._items = [], [], []
        self._copies = None
        if options.copy_to:
            self._copies = sorting.Copies(options.copy_to, class_names, options.layout)

    def add(self, item: sorting.Classified | sorting.Skipped) -> None:
        """One answer, or one file that has none."""
        if isinstance(item, sorting.Skipped):
            self._skipped.append({"name": item.name, "reason": item.reason})
            print(f"{item.name}: skipped because {item.reason}", file=sys.stderr)
            return
        if self._copies:
            self._copies.add(item)
        if not self._options.json:
            _print_answer(item, self._names)
        self._photos.append(_photo_figures(item, self._names))
        self._items.append(replace(item, data=None))

    def figures(self) -> dict:
        """What is printed with `--json`; writes the CSV where one was asked for."""
        if not self._photos:
            raise InputError("No photo could be read. Give photos, a folder of photos or a zip.")
        if self._options.csv:
            with open(self._options.csv, "w", encoding="utf-8", newline="") as file:
                table = sorting.Table(file, self._names)
                for item in self._items:
                    table.add(item)
        figures = {"model": str(self._options.model), "class_names": list(self._names),
                   "photos": self._photos, "skipped": self._skipped}  # fmt: skip
        known = [item for item in self._items if item.expected is not None]
        if known:
            right = sum(item.guess == item.expected for item in known)
            figures["expected"] = {"n": len(known), "right": right, "accuracy": right / len(known)}
            if not self._options.json:
                print(f"{right} of {len(known)} photos in class folders were guessed so.")
        return figures


def export(options: argparse.Namespace) -> dict:
    """Writes the model of a run as one zip."""
    record = runs.load(options.run)
    if not record.packed:
        if not record.finished:
            raise ModelError(f"The run in '{options.run}' is not finished. Train it first.")
        status = record.packing
        if status is None or status.ended:
            queue.submit(record.folder / runs.PACK_FOLDER, "pack", {"run": str(record.folder)})
        _follow(record.folder / runs.PACK_FOLDER)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    bundle.write(record, options.out)
    if not options.json:
        print(f"{options.out} holds the model, its class names and how to use it.")
    return {"bundle": str(options.out), "bytes": options.out.stat().st_size}


def _ingest(source: Path, out: Path, seed: int) -> Dataset:
    _must_be_new(out)
    sorting.check_input(source)
    if source.is_dir() and datasets.is_dataset(source):
        raise OptionError(f"'{source}' is a data set already.")
    params = {"source": str(source.resolve()), "name": source.name, "seed": seed}
    queue.submit(out, "ingest", {**params, "profile": config.PERSONAL})
    _follow(out)
    return datasets.load(out)


def _follow(folder: Path) -> JobStatus:
    """Waits for a job, writing what it does to standard error."""
    last = ""

    def show(status: JobStatus) -> None:
        nonlocal last
        line = status.stage
        if status.state == events.QUEUED and status.ahead:
            line = f"waiting for {status.ahead} other job(s)"
        elif status.total:
            line = f"{status.stage}: {status.done} of {status.total}"
        if line and line != last:
            print(line, file=sys.stderr)
            last = line

    for _ in range(50):  # the packer is started by the trainer, a moment after its end
        if queue.read(folder) is not None:
            break
        time.sleep(queue.SECONDS_BETWEEN_LOOKS)
    try:
        status = queue.follow(folder, show)
    except KeyboardInterrupt:
        queue.stop(folder)
        raise
    if status.state == events.DONE:
        return status
    raise (InputError if status.error == "input" else JobError)(status.message)


def _train_figures(record: runs.Run, status: JobStatus, as_json: bool) -> dict:
    report = record.report()
    figures = {"run": str(record.folder), "model": record.settings.model}
    for side in (TEST, "validation"):
        part = report.get(side)
        keys = ("accuracy", "interval", "baseline", "n", "balanced_accuracy", "log_loss")
        figures[side] = {key: part[key] for key in keys} if part else None
    figures |= {k: report[k] for k in ("epochs_run", "best_epoch", "stopped", "seconds")}
    figures["weights"] = record.weights
    figures["class_names"] = list(record.class_names)
    if not as_json:
        test = report.get(TEST)
        if test:
            low, high = test["interval"]
            print(
                f"Right on {test['right']} of {test['n']} photos it never saw: "
                f"{test['accuracy']:.1%} (likely between {low:.1%} and {high:.1%}). "
                f"Always guessing '{test['baseline_class']}' would get {test['baseline']:.1%}."
            )
        print(f"{report['epochs_run']} epochs in {report['seconds']['total']:.1f} s; "
              f"the run is in {record.folder}.")  # fmt: skip
    if record.weights.get("note"):
        print(record.weights["note"], file=sys.stderr)
    return figures


def _predictions_on(record: runs.Run, source: Path) -> Predictions:
    """Scores of all photos of other data, whose classes must be the run's."""
    with tempfile.TemporaryDirectory() as folder:
        if source.is_dir() and datasets.is_dataset(source):
            dataset = datasets.load(source)
        else:
            dataset = _ingest(source, Path(folder) / "dataset", 0)
        index = {name: k for k, name in enumerate(record.class_names)}
        foreign = sorted(set(dataset.class_names) - set(index))
        if foreign:
            raise InputError(
                f"'{source}' has classes that the model does not know: {', '.join(foreign)}. "
                f"It knows {', '.join(record.class_names)}."
            )
        model = predictor.open_run(record)
        return _score_all(model, dataset, index)


def _score_all(model: predictor.Predictor, dataset: Dataset, index: dict[str, int]) -> Predictions:
    def one(batch):
        return model.answer(dataset.read(batch[0])).scores

    scores = [row for _, row in map_batches(one, dataset.photos, size=1)]
    return Predictions(
        files=np.array([photo.file for photo in dataset.photos]),
        names=np.array([photo.name for photo in dataset.photos]),
        labels=np.array([index[dataset.class_names[photo.label]] for photo in dataset.photos]),
        sides=dataset.sides,
        scores=np.stack(scores),
    )


def _photo_figures(item: sorting.Classified, names: tuple[str, ...]) -> dict:
    return {
        "file": item.name,
        "answer": names[item.guess],
        "score": float(item.scores[item.guess]),
        "seconds": round(item.seconds, 4),
        "scores": {name: float(s) for name, s in zip(names, item.scores, strict=True)},
        "expected": None if item.expected is None else names[item.expected],
    }


def _print_answer(item: sorting.Classified, names: tuple[str, ...]) -> None:
    print(item.name)
    print(f"Evaluation time (1-image): {item.seconds:.3f}s")
    for k in item.scores.argsort()[::-1]:
        print(f"{names[k]} (score={item.scores[k]:.5f})")
    print()


def _print_evaluation(result: metrics.Evaluation, wrong: list[mistakes.Mistake]) -> None:
    low, high = result.interval
    print(f"Right on {result.right} of {result.n} photos: {result.accuracy:.1%} "
          f"(likely between {low:.1%} and {high:.1%}).")  # fmt: skip
    print(f"Always guessing '{result.baseline_class}' would get {result.baseline:.1%}.")
    width = max(len(figures.name) for figures in (*result.per_class, *result.averages))
    print(f"{'':{width}}  precision  recall      f1  support")
    for f in (*result.per_class, *result.averages):
        print(f"{f.name:{width}}  {f.precision:9.3f}  {f.recall:6.3f}  {f.f1:6.3f}  {f.support:7d}")
    for m in wrong:
        print(f"{m.name}: is {m.true_class} ({m.true_score:.3f}), "
              f"guessed {m.guess} ({m.guess_score:.3f})")  # fmt: skip


def _must_be_new(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OptionError(f"'{folder}' is there already and not empty. Choose another folder.")
