"""Reading and writing small files so that a crash never leaves half of one.

Every JSON, CSV and array that a job leaves behind is written here: to a temporary name,
flushed to the disk, then renamed over the old file, which the operating system does as a
whole or not at all. Large append-only stores are in `support/row_store.py`.
"""

import contextlib
import io
import json
import secrets
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from imgclf_core.support import file_system


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Opens a temporary file that takes the place of `path` when the block ends well."""
    file_system.make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with file_system.open(temporary, "wb") as file:
            yield file
            file_system.flush(file)
        file_system.rename(temporary, path)
    finally:
        file_system.remove(temporary)


def write_bytes(path: Path, data: bytes) -> None:
    """Replaces `path` by `data`."""
    with replacing(path) as file:
        file.write(data)


def write_json(path: Path, value: Any) -> None:
    """Replaces `path` by `value` as JSON; NaN and infinity are refused."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1)
    write_bytes(path, text.encode("utf-8"))


def read_json(path: Path) -> Any | None:
    """The JSON in `path`, or None where there is no such file or it is not JSON."""
    try:
        return json.loads(file_system.read_text(path))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


def write_arrays(path: Path, **arrays: np.ndarray) -> None:
    """Replaces `path` by an `.npz` of named arrays."""
    with replacing(path) as file:
        np.savez(file, **arrays)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an `.npz`; pickled objects are refused by NumPy.

    Raises:
        OSError: It is not there, or cannot be read.
        ValueError: The file is damaged.
    """
    # At once: the module for zips takes a read that fails for the mark of a damaged file.
    data = io.BytesIO(file_system.read(path))
    try:
        with np.load(data, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (zipfile.BadZipFile, zlib.error, EOFError, AttributeError) as error:
        raise ValueError(f"'{path.name}' is not a whole file of arrays") from error
