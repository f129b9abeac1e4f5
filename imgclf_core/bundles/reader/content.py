"""What is inside a sealed bundle, compared with its manifest and with our architecture.

Hashes and sizes of all files, the shapes of all arrays, the gate, the samples. The files that
only other programs use (`model.keras`, `model.tflite`, `predict.py` and so on) are hashed and
never looked into.
"""

import hashlib
import json
import re
from dataclasses import dataclass

import numpy as np

from imgclf_core.bundles.format import (
    EXPECTED_FILE,
    LABELS_FILE,
    MOST_LABEL_BYTES,
    SAMPLES_FOLDER,
    WEIGHTS_FILE,
)
from imgclf_core.bundles.reader import manifest, stored_arrays
from imgclf_core.bundles.reader.manifest import Manifest
from imgclf_core.bundles.reader.sealed import Contents
from imgclf_core.errors import ModelError
from imgclf_core.networks import array_shapes
from imgclf_core.runs import ood_detector
from imgclf_core.runs.ood_detector import Gate
from imgclf_core.support import safe_text

_SAMPLE = re.compile(rf"{SAMPLES_FOLDER}/[1-9]\.png")
_MOST_SAMPLE_BYTES = 2 * 1024 * 1024
_WIDEST_NUMBER = 8  # bytes
_MOST_GATE_ARRAYS = 8
# One row of scores must sum to one up to the rounding of what is written.
_SUM_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Sample:
    """A photo that came along: its bytes, and the scores float32 (K,) that it must get."""

    name: str
    data: bytes
    scores: np.ndarray


@dataclass(frozen=True)
class Content:
    """A bundle that is what it says.

    Attributes:
        manifest: What it says.
        seal: SHA-256 of its bytes, hexadecimal.
        arrays: float32, in the order of `networks.array_shapes`: the last layer alone on our
            shipped backbone, otherwise the whole network.
        gate: Or None.
        samples: Photos with their scores.
    """

    manifest: Manifest
    seal: str
    arrays: list[np.ndarray]
    gate: Gate | None
    samples: tuple[Sample, ...]


def read(contents: Contents) -> Content:
    """Reads and judges a bundle.

    Raises:
        ModelError: It is not what it says; the sentence tells where.
    """
    known = manifest.of_bytes(contents.read(LABELS_FILE, MOST_LABEL_BYTES), contents.name)
    _check_files(contents, known)
    return Content(
        known,
        contents.seal,
        _weights(contents, known),
        _gate(contents, known),
        _samples(contents, known),
    )


def _check_files(contents: Contents, known: Manifest) -> None:
    there = set(contents.entries) - {LABELS_FILE}
    for name in sorted(there ^ set(known.files)):
        what = "is not in its list of contents" if name in there else "is missing"
        raise _refused(contents, f"'{safe_text.clean(name)}' in it {what}")
    for name, part in known.files.items():
        data = contents.read(name)
        if len(data) != part.bytes or hashlib.sha256(data).hexdigest() != part.sha256:
            raise _refused(contents, f"'{safe_text.clean(name)}' in it was changed")


def _weights(contents: Contents, known: Manifest) -> list[np.ndarray]:
    count = len(known.class_names)
    if known.backbone is None:
        wanted = array_shapes.whole(known.network, known.image_size, count)
    else:
        wanted = array_shapes.last_layer(known.network, count)
    # Room for any number of classes, so that a wrong number is told as such.
    widest = array_shapes.last_layer(known.network, 1000)
    most = sum(int(np.prod(shape)) for shape in [*wanted, *widest]) * _WIDEST_NUMBER
    data = contents.read(WEIGHTS_FILE, most + 1_000_000)
    stored = stored_arrays.read(data, WEIGHTS_FILE, len(wanted) + 8, most)
    arrays = [stored.get(f"array_{i:03d}") for i in range(len(stored))]
    if len(arrays) != len(wanted) or any(one is None for one in arrays):
        raise _refused(
            contents, f"it holds {len(arrays)} arrays where its network has {len(wanted)}"
        )
    outputs = arrays[-1].shape[0] if arrays[-1].ndim == 1 else 0
    if outputs != count:
        raise _refused(contents, f"it has {count} names for {outputs} outputs")
    for i, (one, shape) in enumerate(zip(arrays, wanted, strict=True)):
        _check_array(contents, f"array {i} of '{WEIGHTS_FILE}'", one, shape)
    return [one.astype(np.float32) for one in arrays]


def _check_array(
    contents: Contents, what: str, array: np.ndarray, shape: array_shapes.Shape
) -> None:
    if array.shape != shape:
        raise _refused(contents, f"{what} has the shape {array.shape}, its network needs {shape}")
    if array.dtype.kind != "f" or not np.isfinite(array.astype(np.float32)).all():
        raise _refused(contents, f"{what} holds something other than finite numbers")


def _gate(contents: Contents, known: Manifest) -> Gate | None:
    if (known.gate is None) != (ood_detector.FILE not in contents.entries):
        raise _refused(contents, f"'{ood_detector.FILE}' and 'labels.json' do not belong together")
    if known.gate is None:
        return None
    data = contents.read(ood_detector.FILE, ood_detector.MOST_BYTES)
    gate = ood_detector.of_arrays(
        stored_arrays.read(data, ood_detector.FILE, _MOST_GATE_ARRAYS, ood_detector.MOST_BYTES)
    )
    same = gate.neighbours == known.gate[1] and abs(gate.limit - known.gate[0]) < 1e-6
    if not same or gate.rows.shape[1] != known.embedding:
        raise _refused(
            contents, f"'{ood_detector.FILE}' is not the one that 'labels.json' tells of"
        )
    return gate


def _samples(contents: Contents, known: Manifest) -> tuple[Sample, ...]:
    names = sorted(name for name in contents.entries if _SAMPLE.fullmatch(name))
    rows = _expected(contents)
    if not names or sorted(rows) != names:
        raise _refused(contents, f"its sample photos and '{EXPECTED_FILE}' do not fit together")
    samples = []
    for name in names:
        try:
            scores = np.array(rows[name], np.float32)
        except (TypeError, ValueError, OverflowError):
            scores = np.empty(0, np.float32)
        fits = scores.shape == (len(known.class_names),) and bool(np.isfinite(scores).all())
        if not fits or abs(float(scores.sum()) - 1) > _SUM_TOLERANCE:
            raise _refused(contents, f"the scores of '{name}' in '{EXPECTED_FILE}' cannot be")
        samples.append(Sample(name, contents.read(name, _MOST_SAMPLE_BYTES), scores))
    return tuple(samples)


def _expected(contents: Contents) -> dict[str, list]:
    """Scores by the name of the photo in the zip."""
    try:
        value = json.loads(contents.read(EXPECTED_FILE, MOST_LABEL_BYTES))
        return {f"{SAMPLES_FOLDER}/{name}": list(row) for name, row in value["scores"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _refused(contents, f"'{EXPECTED_FILE}' is damaged") from error


def _refused(contents: Contents, what: str) -> ModelError:
    return ModelError(f"'{contents.name}' was not taken: {what}. Export the model again.")
