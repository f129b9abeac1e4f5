"""A data set on disk: its format, reading it and writing it.

    <folder>/dataset.json    name, classes, seed, source, receipt
    <folder>/images.csv      one row a photo
    <folder>/images/         original bytes under generated names

How photos get in is in `data/ingest.py`; what may be wrong with them in `data/checks.py`.
"""

import csv
import io
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from imgclf_core import files
from imgclf_core.data.layout import SIDES
from imgclf_core.errors import DatasetError

FORMAT = 1
DATASET_FILE, IMAGES_FILE, IMAGES_FOLDER = "dataset.json", "images.csv", "images"

_COLUMNS = ("file", "name", "class", "side", "height", "width", "format", "bytes", "hash", "group")


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo of a data set.

    Attributes:
        file: Generated name in `images/`, the SHA-256 of the bytes and an ending.
        name: Name it came with, with folders; a label, never a path.
        label: Index of its class in `Dataset.class_names`.
        side: `training`, `validation` or `test`.
        height, width: Upright pixels of the original.
        format: Such as `JPEG`.
        bytes: Size of the file.
        hash: Difference hash, 64 bits.
        group: Photos with the same number are nearly the same and stay on one side.
    """

    file: str
    name: str
    label: int
    side: str
    height: int
    width: int
    format: str
    bytes: int
    hash: int
    group: int

    @property
    def key(self) -> str:
        """SHA-256 of the bytes: the name of the content in every cache."""
        return self.file.split(".")[0]


@dataclass(frozen=True)
class Receipt:
    """What became of every file that was received; the counts add up.

    Attributes:
        received: Files that were looked at, system files apart.
        taken: Photos in the data set.
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


@dataclass(frozen=True)
class Dataset:
    """A data set that can be trained on.

    Attributes:
        folder: Where it lies.
        name: For people.
        class_names: K names, in the order of the labels.
        photos: N photos, in order of class and name.
        receipt: What became of what was received.
        seed: Of the split.
        created: Seconds since 1970.
        divided: Whether the data came with sides of their own.
        sample: Whether it is the built-in sample.
    """

    folder: Path
    name: str
    class_names: tuple[str, ...]
    photos: tuple[Photo, ...]
    receipt: Receipt
    seed: int = 0
    created: float = field(default_factory=time.time)
    divided: bool = False
    sample: bool = False

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
        return np.array([photo.side for photo in self.photos])

    @cached_property
    def counts(self) -> np.ndarray:
        """int (K, 3): photos of each class in training, validation and test."""
        counted = Counter((photo.label, photo.side) for photo in self.photos)
        rows = [[counted[k, side] for side in SIDES] for k in range(len(self.class_names))]
        return np.array(rows, dtype=np.int64)

    def indices(self, side: str) -> np.ndarray:
        """int (n,): positions of the photos of one side."""
        return np.flatnonzero(self.sides == side)

    def read(self, photo: Photo) -> bytes:
        """The original bytes of a photo.

        Raises:
            DatasetError: The file is gone.
        """
        return self.read_file(photo.file, photo.name)

    def read_file(self, file: str, name: str) -> bytes:
        """The original bytes behind `Photo.file`; `name` is for the error.

        Raises:
            DatasetError: The file is gone.
        """
        try:
            return (self.folder / IMAGES_FOLDER / file).read_bytes()
        except OSError as error:
            raise DatasetError(
                f"The photo '{name}' of '{self.name}' cannot be read from the disk "
                f"({error.strerror}). Bring the photos in again."
            ) from error


def is_dataset(folder: Path) -> bool:
    """Whether a finished data set lies in this folder."""
    return (folder / DATASET_FILE).is_file()


def save(dataset: Dataset) -> None:
    """Writes `images.csv`, then `dataset.json`, whose presence means that all is there."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(_COLUMNS)
    names = dataset.class_names
    for p in dataset.photos:
        writer.writerow(
            (p.file, p.name, names[p.label], p.side, p.height, p.width,
             p.format, p.bytes, f"{p.hash:016x}", p.group)
        )  # fmt: skip
    files.write_bytes(dataset.folder / IMAGES_FILE, table.getvalue().encode("utf-8"))
    receipt = dataset.receipt
    files.write_json(
        dataset.folder / DATASET_FILE,
        {
            "format": FORMAT,
            "name": dataset.name,
            "class_names": list(names),
            "seed": dataset.seed,
            "created": dataset.created,
            "divided": dataset.divided,
            "sample": dataset.sample,
            "receipt": {
                "received": receipt.received,
                "taken": receipt.taken,
                "skipped": [list(item) for item in receipt.skipped],
                "system_files": receipt.system_files,
                "empty_classes": list(receipt.empty_classes),
                "notes": list(receipt.notes),
            },
        },
    )


def load(folder: Path) -> Dataset:
    """Reads a data set.

    Raises:
        DatasetError: There is none, or it is of a newer version or damaged.
    """
    head = files.read_json(folder / DATASET_FILE)
    if head is None:
        raise DatasetError(f"There is no data set in '{folder}'.")
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise DatasetError(
            f"The data set in '{folder}' is damaged or was made by another version of the "
            "program. Bring the photos in again."
        )
    try:
        return _dataset(folder, head)
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise DatasetError(
            f"The data set in '{folder}' is damaged. Bring the photos in again."
        ) from error


def _dataset(folder: Path, head: dict) -> Dataset:
    names = tuple(head["class_names"])
    index = {name: k for k, name in enumerate(names)}
    with open(folder / IMAGES_FILE, encoding="utf-8", newline="") as file:
        photos = tuple(_photo(row, index) for row in csv.DictReader(file))
    receipt = head["receipt"]
    return Dataset(
        folder=folder,
        name=head["name"],
        class_names=names,
        photos=photos,
        receipt=Receipt(
            received=receipt["received"],
            taken=receipt["taken"],
            skipped=tuple((name, reason) for name, reason in receipt["skipped"]),
            system_files=receipt["system_files"],
            empty_classes=tuple(receipt["empty_classes"]),
            notes=tuple(receipt["notes"]),
        ),
        seed=head["seed"],
        created=head["created"],
        divided=head["divided"],
        sample=head["sample"],
    )


def _photo(row: dict[str, str], index: dict[str, int]) -> Photo:
    return Photo(
        file=row["file"],
        name=row["name"],
        label=index[row["class"]],
        side=row["side"],
        height=int(row["height"]),
        width=int(row["width"]),
        format=row["format"],
        bytes=int(row["bytes"]),
        hash=int(row["hash"], 16),
        group=int(row["group"]),
    )
