"""Networks that start knowing nothing and learn from pixels."""

import time
from dataclasses import replace

import numpy as np

from imgclf_core.datasets.split import TRAINING
from imgclf_core.jobs import memory
from imgclf_core.jobs.reporter import Reporter, progress_of
from imgclf_core.networks import catalogue, scratch_cnn
from imgclf_core.runs import checkpoint, run_store
from imgclf_core.runs.run import Run
from imgclf_core.training import pixels, time_estimate
from imgclf_core.training.training_data import Material
from imgclf_core.training.training_result import Learnt, embedder

DECAY = 0.01
# Memory of a training, measured with the scratch CNN: TensorFlow itself, and each photo of a
# batch for each of its pixels, with all that has to be kept for the way back.
_BASE_BYTES, _BYTES_A_PIXEL = 600e6, 300
_SMALLEST_BATCH = 4
# Photos whose activation maps are kept for networks that need Keras for them.
_MOST_MAPS = 2000


def train(record: Run, material: Material, go_on: bool, reporter: Reporter) -> Learnt:
    """Trains the network of the run."""
    reporter.stage(time_estimate.READING, len(material.photos))
    record = fitting(record)
    settings = record.settings
    reporter.advise(
        f"It trained with {settings.batch_size} photos of {settings.image_size} pixels at once: "
        f"try {max(settings.batch_size // 2, 1)}, or smaller photos."
    )
    started = time.perf_counter()
    stored, positions = pixels.stored(
        material.sources(), settings.image_size, settings.fit, progress_of(reporter)
    )
    decode_seconds = time.perf_counter() - started
    import keras

    from imgclf_core.training import training_loop
    from imgclf_core.training.batches import Batches, Rows

    keras.utils.set_random_seed(settings.seed)
    state = training_loop.begin(record.folder, training_loop.LEARNING, go_on, reporter)
    reporter.stage(time_estimate.TRAINING, settings.epochs, already=len(state.history))
    targets, alike = material.targets, np.ones(len(material.photos), np.float32)

    def rows(chosen: np.ndarray, weights: np.ndarray) -> Rows:
        return Rows(stored, positions[chosen], targets[chosen], weights[chosen])

    model = catalogue.FROM_PIXELS[settings.model].build(
        settings.image_size, len(material.class_names), settings.dropout, settings.seed
    )
    decay = DECAY if settings.weight_decay is None else settings.weight_decay
    training_loop.fit(
        model,
        Batches(
            rows(material.training_rows(), material.photo_weights(settings)),
            settings.batch_size,
            settings.seed,
            settings.augmentation,
        ),
        Batches(rows(material.validation_rows(), alike), settings.batch_size),
        settings,
        training_loop.Phase(training_loop.LEARNING, settings.epochs, settings.learning_rate, decay),
        state,
        reporter,
        record.folder,
    )
    reporter.stage(time_estimate.TESTING, may_stop=False)
    model.set_weights(state.best)
    everything = Batches(rows(np.arange(len(material.photos)), alike), settings.batch_size)
    scores = model.predict(everything, verbose=0)
    if settings.model != scratch_cnn.NAME:
        shown = _shown(material)
        drawn = Batches(rows(shown, alike), settings.batch_size)
        _save_maps(record, material, model, drawn, shown, scores)
    embed = embedder(
        model, model.layers[-1].input, lambda some: Batches(rows(some, alike), settings.batch_size)
    )
    return Learnt(state.best, scores, state, decode_seconds, embed=embed)


def _shown(material: Material) -> np.ndarray:
    """Photos that are looked at in Evaluate: those it did not learn from."""
    return np.flatnonzero(material.sides != TRAINING)[:_MOST_MAPS]


def _save_maps(record, material: Material, model, drawn, shown: np.ndarray, scores) -> None:
    """Where it looked; these networks cannot tell without Keras, so it is kept."""
    from imgclf_core.networks import gradient_maps

    if len(shown):
        batches = (drawn[i][0] for i in range(len(drawn)))
        found = gradient_maps.maps(model, batches, scores[shown].argmax(axis=1))
        run_store.save_maps(record.folder, [material.photos[i].file for i in shown], found)


def fitting(record: Run) -> Run:
    """The run with a batch that fits into the free memory; one that goes on keeps its own."""
    settings = record.settings
    if checkpoint.exists(record.folder):
        return record
    room = memory.allowed() - memory.anonymous() - _BASE_BYTES
    batch_size = settings.batch_size
    while batch_size > _SMALLEST_BATCH and batch_bytes(settings.image_size, batch_size) > room:
        batch_size //= 2
    if batch_size == settings.batch_size:
        return record
    note = f"Trained with {batch_size} photos at once, not {settings.batch_size}, to fit in memory."
    record = replace(record, settings=replace(settings, batch_size=batch_size), note=note)
    run_store.save(record)
    return record


def batch_bytes(image_size: int, batch_size: int) -> float:
    """Bytes that a batch needs while the network learns from it."""
    return batch_size * image_size**2 * _BYTES_A_PIXEL
