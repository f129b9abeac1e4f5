"""The tables of a report, once for the page and once as CSV with all digits."""

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np

from imgclf_core.datasets.split import SIDES
from imgclf_core.reports.report_data import Gathered
from imgclf_core.support import safe_text

WORDS, COUNT, SHARE, NUMBER = "", ",d", ".1%", ".3f"
_HISTORY = ("epoch", "phase", "loss", "accuracy", "val_loss", "val_accuracy", "seconds", "best")


@dataclass(frozen=True)
class Table:
    """Rows under a head.

    Attributes:
        name: Of its CSV file, without the ending.
        head: A title a column.
        formats: Form of the numbers in each column on the page; empty for words.
        rows: Cells: words, numbers, or None where there is nothing to say.
    """

    name: str
    head: tuple[str, ...]
    formats: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def csv(self) -> str:
        """All rows with all digits; no cell is taken for a formula."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([_cell(title) for title in self.head])
        writer.writerows([_cell(value) for value in row] for row in self.rows)
        return file.getvalue()


def every(gathered: Gathered) -> list[Table]:
    """All tables of figures, in the order of the report."""
    made = [
        headline(gathered),
        confusion(gathered),
        confused_pairs(gathered),
        per_class(gathered),
        history(gathered),
        reliability(gathered),
        coverage(gathered),
        mistakes(gathered),
        division(gathered),
    ]
    return [table for table in made if table.rows]


def headline(gathered: Gathered) -> Table:
    """The figures of the first sentences."""
    figures, result = gathered.result.figures, gathered.result
    rows = (
        ("photos of", result.side),
        ("photos", figures.n),
        ("right", figures.right),
        ("accuracy", figures.accuracy),
        ("interval low", figures.interval[0]),
        ("interval high", figures.interval[1]),
        ("baseline", figures.baseline),
        ("baseline class", figures.baseline_class),
        ("balanced accuracy", figures.balanced_accuracy),
        ("log loss", figures.log_loss),
        ("temperature", result.calibration.temperature),
        ("threshold", result.calibration.threshold),
        ("calibration error before", gathered.before.error),
        ("calibration error after", gathered.after.error),
    )
    return Table("figures", ("figure", "value"), (WORDS, WORDS), rows)


def confusion(gathered: Gathered) -> Table:
    """Counts; rows true classes, columns guesses."""
    names, matrix = gathered.names, gathered.result.figures.confusion
    rows = tuple((name, *map(int, row)) for name, row in zip(names, matrix, strict=True))
    head = ("true class / guess", *names)
    return Table("confusion_matrix", head, (WORDS, *[COUNT] * len(names)), rows)


def confused_pairs(gathered: Gathered) -> Table:
    """Which class was taken for which, most often first."""
    names, matrix = gathered.names, gathered.result.figures.confusion
    wrong = matrix - np.diag(np.diag(matrix))
    order = np.argsort(-wrong, axis=None, kind="stable")[: np.count_nonzero(wrong)]
    support = matrix.sum(axis=1)
    pairs = [divmod(int(cell), len(names)) for cell in order]
    rows = tuple(
        (
            names[true],
            names[guess],
            int(wrong[true, guess]),
            float(wrong[true, guess] / support[true]),
        )
        for true, guess in pairs
    )
    head = ("true class", "guess", "photos", "share of the true class")
    return Table("confused_pairs", head, (WORDS, WORDS, COUNT, SHARE), rows)


def per_class(gathered: Gathered) -> Table:
    """Precision, recall, F1, support and both areas, then the two averages."""
    figures = gathered.result.figures
    rows = [
        (name, *astuple(one)[1:], _known(roc.area), _known(found.area))
        for name, one, (roc, found) in zip(
            gathered.names, figures.per_class, gathered.rankings, strict=True
        )
    ]
    rows += [(*astuple(average), None, None) for average in figures.averages]
    head = ("class", "precision", "recall", "F1", "photos", "area under ROC", "average precision")
    formats = (WORDS, NUMBER, NUMBER, NUMBER, COUNT, NUMBER, NUMBER)
    return Table("per_class", head, formats, tuple(rows))


def history(gathered: Gathered) -> Table:
    """One row an epoch."""
    rows = tuple(
        tuple(
            "yes" if value is True else "" if value is False else value
            for value in (record.get(key) for key in _HISTORY)
        )
        for record in gathered.history
    )
    formats = (COUNT, WORDS, NUMBER, SHARE, NUMBER, SHARE, ".1f", WORDS)
    return Table("history", _HISTORY, formats, rows)


def reliability(gathered: Gathered) -> Table:
    """How sure and how right, in bins of the score, after and before temperature scaling."""
    after, before = gathered.after, gathered.before
    rows = tuple(
        (
            float(after.edges[i]),
            float(after.edges[i + 1]),
            int(after.counts[i]),
            _known(after.confidence[i]),
            _known(after.accuracy[i]),
            int(before.counts[i]),
            _known(before.confidence[i]),
            _known(before.accuracy[i]),
        )
        for i in range(len(after.counts))
    )
    head = (
        "score above",
        "up to",
        "photos",
        "mean score",
        "share right",
        "photos before",
        "mean score before",
        "share right before",
    )
    return Table("reliability", head, (SHARE, SHARE, *(COUNT, SHARE, SHARE) * 2), rows)


def coverage(gathered: Gathered) -> Table:
    """What is left when an answer needs at least a score."""
    rows = tuple(
        (
            one.threshold,
            one.answered,
            one.coverage,
            one.right,
            one.accuracy,
            *(one.interval if one.answered else (None, None)),
        )
        for one in gathered.coverage
    )
    head = (
        "answer from",
        "answered",
        "share answered",
        "right",
        "share right",
        "likely from",
        "likely to",
    )
    return Table("coverage", head, (".0%", COUNT, SHARE, COUNT, SHARE, SHARE, SHARE), rows)


def mistakes(gathered: Gathered) -> Table:
    """All wrong guesses, worst first."""
    shown = dict(zip(gathered.run.class_names, gathered.names, strict=True))
    rows = tuple(
        (m.name, shown[m.true_class], m.true_score, shown[m.guess], m.guess_score)
        for m in gathered.mistakes
    )
    head = ("photo", "true class", "score of the true class", "guess", "score of the guess")
    return Table("mistakes", head, (WORDS, WORDS, NUMBER, WORDS, NUMBER), rows)


def division(gathered: Gathered) -> Table:
    """Photos of each class and side that took part, and their sums."""
    counts = [tuple(map(int, row)) for row in gathered.counts]
    rows = [(name, *row, sum(row)) for name, row in zip(gathered.names, counts, strict=True)]
    sums = [sum(column) for column in zip(*counts, strict=True)]
    rows.append(("all", *sums, sum(sums)))
    return Table("division", ("class", *SIDES, "photos"), (WORDS, *[COUNT] * 4), tuple(rows))


def of_words(name: str, head: tuple[str, ...], rows: Iterable[tuple]) -> Table:
    """A table of words only."""
    return Table(name, head, (WORDS,) * len(head), tuple(rows))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str):
        return safe_text.csv_cell(value.encode("utf-8", "replace").decode("utf-8"))
    return value
