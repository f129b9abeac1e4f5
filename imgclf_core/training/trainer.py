"""The `train` job: from a data set and settings to a tested run.

Stages: reading photos, computing features (pretrained network only), training, fine-tuning where
asked for, testing. The downloadable model is packed by another job afterwards, so the result is on
screen first. A job in a folder that has a checkpoint goes on from there.
"""

import importlib.metadata
from dataclasses import replace
from pathlib import Path

import numpy as np

from imgclf_core import config
from imgclf_core.datasets.dataset import groups_of
from imgclf_core.datasets.split import SIDES, TRAINING, VALIDATION
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.metrics import classification
from imgclf_core.runs import calibration, checkpoint, ood_detector, predictions, run_store
from imgclf_core.runs.calibration import Calibration
from imgclf_core.runs.predictions import Predictions
from imgclf_core.runs.run import Run
from imgclf_core.support import atomic_files, row_store
from imgclf_core.training import (
    from_scratch,
    head_training,
    temperature,
    time_estimate,
    training_data,
)
from imgclf_core.training.training_data import Material
from imgclf_core.training.training_result import Learnt

_LIBRARIES = ("tensorflow", "keras", "numpy", "pillow", "ai-edge-litert")


def run_job(folder: Path, params: dict, reporter: Reporter) -> dict:
    """Trains the run whose `config.json` lies in `folder`.

    Args:
        folder: Of the run.
        params: `profile`, and `go_on` where an ended training shall be continued.
        reporter: Listens.

    Raises:
        DatasetError: A class is too small.
        JobStoppedError: The person stopped it before anything was learnt.
    """
    record = run_store.load(folder)
    photos = training_data.of_run(record)
    record = replace(record, class_names=photos.class_names, versions=_versions())
    run_store.save(record)
    reporter.plan(time_estimate.seconds_by_stage(record.settings, len(photos.photos)))
    resumed = checkpoint.exists(folder)
    train = head_training.train if record.settings.on_backbone else from_scratch.train
    learnt = train(record, photos, params.get("go_on", False), reporter)
    report = finish(run_store.load(folder), photos, learnt, reporter)
    state = learnt.state
    if not resumed and not state.stopped and len(state.history) == record.settings.planned_epochs:
        time_estimate.learn(record.settings, len(photos.photos), reporter.seconds)
    row_store.sweep(config.limits(params.get("profile", config.PERSONAL)).cache_bytes)
    return {"test_accuracy": report.get("test", {}).get("accuracy")}


def finish(record: Run, photos: Material, learnt: Learnt, reporter: Reporter) -> dict:
    """Writes what was learnt, the scores of every photo and the report, which comes last.

    The temperature is found here and made part of the last layer, so that whatever answers with
    what was learnt, here or elsewhere, gives the same scores.
    """
    plain = Predictions(
        files=np.array([photo.file for photo in photos.photos]),
        names=np.array([photo.name for photo in photos.photos]),
        labels=photos.labels,
        sides=photos.sides,
        scores=learnt.scores.astype(np.float32),
    )
    own = _calibrated(record, plain)
    answers = replace(plain, scores=calibration.apply(plain.scores, own.temperature))
    report = {
        side: classification.evaluate(part.labels, part.scores, photos.class_names).to_json()
        for side in SIDES
        if len(part := answers.of(side))
    }
    report |= learnt.report()
    known = _gate(photos, learnt, record.settings.seed)
    report["seconds"] = _seconds(learnt, reporter.seconds)
    # A kill from here on leaves no result rather than half of two.
    run_store.forget_result(record.folder)
    kernel_and_bias = [array / np.float32(own.temperature) for array in learnt.arrays[-2:]]
    run_store.save_learnt(record.folder, [*learnt.arrays[:-2], *kernel_and_bias])
    calibration.save(record.folder, own)
    if known is not None:
        ood_detector.save(record.folder, known)
    predictions.save(record.folder / run_store.PREDICTIONS_FILE, answers)
    atomic_files.write_json(record.folder / run_store.REPORT_FILE, report)
    return report


def _gate(photos: Material, learnt: Learnt, seed: int) -> ood_detector.Gate | None:
    """What tells foreign photos, from a sample that is as large for any number of photos."""
    if learnt.embed is None:
        return None

    def some(side: str) -> np.ndarray:
        at = photos.at(side)
        return at[ood_detector.sample(photos.labels[at], seed)]

    rows, check = some(TRAINING), some(VALIDATION)
    embeddings = learnt.embed(np.concatenate([rows, check]))
    return ood_detector.fit(
        embeddings[: len(rows)],
        groups_of(photos.photos)[rows],
        embeddings[len(rows) :],
        learnt_from=not learnt.last_layer_only,
    )


def _calibrated(record: Run, answers: Predictions) -> Calibration:
    """The temperature of these answers; a threshold that was chosen before stays."""
    validation = answers.of(VALIDATION)
    found = temperature.fit(validation.labels, validation.scores)
    return replace(found, threshold=calibration.load(record.folder).threshold)


def _seconds(learnt: Learnt, spent: dict[str, float]) -> dict[str, float]:
    decode = learnt.decode_wall_seconds
    return {
        "decode": round(decode, 3),
        "features": round(max(spent.get(time_estimate.FEATURES, 0.0) - decode, 0.0), 3),
        "fit": round(
            spent.get(time_estimate.TRAINING, 0) + spent.get(time_estimate.FINE_TUNING, 0), 3
        ),
        "total": round(sum(spent.values()), 3),
    }


def _versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in _LIBRARIES}
