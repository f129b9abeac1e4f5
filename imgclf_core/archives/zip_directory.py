"""The list of files at the end of a zip, read with bounds.

Python's `zipfile` gives up on a whole zip where one line of its list is broken, and makes an
object of every line before anybody can count them; here lines are counted first and a broken
one costs only its own file. What the list may say is judged in `archives/zip_safety.py`, its files
are unpacked in `archives/zip_member.py`.
"""

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from imgclf_core.archives import entry_names, zip_end
from imgclf_core.archives.zip_end import LINE_MAGIC, End
from imgclf_core.config import MEGABYTE, Limits
from imgclf_core.errors import ArchiveError

_LINE = struct.Struct("<4s6H3L5H2L")
_FULL_32 = 0xFFFFFFFF
_UTF8 = 0x800
_LONG_FIELDS, _UNICODE_PATH = 0x0001, 0x7075
# Far more than names and extra fields take; keeps the list from filling the memory.
_BYTES_PER_LINE = 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list.

    Attributes:
        name: As its author wrote it, joined by `/`; empty where it has none.
        name_bytes: Bytes of the name in the zip.
        flags: General purpose bits.
        method: Number of the compression.
        crc: CRC-32 of the unpacked bytes.
        packed: Declared bytes in the zip. size: Declared bytes once unpacked.
        offset: Of its header in the file, in bytes.
        mode: Unix mode, 0 where there is none.
        damage: Why the line itself cannot be used, or nothing.
    """

    name: str
    name_bytes: int
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    mode: int
    damage: str = ""


@dataclass
class Directory:
    """The whole list; `start` is where it begins in the file, in bytes, and files end."""

    start: int
    entries: list[Entry] = field(default_factory=list)


def read(file: BinaryIO, name: str, limits: Limits) -> Directory:
    """Reads the list of files of a zip.

    Args:
        file: Open for reading bytes.
        name: What people call it.
        limits: Bounds of the file and of the number of lines.

    Raises:
        ArchiveError: It is no zip, is incomplete, is damaged as a whole or lists too many.
    """
    size = file.seek(0, 2)
    if size == 0:
        raise ArchiveError(f"'{name}' is an empty file. Make the zip again and upload it.")
    if size > limits.zip_bytes:
        raise ArchiveError(
            f"'{name}' has {size // MEGABYTE} MB; at most {limits.zip_bytes // MEGABYTE} MB "
            "can be taken. Leave photos out, or make them smaller."
        )
    end = zip_end.find(file, size, name)
    if end.start < 0 or end.size > (limits.entries + 1) * _BYTES_PER_LINE:
        raise ArchiveError(_damaged(name, "its last record is wrong"))
    _check_count(end.lines, name, limits)
    _check_count(_count(file, end, limits.entries), name, limits)  # the record may lie
    return Directory(end.start, list(_entries(file, end, name)))


def _check_count(lines: int, name: str, limits: Limits) -> None:
    if lines > limits.entries:
        raise ArchiveError(
            f"'{name}' lists {lines:,} files; at most {limits.entries:,} can be taken. "
            "Split it into smaller sets."
        )


def _count(file: BinaryIO, end: End, most: int) -> int:
    """Lines that are really there, counted without keeping any; stops just above `most`."""
    return sum(1 for _ in itertools.islice(_lines(file, end), most + 1))


def _lines(file: BinaryIO, end: End) -> Iterator[tuple[tuple, bytes, bytes]]:
    """Fields, name and extra fields of every line; ends early where a line is none."""
    file.seek(end.start)
    left = end.size
    while left >= _LINE.size:
        fields = _LINE.unpack(file.read(_LINE.size))
        if fields[0] != LINE_MAGIC:
            return
        name_bytes, extra_bytes, comment_bytes = fields[10:13]
        left -= _LINE.size + name_bytes + extra_bytes + comment_bytes
        if left < 0:
            return
        variable = file.read(name_bytes + extra_bytes + comment_bytes)
        yield fields, variable[:name_bytes], variable[name_bytes : name_bytes + extra_bytes]


def _entries(file: BinaryIO, end: End, name: str) -> Iterator[Entry]:
    taken = 0
    for fields, raw_name, extra in _lines(file, end):
        taken += _LINE.size + sum(fields[10:13])
        yield _entry(fields, raw_name, extra, end.in_front)
    if taken != end.size:
        raise ArchiveError(_damaged(name, "one of its lines is broken"))


def _entry(fields: tuple, raw_name: bytes, extra: bytes, in_front: int) -> Entry:
    flags, method, crc, packed, size = fields[3], fields[4], *fields[7:10]
    attributes, offset = fields[15:17]
    extras, damage = _extra_fields(extra)
    long_fields = b"".join(content for kind, content in extras if kind == _LONG_FIELDS)
    (size, packed, offset), is_complete = _long_values((size, packed, offset), long_fields)
    if not is_complete:
        damage = damage or "its sizes are missing in the list of files"
    unicode_paths = [content for kind, content in extras if kind == _UNICODE_PATH]
    return Entry(
        name=entry_names.decoded(raw_name, bool(flags & _UTF8), unicode_paths),
        name_bytes=len(raw_name),
        flags=flags,
        method=method,
        crc=crc,
        packed=packed,
        size=size,
        offset=offset + in_front,
        mode=attributes >> 16,
        damage=damage,
    )


def _extra_fields(extra: bytes) -> tuple[list[tuple[int, bytes]], str]:
    """Kinds and contents, and what is wrong with them."""
    found = []
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if 4 + length > len(extra):
            return found, "its line in the list of files is damaged"
        found.append((kind, extra[4 : 4 + length]))
        extra = extra[4 + length :]
    return found, ""


def _long_values(values: tuple[int, ...], long_fields: bytes) -> tuple[list[int], bool]:
    """Numbers too large for 32 bits stand elsewhere, in order; whether all of them do."""
    found, is_complete = [], True
    for value in values:
        if value == _FULL_32:
            is_complete = is_complete and len(long_fields) >= 8
            value = int.from_bytes(long_fields[:8], "little")
            long_fields = long_fields[8:]
        found.append(value)
    return found, is_complete


def _damaged(name: str, what: str) -> str:
    return f"The list of files in '{name}' is damaged: {what}. Make the zip again and upload it."
