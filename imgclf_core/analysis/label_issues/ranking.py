"""Labels that look wrong, by models that have not learnt from the photo they judge.

A logistic regression on what the fixed backbone sees, each time on four fifths of the photos:
independent of any network trained here, which may have learnt the wrong labels by heart. Where
the features come from and where the result is kept is in `analysis/label_issues/label_job.py`.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

FOLDS = 5
# Other folds give other mistakes: averaged, a little more is found.
_REPEATS = 3
# Directions of most spread that are kept: as good as all 1,280, and many times as fast.
_DIRECTIONS = 256
# How freely the regression may follow single photos. Of 0.001, 0.01, 0.1 and 1 this found the
# most of 5 % flipped labels in the first tenth of the queue, on hand signs and on film heroes.
_STRENGTH = 0.01
# Of 5 % flipped labels this flags 93 % on hand signs and 95 % on heroes, and half as many others
# on signs, none on heroes.
_LITTLE = 0.35
_STEPS, _TOLERANCE = 200, 1e-2


@dataclass(frozen=True)
class LabelIssues:
    """How much each label is in doubt; N photos, K classes.

    Attributes:
        order: int64 (N,), all positions, the most doubtful label first.
        scores: float32 (N,), how well the label stands, from 0, surely wrong, over 0.5, another
            class is as likely, to 1, surely right; the order is by this.
        suggestions: int64 (N,), the class with the best out-of-fold score.
        flagged: bool (N,), labels worth a person's look.
        out_of_fold: float32 (N, K), rows summing to 1.
    """

    order: np.ndarray
    scores: np.ndarray
    suggestions: np.ndarray
    flagged: np.ndarray
    out_of_fold: np.ndarray


def rank(
    features: np.ndarray, labels: np.ndarray, groups: np.ndarray, class_count: int, seed: int = 0
) -> LabelIssues:
    """Ranks all photos by how doubtful their label is.

    Args:
        features: float32 (N, D).
        labels: int (N,).
        groups: int (N,); photos with the same number are judged by the same model, which has
            learnt from none of them.
        class_count: K.
        seed: Of the folds.
    """
    with threadpool_limits(1):  # many small products: threads that wait for one another cost most
        out_of_fold = _out_of_fold(features, labels, groups, class_count, seed)
    rows = np.arange(len(labels))
    own = out_of_fold[rows, labels]
    others = out_of_fold.copy()
    others[rows, labels] = 0.0
    # Of the label against the best other class. By their ratio more wrong labels come first than
    # by their difference, where many classes share a score.
    stands = own / (own + others.max(axis=1))
    return LabelIssues(
        order=np.argsort(stands, kind="stable"),
        scores=stands.astype(np.float32),
        suggestions=out_of_fold.argmax(axis=1),
        flagged=_worth_a_look(out_of_fold, labels),
        out_of_fold=out_of_fold.astype(np.float32),
    )


def _worth_a_look(out_of_fold: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """bool (N,): photos that look like another class, and little like their own.

    What counts as little is told by the class itself, by the mean score of its photos, as in
    confident learning (C. Northcutt et al., 2021): classes that are hard to tell have low scores.
    """
    own = out_of_fold[np.arange(len(labels)), labels]
    totals = np.bincount(labels, own, minlength=out_of_fold.shape[1])
    counts = np.bincount(labels, minlength=out_of_fold.shape[1])
    usual = totals / np.maximum(counts, 1)
    return (out_of_fold.argmax(axis=1) != labels) & (own < _LITTLE * usual[labels])


def _out_of_fold(
    features: np.ndarray, labels: np.ndarray, groups: np.ndarray, class_count: int, seed: int
) -> np.ndarray:
    """float64 (N, K): what models say of photos they have not learnt from, on average."""
    rows = _directions(features)
    # A class that no other fold holds has no score: every one begins with a little.
    scores = np.full((len(labels), class_count), 1e-6)
    for repeat in range(_REPEATS):
        fold_of = folds(labels, groups, seed * _REPEATS + repeat)
        for fold in np.unique(fold_of):
            inside = fold_of == fold
            known, said = _learnt(rows[~inside], labels[~inside], rows[inside])
            scores[np.ix_(inside, known)] += said
    return scores / scores.sum(axis=1, keepdims=True)


def _learnt(
    rows: np.ndarray, labels: np.ndarray, unseen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Classes that occur, int (C,), and what a model of them says of others, float (n, C)."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    known = np.unique(labels)
    if len(known) < 2:
        return known, np.ones((len(unseen), len(known)))
    model = LogisticRegression(C=_STRENGTH, max_iter=_STEPS, tol=_TOLERANCE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # near enough for a ranking
        model.fit(rows, labels)
    return known, model.predict_proba(unseen)


def _directions(features: np.ndarray) -> np.ndarray:
    """float32 (N, d): places along the directions of most spread, at most `_DIRECTIONS`.

    No label is asked, so the models still know nothing of those they judge.
    """
    rows = features.astype(np.float64) - features.mean(axis=0, dtype=np.float64)
    if len(rows) > rows.shape[1]:
        found = rows @ np.linalg.eigh(rows.T @ rows)[1][:, ::-1][:, :_DIRECTIONS]
    else:  # the same from the smaller of the two products
        spread, places = np.linalg.eigh(rows @ rows.T)
        found = (places * np.sqrt(np.maximum(spread, 0.0)))[:, ::-1][:, :_DIRECTIONS]
    return found.astype(np.float32)


def folds(labels: np.ndarray, groups: np.ndarray, seed: int = 0) -> np.ndarray:
    """int (N,): a fold for each photo, groups whole, each class spread as evenly as it goes."""
    generator = np.random.default_rng(seed)
    names, inverse = np.unique(groups, return_inverse=True)
    first = np.full(len(names), -1)
    first[inverse[::-1]] = labels[::-1]  # the class of a group is that of its first photo
    fold_of_group = np.empty(len(names), dtype=np.int64)
    start = 0
    for label in np.unique(first):
        members = generator.permutation(np.flatnonzero(first == label))
        fold_of_group[members] = (start + np.arange(len(members))) % FOLDS
        start += len(members)
    return fold_of_group[inverse]
