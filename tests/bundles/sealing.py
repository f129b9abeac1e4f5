"""A small maker of bundles for tests, by the same agreement as `bundles/writer/bundle.py`.

Made without training: a last layer of random numbers on the shipped backbone. Every part can be
replaced, so that tests can lie in any place and seal it properly.
"""

import hashlib
import io
import json
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgclf_core import config
from imgclf_core.bundles.reader import imported
from imgclf_core.errors import ModelError
from imgclf_core.images import decode
from imgclf_core.inference import predictor
from imgclf_core.networks import array_shapes, litert, mobilenet_v2, weights
from imgclf_core.runs import ood_detector, run_store
from imgclf_core.runs.ood_detector import Gate
from imgclf_core.runs.run import Run
from imgclf_core.training import packaging
from tests.conftest import picture

NAMES = ("red", "blue", "<b>=1+1</b>")
SIDE = 96


def arrays_of_head(classes: int = len(NAMES)) -> list[np.ndarray]:
    """A last layer of random numbers."""
    generator = np.random.default_rng(3)
    kernel = generator.normal(0, 0.1, (mobilenet_v2.FEATURES, classes)).astype(np.float32)
    return [kernel, generator.normal(0, 0.1, classes).astype(np.float32)]


def npz(arrays: dict[str, np.ndarray]) -> bytes:
    """Arrays as an `.npz`."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def numbered(arrays: list[np.ndarray]) -> bytes:
    """`weights.npz`."""
    return npz({f"array_{i:03d}": one for i, one in enumerate(arrays)})


def png(seed: int) -> bytes:
    """A sample photo."""
    buffer = io.BytesIO()
    pixels = decode.load(picture(seed), (64, 64), decode.CROP)
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def answers(photos: list[bytes], arrays: list[np.ndarray]) -> np.ndarray:
    """Scores of photos from the shipped backbone and a last layer, float32 (n, K)."""
    images = np.stack([decode.load(one, (SIDE, SIDE), decode.CROP) for one in photos])
    embedding = litert.pool(weights.SHIPPED_BACKBONE).run(images)["embedding"]
    return mobilenet_v2.apply_head(embedding, *arrays[-2:])


def parts(with_gate: bool = True) -> tuple[dict, dict[str, bytes]]:
    """Labels and files of an honest bundle on the shipped backbone."""
    arrays = arrays_of_head()
    photos = [png(seed) for seed in range(5)]
    scores = answers(photos, arrays)
    found = {
        "model.keras": b"os.system of a stranger",
        "model.tflite": b"no model at all",
        "predict.py": b"raise SystemExit('never run')",
        "requirements.txt": b"numpy\n",
        "model_card.md": b"# A model\n",
        "weights.npz": numbered(arrays),
        **{f"samples/{i}.png": data for i, data in enumerate(photos, 1)},
        "samples/expected.json": expected(scores),
    }
    labels = {
        "format": 2,
        "made_with": "imgclf 0",
        "name": "My model",
        "dataset": "photos.zip",
        "class_names": list(NAMES),
        "network": mobilenet_v2.NAME,
        "image_size": [SIDE, SIDE],
        "fit": decode.CROP,
        "embedding": mobilenet_v2.FEATURES,
        "settings": {},
        "backbone": weights.sha256_of(weights.SHIPPED_WEIGHTS),
        "weights": {"source": "shipped", "sha256": "0" * 64, "note": ""},
        "versions": {"keras": "3"},
        "confidence": {"temperature": 1.5, "fitted_on": 9, "threshold": 0.25},
        "gate": None,
        "test": {"accuracy": 0.75, "interval": [0.3, 0.95], "n": 4},
    }
    if with_gate:
        found[ood_detector.FILE] = gate_of(mobilenet_v2.FEATURES)
        labels["gate"] = {"limit": 1.5, "neighbours": 3}
    return labels, found


def gate_of(numbers: int) -> bytes:
    """`gate.npz` with a limit of 1.5 and 3 neighbours, for an embedding of so many numbers."""
    rows = np.eye(6, numbers, dtype=np.float16)
    with tempfile.TemporaryDirectory() as folder:
        ood_detector.save(Path(folder), Gate(rows, 1.5, 3))
        return (Path(folder) / ood_detector.FILE).read_bytes()


def of_run(path: Path, run: Run) -> Path:
    """A bundle of a run that was trained, with a whole network unless it is on our backbone."""
    labels, files = parts(with_gate=False)
    model, side = predictor.open_run(run), run.settings.image_size
    photos = [files[f"samples/{i}.png"] for i in range(1, 6)]
    scores = np.stack([model.answer(data).scores for data in photos])
    shipped = run.settings.on_backbone and len(run_store.learnt(run)) == 2
    arrays = run_store.learnt(run) if shipped else packaging.build(run)[0].get_weights()
    files |= {"weights.npz": numbered(arrays), "samples/expected.json": expected(scores)}
    labels |= {
        "class_names": list(run.class_names),
        "network": run.settings.model,
        "name": run.name,
        "backbone": labels["backbone"] if shipped else None,
        "image_size": [side, side],
        "embedding": array_shapes.embedding(run.settings.model),
        "fit": run.settings.fit,
    }
    if (run.folder / ood_detector.FILE).is_file():
        files[ood_detector.FILE] = (run.folder / ood_detector.FILE).read_bytes()
        known = ood_detector.load(run.folder)
        labels["gate"] = {"limit": known.limit, "neighbours": known.neighbours}
    return write(path, labels, files)


def expected(scores: np.ndarray) -> bytes:
    """`samples/expected.json`."""
    rows = {f"{i}.png": [float(x) for x in row] for i, row in enumerate(scores, 1)}
    return json.dumps({"scores": rows}).encode()


def write(path: Path, labels: dict, files: dict[str, bytes], listed: bool = True) -> Path:
    """A sealed bundle; `listed` fills in the true hashes."""
    if listed:
        hashes = {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for name, data in files.items()
        }
        labels = {**labels, "files": hashes}
    entries = {**files, "labels.json": json.dumps(labels).encode()}
    return write_entries(path, entries)


def write_entries(path: Path, entries: dict[str, bytes]) -> Path:
    """Any files as a sealed zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name), data)
        archive.comment = b"imgclf sha256 " + b"0" * 64
    data = path.read_bytes()[:-78]
    path.write_bytes(data + b"imgclf sha256 " + hashlib.sha256(data).hexdigest().encode())
    return path


LIMITS = config.limits(config.SHARED)
LABELS, FILES = parts()


def refused(path: Path, words: str) -> None:
    """The file is refused with these words."""
    with pytest.raises(ModelError) as error:
        imported.check(path, LIMITS)
    assert words in str(error.value)


def lying(tmp_path, words: str, labels: dict | None = None, files: dict | None = None) -> None:
    """A properly sealed bundle with other labels or files is refused with these words."""
    changed = {name: data for name, data in {**FILES, **(files or {})}.items() if data is not None}
    path = write(tmp_path / "liar.zip", {**LABELS, **(labels or {})}, changed)
    refused(path, words)
