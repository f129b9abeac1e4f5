"""Which photos stand behind a figure: a cell, a bar, a point, a bin.

Every figure on the Evaluate page opens its photos through one of these. They are positions in
`Predictions`, in no order; `ordered` sorts them.
"""

import numpy as np

from imgclf_core.metrics import reliability
from imgclf_core.runs.predictions import Predictions

WORST, UNSURE, SURE, BY_NAME = "worst first", "most unsure first", "surest first", "by name"
ORDERS = (WORST, UNSURE, SURE, BY_NAME)


def cell(answers: Predictions, true: int, guess: int) -> np.ndarray:
    """int (n,): photos of one class that were taken for another, or for itself."""
    return np.flatnonzero((answers.labels == true) & (answers.guesses == guess))


def wrong(answers: Predictions) -> np.ndarray:
    """int (n,): photos guessed wrong."""
    return np.flatnonzero(answers.labels != answers.guesses)


def of_class(answers: Predictions, label: int) -> np.ndarray:
    """int (n,): photos of a class."""
    return np.flatnonzero(answers.labels == label)


def guessed(answers: Predictions, label: int) -> np.ndarray:
    """int (n,): photos guessed to be of a class."""
    return np.flatnonzero(answers.guesses == label)


def sure_within(answers: Predictions, bin_number: int, bins: int = reliability.BINS) -> np.ndarray:
    """int (n,): photos whose guess has a score in this bin, see `reliability.bin_of`."""
    return np.flatnonzero(reliability.bin_of(answers.scores.max(axis=1), bins) == bin_number)


def score_within(
    answers: Predictions, label: int, bin_number: int, is_class: bool, bins: int = reliability.BINS
) -> np.ndarray:
    """int (n,): photos whose score for a class is in this bin, of the class or of others."""
    inside = reliability.bin_of(answers.scores[:, label], bins) == bin_number
    return np.flatnonzero(inside & ((answers.labels == label) == is_class))


def at_least(answers: Predictions, label: int, threshold: float) -> np.ndarray:
    """int (n,): photos whose score for a class reaches a threshold."""
    return np.flatnonzero(answers.scores[:, label] >= threshold)


def below(answers: Predictions, threshold: float) -> np.ndarray:
    """int (n,): photos for which the model is not sure."""
    return np.flatnonzero(answers.scores.max(axis=1) < threshold)


def of_files(answers: Predictions, files: list[str]) -> np.ndarray:
    """int (n,): the photos with these files, in the order of the files; others are left away."""
    position = {file: i for i, file in enumerate(answers.files.tolist())}
    return np.array([position[file] for file in files if file in position], dtype=np.int64)


def ordered(answers: Predictions, positions: np.ndarray, order: str = WORST) -> np.ndarray:
    """The positions, sorted.

    Args:
        answers: Of which photos.
        positions: int (n,).
        order: `worst first`: the truth got least against the best other class; `most unsure
            first`: the two best scores are closest; `surest first`: the highest score first;
            or `by name`.
    """
    scores = answers.scores[positions].astype(np.float64)
    if order == BY_NAME:
        return positions[np.argsort(answers.names[positions], kind="stable")]
    if order == SURE:
        return positions[np.argsort(-scores.max(axis=1), kind="stable")]
    best = np.sort(scores, axis=1)
    if order == UNSURE:
        return positions[np.argsort(best[:, -1] - best[:, -2], kind="stable")]
    rows = np.arange(len(positions))
    true = scores[rows, answers.labels[positions]]
    scores[rows, answers.labels[positions]] = -1.0
    return positions[np.argsort(true - scores.max(axis=1), kind="stable")]


def confused_pairs(confusion: np.ndarray, most: int = 20) -> list[tuple[int, int, int]]:
    """(true class, guess, photos) of the mistakes, most frequent first.

    Args:
        confusion: int (K, K), rows true classes.
        most: Pairs returned.
    """
    off = confusion.copy()
    np.fill_diagonal(off, 0)
    order = np.argsort(-off, axis=None, kind="stable")[:most]
    rows, columns = np.unravel_index(order, off.shape)
    pairs = [(int(r), int(c), int(off[r, c])) for r, c in zip(rows, columns, strict=True)]
    return [pair for pair in pairs if pair[2]]
