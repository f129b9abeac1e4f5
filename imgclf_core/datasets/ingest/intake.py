"""Reading the files of a source one after another: decoded, measured, stored.

Files are worked on in small batches, a bounded number ahead, so memory does not grow with their
number: by a thread a core, or, for many files, by a process a core, because the work around the
decoding would make threads wait for each other. Original bytes are kept under generated names.
Which class a photo gets is decided in `datasets/ingest/placing.py`, which side in
`datasets/edits/resplit.py`.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from imgclf_core.archives.sources import Member, Skipped, Source
from imgclf_core.config import Limits
from imgclf_core.datasets.dataset import IMAGES_FOLDER
from imgclf_core.datasets.ingest import reading
from imgclf_core.errors import ArchiveError, ImageError
from imgclf_core.images import decode, near_duplicates, quality
from imgclf_core.images.quality import Quality
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.support import atomic_files, file_system
from imgclf_core.support.row_store import RowStore

FINGERPRINTS_FOLDER = "fingerprints"

# JPEGs are decoded at twice this size at least: enough for fingerprint and measures, and proof
# that the file can be read.
_PROBE_SIDE = 64
_ENDINGS = {"JPEG": "jpg", "TIFF": "tif", "HEIF": "heic"}
# Files that are plainly not photos are named in the receipt, but never read.
_TEXT_ENDINGS = (".txt", ".csv", ".json", ".xml", ".md", ".html", ".py", ".doc", ".docx", ".xlsx")
_ROWS_AT_ONCE = 4096  # 12 MB of fingerprints


@dataclass(frozen=True, slots=True)
class Taken:
    """What is known of a photo once its bytes are stored.

    Attributes:
        name: It came with.
        file: Generated name in `images/`.
        size: Upright (height, width).
        format: Such as `JPEG`.
        bytes: Size of the file.
        quality: Its measures.
    """

    name: str
    file: str
    size: tuple[int, int]
    format: str
    bytes: int
    quality: Quality

    @property
    def key(self) -> str:
        """SHA-256 of the bytes."""
        return self.file.split(".")[0]


def fingerprints(folder: Path) -> RowStore:
    """Fingerprints of all photos that were ever brought into a data set, by content."""
    return RowStore(folder / FINGERPRINTS_FOLDER, near_duplicates.FINGERPRINT_SHAPE, "uint8")


def candidates(source: Source, limits: Limits) -> tuple[list[Member], list[Skipped]]:
    """Files worth decoding, and those that are not.

    Raises:
        ArchiveError: There are more than a data set may have.
    """
    members, skipped = [], list(source.skipped)
    for member in source.members:
        if member.name.lower().endswith(_TEXT_ENDINGS):
            skipped.append(Skipped(member.name, "it is not a photo"))
        else:
            members.append(member)
    if len(members) > limits.images:
        raise ArchiveError(
            f"'{source.name}' holds {len(members):,} photos; a data set takes at most "
            f"{limits.images:,}. Leave some out, or make several sets."
        )
    return members, skipped


def take(
    folder: Path, path: Path, members: list[Member], limits: Limits, reporter: Reporter
) -> Iterator[Taken | Skipped]:
    """Reads, measures and stores photos.

    Args:
        folder: Of the data set.
        path: Of the source, for processes that open it anew.
        members: Files to read.
        limits: Of one picture.
        reporter: Told of each batch; may end the work.

    Yields:
        Each photo, or why the file is none, in order.
    """
    file_system.make_folder(folder / IMAGES_FOLDER)
    store = fingerprints(folder)
    known = set(store.positions())
    keys: list[str] = []
    rows: list[np.ndarray] = []
    done = 0
    for results in reading.map_members(_take_one, (folder, limits), path, members, limits):
        for result in results:
            if isinstance(result, Skipped):
                yield result
                continue
            photo, row = result
            yield photo
            if photo.key not in known:
                known.add(photo.key)
                keys.append(photo.key)
                rows.append(row)
        if len(keys) >= _ROWS_AT_ONCE:
            store.append(keys, np.stack(rows))
            keys, rows = [], []
        done += len(results)
        reporter.progress(done)
        reporter.raise_if_stopped()
    if keys:
        store.append(keys, np.stack(rows))


def alike(folder: Path, keys: list[str]) -> dict[str, int]:
    """A number for each photo that only its near-duplicates share.

    Args:
        folder: Of the data set.
        keys: SHA-256 of photos whose fingerprints are stored there.
    """
    store = fingerprints(folder)
    numbers = near_duplicates.group_similar(store.rows())
    positions = store.positions()
    return {key: int(numbers[positions[key]]) for key in keys}


def _take_one(member: Member, folder: Path, limits: Limits) -> tuple[Taken, np.ndarray] | Skipped:
    try:
        data = member.read()
        upright = decode.read_image(data, at_least=_PROBE_SIDE, limits=limits)
    except ImageError as error:
        return Skipped(member.name, str(error))
    key = hashlib.sha256(data).hexdigest()
    ending = _ENDINGS.get(upright.format, upright.format.lower())
    file = f"{key}.{ending}"
    row = near_duplicates.fingerprint(upright.image)
    _store(folder / IMAGES_FOLDER / file, data)
    photo = Taken(
        name=member.name,
        file=file,
        size=upright.size,
        format=upright.format,
        bytes=len(data),
        quality=quality.measure(upright.image, row),
    )
    return photo, row


def _store(path: Path, data: bytes) -> None:
    """Writes bytes under the name of their content, unless they are there already."""
    try:
        with file_system.open(path, "xb") as file:
            file.write(data)
    except FileExistsError:
        if path.stat().st_size != len(data):  # cut off when an earlier intake was killed
            atomic_files.write_bytes(path, data)
