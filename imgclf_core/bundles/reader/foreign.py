"""What a file is that is no model of ours, told by its content and never by its name.

Model files of other programs can carry code, or ask for all the memory there is; so none is
opened. Only its first bytes and, of a zip, the list of its files are looked at. Our own bundles
are read in `bundles/reader/sealed.py`.
"""

import json
import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import BinaryIO

from imgclf_core.archives import zip_directory, zip_member
from imgclf_core.archives.zip_directory import Entry
from imgclf_core.bundles.format import LABELS_FILE, MOST_LABEL_BYTES
from imgclf_core.config import LIMITS, PERSONAL
from imgclf_core.errors import ArchiveError, ImageError
from imgclf_core.images import decode

BRING_OURS = "Choose the zip that the Share page of imgclf, or its command 'export', made."

# Leading bytes of what people call a model.
_BEGINNINGS = {
    b"\x89HDF\r\n\x1a\n": "a Keras model or other data in an HDF5 file (.h5)",
    b"\x93NUMPY": "a NumPy array (.npy)",
    b"GGUF": "a GGUF model",
}
_PICKLE = re.compile(rb"\x80[\x02-\x05]|(?:c[a-z_]+\n|\(dp?|\(lp?|\]q|\}q)")
# Names inside of zips that tell whose they are; a name stands for the last part of a path.
_INSIDE = (
    ({"config.json", "model.weights.h5"}, "a Keras model (.keras)"),
    ({"model.weights.h5"}, "weights of a Keras model"),
    ({"data.pkl"}, "a PyTorch model (.pt)"),
    ({"saved_model.pb"}, "a TensorFlow SavedModel"),
    ({"keras_metadata.pb"}, "a TensorFlow SavedModel"),
    ({"imgclf-dataset.json"}, "a data set that was taken along from imgclf, not a model"),
)
_LOOKED_AT = replace(LIMITS[PERSONAL], entries=5000)


def sentence(file: BinaryIO, name: str) -> str:
    """Why a file without our seal is refused, and what to do.

    Args:
        file: Open for reading bytes.
        name: What people call it, cleaned.
    """
    file.seek(0)
    kind = _by_beginning(file.read(512), file)
    if kind:
        return (
            f"'{name}' is {kind}. Models of other programs can carry code and are never opened "
            f"here. {BRING_OURS}"
        )
    entries = _entries(file, name)
    if entries is None:
        return (
            f"'{name}' is not a model exported from imgclf, or part of it is missing. {BRING_OURS}"
        )
    return _of_zip(file, entries, name)


def _by_beginning(first: bytes, file: BinaryIO) -> str:
    for beginning, words in _BEGINNINGS.items():
        if first.startswith(beginning):
            return words
    if first[4:8] == b"TFL3":
        return "a LiteRT model (.tflite)"
    if first[8:10] == b'{"' and int.from_bytes(first[:8], "little") < 100_000_000:
        return "a safetensors model"
    if _PICKLE.match(first) and _last_byte(file) == b".":
        return "a pickle, as of scikit-learn or an old PyTorch model (.pkl, .pt)"
    return ""


def _last_byte(file: BinaryIO) -> bytes:
    file.seek(-1, 2)
    return file.read(1)


def _entries(file: BinaryIO, name: str) -> list[Entry] | None:
    try:
        return zip_directory.read(file, name, _LOOKED_AT).entries
    except ArchiveError:
        return None


def _of_zip(file: BinaryIO, entries: list[Entry], name: str) -> str:
    inside = {PurePosixPath(entry.name).name for entry in entries}
    labels = [entry for entry in entries if entry.name == LABELS_FILE]
    if labels:
        return _without_seal(file, labels[0], name)
    for names, words in _INSIDE:
        if names <= inside:
            return f"'{name}' is {words}. It is not opened here. {BRING_OURS}"
    endings = {PurePosixPath(one).suffix.lower().removeprefix(".") for one in inside}
    if endings == {"npy"}:
        return f"'{name}' is a file of NumPy arrays (.npz). It is not opened here. {BRING_OURS}"
    if endings & set(decode.FILE_ENDINGS):
        return f"'{name}' holds photos, not a model. Bring photos in on the Data page."
    return f"'{name}' is a zip, but no model exported from imgclf. {BRING_OURS}"


def _without_seal(file: BinaryIO, labels: Entry, name: str) -> str:
    try:
        if labels.size > MOST_LABEL_BYTES:
            raise ValueError("too large")
        shared = zip_member.SharedFile(file)
        value = json.loads(zip_member.unpack(shared, labels, MOST_LABEL_BYTES))
        made_before = isinstance(value, dict) and value.get("format") == 1
    except (ImageError, ValueError, RecursionError):
        made_before = False
    if made_before:
        return (
            f"'{name}' was exported by an earlier imgclf (format 1), which did not seal models. "
            "Export the run again with this version."
        )
    return (
        f"'{name}' has lost the seal at its end: it was changed, packed anew or only partly "
        "copied. Export the model again, or copy the file once more."
    )
