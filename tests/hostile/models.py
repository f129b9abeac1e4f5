"""Cases 33 to 35: models of strangers, which are told by their content and never run."""

import io
import json
import pickle
import zipfile
from pathlib import Path

from tests.bundles import sealing
from tests.bundles.reader.test_foreign import Canary
from tests.conftest import make_zip
from tests.hostile.case import Case
from tests.hostile.visitor import Visitor


def sealed(visitor: Visitor, labels: dict | None = None, files: dict | None = None) -> bytes:
    """A bundle that lies in one place and is sealed properly."""
    path = visitor.temporary / "lie.zip"
    sealing.write(path, {**sealing.LABELS, **(labels or {})}, {**sealing.FILES, **(files or {})})
    data = path.read_bytes()
    path.unlink()
    return data


def zipped(visitor: Visitor, entries: dict[str, bytes]) -> bytes:
    """A zip as bytes."""
    path = make_zip(visitor.temporary / "a.zip", entries)
    data = path.read_bytes()
    path.unlink()
    return data


def programs(visitor: Visitor) -> str:
    """.keras files with a Lambda, os.system, a TFSMLayer and a Lambda around get_file"""
    canary = visitor.temporary.parent / "canary"
    said = []
    for inside in ("Lambda", "os.system", "TFSMLayer", "keras.utils.get_file"):
        config = json.dumps({"class_name": inside, "config": {"function": f"open({canary!r})"}})
        entries = {"config.json": config.encode(), "metadata.json": b"{}", "model.weights.h5": b"x"}
        said.append(visitor.brings_model(zipped(visitor, entries), "model.keras"))
    visitor.holds("no code of it ran", not canary.exists())
    return " ".join(dict.fromkeys(said))


def giants(visitor: Visitor) -> str:
    """a manifest of 20,000,000 units; arrays whose header promises 4 GB"""
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1280, 900000000), }\n"
    bomb = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + b"\0" * 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("array_000.npy", bomb)
        archive.writestr("array_001.npy", bomb)
    return " ".join(
        (
            visitor.brings_model(sealed(visitor, {"embedding": 20_000_000})),
            visitor.brings_model(sealed(visitor, files={"weights.npz": buffer.getvalue()})),
        )
    )


def disguised(visitor: Visitor) -> str:
    """a pickle, a .pt and an .h5 named model.keras; a changed byte; 2 names for 3 outputs"""
    canary = visitor.temporary.parent / "canary"
    code = pickle.dumps(Canary(Path(canary)))
    changed = bytearray(sealed(visitor))
    changed[len(changed) // 2] ^= 1
    said = [
        visitor.brings_model(code, "model.keras"),
        visitor.brings_model(zipped(visitor, {"m/data.pkl": code}), "model.keras"),
        visitor.brings_model(b"\x89HDF\r\n\x1a\n" + bytes(100), "model.keras"),
        visitor.brings_model(bytes(changed)),
        visitor.brings_model(sealed(visitor, {"class_names": ["a", "b"]})),
    ]
    visitor.holds("no code of it ran", not canary.exists())
    return " ".join(said)


CASES = (
    Case(33, "Programs in models", ("a Keras model (.keras)",), programs),
    Case(34, "Models without measure", ("'embedding'", "has not the size"), giants),
    Case(
        35,
        "Models in disguise",
        ("a pickle", "a PyTorch model (.pt)", "an HDF5 file (.h5)", "2 names for 3 outputs"),
        disguised,
    ),
)
