"""Where photos come from: a zip or a folder, read without trusting a word of it.

Nothing is ever extracted. What a source holds is listed and judged first, from metadata alone;
then each file is read on its own, never further than its limit. Names stay labels and never
become paths. How a zip is listed and judged is in `archives/zip_directory.py` and
`archives/zip_safety.py`, how one of its files is unpacked in `archives/zip_member.py`, what names
mean in `archives/entry_names.py`. Which class a file belongs to is decided in
`datasets/folder_layout.py`, whether it is a picture in `images/decode.py`.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from imgclf_core.archives import entry_names, zip_directory, zip_member, zip_safety
from imgclf_core.archives.zip_directory import Entry
from imgclf_core.archives.zip_member import SharedFile
from imgclf_core.config import MEGABYTE, Limits
from imgclf_core.errors import ArchiveError, ImageError
from imgclf_core.support import file_system, safe_text


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
    """Opens a zip or a folder for reading; members can be read inside the block, by any thread.

    Args:
        path: A zip file or a folder.
        limits: What to refuse.
        name: What people call it, where the file was spooled under another name.

    Raises:
        ArchiveError: There is no such file, it is not a zip, or it is too large as a whole.
    """
    name = safe_text.clean(name or path.resolve().name) or "folder"
    if path.is_dir():
        yield _folder_source(path, name, limits)
    elif path.is_file():
        with _opened(path, name) as file:
            yield _zip_source(file, name, limits)
    else:
        raise ArchiveError(f"There is no file or folder '{path}'. Check the name.")


def _opened(path: Path, name: str) -> BinaryIO:
    try:
        return file_system.open(path)
    except OSError as error:
        raise ArchiveError(
            f"'{name}' cannot be opened ({error.strerror}). Check that you may read it."
        ) from error


def _zip_source(file: BinaryIO, name: str, limits: Limits) -> Source:
    directory = zip_directory.read(file, name, limits)
    safe = zip_safety.judge(directory, name, limits)
    source = Source(name=name)
    shared = SharedFile(file)
    for entry in directory.entries:
        label = safe_text.clean(entry.name, limits.name_length)
        if entry_names.is_system(entry.name):
            source.system_files += not entry.name.endswith("/")
        elif entry.name.endswith("/"):
            source.folders.append(label.strip("/"))
        elif reason := entry_names.judge(entry.name, limits) or safe.reason(entry):
            source.skipped.append(Skipped(label or "a file without a name", reason))
        else:
            source.members.append(_zip_member(shared, entry, label, limits))
    source.members.sort(key=lambda member: member.name)
    return source


def _zip_member(file: SharedFile, entry: Entry, label: str, limits: Limits) -> Member:
    return Member(label, entry.size, lambda: zip_member.unpack(file, entry, limits.file_bytes))


def _folder_source(root: Path, name: str, limits: Limits) -> Source:
    source = Source(name=name)
    for folder, subfolders, names in os.walk(root):
        subfolders.sort()
        relative = Path(folder).relative_to(root).as_posix()
        if relative != "." and not entry_names.is_system(relative):
            source.folders.append(safe_text.clean(relative, limits.name_length))
        for file_name in sorted(names):
            path = Path(folder) / file_name
            raw = path.relative_to(root).as_posix()
            if entry_names.is_system(raw):
                source.system_files += 1
            elif reason := _judge_file(path, raw, limits):
                source.skipped.append(Skipped(safe_text.clean(raw, limits.name_length), reason))
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
    return "it is empty" if size == 0 else entry_names.judge(raw, limits)


def _file_member(path: Path, raw: str, limits: Limits) -> Member:
    def read() -> bytes:
        try:
            with file_system.open(path) as file:
                data = file.read(limits.file_bytes + 1)
        except OSError as error:
            raise ImageError(f"it cannot be read ({error.strerror})") from error
        if len(data) > limits.file_bytes:
            raise ImageError(f"it is larger than {limits.file_bytes // MEGABYTE} MB")
        return data

    return Member(safe_text.clean(raw, limits.name_length), path.stat().st_size, read)
