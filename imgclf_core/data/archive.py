"""Where photos come from: a zip or a folder, read without trusting a word of it.

A zip is never extracted. Its list of files is judged first, from metadata alone; then each
file is read on its own, never further than its limit. Names stay labels and never become
paths. Which class a file belongs to is decided in `data/layout.py`, whether it is a picture
in `data/decode.py`.
"""

import contextlib
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from imgclf_core import naming
from imgclf_core.config import MEGABYTE, Limits
from imgclf_core.errors import ArchiveError, ImageError

SYSTEM_NAMES = frozenset({"thumbs.db", "desktop.ini", "__macosx", "icon\r"})

# What people rename to .zip, by the first bytes of the file.
_OTHER_ARCHIVES = {
    b"Rar!": "a RAR file",
    b"7z\xbc\xaf": "a 7-Zip file",
    b"\x1f\x8b": "a gzip file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"%PDF": "a PDF file",
    b"\xff\xd8\xff": "a single JPEG picture",
    b"\x89PNG": "a single PNG picture",
}
_ARCHIVE_ENDINGS = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")
_METHOD_NAMES = {1: "shrink", 6: "implode", 9: "deflate64", 93: "zstandard", 95: "xz", 98: "PPMd"}
_LOCAL_HEADER_BYTES = 30

_READ_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)


@dataclass(frozen=True)
class Skipped:
    """A file that was not taken, and why, in words."""

    name: str
    reason: str


@dataclass(frozen=True)
class Member:
    """One file of a source.

    Attributes:
        name: Its name with folders, joined by `/`, cleaned; only ever a label.
        size: Declared bytes.
        read: Returns the bytes, never more than the limit of one file; raises `ImageError`.
    """

    name: str
    size: int
    read: Callable[[], bytes]


@dataclass
class Source:
    """What a zip or folder holds before any picture was looked at.

    Attributes:
        name: For people, such as `heroes.zip`.
        members: Files to look at, in order of name.
        skipped: Files refused by their metadata.
        system_files: How many files of operating systems were ignored.
        folders: Names of folders that hold nothing themselves, for the report of empty classes.
    """

    name: str
    members: list[Member] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    system_files: int = 0
    folders: list[str] = field(default_factory=list)


@contextlib.contextmanager
def open_source(path: Path, limits: Limits, name: str | None = None) -> Iterator[Source]:
    """Opens a zip or a folder for reading.

    Args:
        path: A zip file or a folder.
        limits: What to refuse.
        name: What people call it, where the file was spooled under another name.

    Raises:
        ArchiveError: There is no such file, it is not a zip, or it is too large as a whole.
    """
    name = naming.clean(name or path.resolve().name) or "folder"
    if path.is_dir():
        yield _folder_source(path, name, limits)
    elif path.is_file():
        with _open_zip(path, name, limits) as archive:
            yield _zip_source(archive, name, limits)
    else:
        raise ArchiveError(f"There is no file or folder '{path}'. Check the name.")


def _open_zip(path: Path, name: str, limits: Limits) -> zipfile.ZipFile:
    size = path.stat().st_size
    if size == 0:
        raise ArchiveError(f"'{name}' is an empty file. Make the zip again and upload it.")
    if size > limits.zip_bytes:
        raise ArchiveError(
            f"'{name}' has {size // MEGABYTE} MB; at most {limits.zip_bytes // MEGABYTE} MB "
            "can be taken. Leave photos out, or make them smaller."
        )
    with open(path, "rb") as file:
        start = file.read(300)
    try:
        if not zipfile.is_zipfile(path):
            raise ArchiveError(_not_a_zip(name, start))
        return zipfile.ZipFile(path)
    except _READ_ERRORS as error:
        raise ArchiveError(
            f"The list of files in '{name}' is damaged ({_reason(error)}). "
            "Make the zip again and upload it."
        ) from error


def _not_a_zip(name: str, start: bytes) -> str:
    for magic, words in _OTHER_ARCHIVES.items():
        if start.startswith(magic):
            return f"'{name}' is {words}, not a zip. Put the folders into a zip and upload that."
    if start[257:262] == b"ustar":
        return f"'{name}' is a tar file, not a zip. Put the folders into a zip and upload that."
    if start.startswith(b"PK"):
        return f"'{name}' is incomplete: its end is missing. Upload it again."
    return f"'{name}' is not a zip. Put the folders into a zip and upload that."


def _zip_source(archive: zipfile.ZipFile, name: str, limits: Limits) -> Source:
    source = Source(name=name)
    entries = archive.infolist()
    _judge_whole(source.name, entries, archive.start_dir, limits)
    for entry in entries:
        raw = _entry_name(entry)
        if _is_system(raw):
            source.system_files += not entry.is_dir()
        elif raw.endswith("/"):
            source.folders.append(naming.clean(raw.strip("/"), limits.name_length))
        elif reason := _judge_name(raw, limits) or _judge_entry(entry, limits):
            source.skipped.append(Skipped(naming.clean(raw, limits.name_length), reason))
        else:
            source.members.append(_zip_member(archive, entry, raw, limits))
    source.members.sort(key=lambda member: member.name)
    return source


def _judge_whole(
    name: str, entries: list[zipfile.ZipInfo], directory_start: int, limits: Limits
) -> None:
    if len(entries) > limits.entries:
        raise ArchiveError(
            f"'{name}' lists {len(entries):,} files; at most {limits.entries:,} can be taken. "
            "Split it into smaller sets."
        )
    total = sum(entry.file_size for entry in entries)
    if total > limits.total_bytes:
        raise ArchiveError(
            f"'{name}' would unpack to {total // MEGABYTE:,} MB; at most "
            f"{limits.total_bytes // MEGABYTE:,} MB can be taken. Leave photos out."
        )
    # Overlapping files are how small zips unpack to terabytes (CVE-2024-0450).
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    ends = [*(entry.header_offset for entry in ordered[1:]), directory_start]
    for entry, end in zip(ordered, ends, strict=False):  # an empty zip has an end all the same
        name_bytes = len(entry.orig_filename.encode("utf-8", "replace"))
        least_name = min(name_bytes, len(entry.orig_filename))
        if entry.header_offset + _LOCAL_HEADER_BYTES + least_name + entry.compress_size > end:
            raise ArchiveError(
                f"'{name}' is built so that its files overlap, as zip bombs are. "
                "Make the zip again from the folders."
            )


def _entry_name(entry: zipfile.ZipInfo) -> str:
    """The name as its author wrote it: flagged UTF-8, else plain UTF-8, else cp437."""
    name = entry.orig_filename
    if not entry.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name if name.startswith("\\") or name[1:2] == ":" else name.replace("\\", "/")


def _is_system(name: str) -> bool:
    parts = [part for part in name.split("/") if part not in ("", ".", "..")]
    return any(part.startswith(".") or part.lower() in SYSTEM_NAMES for part in parts)


def _judge_name(name: str, limits: Limits) -> str:
    if "\0" in name:
        return "its name has a forbidden character"
    if name.startswith(("/", "\\")) or name[1:2] == ":":
        return "its name is an absolute path"
    if ".." in name.split("/"):
        return "its name points outside of the zip"
    if len(name) > limits.name_length:
        return f"its name is longer than {limits.name_length} letters"
    if name.count("/") > limits.depth:
        return f"it lies more than {limits.depth} folders deep"
    if name.lower().endswith(_ARCHIVE_ENDINGS):
        return "an archive inside the archive is not opened"
    return ""


def _judge_entry(entry: zipfile.ZipInfo, limits: Limits) -> str:
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "it is a link, not a file"
    if entry.flag_bits & 0x41 or entry.compress_type == 99:
        return "it is protected by a password; make a zip without one"
    if entry.compress_type not in (
        zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA,
    ):  # fmt: skip
        method = _METHOD_NAMES.get(entry.compress_type, f"number {entry.compress_type}")
        return f"its compression ({method}) is not supported; zip it again in the ordinary way"
    if entry.file_size > limits.file_bytes:
        return f"it is larger than {limits.file_bytes // MEGABYTE} MB"
    ratio = entry.file_size / max(entry.compress_size, 1)
    if entry.file_size > MEGABYTE and ratio > limits.expansion:
        return f"it would unpack to {ratio:.0f} times its size"
    if entry.file_size == 0:
        return "it is empty"
    return ""


def _zip_member(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, raw: str, limits: Limits
) -> Member:
    def read() -> bytes:
        try:
            with archive.open(entry) as file:
                data = file.read(limits.file_bytes + 1)
        except _READ_ERRORS as error:
            raise ImageError(f"it cannot be unpacked ({_reason(error)})") from error
        if len(data) > limits.file_bytes:
            raise ImageError(f"it is larger than {limits.file_bytes // MEGABYTE} MB")
        return data

    return Member(naming.clean(raw, limits.name_length), entry.file_size, read)


def _folder_source(root: Path, name: str, limits: Limits) -> Source:
    source = Source(name=name)
    for folder, subfolders, names in os.walk(root):
        subfolders.sort()
        relative = Path(folder).relative_to(root).as_posix()
        if relative != "." and not _is_system(relative):
            source.folders.append(naming.clean(relative, limits.name_length))
        for name in sorted(names):
            path = Path(folder) / name
            raw = path.relative_to(root).as_posix()
            if _is_system(raw):
                source.system_files += 1
            elif reason := _judge_file(path, raw, limits):
                source.skipped.append(Skipped(naming.clean(raw, limits.name_length), reason))
            else:
                source.members.append(_file_member(path, raw, limits))
    source.members.sort(key=lambda member: member.name)
    return source


def _judge_file(path: Path, raw: str, limits: Limits) -> str:
    if path.is_symlink() or not path.is_file():
        return "it is a link, not a file"
    size = path.stat().st_size
    if size > limits.file_bytes:
        return f"it is larger than {limits.file_bytes // MEGABYTE} MB"
    return "it is empty" if size == 0 else _judge_name(raw, limits)


def _file_member(path: Path, raw: str, limits: Limits) -> Member:
    def read() -> bytes:
        try:
            with open(path, "rb") as file:
                data = file.read(limits.file_bytes + 1)
        except OSError as error:
            raise ImageError(f"it cannot be read ({error.strerror})") from error
        if len(data) > limits.file_bytes:
            raise ImageError(f"it is larger than {limits.file_bytes // MEGABYTE} MB")
        return data

    return Member(naming.clean(raw, limits.name_length), path.stat().st_size, read)


def _reason(error: Exception) -> str:
    text = str(error)
    if "CRC" in text:
        return "its checksum is wrong"
    if "password" in text:
        return "it is protected by a password"
    return naming.clean(text) or type(error).__name__
