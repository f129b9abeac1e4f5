"""What stands in for the heavy parts of jobs, so that hundreds of them fit into a test.

Everything that touches the disk stays as it is: only Keras, LiteRT and the proof in fresh
processes are replaced, and whatever looks at memory or time. It is applied by `monkeypatch` here
and by plain assignment in a worker of its own, see `forking.py`.
"""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from imgclf_core.analysis import embedding_map
from imgclf_core.analysis.label_issues import label_job
from imgclf_core.analysis.label_issues.ranking import LabelIssues
from imgclf_core.bundles.reader import rebuild
from imgclf_core.bundles.writer import samples, verify
from imgclf_core.bundles.writer.samples import Sample
from imgclf_core.bundles.writer.verify import ARTEFACTS, Proven
from imgclf_core.inference import predictor
from imgclf_core.jobs import admission, events, memory, queue, reporter, time_limits, worker
from imgclf_core.jobs.reporter import progress_of
from imgclf_core.networks import embeddings
from imgclf_core.runs import checkpoint
from imgclf_core.runs.checkpoint import State
from imgclf_core.support import file_system
from imgclf_core.training import from_scratch, packaging, pixels, time_estimate
from imgclf_core.training.training_result import Learnt
from tests.inference.test_batches import COLOURS

SIDE = 8  # pixels


def apply(put: Callable[[object, str, object], None]) -> None:
    """Replaces them.

    What the system holds back nobody cuts the power to see: bringing it onto the disk is still
    counted, and fails in its turn, but it is not waited for.

    Args:
        put: As `setattr`.
    """
    for module, name, value in (
        (os, "fsync", lambda number: None),
        (worker, "_end_with_folder", lambda reporter: None),
        (worker, "_give_way", lambda kind, folder, decided, reporter: None),  # it ends the process
        (memory, "offer_as_first_victim", lambda: None),
        (memory, "anonymous", lambda: 0),
        (admission, "wait_for_memory", lambda lane, need, reporter: None),
        (time_limits, "SECONDS_BETWEEN_LOOKS", 60.0),
        (events, "_TRIES", 1),
        (reporter, "SECONDS_BETWEEN_WRITES", 0.0),  # so that each run has as many operations
        (queue, "_launch", lambda folder: None),  # of the job that follows
        (from_scratch, "train", learn),
        (embeddings, "compute", seen),
        (packaging, "build", lambda record: (Network(), Network())),
        (verify, "prove", prove),
        (samples, "made", lambda run, model, own: drawn()),
        (predictor, "open_run", lambda run: None),
        (rebuild, "_check_samples", lambda record, content, reporter: None),
        (predictor, "open_folder", lambda path: COLOURS),
        (label_job, "rank", rank),
        (embedding_map, "place", lambda rows: rows[:, :2].astype(np.float32)),
    ):
        put(module, name, value)


def learn(record, material, go_on, reporter) -> Learnt:
    """A training by least squares that takes a step an epoch, with a checkpoint after each."""
    reporter.stage(time_estimate.READING, len(material.photos))
    stored, positions = pixels.stored(
        material.sources(), SIDE, record.settings.fit, progress_of(reporter)
    )
    x = stored[positions].reshape(len(positions), -1).astype(np.float32) / 255
    state = checkpoint.load(record.folder) or State("learning")
    reporter.record("fit", after_epoch=len(state.history))
    epochs = record.settings.epochs
    reporter.stage(time_estimate.TRAINING, epochs, already=len(state.history))
    kernel = state.model[0] if state.model else np.zeros((x.shape[1], 2), np.float32)
    for epoch in range(len(state.history) + 1, epochs + 1):
        kernel = kernel + 0.01 * x.T @ (material.targets - _softmax(x @ kernel))
        state.history.append({"epoch": epoch, "phase": "learning"})
        state.model = state.best = [kernel, np.zeros(2, np.float32)]
        state.best_epoch = epoch
        reporter.record(
            "epoch",
            epoch=epoch,
            loss=1.0,
            accuracy=0.5,
            val_loss=1.0,
            val_accuracy=0.5,
            best=True,
            seconds=0.0,
        )
        checkpoint.save(record.folder, state)
        reporter.progress(epoch)
    reporter.stage(time_estimate.TESTING, may_stop=False)
    scores = _softmax(x @ kernel).astype(np.float32)
    return Learnt(state.best, scores, state, embed=x.__getitem__)


def _softmax(sums: np.ndarray) -> np.ndarray:
    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def seen(sources, recipe, views=0, on_progress=lambda done: None, timing=None):
    """Features: the first numbers of each file, which is read as it always is."""
    rows = [np.frombuffer(source.read()[:64].ljust(64), np.uint8) for source in sources]
    on_progress(len(rows))
    return np.stack(rows).astype(np.float32), np.arange(len(rows))[:, None]


def rank(rows, labels, groups, class_count) -> LabelIssues:
    """No label is in doubt."""
    count = len(rows)
    return LabelIssues(
        np.arange(count),
        np.ones(count, np.float32),
        np.asarray(labels),
        np.zeros(count, bool),
        np.eye(class_count, dtype=np.float32)[labels],
    )


class Network:
    """What is packed: writes as Keras does, below a name that it is given."""

    def save(self, path: Path) -> None:
        """As of `keras.Model`."""
        file_system.write(path, b"keras " * 5000)

    def export(self, path: Path, format: str, verbose: bool) -> None:  # noqa: A002 - its name
        """As of `keras.Model`."""
        file_system.write(path, b"litert " * 5000)


def drawn() -> list[Sample]:
    """Samples of which nobody asks whether they are answered."""
    scores = np.array([0.25, 0.75], np.float32)
    return [Sample(f"{i}.png", b"drawn", scores) for i in range(1, 6)]


def prove(about, contents, shown, known, reporter) -> list[Proven]:
    """All parts answer."""
    reporter.progress(1)
    return [Proven(name, "stamp", 0.0) for name in ARTEFACTS]
