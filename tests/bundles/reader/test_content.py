"""What is inside of a sealed bundle must be what it says."""

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.bundles.reader import imported, stored_arrays
from imgclf_core.errors import ImgclfError, ModelError
from imgclf_core.runs import ood_detector, run_store
from imgclf_core.workspaces import opening
from tests.bundles import sealing
from tests.bundles.sealing import FILES, LABELS, lying, refused


def test_a_file_that_was_exchanged_and_sealed_anew_is_named(tmp_path):
    """The manifest knows the hash of every file; more and fewer files are told as well."""
    listed = sealing.write(tmp_path / "a.zip", LABELS, FILES)
    with zipfile.ZipFile(listed) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    path = tmp_path / "b.zip"
    refused(
        sealing.write_entries(path, {**entries, "predict.py": b"print()"}),
        "'predict.py' in it was changed",
    )
    refused(
        sealing.write_entries(path, {**entries, "more.py": b"print()"}),
        "'more.py' in it is not in its list",
    )
    del entries["model.keras"]
    refused(sealing.write_entries(path, entries), "'model.keras' in it is missing")


def head_with(array: np.ndarray) -> bytes:
    return sealing.numbered([array, sealing.arrays_of_head()[1]])


def test_arrays_of_another_shape_are_refused(tmp_path):
    """Shapes and kinds of numbers are compared with what our network has."""
    kernel = sealing.arrays_of_head()[0]
    for data, words in (
        (head_with(kernel[:-1]), "(1279, 3), its network needs (1280, 3)"),
        (head_with(kernel.T), "(3, 1280)"),
        (head_with(np.full_like(kernel, np.nan)), "finite"),
        (head_with(kernel.astype(np.int64)), "finite"),
        (head_with(kernel.astype("S4")), "plain numbers"),
        (sealing.npz({"one": kernel, "two": kernel[0]}), "its network has 2"),
        (b"PK\5\6" + b"\0" * 18, "its network has 2"),
        (b"", "it is empty"),
        (b"x", "plain numbers"),
    ):
        lying(tmp_path, words, files={"weights.npz": data})


def test_a_header_that_promises_gigabytes_is_refused(tmp_path):
    """What an array shall hold is compared with the bytes that are there, before any room."""
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1280, 900000000), }\n"
    bomb = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + b"\0" * 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("array_000.npy", bomb)
        archive.writestr("array_001.npy", bomb)
    lying(tmp_path, "has not the size", files={"weights.npz": buffer.getvalue()})


def test_pickled_arrays_are_refused(tmp_path):
    """NumPy's own door to running code stays shut."""
    buffer = io.BytesIO()
    np.savez(buffer, array_000=np.array([print], dtype=object), array_001=np.zeros(3))
    lying(tmp_path, "plain numbers", files={"weights.npz": buffer.getvalue()})


@given(st.binary(max_size=300))
def test_any_bytes_are_arrays_or_a_sentence(data):
    """Whatever stands where arrays should be, nothing else than our error comes out."""
    with pytest.raises(ImgclfError):
        stored_arrays.read(data, "weights.npz", 5, 10_000)


def test_a_gate_of_another_network_is_refused(tmp_path):
    """Its rows must be as long as what the last layer sees, and within bounds."""
    lying(tmp_path, "not the one", files={ood_detector.FILE: sealing.gate_of(256)})
    lying(tmp_path, "do not belong together", files={ood_detector.FILE: None})
    lying(tmp_path, "plain numbers", files={ood_detector.FILE: b"PK"})


def test_samples_must_be_there_and_make_sense(tmp_path):
    """Photos and scores belong together, and scores sum to one."""
    name = "samples/expected.json"
    lying(tmp_path, "do not fit together", files={"samples/5.png": None})
    lying(tmp_path, "damaged", files={name: b"[]"})
    lying(tmp_path, "cannot be", files={name: sealing.expected(np.ones((5, 3)))})
    lying(tmp_path, "cannot be", files={name: sealing.expected(np.full((5, 2), 0.5))})


def test_a_model_that_answers_its_samples_differently_is_refused(tmp_path):
    """Another last layer under an honest seal gives other scores; nothing is kept of it."""
    other = [array + 0.05 * i for i, array in enumerate(sealing.arrays_of_head())]
    other[1][0] += 1
    files = {**FILES, "weights.npz": sealing.numbered(other)}
    path = sealing.write(tmp_path / "other.zip", LABELS, files)
    with pytest.raises(ModelError, match=r"answers its own sample photo 'samples/1\.png' diff"):
        opening.open_bundle(path)
    assert not imported.is_imported(opening.kept_folder(path))
    assert not (opening.kept_folder(path) / run_store.CONFIG_FILE).exists()
