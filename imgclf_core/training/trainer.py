"""The `train` job: from a data set and settings to a tested run.

Stages: reading photos, computing features (pretrained network only), training, fine-tuning where
asked for, testing. The
downloadable model is packed by another job afterwards, so the result is on screen first. A job
in a folder that has a checkpoint goes on from there.
"""

import importlib.metadata
from dataclasses import replace
from pathlib import Path

import numpy as np

from imgclf_core import config, files
from imgclf_core.data import cache
from imgclf_core.data.dataset import groups_of
from imgclf_core.data.layout import SIDES, TRAINING, VALIDATION
from imgclf_core.evaluation import calibration, gate, metrics, predictions, temperature
from imgclf_core.evaluation.calibration import Calibration
from imgclf_core.evaluation.predictions import Predictions
from imgclf_core.jobs.events import Reporter
from imgclf_core.training import checkpoint, estimate, head_training, material, pixel_training, run
from imgclf_core.training.learning import Learnt
from imgclf_core.training.material import Material
from imgclf_core.training.run import Run

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
    record = run.load(folder)
    photos = material.of_run(record)
    record = replace(record, class_names=photos.class_names, versions=_versions())
    run.save(record)
    reporter.plan(estimate.seconds_by_stage(record.settings, len(photos.photos)))
    resumed = checkpoint.exists(folder)
    train = head_training.train if record.settings.on_backbone else pixel_training.train
    learnt = train(record, photos, params.get("go_on", False), reporter)
    report = finish(run.load(folder), photos, learnt, reporter)
    state = learnt.state
    if not resumed and not state.stopped and len(state.history) == record.settings.planned_epochs:
        estimate.learn(record.settings, len(photos.photos), reporter.seconds)
    cache.sweep(config.limits(params.get("profile", config.PERSONAL)).cache_bytes)
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
        side: metrics.evaluate(part.labels, part.scores, photos.class_names).to_json()
        for side in SIDES
        if len(part := answers.of(side))
    }
    report |= learnt.report()
    known = _gate(photos, learnt, record.settings.seed)
    report["seconds"] = _seconds(learnt, reporter.seconds)
    run.forget_result(record.folder)  # a kill from here on leaves none rather than half of two
    kernel_and_bias = [array / np.float32(own.temperature) for array in learnt.arrays[-2:]]
    run.save_learnt(record.folder, [*learnt.arrays[:-2], *kernel_and_bias])
    calibration.save(record.folder, own)
    if known is not None:
        gate.save(record.folder, known)
    predictions.save(record.folder / run.PREDICTIONS_FILE, answers)
    files.write_json(record.folder / run.REPORT_FILE, report)
    return report


def _gate(photos: Material, learnt: Learnt, seed: int) -> gate.Gate | None:
    """What tells foreign photos, from a sample that is as large for any number of photos."""
    if learnt.embed is None:
        return None

    def some(side: str) -> np.ndarray:
        at = photos.at(side)
        return at[gate.sample(photos.labels[at], seed)]

    rows, check = some(TRAINING), some(VALIDATION)
    embeddings = learnt.embed(np.concatenate([rows, check]))
    return gate.fit(
        embeddings[: len(rows)], groups_of(photos.photos)[rows], embeddings[len(rows) :],
        learnt_from=not learnt.last_layer_only,
    )  # fmt: skip


def _calibrated(record: Run, answers: Predictions) -> Calibration:
    """The temperature of these answers; a threshold that was chosen before stays."""
    validation = answers.of(VALIDATION)
    found = temperature.fit(validation.labels, validation.scores)
    return replace(found, threshold=calibration.load(record.folder).threshold)


def _seconds(learnt: Learnt, spent: dict[str, float]) -> dict[str, float]:
    decode = learnt.decode_wall_seconds
    return {
        "decode": round(decode, 3),
        "features": round(max(spent.get(estimate.FEATURES, 0.0) - decode, 0.0), 3),
        "fit": round(spent.get(estimate.TRAINING, 0) + spent.get(estimate.FINE_TUNING, 0), 3),
        "total": round(sum(spent.values()), 3),
    }


def _versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in _LIBRARIES}
