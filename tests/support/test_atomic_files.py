"""Small files are replaced as a whole or not at all."""

import json

import numpy as np
import pytest

from imgclf_core.support import atomic_files


def test_a_file_is_replaced_and_folders_are_made(tmp_path):
    """The new bytes stand where the old ones stood, and nothing else is left."""
    path = tmp_path / "a" / "b.bin"
    atomic_files.write_bytes(path, b"old")
    atomic_files.write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert [p.name for p in path.parent.iterdir()] == ["b.bin"]


def test_a_crash_while_writing_keeps_the_old_file(tmp_path):
    """An error inside the block leaves the old bytes and no temporary file."""
    path = tmp_path / "b.bin"
    atomic_files.write_bytes(path, b"old")
    with pytest.raises(RuntimeError, match="crash"), atomic_files.replacing(path) as file:
        file.write(b"half")
        raise RuntimeError("crash")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["b.bin"]


def test_json_keeps_letters_of_all_scripts(tmp_path):
    """What is written is what is read."""
    path = tmp_path / "v.json"
    value = {"name": "Zoë 日本", "numbers": [1, 0.5, None]}
    atomic_files.write_json(path, value)
    assert atomic_files.read_json(path) == value
    assert "Zoë" in path.read_text("utf-8")


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_json_refuses_what_other_programs_cannot_read(tmp_path, number):
    """NaN and infinity raise, and the old file stays."""
    path = tmp_path / "v.json"
    atomic_files.write_json(path, 1)
    with pytest.raises(ValueError, match="not JSON compliant"):
        atomic_files.write_json(path, {"loss": number})
    assert json.loads(path.read_text()) == 1


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": ', b"\xff\xfe\x00"])
def test_damaged_json_reads_as_nothing(tmp_path, content):
    """Half a file, or one of other bytes, is None and no error."""
    path = tmp_path / "v.json"
    path.write_bytes(content)
    assert atomic_files.read_json(path) is None


def test_missing_json_reads_as_nothing(tmp_path):
    """Neither a missing file nor a file in place of a folder is an error."""
    (tmp_path / "file").write_text("x")
    assert atomic_files.read_json(tmp_path / "none.json") is None
    assert atomic_files.read_json(tmp_path / "file" / "none.json") is None


def test_arrays_come_back_by_name(tmp_path):
    """Values, shapes and types survive."""
    path = tmp_path / "a.npz"
    arrays = {"x": np.arange(6, dtype=np.float32).reshape(2, 3), "y": np.array(["a", "bc"])}
    atomic_files.write_arrays(path, **arrays)
    read = atomic_files.read_arrays(path)
    assert read.keys() == arrays.keys()
    for name, array in arrays.items():
        assert read[name].dtype == array.dtype
        np.testing.assert_array_equal(read[name], array)


def test_pickles_are_refused(tmp_path):
    """A file of arrays cannot bring code along."""
    path = tmp_path / "a.npz"
    np.savez(path, x=np.array([{"code": 1}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        atomic_files.read_arrays(path)
