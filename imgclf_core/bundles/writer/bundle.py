"""One zip with everything needed to use a model elsewhere, sealed so that changes are found.

Whether what is inside answers as the app does is proven in `bundles/writer/verify.py`; reading it
again is `bundles/reader/imported.py`.
"""

import hashlib
import importlib.metadata
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from imgclf_core import __version__
from imgclf_core.bundles.format import (
    CARD_FILE,
    EXPECTED_FILE,
    FORMAT,
    KERAS_FILE,
    LABELS_FILE,
    LITERT_FILE,
    PREDICT_FILE,
    REQUIREMENTS_FILE,
    SAMPLES_FOLDER,
    SEAL,
    SEAL_BYTES,
    WEIGHTS_FILE,
)
from imgclf_core.bundles.sharing import Sharing
from imgclf_core.bundles.writer import model_card, predict
from imgclf_core.bundles.writer.samples import Sample
from imgclf_core.errors import ModelError
from imgclf_core.networks import array_shapes, weights
from imgclf_core.runs import calibration, ood_detector, run_store
from imgclf_core.runs.run import Run
from imgclf_core.support import atomic_files, file_system

_TEST_FIGURES = ("accuracy", "interval", "n")
_REQUIRED = ("ai-edge-litert", "numpy", "pillow", "pillow-heif")


def parts(run: Run, sharing: Sharing, samples: list[Sample]) -> dict[str, bytes]:
    """All files of the bundle but `labels.json`, by name.

    Raises:
        ModelError: The run has not been packed.
    """
    if not run.packed:
        raise ModelError(
            f"The model of the run '{run.name}' is not packed yet. Wait until packing is done."
        )
    expected = {sample.name: [float(x) for x in sample.scores] for sample in samples}
    found = {
        KERAS_FILE: file_system.read(run.folder / run_store.KERAS_FILE),
        LITERT_FILE: file_system.read(run.folder / run_store.LITERT_FILE),
        PREDICT_FILE: file_system.read(Path(predict.__file__)),
        REQUIREMENTS_FILE: requirements().encode(),
        CARD_FILE: model_card.text(run, sharing).encode(),
        WEIGHTS_FILE: _weights(run),
        **{f"{SAMPLES_FOLDER}/{sample.name}": sample.data for sample in samples},
        EXPECTED_FILE: json.dumps({"scores": expected}, indent=1).encode(),
    }
    if ood_detector.load(run.folder) is not None:  # a damaged one stays here
        found[ood_detector.FILE] = file_system.read(run.folder / ood_detector.FILE)
    return found


def labels(run: Run, sharing: Sharing, contents: Mapping[str, bytes]) -> dict[str, Any]:
    """What `labels.json` holds.

    Args:
        run: Which.
        sharing: Gives the names.
        contents: All other files of the bundle.
    """
    side, known = run.settings.image_size, ood_detector.load(run.folder)
    has_gate = known is not None and ood_detector.FILE in contents
    return {
        "format": FORMAT,
        "made_with": f"imgclf {__version__}",
        "name": run.name,
        "dataset": run.dataset_name,
        "class_names": list(sharing.class_names),
        "network": run.settings.model,
        "image_size": [side, side],
        "fit": run.settings.fit,
        "embedding": array_shapes.embedding(run.settings.model),
        "settings": run.settings.to_json(),
        "backbone": run.weights["sha256"] if _on_shipped(run) else None,
        "weights": run.weights,
        "versions": run.versions,
        "confidence": asdict(calibration.load(run.folder)),
        "gate": {"limit": known.limit, "neighbours": known.neighbours} if has_gate else None,
        "test": {k: run.report.get("test", {}).get(k) for k in _TEST_FIGURES},
        "files": {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for name, data in contents.items()
        },
    }


def write(path: Path, about: Mapping[str, Any], contents: Mapping[str, bytes]) -> None:
    """Writes the zip and its seal; the same bytes for the same contents.

    Args:
        path: Replaced as a whole.
        about: See `labels`.
        contents: All other files.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        entries = {
            LABELS_FILE: json.dumps(about, ensure_ascii=False, indent=1).encode(),
            **contents,
        }
        for name, data in entries.items():
            entry = zipfile.ZipInfo(name)  # without the time, which would be another each time
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
        archive.comment = bytes(SEAL_BYTES)  # its length is part of what is sealed
    sealed = buffer.getvalue()[:-SEAL_BYTES]
    atomic_files.write_bytes(path, sealed + SEAL + hashlib.sha256(sealed).hexdigest().encode())


def requirements() -> str:
    """What `predict.py` needs, pinned to the versions at hand."""
    lines = [f"{name}=={importlib.metadata.version(name)}" for name in _REQUIRED]
    return "\n".join(lines) + "\n"


def _on_shipped(run: Run) -> bool:
    """Whether only the last layer was learnt, on the weights that every copy of the app has."""
    shipped = run.settings.on_backbone and run.weights.get("source") == weights.SHIPPED
    return shipped and not run.fine_tuned


def _weights(run: Run) -> bytes:
    """`weights.npz`: the last layer where the rest is shipped, otherwise the whole network."""
    whole = run.folder / run_store.WHOLE_FILE
    if run.settings.on_backbone and not _on_shipped(run):
        if not whole.is_file():
            raise ModelError(
                f"The model of the run '{run.name}' was packed by an earlier version. Train again."
            )
        return file_system.read(whole)
    buffer = io.BytesIO()
    np.savez(buffer, **{f"array_{i:03d}": one for i, one in enumerate(run_store.learnt(run))})
    return buffer.getvalue()
