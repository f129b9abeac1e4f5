"""A data set on disk, and its versions.

    <folder>/dataset.json    name, receipts, notes, and the history: one entry a version
    <folder>/images.csv      one row a photo, as they were brought in (version 1)
    <folder>/images-<n>.csv  the same for version n
    <folder>/images/         original bytes under generated names, shared by all versions

A version never changes once it is written, so a run can name the one it was trained on. A
change makes a new version on top of the current one; undo goes back to the version below, redo
forth again until something else is changed. Numbers are never used twice.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock

from imgclf_core.datasets import table
from imgclf_core.datasets.dataset import Dataset, Receipt
from imgclf_core.datasets.history import History, Version
from imgclf_core.errors import ChangedElsewhereError, DatasetError, UnreadableError
from imgclf_core.support import atomic_files

FORMAT = 2
LONGEST_NOTE = 2000  # letters
DATASET_FILE, LOCK_FILE = "dataset.json", "versions.lock"


def is_dataset(folder: Path) -> bool:
    """Whether a finished data set lies in this folder."""
    return (folder / DATASET_FILE).is_file()


def create(dataset: Dataset, sentence: str, earlier: tuple[str, ...] = ()) -> None:
    """Writes the first version; `dataset.json` comes last and means that all is there."""
    table.write(dataset.folder / _table_name(1), dataset)
    head = {
        "format": FORMAT,
        "name": dataset.name,
        "created": dataset.created,
        "sample": dataset.sample,
        "source_note": dataset.source_note,
        "rights_note": dataset.rights_note,
        "earlier": list(earlier),
        "receipts": [asdict(dataset.receipt)],
        "versions": [asdict(_version(dataset, 1, None, sentence, receipts=[0]))],
        "current": 1,
        "undone": [],
    }
    atomic_files.write_json(dataset.folder / DATASET_FILE, head)


def commit(changed: Dataset, sentence: str, added: Receipt | None = None) -> Dataset:
    """Makes a version of a changed data set and opens it.

    Args:
        changed: Differs from the version whose number it carries.
        sentence: What was done, for the history.
        added: Receipt of photos that were brought in with the change.

    Raises:
        ChangedElsewhereError: Another change came in between.
    """
    with _changing(changed.folder) as head:
        if head["current"] != changed.version:
            raise ChangedElsewhereError(
                "The photos were changed elsewhere in the meantime, so nothing was done. "
                "Look at them again, then repeat it."
            )
        parent = _version_of(head, changed.version)
        number = 1 + max(entry["number"] for entry in head["versions"])
        receipts = [*parent["receipts"]]
        if added is not None:
            receipts.append(len(head["receipts"]))
            head["receipts"].append(asdict(added))
        table.write(changed.folder / _table_name(number), changed)
        version = _version(changed, number, changed.version, sentence, receipts)
        head["versions"].append(asdict(version))
        head["current"], head["undone"] = number, []
    return load(changed.folder)


def undo(folder: Path, expected: int | None = None) -> str:
    """Goes back to the version below and returns the sentence of what was taken back.

    Args:
        folder: Of the data set.
        expected: Number of the version that is meant; whichever is current by default.

    Raises:
        DatasetError: There is nothing to undo.
        ChangedElsewhereError: Another version is current.
    """
    with _changing(folder) as head:
        if expected not in (None, head["current"]):
            raise ChangedElsewhereError(
                "The photos were changed elsewhere meanwhile, so this was not taken back. The "
                "Data page shows all changes."
            )
        version = _version_of(head, head["current"])
        if version["parent"] is None:
            raise DatasetError("There is nothing to undo.")
        head["undone"].append(version["number"])
        head["current"] = version["parent"]
    return version["sentence"]


def redo(folder: Path) -> str:
    """Brings the last change that was undone back and returns its sentence.

    Raises:
        DatasetError: There is nothing to redo.
    """
    with _changing(folder) as head:
        if not head["undone"]:
            raise DatasetError("There is nothing to redo.")
        head["current"] = head["undone"].pop()
    return _version_of(head, head["current"])["sentence"]


def write_notes(folder: Path, source: str, rights: str) -> None:
    """Keeps what the person says about where the photos come from and who may use them."""
    with _changing(folder) as head:
        head["source_note"] = source[:LONGEST_NOTE]
        head["rights_note"] = rights[:LONGEST_NOTE]


def notes(folder: Path) -> tuple[str, str]:
    """What the person said about where the photos come from and who may use them.

    Raises:
        DatasetError: There is no data set, or it is damaged.
    """
    with _damage_as_error(folder):
        head = _head(folder)
        return head["source_note"], head["rights_note"]


def history(folder: Path) -> History:
    """The versions of a data set, without reading its photos.

    Raises:
        DatasetError: There is no data set, or it is damaged.
    """
    with _damage_as_error(folder):
        head = _head(folder)
        return History(
            name=head["name"],
            created=head["created"],
            versions=tuple(Version(**entry) for entry in head["versions"]),
            current=head["current"],
            undone=tuple(head["undone"]),
            earlier=tuple(head["earlier"]),
        )


def load(folder: Path, version: int | None = None) -> Dataset:
    """Reads a data set.

    Args:
        folder: Where it lies.
        version: Its number; by default the current one.

    Raises:
        DatasetError: There is none, or it is of a newer program or damaged.
    """
    with _damage_as_error(folder):
        head = _head(folder)
        entry = Version(**_version_of(head, version or head["current"]))
        receipts = [_receipt(head["receipts"][i]) for i in entry.receipts]
        settings = dict(entry.settings)
        names = settings["class_names"] = tuple(settings["class_names"])
        photos, left_out = table.read(folder / _table_name(entry.number), names)
        return Dataset(
            folder=folder,
            name=head["name"],
            photos=photos,
            left_out=left_out,
            receipt=sum(receipts[1:], receipts[0]),
            created=head["created"],
            sample=head["sample"],
            version=entry.number,
            source_note=head["source_note"],
            rights_note=head["rights_note"],
            **settings,
        )


def stored_files(folder: Path) -> set[str]:
    """Names in `images/` that any version knows.

    Raises:
        DatasetError: The data set is damaged.
    """
    with _damage_as_error(folder):
        numbers = [entry["number"] for entry in _head(folder)["versions"]]
        return set().union(*(table.file_names(folder / _table_name(n)) for n in numbers))


@contextmanager
def _changing(folder: Path) -> Iterator[dict]:
    """`dataset.json`, to be changed by one process at a time; written when the block ends well."""
    if not folder.is_dir():
        raise DatasetError("This data set is not there any more.")
    with FileLock(folder / LOCK_FILE):
        head = _head(folder)
        yield head
        atomic_files.write_json(folder / DATASET_FILE, head)


@contextmanager
def _damage_as_error(folder: Path) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, KeyError, ValueError, TypeError, IndexError) as error:
        raise DatasetError(
            f"The data set '{folder.name}' is damaged. Bring the photos in again."
        ) from error
    except OSError as error:  # no damage: whoever took it for some would bring photos in again
        raise UnreadableError(
            f"The data set '{folder.name}' cannot be read just now "
            f"({error.strerror or type(error).__name__}). Nothing of it was changed. Try again; "
            "if it happens again, check the disk."
        ) from error


def _head(folder: Path) -> dict:
    head = atomic_files.read_json(folder / DATASET_FILE)
    if head is None:
        raise DatasetError(f"There is no data set in '{folder.name}'.")
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise DatasetError(
            f"The data set '{folder.name}' is damaged or was made by another version of the "
            "program. Bring the photos in again."
        )
    return head


def _version_of(head: dict, number: int) -> dict:
    for entry in head["versions"]:
        if entry["number"] == number:
            return entry
    raise DatasetError(f"The data set '{head['name']}' has no version {number}.")


def _version(
    dataset: Dataset, number: int, parent: int | None, sentence: str, receipts: list[int]
) -> Version:
    return Version(
        number=number,
        parent=parent,
        sentence=sentence,
        created=time.time(),
        photos=len(dataset.photos),
        classes=len(dataset.class_names),
        receipts=receipts,
        settings={
            "class_names": list(dataset.class_names),
            "seed": dataset.seed,
            "shares": dataset.shares,
            "class_from": dataset.class_from,
            "balance": dataset.balance,
            "object_pattern": dataset.object_pattern,
        },
    )


def _receipt(value: dict) -> Receipt:
    return Receipt(
        received=value["received"],
        taken=value["taken"],
        skipped=tuple((name, reason) for name, reason in value["skipped"]),
        system_files=value["system_files"],
        empty_classes=tuple(value["empty_classes"]),
        notes=tuple(value["notes"]),
    )


def _table_name(number: int) -> str:
    return "images.csv" if number == 1 else f"images-{number}.csv"
