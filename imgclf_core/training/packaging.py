"""The `pack` job: from what a run learnt to `model.keras` and `model.tflite`.

A short process of its own, started when the trainer has ended, so that the memory of the two
never adds up. Both files hold rescaling; they take photos as `images/decode.py` leaves them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from imgclf_core.jobs.reporter import Reporter
from imgclf_core.networks import catalogue, mobilenet_v2, scratch_cnn, weights
from imgclf_core.runs import run_store
from imgclf_core.runs.run import Run
from imgclf_core.support import atomic_files, file_system

if TYPE_CHECKING:
    import keras

STAGE = "packing"
# The layer before the last one, where it is not called `embedding`.
_EMBEDDING = {scratch_cnn.NAME: "average"}


def run(folder: Path, params: dict, reporter: Reporter) -> dict:
    """Packs the run named by `params["run"]`; `folder` only holds the job."""
    record = run_store.load(Path(params["run"]))
    reporter.plan({STAGE: 12.0})
    reporter.stage(STAGE, 2)
    scorer, answering = build(record)
    if record.settings.on_backbone and _differs_below(record):
        arrays = {f"array_{i:03d}": one for i, one in enumerate(scorer.get_weights())}
        atomic_files.write_arrays(record.folder / run_store.WHOLE_FILE, **arrays)
    _write(record.folder / run_store.KERAS_FILE, scorer.save)
    reporter.progress(1)
    _write(
        record.folder / run_store.LITERT_FILE,
        lambda path: answering.export(path, format="litert", verbose=False),
    )
    return {"keras": run_store.KERAS_FILE, "litert": run_store.LITERT_FILE}


def _differs_below(record: Run) -> bool:
    """Whether more than the last layer differs from what every copy of the app has."""
    return record.fine_tuned or record.weights["source"] != weights.SHIPPED


def build(record: Run) -> tuple[keras.Model, keras.Model]:
    """Builds the whole network of a run with its weights.

    Returns:
        Two models that share their layers, from `image`, float32 (n, s, s, 3), 0 to 255. The
        first answers the scores alone, (n, K); the second `scores`, `embedding` (n, D) and, where
        the network ends in an average over places, `cam` (n, h, w, K).

    Raises:
        ModelError: The run is not finished, or its weights are gone.
    """
    import keras

    learnt, settings = run_store.learnt(record), record.settings
    if settings.on_backbone:
        image, feature_map, embedding, scores = _on_backbone(record, learnt)
    else:
        network = catalogue.FROM_PIXELS[settings.model].build(
            settings.image_size, len(record.class_names), settings.dropout, settings.seed
        )
        network.set_weights(learnt)
        image, scores = network.input, network.output
        embedding = network.get_layer(_EMBEDDING.get(settings.model, "embedding")).output
        feature_map = network.get_layer("feature_map").output
    scorer = keras.Model(image, scores, name=settings.model)
    outputs = {"scores": scores, "embedding": embedding}
    if settings.on_backbone or settings.model == scratch_cnn.NAME:
        outputs["cam"] = _activation_map(feature_map, learnt[-2])
    return scorer, keras.Model(image, outputs, name=f"{settings.model}_with_map")


def _on_backbone(record: Run, learnt: list[np.ndarray]):
    """Image, feature map, embedding and scores of a run on the pretrained network."""

    settings = record.settings
    arrays = weights.arrays_of(weights.path_of(record.weights["sha256"], settings.weights))
    network = mobilenet_v2.build_network(settings.image_size, arrays)
    if len(learnt) > 2:  # fine-tuned
        mobilenet_v2.split(network)[1].set_weights(learnt[:-2])
    network.trainable = False
    image, feature_map, embedding = mobilenet_v2.around(network)
    head = mobilenet_v2.build_head(len(record.class_names), settings.dropout, settings.seed)
    head.set_weights(learnt[-2:])
    return image, feature_map, embedding, head(embedding)


def _activation_map(feature_map, kernel: np.ndarray):
    """The last layer applied at every place instead of to their average (B. Zhou et al., 2016)."""
    import keras

    layer = keras.layers.Conv2D(kernel.shape[1], 1, use_bias=False, trainable=False, name="cam")
    result = layer(feature_map)
    layer.set_weights([kernel[None, None]])  # (D, K) as (1, 1, D, K)
    return result


def _write(path: Path, save) -> None:
    """Writes under another name first; Keras wants the ending to be right."""
    temporary = path.with_name(f"new-{path.name}")
    try:
        save(temporary)
        file_system.rename(temporary, path)
    finally:
        file_system.remove(temporary)  # half of one would take room on a disk that is full
