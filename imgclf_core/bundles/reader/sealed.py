"""A bundle as a sealed zip: opened only where not one byte was changed since it was exported.

The comment at the end of the zip is `imgclf sha256 ` and the SHA-256 of all bytes before it. A
seal finds accidents and clumsy changes; whoever changes a bundle on purpose can seal it anew, so
what is inside is judged as well, in `bundles/reader/manifest.py` and
`bundles/reader/stored_arrays.py`. The zip itself is read with the guards of
`archives/zip_directory.py` and its neighbours.
"""

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from imgclf_core.archives import zip_directory, zip_member, zip_safety
from imgclf_core.archives.zip_directory import Entry
from imgclf_core.archives.zip_member import SharedFile
from imgclf_core.bundles.format import LABELS_FILE, MOST_LABEL_BYTES, SEAL, SEAL_BYTES
from imgclf_core.bundles.reader import foreign
from imgclf_core.config import MEGABYTE, Limits
from imgclf_core.errors import ArchiveError, ImageError, ModelError
from imgclf_core.support import file_system, safe_text

_SEAL = re.compile(re.escape(SEAL) + rb"([0-9a-f]{64})")
# Our largest network, six million numbers, is in a bundle three times, each with 26 MB.
MOST_BYTES, MOST_FILE_BYTES, MOST_FILES = 150 * MEGABYTE, 60 * MEGABYTE, 64


@dataclass(frozen=True)
class Contents:
    """An open bundle whose seal holds.

    Attributes:
        name: What people call it.
        seal: SHA-256 of its bytes, hexadecimal.
        file: For reading at places.
        entries: Its files by name.
    """

    name: str
    seal: str
    file: SharedFile
    entries: dict[str, Entry]

    def read(self, name: str, most: int = MOST_FILE_BYTES) -> bytes:
        """The bytes of a file.

        Raises:
            ModelError: It is missing, larger than `most` bytes, or damaged.
        """
        entry = self.entries.get(name)
        if entry is None:
            raise ModelError(f"'{self.name}' has no '{name}'. Export the model again.")
        if entry.size > most:
            raise ModelError(f"'{name}' in '{self.name}' is far too large for a model of ours.")
        try:
            return zip_member.unpack(self.file, entry, most)
        except ImageError as error:
            raise ModelError(
                f"'{name}' in '{self.name}' is damaged: {error}. Export the model again."
            ) from error


@contextlib.contextmanager
def opened(path: Path, limits: Limits, name: str | None = None) -> Iterator[Contents]:
    """Opens a bundle for reading inside the block.

    Args:
        path: Of the file.
        limits: Of the profile; a bundle has narrower ones of its own.
        name: What people call it, where it was spooled under another name.

    Raises:
        ModelError: It is something else, was changed, or is no zip that we would open.
    """
    name = safe_text.clean(name or path.name) or "the file"
    with _file(path, name) as file:
        size = file.seek(0, 2)
        _check_size(size, limits, name)
        seal = _seal(file, size)
        if seal is None:
            raise ModelError(foreign.sentence(file, name))
        is_whole = _sha256(file, size - SEAL_BYTES) == seal
        try:
            entries = _entries(file, name, limits)
        except ArchiveError as error:
            words = str(error) if is_whole else _changed(name, "the list of its files")
            raise ModelError(words) from error
        contents = Contents(name, seal, SharedFile(file), entries)
        if not is_whole:
            raise ModelError(_changed(name, _what_changed(contents)))
        yield contents


def seal_of(path: Path) -> str | None:
    """The seal that a file carries, not compared with its bytes; None where it has none."""
    with _file(path, safe_text.clean(path.name)) as file:
        return _seal(file, file.seek(0, 2))


def _file(path: Path, name: str) -> BinaryIO:
    try:
        return file_system.open(path)
    except OSError as error:
        raise ModelError(
            f"'{name}' cannot be opened ({error.strerror}). Check its name, and that you may "
            "read it."
        ) from error


def _check_size(size: int, limits: Limits, name: str) -> None:
    most = min(limits.zip_bytes, MOST_BYTES)
    if size == 0:
        raise ModelError(f"'{name}' is an empty file. {foreign.BRING_OURS}")
    if size > most:
        raise ModelError(
            f"'{name}' has {size // MEGABYTE} MB; a model may have {most // MEGABYTE} MB here. "
            f"{foreign.BRING_OURS}"
        )


def _seal(file: BinaryIO, size: int) -> str | None:
    if size <= SEAL_BYTES:
        return None
    file.seek(size - SEAL_BYTES)
    found = _SEAL.fullmatch(file.read(SEAL_BYTES))
    return found.group(1).decode("ascii") if found else None


def _sha256(file: BinaryIO, length: int) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while length > 0:
        chunk = file.read(min(length, MEGABYTE))
        digest.update(chunk)
        length -= len(chunk) or length  # a file that became shorter meanwhile ends it
    return digest.hexdigest()


def _entries(file: BinaryIO, name: str, limits: Limits) -> dict[str, Entry]:
    narrow = replace(
        limits,
        entries=MOST_FILES,
        zip_bytes=MOST_BYTES,
        total_bytes=MOST_BYTES,
        file_bytes=MOST_FILE_BYTES,
    )
    directory = zip_directory.read(file, name, narrow)
    safe = zip_safety.judge(directory, name, narrow)
    found: dict[str, Entry] = {}
    for entry in directory.entries:
        label = safe_text.clean(entry.name) or "a file without a name"
        if reason := safe.reason(entry):
            raise ArchiveError(f"'{label}' in '{name}' is refused: {reason}.")
        if entry.name in found:
            raise ArchiveError(f"'{name}' has two files called '{label}'. Export it again.")
        found[entry.name] = entry
    return found


def _what_changed(contents: Contents) -> str:
    """The file that differs from what the manifest says of it, as far as that can be told."""
    try:
        listed = json.loads(contents.read(LABELS_FILE, MOST_LABEL_BYTES))["files"]
        hashes = {name: str(part["sha256"]) for name, part in listed.items()}
    except (ModelError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return f"'{LABELS_FILE}'"
    for name in [*hashes, *contents.entries]:
        if name == LABELS_FILE:
            continue
        try:
            is_same = hashlib.sha256(contents.read(name)).hexdigest() == hashes.get(name)
        except ModelError:
            is_same = False
        if not is_same:
            return f"'{safe_text.clean(name)}'"
    return "the frame around its files"


def _changed(name: str, what: str) -> str:
    return (
        f"'{name}' was changed after it was exported: {what} is not what it was. "
        "Export the model again, or copy the file once more."
    )
