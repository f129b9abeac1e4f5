"""Fine-tuning: after the last layer, the upper blocks of the pretrained network learn too.

Everything below block 13 stays frozen and sees each photo, and each varied copy, once; what
comes out of it is kept like other features, so an epoch costs only the upper blocks. Batch
normalisation stays as it is, for few photos would spoil its averages. The result is kept only
if validation is better than with the last layer alone.
"""

from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf

from imgclf_core.jobs.reporter import Reporter, progress_of
from imgclf_core.networks import embeddings, mobilenet_v2, weights
from imgclf_core.networks.embeddings import Recipe, Timing
from imgclf_core.runs.checkpoint import State
from imgclf_core.runs.run import Run
from imgclf_core.training import time_estimate, training_loop
from imgclf_core.training.backbone_features import recipe_of
from imgclf_core.training.batches import Batches, Rows
from imgclf_core.training.training_data import Material
from imgclf_core.training.training_result import Learnt, embedder

_BATCH_SIZE = 32
_DECAY = 0.01


def train(
    record: Run,
    material: Material,
    plain: np.ndarray,
    state: State,
    reporter: Reporter,
    timing: Timing,
) -> Learnt:
    """Goes on from a trained last layer.

    Args:
        record: The run.
        material: Photos that take part.
        plain: float32 (N, 1280), features of the frozen network.
        state: After the last layer was learnt, or within fine-tuning; changed in place.
        reporter: Listens.
        timing: Of reading photos.
    """
    settings = record.settings
    head = None if state.phase != training_loop.LEARNING and state.model else list(state.best)
    path = weights.path_of(record.weights["sha256"], settings.weights)
    network = mobilenet_v2.build_network(settings.image_size, weights.arrays_of(path))
    lower, upper = mobilenet_v2.split(network)
    stored, positions = _middle(record, material, lower, reporter, timing)
    model = _whole(upper, len(material.class_names), settings, head)
    before = _best(state, training_loop.LEARNING)
    training_loop.next_phase(state, training_loop.FINE_TUNING)
    done = len(state.history) - state.phase_began
    reporter.stage(time_estimate.FINE_TUNING, settings.fine_tune_epochs, already=done)
    rows, check = material.training_rows(), material.validation_rows()
    views, targets = positions.shape[1], material.targets
    drawn = Rows(
        stored,
        positions[rows].ravel(),
        np.repeat(targets[rows], views, axis=0),
        np.repeat(material.photo_weights(settings)[rows], views),
    )
    alike = np.ones(len(material.photos), np.float32)

    def as_they_are(chosen: np.ndarray) -> Batches:
        return Batches(
            Rows(stored, positions[chosen, 0], targets[chosen], alike[chosen]), _BATCH_SIZE
        )

    training_loop.fit(
        model,
        Batches(drawn, _BATCH_SIZE, settings.seed),
        as_they_are(check),
        settings,
        training_loop.Phase(
            training_loop.FINE_TUNING, settings.fine_tune_epochs, settings.fine_tune_rate, _DECAY
        ),
        state,
        reporter,
        record.folder,
    )
    after = _best(state, training_loop.FINE_TUNING)
    kept = state.best_epoch > state.phase_began
    figures = {"fine_tuning": {"kept": kept, "before": before, "after": after}}
    reporter.stage(time_estimate.TESTING, may_stop=False)
    if not kept:
        scores = mobilenet_v2.apply_head(plain, *state.best)
        return Learnt(state.best, scores, state, timing.seconds, figures, plain.__getitem__)
    model.set_weights(state.best)
    scores = model.predict(as_they_are(np.arange(len(material.photos))), verbose=0)
    embed = embedder(model, model.get_layer("average").output, as_they_are)
    return Learnt(state.best, scores, state, timing.seconds, figures, embed)


def _middle(
    record: Run, material: Material, lower: keras.Model, reporter: Reporter, timing: Timing
) -> tuple[np.ndarray, np.ndarray]:
    """What the frozen blocks say of photos and copies: rows (M, h, w, 96), int (N, 1 + views)."""
    recipe: Recipe = replace(
        recipe_of(record), part=mobilenet_v2.LAST_FROZEN, shape=tuple(lower.output.shape[1:])
    )
    sources, rows = material.sources(), np.unique(material.training_rows())
    views = record.settings.views if recipe.augmentation.active else 0
    already = embeddings.known(sources, recipe)
    total = len(sources) + (len(rows) if views else 0)
    reporter.stage(time_estimate.FEATURES_BELOW, total, already=already)
    on_progress = progress_of(reporter)
    call = tf.function(lambda images: lower(images, training=False), reduce_retracing=True)

    def embed(images: np.ndarray) -> np.ndarray:
        return call(tf.constant(images, tf.float32)).numpy()

    stored, first = embeddings.compute(
        sources, recipe, on_progress=on_progress, timing=timing, embed=embed
    )
    positions = np.repeat(first, 1 + views, axis=1)
    if views:
        stored, positions[rows] = embeddings.compute(
            [sources[i] for i in rows],
            recipe,
            views,
            lambda done: on_progress(len(sources) + done),
            timing,
            embed,
        )
    return stored, positions


def _whole(upper: keras.Model, class_count: int, settings, head) -> keras.Model:
    """The upper blocks and the last layer, from the middle of the network to scores."""
    for layer in upper.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    last = mobilenet_v2.build_head(class_count, settings.dropout, settings.seed)
    if head is not None:
        last.set_weights(head)
    inputs = keras.Input(upper.input.shape[1:], name="middle")
    average = keras.layers.GlobalAveragePooling2D(name="average")
    return keras.Model(inputs, last(average(upper(inputs))), name="upper_and_head")


def _best(state: State, phase: str) -> dict[str, float]:
    """Validation figures of the best epoch of a phase, and the seconds it took."""
    records = [record for record in state.history if record["phase"] == phase]
    if not records:
        return {}
    best = min(records, key=lambda record: record["val_loss"])
    return {
        "val_loss": best["val_loss"],
        "val_accuracy": best["val_accuracy"],
        "seconds": round(sum(record["seconds"] for record in records), 3),
    }
