"""Can the classes be told without looking? Guesses from size, file, date and mean colour alone.

Where they can, the photos of the classes come from different sources, and a network may learn
the source in place of the thing. Each kind of clue is tried on its own and all together: a small
forest of trees guesses photos it has not learnt from, photos that belong together being kept on
one side. What that means for the person is in `analysis/robustness/interpretation.py`. scikit-learn
is imported only where the forest grows, so that pages may import this module.
"""

import io
import struct
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from PIL import ExifTags, Image

from imgclf_core.datasets import photo_files
from imgclf_core.datasets.dataset import Dataset, Photo, groups_of
from imgclf_core.errors import ImgclfError
from imgclf_core.images import decode
from imgclf_core.metrics.classification import wilson_interval
from imgclf_core.support.parallel_map import map_batches

EVERYTHING = "everything together"
SIZE, FILE, DATE, COLOUR = "size and shape", "file", "date and camera", "mean colour"
# Columns of the table of clues that each kind may look at.
KINDS = {SIZE: slice(0, 3), FILE: slice(3, 6), DATE: slice(6, 8), COLOUR: slice(8, 11)}
COLUMNS = 11
FOLDS = 5
MOST = 2_000  # photos; more would only make the interval narrower than anybody needs
# Small trees, for few photos: leaves of three, so that no single photo is learnt by heart.
_FOREST = {"n_estimators": 60, "min_samples_leaf": 3, "random_state": 0, "n_jobs": 1}
# Below any day and number, so that one cut tells whether a photo has the clue.
_UNKNOWN = -1e6
_SMALL_SIDE = 32  # at which the mean colour is taken; JPEG is decoded at an eighth for it
# What Pillow raises on damaged metadata.
_METADATA_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    EOFError,
    OverflowError,
    ZeroDivisionError,
    RuntimeError,
    struct.error,
)


@dataclass(frozen=True)
class Clue:
    """How well one kind of clue tells the classes apart.

    Attributes:
        name: `everything together` or a key of `KINDS`.
        labels: int64 (M,), true classes.
        guesses: int64 (M,), each by trees that had not learnt from the photo or one that belongs
            with it; empty where nothing could be guessed from.
        known: Photos that have such a clue at all; only dates and cameras may be missing.
        weight: As how many independent photos these count, at most M: fewer where many belong
            together (L. Kish, 1965).
    """

    name: str
    labels: np.ndarray
    guesses: np.ndarray
    known: int
    weight: float

    @property
    def n(self) -> int:
        """Photos guessed."""
        return len(self.guesses)

    @cached_property
    def right(self) -> int:
        """Photos guessed right."""
        return int((self.guesses == self.labels[: self.n]).sum())

    @property
    def accuracy(self) -> float:
        """Share guessed right; 0 where nothing was guessed."""
        return self.right / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the accuracy (Wilson), as wide as the independent photos make it."""
        count = int(self.weight) if self.n else 0
        return wilson_interval(self.accuracy * count, count)

    @cached_property
    def baseline(self) -> float:
        """Share that always guessing the largest class would get right; 0 for no photos."""
        counts = np.bincount(self.labels)
        return float(counts.max() / counts.sum()) if len(counts) else 0.0

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return {
            "n": self.n,
            "known": self.known,
            "right": self.right,
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "baseline": self.baseline,
        }


@dataclass(frozen=True)
class Appearance:
    """How well the classes can be told without looking.

    Attributes:
        files: str (M,), `Photo.file` of each photo, in the order of the guesses.
        clues: Everything together, then each kind on its own.
        skipped: Photos that could not be read.
    """

    files: np.ndarray
    clues: tuple[Clue, ...]
    skipped: int = 0

    def of(self, name: str) -> Clue:
        """The clue of a name."""
        return next(clue for clue in self.clues if clue.name == name)


def measure(
    dataset: Dataset,
    photos: Sequence[Photo],
    labels: np.ndarray,
    on_progress: Callable[[int], None] = lambda done: None,
) -> Appearance:
    """Reads photos and guesses their classes without looking.

    Args:
        dataset: Where their bytes are.
        photos: N photos of any side.
        labels: int (N,), their classes.
        on_progress: Called with the number of photos read; what it raises ends the work.
    """
    rows, kept = [], []
    for done, ((i,), found) in enumerate(
        map_batches(lambda batch: _read(dataset, photos[batch[0]]), range(len(photos)), size=1), 1
    ):
        if found is not None:
            rows.append(found)
            kept.append(i)
        on_progress(done)
    taken = [photos[i] for i in kept]
    files = np.array([photo.file for photo in taken], dtype=str)
    clues = guess(_table(taken, rows), labels[kept], groups_of(taken))
    return Appearance(files, clues, len(photos) - len(kept))


def guess(table: np.ndarray, labels: np.ndarray, groups: np.ndarray) -> tuple[Clue, ...]:
    """Guesses from everything together and from each kind of clue on its own.

    Args:
        table: float (M, 11), columns as `KINDS`; NaN where a photo has no such clue.
        labels: int (M,), 0 and above.
        groups: int (M,), photos with the same number are never guessed from one another.
    """
    labels = np.asarray(labels, dtype=np.int64)
    folds = deal(labels, groups)
    sizes = np.unique(groups, return_counts=True)[1]
    weight = float(len(labels) ** 2 / (sizes.astype(float) ** 2).sum()) if len(labels) else 0.0
    clues = []
    for name, columns in {EVERYTHING: slice(None), **KINDS}.items():
        values = table[:, columns]
        known = int((~np.isnan(values)).any(axis=1).sum())
        guesses = _out_of_fold(values, labels, folds) if known else np.empty(0, dtype=np.int64)
        clues.append(Clue(name, labels, guesses, known, weight))
    return tuple(clues)


def deal(labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """int (M,): a fold for each photo, groups whole and classes about alike in all folds.

    Classes of any size will do; a class of one group is in one fold only. Folds are as many as
    `FOLDS`, or as there are groups.
    """
    _, first, group_of = np.unique(groups, return_index=True, return_inverse=True)
    shuffled = np.random.default_rng(0).permutation(len(first))
    order = shuffled[np.argsort(labels[first][shuffled], kind="stable")]
    folds = np.empty(len(first), dtype=np.int64)
    folds[order] = np.arange(len(first)) % FOLDS
    return folds[group_of]


def _out_of_fold(values: np.ndarray, labels: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """int64 (M,): guesses for each fold by trees grown on the others."""
    from sklearn.ensemble import RandomForestClassifier

    guesses = np.empty(0, dtype=np.int64)
    if len(np.unique(folds)) < 2:
        return guesses
    values = np.where(np.isnan(values), _UNKNOWN, values)
    guesses = np.empty(len(labels), dtype=np.int64)
    for fold in np.unique(folds):
        held = folds == fold
        forest = RandomForestClassifier(**_FOREST).fit(values[~held], labels[~held])
        guesses[held] = forest.predict(values[held])
    return guesses


def _table(photos: Sequence[Photo], rows: Sequence[tuple]) -> np.ndarray:
    """float64 (M, 11), columns as `KINDS`."""
    formats = _codes([photo.format for photo in photos])
    cameras = _codes([camera for _, camera, _ in rows])
    table = np.full((len(photos), COLUMNS), np.nan)
    for i, (photo, (day, _, colour)) in enumerate(zip(photos, rows, strict=True)):
        pixels = photo.width * photo.height
        table[i, KINDS[SIZE]] = photo.width, photo.height, photo.width / photo.height
        table[i, KINDS[FILE]] = photo.bytes, photo.bytes / pixels, formats[i]
        table[i, KINDS[DATE]] = day, cameras[i]
        table[i, KINDS[COLOUR]] = colour
    return table


def _codes(words: Sequence[str]) -> list[float]:
    """Words as numbers, the most frequent first; NaN for an empty one."""
    order = {word: k for k, (word, _) in enumerate(Counter(filter(None, words)).most_common())}
    return [order.get(word, np.nan) for word in words]


def _read(dataset: Dataset, photo: Photo) -> tuple[float, str, np.ndarray] | None:
    """Day, camera and mean colour of a photo; None where it cannot be read."""
    try:
        data = photo_files.read_photo(dataset, photo)
        pixels = decode.read_picture(data, at_least=_SMALL_SIDE).pixels
    except ImgclfError:
        return None
    return (*date_and_camera(data), pixels.reshape(-1, 3).mean(axis=0))


def date_and_camera(data: bytes) -> tuple[float, str]:
    """When and with what a photo was taken, by its EXIF metadata.

    Args:
        data: A file that `decode.read_picture` can read.

    Returns:
        Days since 1970, NaN where it does not say; maker and model, empty where it does not say.
    """
    try:
        with Image.open(io.BytesIO(data), formats=decode.FORMATS) as image:
            exif = image.getexif()
            inner = exif.get_ifd(ExifTags.IFD.Exif)
            camera = [exif.get(tag) for tag in (ExifTags.Base.Make, ExifTags.Base.Model)]
            moment = inner.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    except _METADATA_ERRORS:
        return float("nan"), ""
    words = " ".join(word.strip("\0 ") for word in camera if isinstance(word, str))
    return _days(moment), words.strip()


def _days(moment: object) -> float:
    try:
        when = datetime.strptime(str(moment).strip("\0 "), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return float("nan")
    return (when - datetime(1970, 1, 1)).total_seconds() / 86_400
