"""Learning curves: how well a cheap head answers after a part of the training photos, or all.

A ridge head (`training/ridge.py`) is fitted on 20, 40, 60, 80 and 100 % of what there is to learn
from, several times over, and measured on the validation photos. Test photos are not touched.
What the curves mean for the person is said in `analysis/learning_curves/recommendations.py`; the
job around them and the file they are kept in are in
`analysis/learning_curves/learning_curve_job.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from imgclf_core.analysis.learning_curves import subsets
from imgclf_core.analysis.learning_curves.tallies import Band, Tally, Unseen
from imgclf_core.datasets.checks import class_checks
from imgclf_core.datasets.split import TRAINING, VALIDATION
from imgclf_core.errors import DatasetError
from imgclf_core.networks import mobilenet_v2
from imgclf_core.training import ridge

SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)
FEWEST = 10  # training photos of a class that a curve can be drawn of
# From this many training photos on, features are narrowed to so many directions, which takes a
# tenth of the time. Fewer photos are fitted by their own Gram matrix, which is small.
_NARROW_FROM, _NARROW = 1000, 512


@dataclass(frozen=True)
class Curves:
    """Learning curves of a data set.

    Attributes:
        class_names: K names.
        photos: int (points,), training photos learnt from.
        photos_by_class: int (points, K).
        accuracy: Of the validation photos, arrays (points,).
        recall: Of the validation photos of each class, arrays (points, K).
        validated: int (K,), validation photos.
        unseen: What decides whether a class still climbs.
        suspects: int (S,), positions of photos that most heads took for another class without
            having learnt from them, the clearest first.
        suspect_labels, suspect_guesses: int (S,), their class, and what they were taken for.
        training_share: Share of all photos, test and all, that are there to learn from.
        to_learn_from: int (K,), training photos there are; more than the last of
            `photos_by_class` where only some were used.
    """

    class_names: tuple[str, ...]
    photos: np.ndarray
    photos_by_class: np.ndarray
    accuracy: Band
    recall: Band
    validated: np.ndarray
    unseen: Unseen
    suspects: np.ndarray
    suspect_labels: np.ndarray
    suspect_guesses: np.ndarray
    training_share: float
    to_learn_from: np.ndarray


def measure(
    features: np.ndarray,
    labels: np.ndarray,
    sides: np.ndarray,
    groups: np.ndarray,
    class_names: Sequence[str],
    seeds: int = 5,
    weigh: bool = True,
    on_fit: Callable[[int], None] = lambda done: None,
) -> Curves:
    """Learns from more and more photos and measures what that is worth.

    The parts are rounds of one random order of the groups of each class: seed s begins s/seeds
    of the way round. So every photo is left out equally often. Validation photos that belong
    together with a training photo are not measured on.

    Args:
        features: float32 (N, D). Rows of test photos are not read.
        labels: int (N,), 0 to K - 1.
        sides: str (N,).
        groups: int (N,); photos with the same number are learnt from together.
        class_names: K names.
        seeds: How often each part is drawn, at least 2.
        weigh: Whether rare classes count more, from a ratio of 1.5 on, as in a training.
        on_fit: Called with the number of heads fitted, also to end the work by raising.

    Raises:
        DatasetError: There is nothing to measure on, or hardly a class to learn from.
    """
    refuse_too_few(labels, sides, groups)
    training, validation = _apart(sides, groups)
    rows = np.concatenate([training, validation])
    tally = Tally(labels[rows], len(training), len(class_names), len(SHARES), seeds)
    weights = _weights(labels[training], len(class_names), weigh)
    by_class = subsets.shuffled_groups(labels[training], groups[training])
    # All photos are the same photos, whoever draws them.
    parts = [(*each, seed) for each in enumerate(SHARES[:-1]) for seed in range(seeds)]
    # Beside a training, threads of one small product wait for each other ten times as long as
    # one thread takes for all of it.
    with threadpool_limits(1):
        narrow = _narrowed(features[rows], len(training))
        for done, (point, share, seed) in enumerate([*parts, (len(SHARES) - 1, 1.0, 0)], 1):
            learnt = subsets.part(by_class, len(training), share, seed / seeds)
            own = np.flatnonzero(learnt)
            head = ridge.fit(narrow[own], tally.labels[own], len(class_names), weights[own])
            others = narrow[tally.others(learnt)]
            scores = mobilenet_v2.apply_head(others, head.kernel, head.bias)
            tally.add(point, seed, learnt, scores.argmax(axis=1))
            on_fit(done)
    tally.repeat(len(SHARES) - 1)
    return _curves(tally, tuple(class_names), rows, float(np.mean(sides == TRAINING)))


def _curves(
    tally: Tally, class_names: tuple[str, ...], rows: np.ndarray, training_share: float
) -> Curves:
    by_class, (suspects, guesses) = tally.photos_by_class(), tally.suspects()
    return Curves(
        class_names=class_names,
        photos=by_class.sum(axis=1),
        photos_by_class=by_class,
        accuracy=tally.accuracy(),
        recall=tally.recall(),
        validated=tally.validated(),
        unseen=tally.unseen(),
        suspects=rows[suspects],
        suspect_labels=tally.labels[suspects],
        suspect_guesses=guesses,
        training_share=training_share,
        to_learn_from=by_class[-1],
    )


def refuse_too_few(labels: np.ndarray, sides: np.ndarray, groups: np.ndarray) -> None:
    """Ends it where no curve could be drawn; arguments as for `measure`.

    Raises:
        DatasetError: There is nothing to measure on, or hardly a class to learn from.
    """
    training, validation = _apart(sides, groups)
    if not len(validation):
        raise DatasetError(
            "There are no validation photos to measure on, or all of them belong together with "
            "training photos. Divide the photos anew on the Data page, under Split."
        )
    counts = np.bincount(labels[training])
    if (counts >= FEWEST).sum() < 2:
        raise DatasetError(
            f"This needs two classes with at least {FEWEST} training photos each, and there "
            f"{'is only one' if (counts >= FEWEST).any() else 'is none'}. Bring in more photos "
            "first, or give training a larger share on the Data page, under Split."
        )


def _apart(sides: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """int, int: training photos, and validation photos that are not copies of them."""
    training = np.flatnonzero(sides == TRAINING)
    copies = np.isin(groups, groups[training])
    return training, np.flatnonzero((sides == VALIDATION) & ~copies)


def _weights(labels: np.ndarray, class_count: int, weigh: bool) -> np.ndarray:
    """float (n,): how much each photo counts, as `training/training_data.py` has it by default."""
    counts = np.bincount(labels, minlength=class_count)
    if not weigh or counts.max() < class_checks.IMBALANCE_MENTIONED * counts.min():
        return np.ones(len(labels))
    return (counts.sum() / (class_count * np.maximum(counts, 1)))[labels]


def _narrowed(features: np.ndarray, training_count: int) -> np.ndarray:
    """float32 (n, d): along the directions in which the training photos, the first rows, differ.

    It looks at no label and at no validation photo. Subspace iteration on the Gram matrix, after
    N. Halko, P.-G. Martinsson and J. A. Tropp, "Finding Structure with Randomness" (2011).
    """
    if training_count < _NARROW_FROM or features.shape[1] <= _NARROW:
        return features
    centred = features - features[:training_count].mean(axis=0)
    gram = centred[:training_count].T @ centred[:training_count]
    start = np.random.default_rng(0).normal(size=(features.shape[1], _NARROW))
    directions = start.astype(np.float32)
    for _ in range(3):
        directions, _ = np.linalg.qr(gram @ directions)
    return centred @ directions
