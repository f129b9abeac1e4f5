"""The pretrained network: features once, then its last layer, then perhaps its upper blocks."""

import contextlib
import importlib
import threading

import numpy as np

from imgclf_core.errors import JobStoppedError
from imgclf_core.jobs import events
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.networks import mobilenet_v2
from imgclf_core.networks.embeddings import Timing
from imgclf_core.runs import checkpoint
from imgclf_core.runs.run import Run
from imgclf_core.training import backbone_features, time_estimate
from imgclf_core.training.training_data import Material
from imgclf_core.training.training_result import Learnt

# 1,280 features for each class and few photos: the last layer must be held back. Of the values
# from 1e-4 to 5 tried on scenes, signs and heroes, 2 did best with one varied copy a photo.
HEAD_DECAY = 2.0


def train(record: Run, material: Material, go_on: bool, reporter: Reporter) -> Learnt:
    """Trains the last layer, and the upper blocks where the settings say so."""
    with _importing("keras"):
        # TensorFlow takes seconds to import; LiteRT computes features meanwhile.
        record = backbone_features.resolve_weights(record, reporter)
        timing = Timing()
        found = backbone_features.find_features(record, material, reporter, timing)
    return _learn(record, material, found, go_on, reporter, timing)


def _learn(
    record: Run,
    material: Material,
    found: backbone_features.Features,
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


@contextlib.contextmanager
def _importing(module: str):
    """Imports a module on another thread, and waits for it at the end of the block."""
    thread = threading.Thread(target=importlib.import_module, args=(module,))
    thread.start()
    try:
        yield
    finally:
        thread.join()
