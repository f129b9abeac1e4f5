"""Counting what many heads say of many photos, for `analysis/learning_curves/learning_curve.py`.

Every head learns from some of the training photos and is asked about all others. What it says of
validation photos makes the curves; what it says of any photo that it has not learnt from tells
whether a class still climbs, and which photos nobody believes.
"""

from dataclasses import dataclass

import numpy as np

from imgclf_core.metrics import classification

# The last doubling for which there are training photos that no head has learnt from, as points.
_HALF, _WHOLE = 1, 3
# First point whose heads know enough to suspect a photo.
_VOTES_FROM = 2
_Z95 = 1.96  # two-sided 95 % of the normal distribution


@dataclass(frozen=True)
class Band:
    """A measure at every point, 0 to 1; NaN where nothing could be measured.

    Attributes:
        mean: float (points, ...), over the draws.
        low, high: 95 % band, of two parts: which training photos were drawn, and how few
            validation photos there are. At the last point all draws are the same, so that only
            the second part is left.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Unseen:
    """What heads said of photos they had not learnt from, validation and training alike.

    Each training photo is left out equally often, so this rests on many more photos than the
    validation alone.

    Attributes:
        recall: float (points - 1, K); at the last point no training photo is left out.
        gain: float (K,), recall at 80 % of the photos minus recall at 40 %: one doubling.
        noise: float (K,), standard error of the gain.
    """

    recall: np.ndarray
    gain: np.ndarray
    noise: np.ndarray


class Tally:
    """Grows with every head.

    Args:
        labels: int (n,), training photos first, then those of the validation.
        training_count: How many are training photos.
        class_count: K.
        points: Sizes of the training part.
        draws: How often each size is drawn.
    """

    def __init__(
        self, labels: np.ndarray, training_count: int, class_count: int, points: int, draws: int
    ):
        self.labels = labels
        self._split, self._classes = training_count, class_count
        self._asked = np.zeros((points, len(labels)), np.int32)
        self._right = np.zeros((points, len(labels)), np.int32)
        self._guesses = np.zeros((len(labels), class_count), np.uint16)
        self._learnt = np.zeros((points, draws, class_count), np.int64)
        self._recall = np.full((points, draws, class_count), np.nan)
        self._accuracy = np.zeros((points, draws))

    def add(self, point: int, draw: int, learnt: np.ndarray, guesses: np.ndarray) -> None:
        """What one head said.

        Args:
            point: Size of its part.
            draw: Which draw of that size.
            learnt: bool (training photos,), what it learnt from.
            guesses: int, for all other photos, in their order.
        """
        others = self.others(learnt)
        right = guesses == self.labels[others]
        self._asked[point, others] += 1
        self._right[point, others] += right
        if point >= _VOTES_FROM:
            self._guesses[others, guesses] += 1
        validation = others >= self._split
        self._accuracy[point, draw] = right[validation].mean()
        self._recall[point, draw] = self._by_class(others[validation], right[validation])
        drawn = self.labels[: self._split][learnt]
        self._learnt[point, draw] = np.bincount(drawn, minlength=self._classes)

    def others(self, learnt: np.ndarray) -> np.ndarray:
        """int: positions of the photos that a head has not learnt from."""
        return np.flatnonzero(np.concatenate([~learnt, np.ones(self._validated, bool)]))

    @property
    def _validated(self) -> int:
        return len(self.labels) - self._split

    def repeat(self, point: int) -> None:
        """Takes the first draw of a size for all of them."""
        for values in (self._learnt, self._recall, self._accuracy):
            values[point, 1:] = values[point, 0]

    def validated(self) -> np.ndarray:
        """int (K,), validation photos."""
        return np.bincount(self.labels[self._split :], minlength=self._classes)

    def photos_by_class(self) -> np.ndarray:
        """int (points, K), training photos learnt from, rounded mean of the draws."""
        return np.rint(self._learnt.mean(axis=1)).astype(np.int64)

    def accuracy(self) -> Band:
        """Of the validation photos, (points,)."""
        mean, spread = self._accuracy.mean(axis=1), self._accuracy.std(axis=1)
        band = _band(mean[:, None], spread[:, None], np.array([self._validated]))
        return Band(band.mean[:, 0], band.low[:, 0], band.high[:, 0])

    def recall(self) -> Band:
        """Of the validation photos of each class, (points, K)."""
        return _band(self._recall.mean(axis=1), self._recall.std(axis=1), self.validated())

    def unseen(self) -> Unseen:
        """Recall and gain over all photos that were not learnt from.

        A photo is its own control: what counts is how its answers changed from half the photos
        to all of them.
        """
        share = self._right / np.where(self._asked, self._asked, np.nan)
        everyone = np.arange(len(self.labels))
        recall = np.stack([self._by_class(everyone, row) for row in share[:-1]])
        changed = share[_WHOLE] - share[_HALF]
        gain = self._by_class(everyone, changed)
        count = np.bincount(self.labels[~np.isnan(changed)], minlength=self._classes)
        square = self._by_class(everyone, (changed - gain[self.labels]) ** 2)
        return Unseen(recall, gain, np.sqrt(square / np.maximum(count - 1, 1)))

    def suspects(self) -> tuple[np.ndarray, np.ndarray]:
        """Photos most heads took for something else: int positions, int guesses, clearest first."""
        votes, rows = self._guesses.astype(np.float64), np.arange(len(self.labels))
        asked = votes.sum(axis=1)
        wrong = asked - votes[rows, self.labels]
        votes[rows, self.labels] = -1
        found = np.flatnonzero(wrong > asked / 2)
        order = found[np.argsort(-wrong[found] / asked[found], kind="stable")]
        return order, votes[order].argmax(axis=1)

    def _by_class(self, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
        """float (K,): mean of the values of each class, NaN left out; NaN for none."""
        known = ~np.isnan(values)
        labels = self.labels[rows][known]
        count = np.bincount(labels, minlength=self._classes)
        total = np.bincount(labels, weights=values[known], minlength=self._classes)
        return np.where(count, total / np.maximum(count, 1), np.nan)


def _band(mean: np.ndarray, spread: np.ndarray, measured: np.ndarray) -> Band:
    """Wilson's interval for so many photos, made wider by the spread over the draws.

    Args:
        mean, spread: float (points, K). measured: int (K,).
    """
    low, high = np.full_like(mean, np.nan), np.full_like(mean, np.nan)
    for point, k in zip(*np.nonzero(~np.isnan(mean)), strict=True):
        share, reach = mean[point, k], _Z95 * spread[point, k]
        below, above = classification.wilson_interval(share * measured[k], measured[k])
        low[point, k] = max(0.0, share - np.hypot(share - below, reach))
        high[point, k] = min(1.0, share + np.hypot(above - share, reach))
    return Band(mean, low, high)
