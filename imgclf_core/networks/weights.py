"""Pretrained weights of MobileNetV2: from Keras, from the file we ship, or from the user.

`resolve` answers with a file that has been checked, and says where it came from. Wherever the
official host cannot be reached, as in many schools and museums, training goes on with the
shipped weights and says so. What the shipped file is and how it was made is told in
`networks/shipped/PROVENANCE.md`.
"""

import functools
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock

from imgclf_core import config
from imgclf_core.errors import DownloadError, ModelError, WeightsError
from imgclf_core.networks import mobilenet_v2
from imgclf_core.support import atomic_files, download, file_system

AUTO, IMAGENET, SHIPPED, FILE = "auto", "imagenet", "shipped", "file"
CHOICES = (AUTO, IMAGENET, SHIPPED)

OFFICIAL_URL = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/"
# `auto` waits this long, `imagenet` longer, because the person asked for just these.
AUTO_SECONDS, IMAGENET_SECONDS = 10.0, 120.0
# After a failed download `auto` does not try again for an hour.
SECONDS_BETWEEN_TRIES = 3600.0

SHIPPED_FOLDER = Path(__file__).parent / "shipped"
SHIPPED_WEIGHTS = SHIPPED_FOLDER / "mobilenet_v2_160.npz"
SHIPPED_BACKBONE = SHIPPED_FOLDER / "mobilenet_v2_160.tflite"

# The shipped file holds the official weights, rounded to float16, up to the end of block 13.
_SHARED_ARRAYS = 210
_FLOAT16_TOLERANCE = 2e-3


@dataclass(frozen=True)
class Weights:
    """Weights that were found and checked.

    Attributes:
        source: `imagenet` (official), `shipped` or `file`.
        path: The file.
        sha256: Of the file; names everything computed from these weights.
        note: A sentence where the choice could not be met as asked, otherwise empty.
    """

    source: str
    path: Path
    sha256: str
    note: str = ""


def resolve(choice: str, image_size: int, base_url: str = OFFICIAL_URL) -> Weights:
    """Finds the weights for a training.

    Args:
        choice: `auto`, `imagenet`, `shipped` or the path of a file.
        image_size: Side in pixels; the official weights differ by it.
        base_url: Where the official files are.

    Raises:
        WeightsError: The user's file is missing, damaged or of another network.
        DownloadError: `imagenet` was asked for and could not be had.
    """
    if choice == SHIPPED:
        return _shipped()
    if choice == IMAGENET:
        return _official(image_size, base_url, IMAGENET_SECONDS)
    if choice == AUTO:
        return _auto(image_size, base_url)
    path = Path(choice).expanduser()
    if not path.is_file():
        raise WeightsError(
            f"There is no weights file '{choice}'. Give {', '.join(CHOICES)} or the path of a file."
        )
    arrays_of(path)
    return Weights(FILE, path, sha256_of(path))


def arrays_of(path: Path) -> list[np.ndarray]:
    """The arrays of a weights file, in the order of `keras.Model.get_weights`.

    Args:
        path: Our `.npz`, or a Keras `.h5` of MobileNetV2 without its top.

    Raises:
        WeightsError: The file is damaged or of another network.
    """
    try:
        arrays = _npz_arrays(path) if path.suffix == ".npz" else _h5_arrays(path)
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise WeightsError(
            f"The weights file '{path.name}' is damaged, or not of MobileNetV2 without its last "
            "layer. Use the file that Keras offers, or choose the shipped weights."
        ) from error
    if not all(np.isfinite(array).all() for array in arrays):
        raise WeightsError(f"The weights file '{path.name}' holds numbers that are not finite.")
    return arrays


def backbone(weights: Weights) -> Path:
    """The frozen network converted for LiteRT; converted once per machine, with Keras."""
    if weights.source == SHIPPED:
        return SHIPPED_BACKBONE
    path = backbone_path(weights.sha256)
    if path.exists():
        return path
    file_system.make_folder(path.parent)
    with FileLock(path.with_suffix(".lock")):
        if not path.exists():
            temporary = path.with_suffix(".new.tflite")
            model = mobilenet_v2.build_backbone(None, arrays_of(weights.path))
            model.export(temporary, format="litert", verbose=False)
            file_system.rename(temporary, path)
    return path


def backbone_path(sha256: str) -> Path:
    """Where the converted backbone of some weights lies, once it has been converted."""
    if sha256 == _shipped().sha256:
        return SHIPPED_BACKBONE
    return config.home() / "cache" / "backbones" / f"{sha256[:16]}.tflite"


def known_files(choice: str) -> list[Path]:
    """Files on this machine that the weights of a run may have come from."""
    cached = sorted((config.home() / "cache" / "weights").glob("*.h5"))
    return cached if choice in CHOICES else [Path(choice).expanduser(), *cached]


def path_of(sha256: str, choice: str) -> Path:
    """The file of pretrained weights that a run was trained with.

    Args:
        sha256: Of the file.
        choice: What the person chose, which may be a path.

    Raises:
        ModelError: It is no longer on this computer.
    """
    for candidate in (SHIPPED_WEIGHTS, *known_files(choice)):
        if candidate.is_file() and sha256_of(candidate) == sha256:
            return candidate
    raise ModelError(
        "The pretrained weights of this run are no longer on this computer. Train again."
    )


def describe(source: str) -> str:
    """A sentence for the page, the command line and the model card."""
    return {
        IMAGENET: "Official ImageNet weights from Keras (Apache-2.0).",
        SHIPPED: "Weights that come with the app: ImageNet, the last blocks tuned on dog photos.",
        FILE: "A weights file of your own.",
    }[source]


def _auto(image_size: int, base_url: str) -> Weights:
    if _is_as_it_came(_official_path(image_size)):
        return _official(image_size, base_url, AUTO_SECONDS)
    failed = config.home() / "cache" / "weights" / "unreachable"
    if failed.exists() and 0 <= time.time() - failed.stat().st_mtime < SECONDS_BETWEEN_TRIES:
        note = file_system.read_text(failed)
    else:
        try:
            return _official(image_size, base_url, AUTO_SECONDS)
        except DownloadError as error:
            note = (
                f"{error} The weights that come with the app were used instead. "
                "This is normal behind a school's or museum's network."
            )
            atomic_files.write_bytes(failed, note.encode("utf-8"))
    shipped = _shipped()
    return Weights(SHIPPED, shipped.path, shipped.sha256, note)


def _official(image_size: int, base_url: str, seconds: float) -> Weights:
    path = _official_path(image_size)
    name = path.name
    if not _is_as_it_came(path):
        arriving = path.with_name(f"arriving-{name}")
        try:
            download.fetch(base_url + name, arriving, seconds)
            _check_official(arriving, image_size)
            atomic_files.write_bytes(_digest_path(path), sha256_of(arriving).encode("ascii"))
            file_system.rename(arriving, path)
        except WeightsError as error:
            raise DownloadError(f"The downloaded weights failed their check. {error}") from error
        finally:
            file_system.remove(arriving)
    return Weights(IMAGENET, path, sha256_of(path))


def _is_as_it_came(path: Path) -> bool:
    """Whether a download is still what it was when it was checked."""
    recorded = _digest_path(path)
    if not (path.exists() and recorded.exists()):
        return False
    return sha256_of(path) == file_system.read_text(recorded)


def _digest_path(path: Path) -> Path:
    return path.with_suffix(".sha256")


def _official_path(image_size: int) -> Path:
    """Where the official weights of a size are kept, under the name that Keras gives them."""
    name = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_{image_size}_no_top.h5"
    return config.home() / "cache" / "weights" / name


def _check_official(path: Path, image_size: int) -> None:
    """Loads the file, and at 160 pixels compares the part that the shipped file also holds."""
    arrays = arrays_of(path)
    if image_size != mobilenet_v2.DEFAULT_IMAGE_SIZE:
        return
    for ours, theirs in zip(
        _npz_arrays(SHIPPED_WEIGHTS)[:_SHARED_ARRAYS], arrays[:_SHARED_ARRAYS], strict=True
    ):
        if not np.allclose(ours, theirs, rtol=_FLOAT16_TOLERANCE, atol=_FLOAT16_TOLERANCE):
            raise WeightsError(f"'{path.name}' is not the file that Keras publishes.")


@functools.cache
def _shipped() -> Weights:
    """Checked once a process: the Classify page asks for each run whether it stands on them.

    Raises:
        WeightsError: A file is not the one that was shipped.
    """
    digests = {}
    for line in file_system.read_text(SHIPPED_FOLDER / "SHA256SUMS").splitlines():
        digest, name = line.split()
        if sha256_of(SHIPPED_FOLDER / name) != digest:
            raise WeightsError(
                f"The file '{name}' that comes with the app is damaged. Download the app anew."
            )
        digests[name] = digest
    return Weights(SHIPPED, SHIPPED_WEIGHTS, digests[SHIPPED_WEIGHTS.name])


def _npz_arrays(path: Path) -> list[np.ndarray]:
    stored = atomic_files.read_arrays(path)
    arrays = [stored[f"array_{i:03d}"].astype(np.float32) for i in range(len(stored))]
    return _of_expected_shapes(arrays)


def _h5_arrays(path: Path) -> list[np.ndarray]:
    import keras

    size = mobilenet_v2.DEFAULT_IMAGE_SIZE
    network = keras.applications.MobileNetV2(
        input_shape=(size, size, 3), include_top=False, weights=None
    )
    network.load_weights(path)
    return network.get_weights()


def _of_expected_shapes(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    with np.load(SHIPPED_WEIGHTS, allow_pickle=False) as shipped:
        names = sorted(shipped.files)
        if len(names) != len(arrays):
            raise ValueError(f"{len(arrays)} arrays where {len(names)} are needed")
        for name, array in zip(names, arrays, strict=True):
            if shipped[name].shape != array.shape:
                raise ValueError(f"{name} has the shape {array.shape}")
    return list(arrays)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with file_system.open(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
