"""Unpacks one file of a zip, with a bound on every byte read, made and kept.

Does without `zipfile`, which lets a file ask for gigabytes of memory (the dictionary of LZMA)
and refuses files for what their header says beside the point. Whether a file may be unpacked
at all was judged before, in `archives/zip_safety.py`.
"""

import bz2
import lzma
import struct
import threading
import zlib
from typing import BinaryIO

from imgclf_core.archives.zip_directory import Entry
from imgclf_core.config import MEGABYTE
from imgclf_core.errors import ImageError

STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14
METHODS = frozenset({STORED, DEFLATED, BZIP2, LZMA})

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_UNPACK_ERRORS = (zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, struct.error)
_SMALLEST_DICTIONARY = 4096


class SharedFile:
    """An open file that several threads read from, each at its own place."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self._lock = threading.Lock()

    def read_at(self, start: int, length: int) -> bytes:
        """Bytes from `start`; fewer than `length` at the end of the file."""
        with self._lock:
            self._file.seek(start)
            return self._file.read(length)


def unpack(file: SharedFile, entry: Entry, most: int) -> bytes:
    """The bytes of one file.

    Args:
        file: The zip.
        entry: Which file.
        most: Bytes that it may have; nothing beyond is unpacked.

    Raises:
        ImageError: It cannot be unpacked, or is not what the list of files says.
    """
    try:
        packed = _packed_bytes(file, entry, most + MEGABYTE)
        data = _unpacked(packed, entry.method, min(entry.size, most) + 1)
    except _UNPACK_ERRORS as error:
        raise ImageError("it cannot be unpacked (its packed bytes are damaged)") from error
    if len(data) != entry.size:
        raise ImageError("it cannot be unpacked (its size is not the one the zip declares)")
    if zlib.crc32(data) != entry.crc:
        raise ImageError("it cannot be unpacked (its checksum is wrong)")
    return data


def _packed_bytes(file: SharedFile, entry: Entry, most: int) -> bytes:
    header = file.read_at(entry.offset, _LOCAL_HEADER.size)
    if not header.startswith(b"PK\3\4"):
        raise ImageError("it cannot be unpacked (it is not where the zip says it is)")
    name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)[-2:]
    start = entry.offset + _LOCAL_HEADER.size + name_bytes + extra_bytes
    return file.read_at(start, min(entry.packed, most))


def _unpacked(packed: bytes, method: int, most: int) -> bytes:
    """At most `most` unpacked bytes."""
    if method == STORED:
        return packed[:most]
    if method == DEFLATED:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, most)
    if method == BZIP2:
        return bz2.BZ2Decompressor().decompress(packed, most)
    return _lzma_unpacked(packed, most)


def _lzma_unpacked(packed: bytes, most: int) -> bytes:
    _, settings_bytes, settings, dictionary = struct.unpack_from("<2sHBL", packed)
    filters = {
        "id": lzma.FILTER_LZMA1,
        "lc": settings % 9,
        "lp": settings // 9 % 5,
        "pb": settings // 45,
        # No file looks further back than its own length, whatever it asks for.
        "dict_size": max(_SMALLEST_DICTIONARY, min(dictionary, most)),
    }
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[filters])
    return unpacker.decompress(packed[4 + settings_bytes :], most)
