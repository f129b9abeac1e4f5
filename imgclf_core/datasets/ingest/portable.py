"""A data set as one zip to take along: photos, split, history, and notes on source and rights.

    README.txt               what it is, for people
    imgclf-dataset.json      name, settings of the split, history, notes
    photos.csv               one row a photo: file, class, side, object, name, also, hard
    training/<class>/…       original bytes; also validation/ and test/

Brought in again it gives the same classes and the same split, here or elsewhere, so that a
whole class of students can share one test set. The zip is also a plain tree that any other
program understands. Its tables are read as the data of strangers.
"""

import csv
import io
import json
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from imgclf_core.archives.sources import Member, Source
from imgclf_core.datasets import photo_files, store
from imgclf_core.datasets.dataset import BALANCES, LONGEST_CLASS_NAME, Dataset, Photo
from imgclf_core.datasets.edits import resplit
from imgclf_core.datasets.folder_layout import Placement
from imgclf_core.datasets.split import SIDES
from imgclf_core.errors import DatasetError, ImageError, OptionError
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.support import atomic_files, file_system, safe_text
from imgclf_core.support.wording import photos_in_words

FOLDER = "taken"  # of the job, inside the data set
PACKING = "packing photos"
_ABOUT_FILE, _TABLE_FILE, _README_FILE = "imgclf-dataset.json", "photos.csv", "README.txt"
_COLUMNS = ("file", "class", "side", "object", "name", "also", "hard")
_YES = "yes"
_FORMAT = 1
_MOST_SENTENCES = 1000


@dataclass(frozen=True)
class Manifest:
    """What a zip that was taken along says of itself.

    Attributes:
        name: Of the data set.
        settings: Arguments of `Dataset`: seed, shares, balance and notes.
        history: Sentences, oldest first.
        placements: Class and side by the name of the file in the zip.
        objects: Object by the name of the file in the zip, where one is known.
        decided: Second classes, and whether it was found hard, by the name of the file.
    """

    name: str
    settings: dict[str, Any]
    history: tuple[str, ...]
    placements: dict[str, Placement]
    objects: dict[str, str] = field(default_factory=dict)
    decided: dict[str, tuple[tuple[str, ...], bool]] = field(default_factory=dict)

    def placement(self, name: str) -> Placement:
        """Where a photo belongs; nowhere if the table does not name it."""
        return self.placements.get(name, Placement(None))


def run(folder: Path, params: dict, reporter: Reporter) -> dict:
    """The `take along` job: writes the zip into its own folder, which lies in the data set's."""
    dataset = store.load(folder.parent)
    reporter.stage(PACKING, len(dataset.photos))
    path = folder / file_name(dataset)
    for old in folder.glob("*.zip"):
        file_system.remove(old)
    write(dataset, path, reporter)
    return {
        "file": path.name,
        "version": dataset.version,
        "bytes": path.stat().st_size,
        "source_note": dataset.source_note,
        "rights_note": dataset.rights_note,
    }


def file_name(dataset: Dataset) -> str:
    """Name of the zip, safe on every system."""
    return f"{safe_text.file_name(Path(dataset.name).stem, 'photos')}-version-{dataset.version}.zip"


def write(dataset: Dataset, path: Path, reporter: Reporter | None = None) -> None:
    """Writes the photos that take part, their table and what is known of them.

    Args:
        dataset: One version.
        path: Of the zip; replaced as a whole.
        reporter: Told of each photo; may end the work.
    """
    history = store.history(dataset.folder)
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(_COLUMNS)
    names = _Names()
    # Photos are compressed already; packing them again only costs time.
    with (
        atomic_files.replacing(path) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive,
    ):
        for done, photo in enumerate(dataset.photos, start=1):
            name = names.of(dataset.class_of(photo), photo)
            archive.writestr(_entry(name), photo_files.read_photo(dataset, photo))
            also = json.dumps(photo.also, ensure_ascii=False) if photo.also else ""
            rows.writerow(
                (
                    name,
                    dataset.class_of(photo),
                    photo.side,
                    photo.object,
                    photo.name,
                    also,
                    _YES if photo.hard else "",
                )
            )
            if reporter:
                reporter.progress(done)
                reporter.raise_if_stopped()
        archive.writestr(_entry(_TABLE_FILE), table.getvalue())
        archive.writestr(_entry(_ABOUT_FILE), json.dumps(_about(dataset, history), indent=1))
        archive.writestr(_entry(_README_FILE), _readme(dataset, history))


def read_manifest(source: Source) -> Manifest | None:
    """What the source says of itself, and takes these files out of it; None for other zips.

    Raises:
        DatasetError: It says so, but its tables are damaged.
    """
    found = {member.name: member for member in source.members}
    if _ABOUT_FILE not in found or _TABLE_FILE not in found:
        return None
    own = (_ABOUT_FILE, _TABLE_FILE, _README_FILE)
    source.members[:] = [member for member in source.members if member.name not in own]
    try:
        return _manifest(json.loads(found[_ABOUT_FILE].read()), found[_TABLE_FILE])
    except (
        ImageError,
        OptionError,
        ValueError,
        KeyError,
        TypeError,
        RecursionError,
        OverflowError,
        csv.Error,
    ) as error:
        raise DatasetError(
            f"'{source.name}' was taken along from imgclf, but its table of photos is damaged "
            "or was changed. Take it along again, or delete "
            f"'{_ABOUT_FILE}' from it to bring the folders in as they are."
        ) from error


class _Names:
    """Readable names in the zip, no two alike."""

    def __init__(self):
        self._folders: dict[str, str] = {}
        self._used: set[str] = set()
        self._numbers: dict[str, int] = {}  # used last, so that many of one name stay quick

    def of(self, class_name: str, photo: Photo) -> str:
        folder = self._folders.get(class_name)
        if folder is None:
            folder = self._unused(safe_text.folder_name(class_name), "")
            self._folders[class_name] = folder
        stem = safe_text.folder_name(PurePosixPath(photo.name).stem)
        ending = PurePosixPath(photo.file).suffix
        return self._unused(f"{photo.side}/{folder}/{stem}", ending)

    def _unused(self, name: str, ending: str) -> str:
        candidate, key = f"{name}{ending}", f"{name}{ending}".casefold()
        number = self._numbers.get(key, 1)
        while candidate.casefold() in self._used:  # some systems do not tell capitals apart
            number += 1
            candidate = f"{name}-{number}{ending}"
        self._numbers[key] = number
        self._used.add(candidate.casefold())
        return candidate


def _entry(name: str) -> zipfile.ZipInfo:
    """Always the same date, so that the same data set gives the same bytes."""
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o644 << 16
    return entry


def _about(dataset: Dataset, history: store.History) -> dict:
    return {
        "imgclf_dataset": _FORMAT,
        "name": dataset.name,
        "seed": dataset.seed,
        "shares": dataset.shares,
        "balance": dataset.balance,
        "source_note": dataset.source_note,
        "rights_note": dataset.rights_note,
        "history": [*history.earlier, *(version.sentence for version in history.line)],
    }


def _readme(dataset: Dataset, history: store.History) -> str:
    counts = [
        f"{name}: " + ", ".join(f"{count} {side}" for count, side in zip(row, SIDES, strict=True))
        for name, row in zip(dataset.class_names, dataset.counts, strict=True)
    ]
    done = [*history.earlier, *(version.sentence for version in history.line)]
    parts = (
        f"{dataset.name}\n{photos_in_words(len(dataset.photos))} in {len(dataset.class_names)} "
        f"classes, version {dataset.version}, taken along on {time.strftime('%d %B %Y')}.",
        "Source: " + (dataset.source_note or "not told"),
        "Rights: " + (dataset.rights_note or "not told"),
        "Photos\n" + "\n".join(counts),
        "History\n" + "\n".join(f"{i}. {words}" for i, words in enumerate(done, start=1)),
        "The network learns from 'training', 'validation' picks its best moment, and 'test' is "
        "only for the final score. Bring this zip into imgclf again to get the same division.",
    )
    return "\n\n".join(parts) + "\n"


def _note(value: Any) -> str:
    """A note as text that can be written again."""
    return str(value).encode("utf-8", "replace").decode("utf-8")[: store.LONGEST_NOTE]


def _manifest(about: dict, table: Member) -> Manifest:
    if about["imgclf_dataset"] != _FORMAT:
        raise ValueError("another format")
    placements, objects, decided = {}, {}, {}
    for row in csv.DictReader(io.StringIO(table.read().decode("utf-8"))):
        if row["side"] not in SIDES:
            raise ValueError("an unknown side")
        placements[row["file"]] = Placement(row["class"] or None, row["side"])
        if row["object"]:
            objects[row["file"]] = safe_text.clean(row["object"])
        also = json.loads(row.get("also") or "[]")  # the first program wrote no such columns
        if also or row.get("hard"):
            names = tuple(safe_text.clean(str(name), LONGEST_CLASS_NAME) for name in also)
            decided[row["file"]] = names, row["hard"] == _YES
    seed = int(about["seed"])
    if not 0 <= seed < 2**31:
        raise ValueError("a seed out of range")
    shares = {side: float(about["shares"][side]) for side in SIDES}
    resplit.check_shares(shares)
    balance = about["balance"]
    if balance not in BALANCES:
        raise ValueError("an unknown balance")
    return Manifest(
        name=safe_text.clean(str(about["name"])) or "photos",
        settings={
            "seed": seed,
            "shares": shares,
            "balance": balance,
            "source_note": _note(about["source_note"]),
            "rights_note": _note(about["rights_note"]),
        },
        history=tuple(
            safe_text.clean(str(words), 300) for words in list(about["history"])[:_MOST_SENTENCES]
        ),
        placements=placements,
        objects=objects,
        decided=decided,
    )
