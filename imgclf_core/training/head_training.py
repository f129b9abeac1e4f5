"""The pretrained network: features once, then its last layer, then perhaps its upper blocks."""

import contextlib
import importlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from imgclf_core.analysis import outlier_job
from imgclf_core.datasets.checks import outliers
from imgclf_core.errors import JobStoppedError
from imgclf_core.jobs import events
from imgclf_core.jobs.events import Reporter
from imgclf_core.networks import embeddings, mobilenet_v2, weights
from imgclf_core.networks.embeddings import Recipe, Timing
from imgclf_core.networks.weights import Weights
from imgclf_core.runs import checkpoint, run_store
from imgclf_core.runs.run_store import Run
from imgclf_core.training import time_estimate
from imgclf_core.training.training_data import Material
from imgclf_core.training.training_result import Learnt, progress_of

# 1,280 features for each class and few photos: the last layer must be held back. Of the values
# from 1e-4 to 5 tried on scenes, signs and heroes, 2 did best with one varied copy a photo.
HEAD_DECAY = 2.0


@dataclass(frozen=True)
class Features:
    """What the frozen network says of photos.

    Attributes:
        recipe: How it was asked.
        stored: float32 (M, 1280), a memory map.
        positions: int64 (N, 1 + views), the row of each photo and of its varied copies in it;
            copies are known for training photos only.
    """

    recipe: Recipe
    stored: np.ndarray
    positions: np.ndarray

    @property
    def plain(self) -> np.ndarray:
        """float32 (N, 1280), of the photos as they are."""
        return np.asarray(self.stored[self.positions[:, 0]])


def train(record: Run, material: Material, go_on: bool, reporter: Reporter) -> Learnt:
    """Trains the last layer, and the upper blocks where the settings say so."""
    with _importing("keras"):
        # TensorFlow takes seconds to import; LiteRT computes features meanwhile.
        record = resolve_weights(record, reporter)
        timing = Timing()
        found = find_features(record, material, reporter, timing)
    return _learn(record, material, found, go_on, reporter, timing)


def resolve_weights(record: Run, reporter: Reporter) -> Run:
    """Finds the pretrained weights and notes in the run which they are."""
    reporter.stage(time_estimate.READING)
    settings = record.settings
    if record.weights:  # a training that goes on stays with what it began with
        path = weights.path_of(record.weights["sha256"], settings.weights)
        weights.backbone(Weights(path=path, **record.weights))
        return record
    chosen = weights.resolve(settings.weights, settings.image_size)
    record = replace(
        record, weights={"source": chosen.source, "sha256": chosen.sha256, "note": chosen.note}
    )
    weights.backbone(chosen)
    run_store.save(record)
    return record


def recipe_of(record: Run) -> Recipe:
    """How features of a run are computed."""
    settings, sha256 = record.settings, record.weights["sha256"]
    return Recipe(
        backbone=weights.backbone_path(sha256),
        weights_sha256=sha256,
        image_size=settings.image_size,
        fit=settings.fit,
        augmentation=settings.augmentation,
    )


def find_features(
    record: Run, material: Material, reporter: Reporter, timing: Timing | None = None
) -> Features:
    """Features of all photos, and of varied copies of the training photos."""
    recipe, sources = recipe_of(record), material.sources()
    rows = np.unique(material.training_rows())
    views = record.settings.views if recipe.augmentation.active else 0
    already = embeddings.known(sources, recipe)
    reporter.stage(
        time_estimate.FEATURES, len(sources) + (len(rows) if views else 0), already=already
    )
    on_progress = progress_of(reporter)
    stored, first = embeddings.compute(sources, recipe, on_progress=on_progress, timing=timing)
    _look(material, recipe, lambda: np.asarray(stored[first[:, 0]]))
    positions = np.repeat(first, 1 + views, axis=1)
    if views:
        stored, positions[rows] = embeddings.compute(
            [sources[i] for i in rows],
            recipe,
            views,
            lambda done: on_progress(len(sources) + done),
            timing,
        )
    return Features(recipe, stored, positions)


def _learn(
    record: Run,
    material: Material,
    found: Features,
    go_on: bool,
    reporter: Reporter,
    timing: Timing,
) -> Learnt:
    import keras

    from imgclf_core.training import fine_tuning, training_loop
    from imgclf_core.training.batches import Batches, Rows

    settings = record.settings
    keras.utils.set_random_seed(settings.seed)
    state = training_loop.begin(record.folder, training_loop.LEARNING, go_on, reporter)
    reporter.stage(
        time_estimate.TRAINING, settings.epochs, already=min(len(state.history), settings.epochs)
    )
    rows, check = material.training_rows(), material.validation_rows()
    views = found.positions.shape[1]
    plain = found.plain
    if state.phase == training_loop.LEARNING:
        drawn = Rows(
            found.stored,
            found.positions[rows].ravel(),
            np.repeat(material.targets[rows], views, axis=0),
            np.repeat(material.photo_weights(settings)[rows], views),
        )
        decay = HEAD_DECAY if settings.weight_decay is None else settings.weight_decay
        training_loop.fit(
            mobilenet_v2.build_head(len(material.class_names), settings.dropout, settings.seed),
            Batches(drawn, settings.batch_size, settings.seed),
            (plain[check], material.targets[check]),
            settings,
            training_loop.Phase(
                training_loop.LEARNING, settings.epochs, settings.learning_rate, decay, True
            ),
            state,
            reporter,
            record.folder,
        )
    if (
        settings.fine_tune
        and state.stopped in ("", training_loop.PATIENCE)
        or state.phase != training_loop.LEARNING
    ):
        try:
            return fine_tuning.train(record, material, plain, state, reporter, timing)
        except JobStoppedError:
            reporter.raise_if_discarded()
            if state.history[-1]["phase"] != training_loop.LEARNING:
                raise  # what is best may be of the upper blocks, which are not built again here
            # Between the phases: the last layer is there.
            state.stopped = events.stop_reason(reporter.folder)
            checkpoint.save(record.folder, state)
    reporter.stage(time_estimate.TESTING, may_stop=False)
    scores = mobilenet_v2.apply_head(plain, *state.best)
    return Learnt(state.best, scores, state, timing.seconds, embed=plain.__getitem__)


def _look(material: Material, recipe: Recipe, plain: Callable[[], np.ndarray]) -> None:
    """Finds unusual photos where the features at hand are those that are looked at for it."""
    fixed = outlier_job.fixed_recipe()
    everything = len(material.photos) == len(material.dataset.photos)
    same = recipe.store.folder == fixed.store.folder
    if everything and same and not outliers.looked_at(material.dataset):
        outliers.save(material.dataset, plain())


@contextlib.contextmanager
def _importing(module: str):
    """Imports a module on another thread, and waits for it at the end of the block."""
    thread = threading.Thread(target=importlib.import_module, args=(module,))
    thread.start()
    try:
        yield
    finally:
        thread.join()
