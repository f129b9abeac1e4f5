"""What commands print: figures as JSON objects and as lines for people.

What the commands do is in `cli/commands.py`.
"""

import argparse
import contextlib
import io
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from imgclf_core.analysis import mistakes
from imgclf_core.bundles.writer.verify import Proven
from imgclf_core.datasets.checks import class_checks
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.split import SIDES, TEST
from imgclf_core.errors import InputError
from imgclf_core.inference import batches, copies
from imgclf_core.metrics import classification
from imgclf_core.runs.run import Run
from imgclf_core.support import atomic_files


def receipt_json(dataset: Dataset) -> dict:
    """What `ingest --json` prints."""
    totals = dataset.counts.sum(axis=1)
    return {
        "dataset": str(dataset.folder),
        "received": dataset.receipt.received,
        "images": dataset.receipt.taken,
        "left_out": len(dataset.left_out),
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
            {
                "check": p.check,
                "severity": p.severity,
                "title": p.title,
                "sentence": p.sentence,
                "photos": [dataset.photos[i].name for i in p.photos],
                "remedies": [remedy.label for remedy in p.remedies],
            }
            for p in class_checks.find_problems(dataset)
        ],
    }


def print_receipt(dataset: Dataset) -> None:
    """Counts, skipped files and problems."""
    receipt = dataset.receipt
    print(
        f"{receipt.taken} photos in {len(dataset.class_names)} classes, "
        f"{len(receipt.skipped)} files skipped."
    )
    for name, reason in receipt.skipped:
        print(f"  skipped {name}: {reason}")
    for problem in class_checks.find_problems(dataset):
        print(f"  {problem.severity}: {problem.title}. {problem.sentence}")


class Progress:
    """Photos done and time to go, on standard error, now and then."""

    _SECONDS_BETWEEN = 5.0

    def __init__(self, total: int):
        self._total, self._done = total, 0
        self._started = self._told = time.monotonic()

    def one_more(self) -> None:
        """Another photo is done."""
        self._done += 1
        now = time.monotonic()
        if now - self._told < self._SECONDS_BETWEEN:
            return
        self._told = now
        left = (self._total - self._done) * (now - self._started) / self._done
        print(f"{self._done} of {self._total} photos, about {left:.0f} s to go", file=sys.stderr)


class Answers:
    """Prints, copies, tabulates and counts answers as they come.

    Used as a context: the CSV appears when the block ends well, and not at all otherwise.
    """

    def __init__(self, options: argparse.Namespace, class_names: tuple[str, ...]):
        self._options, self._names = options, class_names
        self._photos, self._skipped = [], []
        self._known = self._right = self._count = 0
        self._copies = None
        if options.copy_to:
            self._copies = copies.Copies(options.copy_to, class_names, options.layout)
        self._open = contextlib.ExitStack()
        self._table = None

    def __enter__(self) -> "Answers":
        if self._options.csv:
            file = self._open.enter_context(atomic_files.replacing(self._options.csv))
            text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
            self._open.callback(text.detach)
            self._table = batches.Table(text, self._names)
        return self

    def __exit__(self, *error) -> bool | None:
        return self._open.__exit__(*error)

    def add(self, item: batches.Classified | batches.Skipped) -> None:
        """One answer, or one file that has none."""
        if isinstance(item, batches.Skipped):
            self._skipped.append({"name": item.name, "reason": item.reason})
            print(f"{item.name}: skipped because {item.reason}", file=sys.stderr)
            return
        self._count += 1
        if self._copies:
            self._copies.add(item)
        if self._table:
            self._table.add(item)
        if self._options.json:
            self._photos.append(_photo_figures(item, self._names))
        else:
            _print_answer(item, self._names)
        if item.expected is not None:
            self._known += 1
            self._right += item.guess == item.expected

    def figures(self) -> dict:
        """What is printed with `--json`.

        Raises:
            InputError: Nothing was answered.
        """
        if not self._count:
            raise InputError("No photo could be read. Give photos, a folder of photos or a zip.")
        figures = {
            "model": str(self._options.model),
            "class_names": list(self._names),
            "photos": self._photos,
            "skipped": self._skipped,
        }
        if self._known:
            figures["expected"] = {
                "n": self._known,
                "right": self._right,
                "accuracy": self._right / self._known,
            }
            if not self._options.json:
                print(f"{self._right} of {self._known} photos in class folders were guessed so.")
        return figures


def train_figures(record: Run, as_json: bool) -> dict:
    report = record.report
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
        print(
            f"{report['epochs_run']} epochs in {report['seconds']['total']:.1f} s; "
            f"the run is in {record.folder}."
        )
    if record.weights.get("note"):
        print(record.weights["note"], file=sys.stderr)
    return figures


def _photo_figures(item: batches.Classified, names: tuple[str, ...]) -> dict:
    return {
        "file": item.name,
        "answer": item.answer(names),
        "guess": names[item.guess],
        "score": float(item.scores[item.guess]),
        "seconds": round(item.seconds, 4),
        "scores": {name: float(s) for name, s in zip(names, item.scores, strict=True)},
        "expected": None if item.expected is None else names[item.expected],
        "reason": "; ".join(item.doubts),
    }


def _print_answer(item: batches.Classified, names: tuple[str, ...]) -> None:
    print(item.name)
    print(f"Evaluation time (1-image): {item.seconds:.3f}s")
    if not item.sure:
        print(f"Not sure ({'; '.join(item.doubts)}):")
    for k in item.scores.argsort()[::-1]:
        print(f"{names[k]} (score={item.scores[k]:.5f})")
    print()


def print_evaluation(result: classification.Evaluation, wrong: list[mistakes.Mistake]) -> None:
    low, high = result.interval
    print(
        f"Right on {result.right} of {result.n} photos: {result.accuracy:.1%} "
        f"(likely between {low:.1%} and {high:.1%})."
    )
    print(f"Always guessing '{result.baseline_class}' would get {result.baseline:.1%}.")
    width = max(len(figures.name) for figures in (*result.per_class, *result.averages))
    print(f"{'':{width}}  precision  recall      f1  support")
    for f in (*result.per_class, *result.averages):
        print(f"{f.name:{width}}  {f.precision:9.3f}  {f.recall:6.3f}  {f.f1:6.3f}  {f.support:7d}")
    for m in wrong:
        print(
            f"{m.name}: is {m.true_class} ({m.true_score:.3f}), "
            f"guessed {m.guess} ({m.guess_score:.3f})"
        )


def print_confidence(figures: dict) -> None:
    """How far its scores can be believed."""
    loss, error = figures["log_loss"], figures["expected_calibration_error"]
    print(
        f"Its scores are off by {error['after']:.1%} on average (expected calibration error; "
        f"{error['before']:.1%} before temperature {figures['temperature']:.2f}); log loss "
        f"{loss['after']:.3f} ({loss['before']:.3f} before)."
    )


def print_label_issues(issues: list[dict] | None, most: int = 20) -> None:
    """The labels most in doubt."""
    flagged = [issue for issue in issues or () if issue["flagged"]]
    if flagged:
        print(f"{len(flagged)} labels are worth a look:")
    for issue in flagged[:most]:
        print(
            f"  {issue['name']}: is {issue['label']} ({issue['score']:.3f}), "
            f"looks like {issue['suggestion']}"
        )


def print_proof(path: Path, proven: Sequence[Proven]) -> None:
    """What is in the bundle, and what was proven of it."""
    print(f"{path} holds the model. Each part was tried in a fresh process:")
    for one in proven:
        if not one.ok:
            print(f"  {one.name}: left out. {one.message}")
        elif one.difference is None:
            print(f"  {one.name}: {one.note}")
        else:
            print(f"  {one.name}: the scores of the app, to {one.difference:.1g}")
