"""Rows of one shape found by content: decoded pixels and computed features.

A store is a folder with `rows.bin` (rows one after another, a memory map for readers) and
`keys.txt` (one SHA-256 a line, in the same order). Rows are written before their keys, so a
crash leaves at most rows without a key, which the next writer cuts off. Everything here can
be deleted at any time and is computed again.
"""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from filelock import FileLock

from imgclf_core import config
from imgclf_core.support import file_system

_KEY_BYTES = 65  # 64 hexadecimal digits and a line end


def shared(name: str) -> Path:
    """Folder of a store that all data sets of one person share."""
    return config.photo_cache() / name


class RowStore:
    """Append-only rows of one shape.

    Args:
        folder: Of the store; its name must tell everything the rows depend on.
        shape: Shape of one row.
        dtype: Of one row.
    """

    def __init__(self, folder: Path, shape: Sequence[int], dtype: str):
        self.folder = folder
        self.shape, self.dtype = tuple(shape), np.dtype(dtype)
        self._row_bytes = int(np.prod(self.shape)) * self.dtype.itemsize
        file_system.make_folder(self.folder)
        file_system.touch(self.folder / "used")

    def positions(self) -> dict[str, int]:
        """Row number of every key in the store."""
        text = self._keys()
        return {
            text[i : i + 64].decode("ascii"): i // _KEY_BYTES
            for i in range(0, len(text), _KEY_BYTES)
        }

    def missing(self, keys: Iterable[str]) -> list[str]:
        """Keys without a row, each once, in their order."""
        have = self.positions()
        return [key for key in dict.fromkeys(keys) if key not in have]

    def append(self, keys: Sequence[str], rows: np.ndarray) -> None:
        """Adds rows.

        Args:
            keys: n hexadecimal SHA-256 digests.
            rows: (n, *shape).
        """
        rows = np.ascontiguousarray(rows, dtype=self.dtype)
        with FileLock(self.folder / "lock"):
            count = self._count()
            self._write("rows.bin", count * self._row_bytes, rows.tobytes())
            lines = "".join(f"{key}\n" for key in keys).encode("ascii")
            self._write("keys.txt", count * _KEY_BYTES, lines)

    def rows(self) -> np.ndarray:
        """All rows, read-only, (n, *shape), mapped and not loaded."""
        count = self._count()
        if count == 0:
            return np.empty((0, *self.shape), self.dtype)
        path = self.folder / "rows.bin"
        return file_system.map_rows(path, self.dtype, (count, *self.shape))

    def _keys(self) -> bytes:
        """The lines of all keys whose rows are there."""
        try:
            text = file_system.read(self.folder / "keys.txt")
        except FileNotFoundError:
            return b""
        return text[: self._count() * _KEY_BYTES]

    def _count(self) -> int:
        """Rows that have their key."""
        keys, rows = self._size("keys.txt"), self._size("rows.bin")
        return min(keys // _KEY_BYTES, rows // self._row_bytes)

    def _write(self, name: str, start: int, data: bytes) -> None:
        path = self.folder / name
        with file_system.open(path, "r+b" if path.exists() else "w+b") as file:
            file.truncate(start)
            file.seek(start)
            file.write(data)
            file_system.flush(file)

    def _size(self, name: str) -> int:
        try:
            return (self.folder / name).stat().st_size
        except FileNotFoundError:
            return 0


def sweep(limit_bytes: int, keep_seconds: float = 3600.0) -> int:
    """Throws away the stores that were used longest ago until the cache fits.

    Args:
        limit_bytes: Size the cache may have.
        keep_seconds: Stores used within this time stay, for somebody may be reading them.

    Returns:
        Bytes freed.
    """
    root = config.photo_cache()
    stores = [(path.stat().st_mtime, path.parent) for path in root.glob("**/used")]
    sizes = {folder: file_system.used_bytes(folder) for _, folder in stores}
    excess, freed = sum(sizes.values()) - limit_bytes, 0
    for used, folder in sorted(stores):
        if freed >= excess or time.time() - used < keep_seconds:
            break
        file_system.remove_tree(folder)
        freed += sizes[folder]
    return freed
