"""What a data set is: photos with labels and sides, and what was left out.

Everything here is a value that never changes. How it lies on the disk and how its versions
follow one another is in `datasets/store.py`, how photos get in in `datasets/ingest/ingestion.py`,
what may be wrong with them in `datasets/checks/class_checks.py`, how that is mended in
`datasets/edits/remedies.py`.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from imgclf_core.datasets import split
from imgclf_core.datasets.split import SIDES
from imgclf_core.errors import OptionError
from imgclf_core.support import safe_text

IMAGES_FOLDER = "images"

# How classes of different size are treated in training.
WEIGHTS, SAMPLE_UP, AS_IS = "weights", "sample up", "as is"
BALANCES = (WEIGHTS, SAMPLE_UP, AS_IS)


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo of a data set.

    Attributes:
        file: Generated name in `images/`, the SHA-256 of the bytes and an ending.
        name: Name it came with, with folders; a label, never a path.
        label: Index of its class in `Dataset.class_names`; -1 while it is left out.
        side: `training`, `validation` or `test`.
        given: The side that came with the data, empty where the split is ours.
        height, width: Upright pixels of the original.
        format: Such as `JPEG`.
        bytes: Size of the file.
        alike: Photos with the same number are the same, or nearly.
        object: What the photo shows, where the person told which photos are of one object.
        sharpness, brightness, contrast, colourfulness: See `images/quality.py`.
        also: Names of further classes it shows, as the person said.
        hard: Whether the person found its label right and the photo hard.
    """

    file: str
    name: str
    label: int
    side: str
    given: str
    height: int
    width: int
    format: str
    bytes: int
    alike: int
    object: str = ""
    sharpness: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    colourfulness: float = 0.0
    also: tuple[str, ...] = ()
    hard: bool = False

    @property
    def key(self) -> str:
        """SHA-256 of the bytes: the name of the content in every cache."""
        return self.file.split(".")[0]


def groups_of(photos: Sequence[Photo]) -> np.ndarray:
    """int64 (N,): which photos belong together, being alike or of one object."""
    return split.joined(
        [photo.alike for photo in photos], [photo.object or None for photo in photos]
    )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A photo that is kept but takes no part.

    Attributes:
        photo: Itself.
        class_name: Its class, to which it can come back.
        reason: Why, in words.
    """

    photo: Photo
    class_name: str
    reason: str


@dataclass(frozen=True)
class Receipt:
    """What became of every file that was received; the counts add up.

    Attributes:
        received: Files that were looked at, system files apart.
        taken: Photos in the data set, left out or not.
        skipped: (name, reason) of every file that was not taken.
        system_files: Files of operating systems that were ignored.
        empty_classes: Folders in which no photo could be read.
        notes: Further sentences.
    """

    received: int
    taken: int
    skipped: tuple[tuple[str, str], ...] = ()
    system_files: int = 0
    empty_classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __add__(self, other: "Receipt") -> "Receipt":
        return Receipt(
            received=self.received + other.received,
            taken=self.taken + other.taken,
            skipped=self.skipped + other.skipped,
            system_files=self.system_files + other.system_files,
            empty_classes=tuple(dict.fromkeys(self.empty_classes + other.empty_classes)),
            notes=tuple(dict.fromkeys(self.notes + other.notes)),
        )


@dataclass(frozen=True)
class Dataset:
    """One version of a data set.

    Attributes:
        folder: Where it lies.
        name: For people.
        class_names: K names, in the order of the labels; each has a photo.
        photos: N photos that take part, in order of class and name.
        receipt: What became of what was received.
        left_out: Photos that take no part, in order of class and name.
        seed: Of the split.
        shares: Wanted share of each side.
        created: Seconds since 1970, when it was brought in.
        class_from: Which folder names the class, see `datasets/folder_layout.py`; empty
            while the person was not asked, which joins them.
        balance: How classes of different size are treated in training: `weights` (rare ones
            count more, from a ratio of 1.5 on), `sample up` (rare ones are shown more often) or
            `as is`.
        object_pattern: How photos of one object are told by their names, see `datasets/objects.py`.
        sample: Whether it is the built-in sample.
        version: Its number; see `datasets/store.py`.
        source_note, rights_note: What the person wrote about where the photos come from and
            who may use them.
    """

    folder: Path
    name: str
    class_names: tuple[str, ...]
    photos: tuple[Photo, ...]
    receipt: Receipt
    left_out: tuple[LeftOut, ...] = ()
    seed: int = 0
    shares: dict[str, float] = field(default_factory=lambda: dict(split.SHARES))
    created: float = field(default_factory=time.time)
    class_from: str = ""
    balance: str = WEIGHTS
    object_pattern: str = ""
    sample: bool = False
    version: int = 1
    source_note: str = ""
    rights_note: str = ""

    @property
    def id(self) -> str:
        return self.folder.name

    @cached_property
    def labels(self) -> np.ndarray:
        """int64 (N,)."""
        return np.array([photo.label for photo in self.photos], dtype=np.int64)

    @cached_property
    def sides(self) -> np.ndarray:
        """str (N,)."""
        return np.array([photo.side for photo in self.photos], dtype=str)

    @cached_property
    def groups(self) -> np.ndarray:
        """int64 (N,): photos with the same number stay on one side of the split."""
        return groups_of(self.photos)

    @cached_property
    def counts(self) -> np.ndarray:
        """int64 (K, 3): photos of each class in training, validation and test."""
        counted = Counter((photo.label, photo.side) for photo in self.photos)
        rows = [[counted[k, side] for side in SIDES] for k in range(len(self.class_names))]
        return np.array(rows, dtype=np.int64).reshape(-1, len(SIDES))

    @cached_property
    def divided(self) -> bool:
        """Whether the data came with sides of their own."""
        return any(photo.given for photo in self.photos)

    def indices(self, side: str) -> np.ndarray:
        """int (n,): positions of the photos of one side."""
        return np.flatnonzero(self.sides == side)

    def class_of(self, photo: Photo) -> str:
        """Name of the class of a photo that takes part."""
        return self.class_names[photo.label]


LONGEST_CLASS_NAME = 200


def checked_class_name(text: str) -> str:
    """The name, cleaned.

    Raises:
        OptionError: Nothing is left of it.
    """
    name = safe_text.clean(text, LONGEST_CLASS_NAME)
    if not name:
        raise OptionError("A class needs a name. Type one.")
    return name
