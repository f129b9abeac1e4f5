"""The `pack` job: from what a run learnt to `model.keras` and `model.tflite`.

A short process of its own, started when the trainer has ended, so that the memory of the two
never adds up. Both files hold rescaling; they take photos as `data/decode.py` leaves them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from imgclf_core.errors import ModelError
from imgclf_core.jobs.events import Reporter
from imgclf_core.models import mobilenet_v2, scratch_cnn, weights
from imgclf_core.training import run as runs
from imgclf_core.training.run import Run

if TYPE_CHECKING:
    import keras

STAGE = "packing"


def run(folder: Path, params: dict, reporter: Reporter) -> dict:
    """Packs the run named by `params["run"]`; `folder` only holds the job."""
    record = runs.load(Path(params["run"]))
    reporter.plan({STAGE: 12.0})
    reporter.stage(STAGE, 2)
    scorer, answering = build(record)
    _write(record.folder / runs.KERAS_FILE, scorer.save)
    reporter.progress(1)
    _write(
        record.folder / runs.LITERT_FILE,
        lambda path: answering.export(path, format="litert", verbose=False),
    )
    return {"keras": runs.KERAS_FILE, "litert": runs.LITERT_FILE}


def build(record: Run) -> tuple[keras.Model, keras.Model]:
    """Builds the whole network of a run with its weights.

    Returns:
        Two models that share their layers, from `image`, float32 (n, s, s, 3), 0 to 255. The
        first answers the scores alone, (n, K); the second `scores`, `embedding` (n, D) and
        `cam` (n, h, w, K).

    Raises:
        ModelError: The run is not finished, or its weights are gone.
    """
    import keras

    learnt, settings = record.learnt(), record.settings
    class_count = len(record.class_names)
    if settings.model == mobilenet_v2.NAME:
        path = _weights_path(record)
        backbone = mobilenet_v2.build_backbone(settings.image_size, weights.arrays_of(path))
        head = mobilenet_v2.build_head(class_count, settings.dropout, settings.seed)
        head.set_weights(learnt)
        parts = backbone.output
        image, scores = backbone.input, head(parts["embedding"])
        embedding, feature_map = parts["embedding"], parts["feature_map"]
    else:
        network = scratch_cnn.build(
            settings.image_size, class_count, settings.dropout, settings.seed
        )
        network.set_weights(learnt)
        image, scores = network.input, network.output
        embedding = network.get_layer("average").output
        feature_map = network.get_layer("feature_map").output
    cam = _activation_map(feature_map, learnt[-2])
    scorer = keras.Model(image, scores, name=settings.model)
    outputs = {"scores": scores, "embedding": embedding, "cam": cam}
    return scorer, keras.Model(image, outputs, name=f"{settings.model}_with_map")


def _activation_map(feature_map, kernel: np.ndarray):
    """The last layer applied at every place instead of to their average (B. Zhou et al., 2016)."""
    import keras

    layer = keras.layers.Conv2D(kernel.shape[1], 1, use_bias=False, trainable=False, name="cam")
    result = layer(feature_map)
    layer.set_weights([kernel[None, None]])  # (D, K) as (1, 1, D, K)
    return result


def _weights_path(record: Run) -> Path:
    sha256 = record.weights.get("sha256", "")
    for candidate in (weights.SHIPPED_WEIGHTS, *weights.known_files(record.settings.weights)):
        if candidate.is_file() and weights.sha256_of(candidate) == sha256:
            return candidate
    raise ModelError(
        f"The pretrained weights of the run '{record.name}' are no longer on this computer. "
        "Train again to pack it."
    )


def _write(path: Path, save) -> None:
    """Writes under another name first; Keras wants the ending to be right."""
    temporary = path.with_name(f"new-{path.name}")
    save(temporary)
    temporary.replace(path)
