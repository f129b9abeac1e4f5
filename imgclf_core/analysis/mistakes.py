"""Which photos were taken for something else, worst first."""

import csv
import io
from dataclasses import astuple, dataclass, fields

import numpy as np

from imgclf_core.runs.predictions import Predictions
from imgclf_core.support import safe_text


@dataclass(frozen=True)
class Mistake:
    """One photo that was guessed wrong.

    Attributes:
        file, name: Of the photo, see `Photo`.
        true_class, guess: Names.
        guess_score, true_score: Scores of the guess and of the true class, 0 to 1.
    """

    file: str
    name: str
    true_class: str
    guess: str
    guess_score: float
    true_score: float


def find_mistakes(predictions: Predictions, class_names: tuple[str, ...]) -> list[Mistake]:
    """Wrong guesses, those first in which the truth got least against the guess."""
    guesses = predictions.guesses
    wrong = np.flatnonzero(guesses != predictions.labels)
    rows = predictions.scores[wrong]
    guessed = rows[np.arange(len(wrong)), guesses[wrong]]
    true = rows[np.arange(len(wrong)), predictions.labels[wrong]]
    order = np.argsort(true - guessed, kind="stable")
    return [
        Mistake(
            file=str(predictions.files[wrong[i]]),
            name=str(predictions.names[wrong[i]]),
            true_class=class_names[predictions.labels[wrong[i]]],
            guess=class_names[guesses[wrong[i]]],
            guess_score=float(guessed[i]),
            true_score=float(true[i]),
        )
        for i in order
    ]


def as_table(mistakes: list[Mistake]) -> str:
    """CSV of all of it but the stored file; safe to open in a spreadsheet."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow([field.name for field in fields(Mistake)][1:])
    for mistake in mistakes:
        cells = astuple(mistake)[1:]
        writer.writerow(
            [safe_text.csv_cell(c) if isinstance(c, str) else f"{c:.6f}" for c in cells]
        )
    return table.getvalue()
