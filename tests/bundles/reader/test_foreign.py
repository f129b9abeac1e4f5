"""Models of other programs are told by their content and never opened."""

import pickle
from pathlib import Path

from tests.bundles import sealing
from tests.bundles.sealing import refused
from tests.conftest import make_zip, picture


class Canary:
    """Writes a file as soon as it is unpickled."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_foreign_models_are_told_by_their_content(tmp_path):
    """Whatever they are called, they are named for what they are, and no code of them runs."""
    canary = tmp_path / "canary"
    inside = {"config.json": b"{}", "metadata.json": b"{}", "model.weights.h5": b"x"}
    code = pickle.dumps(Canary(canary))
    kinds = {
        "a Keras model (.keras)": make_zip(tmp_path / "a", inside).read_bytes(),
        "an HDF5 file (.h5)": b"\x89HDF\r\n\x1a\n" + bytes(100),
        "a LiteRT model (.tflite)": b"\x1c\0\0\0TFL3" + bytes(100),
        "a pickle": code,
        "a PyTorch model (.pt)": make_zip(tmp_path / "b", {"m/data.pkl": code}).read_bytes(),
        "a TensorFlow SavedModel": make_zip(
            tmp_path / "c", {"m/saved_model.pb": b"x", "m/keras_metadata.pb": b"x"}
        ).read_bytes(),
        "a safetensors model": (20).to_bytes(8, "little") + b'{"a": 1}',
        "NumPy arrays (.npz)": sealing.numbered(sealing.arrays_of_head()),
        "holds photos": make_zip(tmp_path / "d", {"cats/a.jpg": picture(1)}).read_bytes(),
        "not a model exported from imgclf": b"just a text",
        "an empty file": b"",
    }
    for words, data in kinds.items():
        for name in ("model.zip", "model.keras", "Modell.pt"):
            (tmp_path / name).write_bytes(data)
            refused(tmp_path / name, words)
    assert not canary.exists()


def test_bundles_of_the_first_format_say_to_export_again(tmp_path):
    """They carry no seal, so they are not trusted."""
    path = make_zip(tmp_path / "old.zip", {"labels.json": b'{"format": 1}', "model.keras": b"x"})
    refused(path, "format 1")
    path = make_zip(tmp_path / "repacked.zip", {"labels.json": b'{"format": 2}'})
    refused(path, "lost the seal")
