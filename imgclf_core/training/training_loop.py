"""The fit itself: Keras, and one callback that reports, keeps the best, and can stop and go on.

A training has one or two phases: the scratch CNN or the last layer, then perhaps fine-tuning.
Epochs are counted over both. Knows nothing of data sets; `training/trainer.py` brings the two
together.
"""

import math
import time
from dataclasses import dataclass
from pathlib import Path

import keras

from imgclf_core.errors import JobError, JobStoppedError
from imgclf_core.jobs import events
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.runs import checkpoint
from imgclf_core.runs.checkpoint import State
from imgclf_core.runs.settings import COSINE, TrainingSettings
from imgclf_core.training.batches import Batches

# An improvement smaller than this does not count.
LEAST_IMPROVEMENT = 1e-4
LEARNING, FINE_TUNING = "learning", "fine-tuning"
PATIENCE, NOT_FINITE = "patience", "not finite"  # beside those of `events.ASKED`
# Steps between two looks at the stop flag where a whole epoch takes no second.
_STEPS_AT_ONCE = 64


@dataclass(frozen=True)
class Phase:
    """What one phase does.

    Attributes:
        name: `learning` or `fine-tuning`.
        epochs: At most.
        learning_rate: Highest one.
        weight_decay: Pull of all weights towards zero, in units of the rate; 0 for Adam.
        small_steps: Whether a step takes so little that many are run at once.
    """

    name: str
    epochs: int
    learning_rate: float
    weight_decay: float
    small_steps: bool = False


class Progress(keras.callbacks.Callback):
    """Reports every epoch, keeps the best one, writes checkpoints, and stops when asked.

    Args:
        reporter: Listens.
        state: Where the training stands; changed in place.
        folder: Of the run.
        patience: Epochs without improvement after which to stop; 0 never.
        photos: Photos of an epoch, for the rate on screen.
    """

    def __init__(self, reporter: Reporter, state: State, folder: Path, patience: int, photos: int):
        super().__init__()
        self._reporter, self._state, self._folder = reporter, state, folder
        self._patience, self._photos = patience, photos
        self._started = 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self._started = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        if self._reporter.stop_requested():
            self._reporter.raise_if_discarded()
            self._stop(events.stop_reason(self._reporter.folder))

    def on_epoch_end(self, epoch, logs=None):
        state = self._state
        if state.stopped in events.ASKED:
            return  # an epoch cut short is no measurement
        record = {name: float(logs[name]) for name in _LOGGED}
        if not all(math.isfinite(value) for value in record.values()):
            self._stop(NOT_FINITE)
            return
        number = state.phase_began + epoch + 1
        best = state.best_loss is None or record["val_loss"] < state.best_loss - LEAST_IMPROVEMENT
        if best:
            state.best_loss, state.best_epoch = record["val_loss"], number
            state.best = self.model.get_weights()
        seconds = time.perf_counter() - self._started
        record |= {
            "epoch": number,
            "best": best,
            "phase": state.phase,
            "seconds": round(seconds, 4),
            "photos_a_second": round(self._photos / max(seconds, 1e-6), 1),
            "learning_rate": float(self.model.optimizer.learning_rate),
        }
        state.history.append(record)
        state.model = [keras.ops.convert_to_numpy(v) for v in self.model.variables]
        state.optimizer = [keras.ops.convert_to_numpy(v) for v in self.model.optimizer.variables]
        since = max(state.best_epoch, state.phase_began, state.patience_from)
        if self._patience and number - since >= self._patience:
            self._stop(PATIENCE)
        self._reporter.record("epoch", **record)
        checkpoint.save(self._folder, state)
        self._reporter.progress(epoch + 1)

    def _stop(self, why: str) -> None:
        self._state.stopped = why
        self.model.stop_training = True


_LOGGED = ("loss", "accuracy", "val_loss", "val_accuracy")


def begin(folder: Path, phase: str, go_on: bool, reporter: Reporter) -> State:
    """Where a training stands: at its start, or where its checkpoint left it.

    Args:
        folder: Of the run.
        phase: The first one.
        go_on: Whether an ended training shall be continued.
        reporter: Told from which epoch on epochs follow.
    """
    state = checkpoint.load(folder) or State(phase)
    if go_on and state.history:
        state.stopped, state.patience_from = "", len(state.history)
        checkpoint.save(folder, state)  # so that a kill from here on goes on as well
    reporter.record("fit", after_epoch=len(state.history))
    return state


def fit(
    model: keras.Model,
    training: Batches,
    validation,
    settings: TrainingSettings,
    phase: Phase,
    state: State,
    reporter: Reporter,
    folder: Path,
) -> None:
    """Trains a model that ends in softmax scores through one phase.

    Args:
        model: Fresh weights, not compiled.
        training: What to learn from.
        validation: Arrays (x, one-hot y) or `Batches`.
        settings: Optimiser, schedule and patience.
        phase: Epochs and rate.
        state: From `begin`; changed in place. Then it holds the best epoch by validation loss.
        reporter: Told of every epoch.
        folder: Of the run, for the checkpoint.

    Raises:
        JobStoppedError: Stopped before one epoch was finished.
        JobError: The loss was no number before one epoch was finished.
    """
    steps = len(training)
    model.compile(
        optimizer=_optimizer(settings, phase, steps),
        loss="categorical_crossentropy",
        weighted_metrics=[],
        metrics=["accuracy"],
        steps_per_execution=min(steps, _STEPS_AT_ONCE) if phase.small_steps else 1,
    )
    model.optimizer.build(model.trainable_variables)
    done = len(state.history) - state.phase_began
    if state.model:
        _restore(model, state)
    if not state.stopped and done < phase.epochs:
        training.start_epoch(done)
        progress = Progress(reporter, state, folder, settings.patience, len(training.rows))
        # The batches order themselves, by seed and epoch.
        model.fit(
            training,
            validation_data=validation,
            shuffle=False,
            verbose=0,
            initial_epoch=done,
            epochs=phase.epochs,
            callbacks=[progress],
        )
    if not state.best:
        raise _nothing_to_keep(state.stopped)
    if state.history:
        checkpoint.save(folder, state)  # with the reason it stopped


def next_phase(state: State, name: str) -> None:
    """Begins another phase, unless the training is in it already."""
    if state.phase != name:
        state.phase, state.phase_began = name, len(state.history)
        state.model, state.optimizer, state.stopped = [], [], ""


def _restore(model: keras.Model, state: State) -> None:
    for variable, array in zip(model.variables, state.model, strict=True):
        variable.assign(array)
    for variable, array in zip(model.optimizer.variables, state.optimizer, strict=True):
        variable.assign(array)


def _optimizer(settings: TrainingSettings, phase: Phase, steps: int) -> keras.optimizers.Optimizer:
    """Adam at one rate, or AdamW, warming up for a twentieth of all steps, then down a cosine."""
    if settings.schedule != COSINE:
        rate: object = phase.learning_rate
    else:
        total = max(phase.epochs * steps, 1)
        warm_up = max(total // 20, 1)
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=phase.learning_rate / 10,
            decay_steps=max(total - warm_up, 1),
            alpha=0.01,
            warmup_target=phase.learning_rate,
            warmup_steps=warm_up,
        )
    if phase.weight_decay:
        return keras.optimizers.AdamW(rate, weight_decay=phase.weight_decay)
    return keras.optimizers.Adam(rate)


def _nothing_to_keep(stopped: str) -> Exception:
    if stopped == NOT_FINITE:
        return JobError(
            "The training ran away: the loss is no longer a number. Choose a learning rate ten "
            "times smaller."
        )
    return JobStoppedError("Stopped before the first epoch was finished; there is nothing to keep.")
