"""Where the list of files of a zip is: found from the record at its end.

Also tells files that are no zip, are cut off or are one part of several. The list itself is
read in `archives/zip_directory.py`.
"""

import struct
from dataclasses import dataclass, replace
from typing import BinaryIO

from imgclf_core.errors import ArchiveError

LINE_MAGIC = b"PK\1\2"
_LOCAL_MAGIC = b"PK\3\4"
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_FULL_16 = 0xFFFF
_LONGEST_COMMENT = 1 << 16

# What people rename to .zip, by the first bytes of the file.
_OTHER_FILES = {
    b"Rar!": "a RAR file",
    b"7z\xbc\xaf": "a 7-Zip file",
    b"\x1f\x8b": "a gzip file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"%PDF": "a PDF file",
    b"\xff\xd8\xff": "a single JPEG picture",
    b"\x89PNG": "a single PNG picture",
}


@dataclass(frozen=True)
class End:
    """What the last record says, nothing of it checked yet.

    Attributes:
        position: Of the record in the file, in bytes; the list ends there.
        parts: Files that the zip was divided into, at least.
        lines: Lines of the list, as declared.
        size: Bytes of the list.
        offset: Where the list is said to begin, in bytes.
    """

    position: int
    parts: int
    lines: int
    size: int
    offset: int

    @property
    def start(self) -> int:
        """Where the list really begins; negative where the record is wrong."""
        return self.position - self.size

    @property
    def in_front(self) -> int:
        """Bytes before the zip, as in files that unpack themselves; negative where some lack."""
        return self.start - self.offset


def find(file: BinaryIO, size: int, name: str) -> End:
    """Finds the list of files.

    Args:
        file: Open for reading bytes.
        size: Its bytes, at least one.
        name: What people call it.

    Raises:
        ArchiveError: It is no zip, is incomplete, or is one part of several.
    """
    file.seek(0)
    first = file.read(300)
    end = _last_record(file, size)
    if end is None:
        raise ArchiveError(_not_a_zip(name, first))
    if end.parts > 1:
        raise ArchiveError(
            f"'{name}' is one part of a zip in several parts. Make one zip of all and upload it."
        )
    # What was cut may end in the list of an inner zip: files before it are not of that list.
    is_cut = end.in_front < 0 or (end.in_front > 0 and first.startswith(_LOCAL_MAGIC))
    if end.start >= 0 and is_cut:
        raise ArchiveError(f"'{name}' is incomplete: part of it is missing. Upload it again.")
    return end


def _last_record(file: BinaryIO, size: int) -> End | None:
    """The last record whose list begins as lists do; a comment may hold what looks like one."""
    tail_start = max(0, size - _LONGEST_COMMENT - _END.size)
    file.seek(tail_start)
    tail = file.read()
    found = None
    at = tail.rfind(b"PK\5\6")
    while at >= 0:
        if at + _END.size <= len(tail):
            _, disk, _, _, lines, list_bytes, offset, _ = _END.unpack_from(tail, at)
            parts = disk + 1 if disk < _FULL_16 else 1
            end = _long_form(file, End(tail_start + at, parts, lines, list_bytes, offset))
            if _begins_well(file, end):
                return end
            found = found or end
        at = tail.rfind(b"PK\5\6", 0, at)
    return found


def _long_form(file: BinaryIO, plain: End) -> End:
    """The record of large zips (zip64) that stands before a plain one, where there is one."""
    before = plain.position - _LOCATOR_64.size
    if before < 0:
        return plain
    file.seek(before)
    magic, _, offset_64, disks = _LOCATOR_64.unpack(file.read(_LOCATOR_64.size))
    if magic != b"PK\6\7":
        return plain
    for position in (before - _END_64.size, offset_64):
        if 0 <= position <= before - _END_64.size:
            file.seek(position)
            record = file.read(_END_64.size)
            if record.startswith(b"PK\6\6"):
                _, _, _, _, _, _, _, lines, size, offset = _END_64.unpack(record)
                return End(position, disks, lines, size, offset)
    return replace(plain, parts=max(disks, plain.parts))


def _begins_well(file: BinaryIO, end: End) -> bool:
    if end.start < 0:
        return False
    if end.size == 0:
        return end.in_front == 0 and end.lines == 0
    file.seek(end.start)
    return file.read(len(LINE_MAGIC)) == LINE_MAGIC


def _not_a_zip(name: str, first: bytes) -> str:
    for magic, words in _OTHER_FILES.items():
        if first.startswith(magic):
            return f"'{name}' is {words}, not a zip. Put the folders into a zip and upload that."
    if first[257:262] == b"ustar":
        return f"'{name}' is a tar file, not a zip. Put the folders into a zip and upload that."
    if first.startswith(b"PK"):
        return f"'{name}' is incomplete: its end is missing. Upload it again."
    return f"'{name}' is not a zip. Put the folders into a zip and upload that."
