"""Arrays of an `.npz` from elsewhere, read with a bound on every byte.

NumPy believes the header of an array and makes room for what it promises, and it evaluates that
header; here only the few headers that NumPy itself writes for plain numbers are understood, and
an array is a view of the bytes that are really there. Which arrays there must be is judged by
the caller.
"""

import io
import math
import re
from dataclasses import replace

import numpy as np

from imgclf_core.archives import zip_directory, zip_member, zip_safety
from imgclf_core.config import LIMITS, PERSONAL
from imgclf_core.errors import ArchiveError, ImageError, ModelError

# What `numpy.save` writes, format 1.0 (numpy.lib.format): magic, length of the header, header.
_MAGIC = b"\x93NUMPY\x01\x00"
_HEADER = re.compile(
    rb"\{'descr': '(<f2|<f4|<f8|<i4|<i8)', 'fortran_order': (True|False), "
    rb"'shape': \(((?:[0-9]{1,9}, ?)*[0-9]{0,9})\), \} *\n"
)
_MOST_HEADER_BYTES = 512


def read(data: bytes, name: str, most_arrays: int, most_bytes: int) -> dict[str, np.ndarray]:
    """The arrays, read-only, by their names without `.npy`.

    Args:
        data: The bytes of the `.npz`.
        name: What people call it.
        most_arrays: More are refused before one is read.
        most_bytes: All arrays together may have, headers apart.

    Raises:
        ModelError: It is none, has more, or holds something other than plain numbers.
    """
    limits = replace(
        LIMITS[PERSONAL],
        entries=most_arrays,
        expansion=1000,
        total_bytes=most_bytes + most_arrays * _MOST_HEADER_BYTES,
    )
    file = io.BytesIO(data)
    try:
        directory = zip_directory.read(file, name, limits)
        safe = zip_safety.judge(directory, name, limits)
        shared, arrays = zip_member.SharedFile(file), {}
        for entry in directory.entries:
            key = entry.name.removesuffix(".npy")
            if key == entry.name or key in arrays or safe.reason(entry):
                raise _refused(name)
            arrays[key] = _array(zip_member.unpack(shared, entry, limits.total_bytes), name)
    except (ArchiveError, ImageError) as error:
        raise _refused(name) from error
    return arrays


def _array(data: bytes, name: str) -> np.ndarray:
    length = int.from_bytes(data[8:10], "little")
    header = _HEADER.fullmatch(data[10 : 10 + length]) if length <= _MOST_HEADER_BYTES else None
    if not data.startswith(_MAGIC) or header is None:
        raise _refused(name)
    dtype = np.dtype(header.group(1).decode("ascii"))
    shape = tuple(int(number) for number in header.group(3).split(b",") if number.strip())
    content = memoryview(data)[10 + length :]
    if len(shape) > 4 or math.prod(shape) * dtype.itemsize != len(content):
        raise ModelError(f"An array in '{name}' has not the size that its header tells.")
    order = "F" if header.group(2) == b"True" else "C"
    return np.frombuffer(content, dtype).reshape(shape, order=order)


def _refused(name: str) -> ModelError:
    return ModelError(
        f"'{name}' in the model is not a file of plain numbers as ours are. Export it again."
    )
