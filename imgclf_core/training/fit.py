"""The fit itself: Keras, and one callback that reports, keeps the best and can stop.

Knows nothing of data sets or folders; `training/trainer.py` brings the two together.
"""

import math
import time
from dataclasses import dataclass

import keras
import numpy as np

from imgclf_core.errors import JobStoppedError
from imgclf_core.jobs.events import Reporter
from imgclf_core.training.settings import TrainingSettings

# An improvement smaller than this does not count.
LEAST_IMPROVEMENT = 1e-4


@dataclass(frozen=True)
class FitResult:
    """How a fit ended.

    Attributes:
        weights: Arrays of the best epoch, in the order of `keras.Model.get_weights`.
        best_epoch: Counted from 1; the one with the lowest validation loss.
        epochs_run: Epochs finished.
        stopped: `person`, `patience`, `not finite` or empty.
    """

    weights: list[np.ndarray]
    best_epoch: int
    epochs_run: int
    stopped: str


class Progress(keras.callbacks.Callback):
    """Reports every epoch, keeps the weights of the best one, and stops when asked.

    Args:
        reporter: Listens.
        patience: Epochs without improvement after which to stop; 0 never.
    """

    def __init__(self, reporter: Reporter, patience: int):
        super().__init__()
        self._reporter, self._patience = reporter, patience
        self.best_weights: list[np.ndarray] | None = None
        self.best_epoch, self.epochs_run, self.stopped = 0, 0, ""
        self._best_loss, self._started = math.inf, 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self._started = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        if self._reporter.stop_requested():
            self.stopped = "person"
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None):
        if self.stopped == "person":
            return  # an epoch cut short is no measurement
        record = {name: float(logs[name]) for name in _LOGGED}
        if not all(math.isfinite(value) for value in record.values()):
            self.stopped = "not finite"
            self.model.stop_training = True
            return
        self.epochs_run = epoch + 1
        best = record["val_loss"] < self._best_loss - LEAST_IMPROVEMENT
        if best:
            self._best_loss, self.best_epoch = record["val_loss"], epoch + 1
            self.best_weights = self.model.get_weights()
        self._reporter.record(
            "epoch", epoch=epoch + 1, **record, best=best,
            seconds=round(time.perf_counter() - self._started, 4),
            learning_rate=float(self.model.optimizer.learning_rate),
        )  # fmt: skip
        self._reporter.progress(epoch + 1)
        if self._patience and epoch + 1 - self.best_epoch >= self._patience:
            self.stopped = "patience"
            self.model.stop_training = True


_LOGGED = ("loss", "accuracy", "val_loss", "val_accuracy")


def fit(
    model: keras.Model, training, validation, settings: TrainingSettings,
    reporter: Reporter, steps_per_epoch: int, weight_decay: float,
) -> FitResult:  # fmt: skip
    """Trains a model that ends in softmax scores.

    Args:
        model: Fresh weights, not compiled.
        training: A `PyDataset`, or arrays (x, one-hot y, weights).
        validation: Arrays (x, one-hot y) or a `PyDataset`.
        settings: Rates and epochs.
        reporter: Told of every epoch.
        steps_per_epoch: Batches of an epoch, for the schedule of the rate.
        weight_decay: Pull of all weights towards zero, in units of the rate.

    Returns:
        The best epoch by validation loss.

    Raises:
        JobStoppedError: Stopped before one epoch was finished.
    """
    progress = Progress(reporter, settings.patience)
    model.compile(
        optimizer=_optimizer(settings, steps_per_epoch, weight_decay),
        loss="categorical_crossentropy",
        weighted_metrics=[],
        metrics=["accuracy"],
    )
    options = {"epochs": settings.epochs, "verbose": 0, "callbacks": [progress]}
    if isinstance(training, tuple):
        x, y, weights = training
        model.fit(
            x, y, sample_weight=weights, batch_size=settings.batch_size,
            validation_data=validation, **options,
        )  # fmt: skip
    else:
        # The batches order themselves, by seed and epoch.
        model.fit(training, validation_data=validation, shuffle=False, **options)
    if progress.best_weights is None:
        raise _nothing_to_keep(progress.stopped)
    return FitResult(
        progress.best_weights, progress.best_epoch, progress.epochs_run, progress.stopped
    )


def _optimizer(
    settings: TrainingSettings, steps_per_epoch: int, weight_decay: float
) -> keras.optimizers.Optimizer:
    """AdamW, warming up for a twentieth of all steps, then down along a cosine to nearly zero."""
    steps = max(settings.epochs * steps_per_epoch, 1)
    warm_up = max(steps // 20, 1)
    rate = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=settings.learning_rate / 10,
        decay_steps=max(steps - warm_up, 1),
        alpha=0.01,
        warmup_target=settings.learning_rate,
        warmup_steps=warm_up,
    )
    return keras.optimizers.AdamW(rate, weight_decay=weight_decay)


def _nothing_to_keep(stopped: str) -> Exception:
    from imgclf_core.errors import JobError

    if stopped == "not finite":
        return JobError(
            "The training ran away: the loss is no longer a number. Choose a learning rate ten "
            "times smaller."
        )
    return JobStoppedError("Stopped before the first epoch was finished; there is nothing to keep.")
