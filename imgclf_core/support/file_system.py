"""The only place where the program touches the disk.

Reads, writes, flushes, renames and removals of our own files all pass through here, so that a
test can make the n-th of them fail, or count them, whatever work is going on. Whole files that
a crash never halves are in `support/atomic_files.py`; rows that only grow are in
`support/row_store.py`. Files that come with the program, and those of the operating system, are
read where they are needed.
"""

import contextlib
import errno
import io
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import numpy as np

OPEN, READ, WRITE, FLUSH, RENAME, REMOVE, FOLDER = (
    "open",
    "read",
    "write",
    "flush",
    "rename",
    "remove",
    "folder",
)
OPERATIONS = (OPEN, READ, WRITE, FLUSH, RENAME, REMOVE, FOLDER)

# What a full disk answers, the machine's or that of one user.
FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})

_BUFFER_BYTES = 128 * 1024

Observer = Callable[[str, Path], None]
_observers: list[Observer] = []


@contextlib.contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """Calls `observer(operation, path)` before every operation of this process.

    What it raises happens in place of the operation.

    Args:
        observer: Gets one of `OPERATIONS` and the path; called on whatever thread works.
    """
    _observers.append(observer)
    try:
        yield
    finally:
        _observers.remove(observer)


class _File(io.FileIO):
    """A file whose single reads and writes are observed, below any buffer."""

    def __init__(self, path: Path, mode: str):
        super().__init__(path, mode)
        self._path = path

    def readinto(self, buffer) -> int | None:
        _reached(READ, self._path)
        return super().readinto(buffer)

    def readall(self) -> bytes:
        _reached(READ, self._path)
        return super().readall()

    def write(self, data) -> int | None:
        _reached(WRITE, self._path)
        return super().write(data)


def open(path: Path, mode: str = "rb") -> BinaryIO:  # noqa: A001 - read as `file_system.open`
    """Opens a file of bytes.

    Args:
        path: Of the file.
        mode: As of the built-in function: `rb`, `wb`, `xb`, `ab`, `r+b` or `w+b`.

    Raises:
        OSError: It cannot be opened.
    """
    _reached(OPEN, path)
    raw = _File(path, mode.replace("b", ""))
    if "+" in mode:
        return io.BufferedRandom(raw, _BUFFER_BYTES)
    buffered = io.BufferedReader if "r" in mode else io.BufferedWriter
    return buffered(raw, _BUFFER_BYTES)


def open_text(path: Path, mode: str = "r") -> TextIO:
    """Opens a file of UTF-8 text; line ends stay as they are, which `csv` asks for."""
    return io.TextIOWrapper(open(path, f"{mode}b"), encoding="utf-8", newline="")


def read(path: Path) -> bytes:
    """The bytes of a file."""
    with open(path) as file:
        return file.read()


def read_text(path: Path) -> str:
    """The text of a file."""
    return read(path).decode("utf-8")


def write(path: Path, data: bytes) -> None:
    """Writes a file that may be left half written, for nobody counts on it yet."""
    with open(path, "wb") as file:
        file.write(data)


def flush(file: Any) -> None:
    """Brings what was written to an open file onto the disk."""
    file.flush()
    _reached(FLUSH, Path(str(file.name)))
    os.fsync(file.fileno())


def rename(source: Path, target: Path) -> None:
    """Gives a file the name of another one, which it replaces as a whole."""
    _reached(RENAME, target)
    os.replace(source, target)


def touch(path: Path) -> None:
    """Makes an empty file, or tells that it was used now."""
    _reached(OPEN, path)
    path.touch()


def remove(path: Path) -> None:
    """Removes a file, if it is there."""
    _reached(REMOVE, path)
    path.unlink(missing_ok=True)


def remove_tree(folder: Path) -> None:
    """Removes a folder with all that can be removed of it; another process may do the same."""
    with contextlib.suppress(OSError):  # whoever must know looks whether it is gone
        _reached(REMOVE, folder)
        shutil.rmtree(folder, ignore_errors=True)


def make_folder(path: Path, new: bool = False) -> None:
    """Makes a folder with those above it.

    Raises:
        FileExistsError: It is there, and was to be new.
    """
    _reached(FOLDER, path)
    path.mkdir(parents=True, exist_ok=not new)


def copy(source: Any, target: Path) -> None:
    """Writes what can be read from an open file to a new one, a megabyte at a time."""
    with open(target, "wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)


def link(source: Path, target: Path) -> None:
    """A second name for a file that is never changed in place; a copy where there are none."""
    _reached(OPEN, target)
    try:
        os.link(source, target)
    except OSError:
        write(target, read(source))


def map_rows(path: Path, dtype: np.dtype, shape: Sequence[int]) -> np.ndarray:
    """Rows of a file, read-only, mapped and not loaded."""
    _reached(OPEN, path)
    return np.memmap(path, dtype, mode="r", shape=tuple(shape))


def free_bytes(folder: Path) -> int:
    """What is left of the disk under a folder that is, or is to be."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(there).free


def used_bytes(folder: Path) -> int:
    """What all files below a folder hold; those that vanish meanwhile count for nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.stat(os.path.join(place, name), follow_symlinks=False).st_size
    return total


def _reached(operation: str, path: Path) -> None:
    for observer in tuple(_observers):
        observer(operation, path)
