"""The `first answer` job: a tested linear model of new photos in seconds, without TensorFlow.

Features of the shipped backbone and a last layer in closed form. It leaves a run like any other,
which opens in Evaluate and Classify; every later run is compared with it.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from imgclf_core.jobs.reporter import Reporter
from imgclf_core.networks import catalogue, mobilenet_v2
from imgclf_core.networks.embeddings import Timing
from imgclf_core.runs import run_store
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.training import (
    backbone_features,
    presets,
    ridge,
    time_estimate,
    trainer,
    training_data,
)
from imgclf_core.training.training_data import Material
from imgclf_core.training.training_result import Learnt

# Photos the last layer is fitted on at most; more would not change it and take minutes.
MOST_PHOTOS = 20_000


def run_job(folder: Path, params: dict, reporter: Reporter) -> dict:
    """Answers for the run whose `config.json` lies in `folder`.

    Raises:
        DatasetError: Fewer than two classes have enough photos.
    """
    record = run_store.load(folder)
    photos = training_data.of_run(record)
    record = replace(record, class_names=photos.class_names)
    run_store.save(record)
    reporter.plan(time_estimate.seconds_by_stage(record.settings, len(photos.photos)))
    record = backbone_features.resolve_weights(record, reporter)
    timing = Timing()
    plain = backbone_features.find_features(record, photos, reporter, timing).plain
    reporter.stage(time_estimate.TRAINING)
    head = _fit(record, photos, plain)
    reporter.stage(time_estimate.TESTING, may_stop=False)
    scores = mobilenet_v2.apply_head(plain, head.kernel, head.bias)
    learnt = Learnt(
        [head.kernel, head.bias], scores, decode_seconds=timing.seconds, embed=plain.__getitem__
    )
    report = trainer.finish(record, photos, learnt, reporter)
    time_estimate.learn(record.settings, len(photos.photos), reporter.seconds)
    return {"test_accuracy": report.get("test", {}).get("accuracy")}


def _fit(record: Run, photos: Material, plain: np.ndarray) -> ridge.Head:
    rows = photos.training_rows()
    if len(rows) > MOST_PHOTOS:
        rows = np.random.default_rng(record.settings.seed).permutation(rows)[:MOST_PHOTOS]
    weights = photos.photo_weights(record.settings)[rows]
    return ridge.fit(plain[rows], photos.labels[rows], len(photos.class_names), weights)


def settings(seed: int = 0) -> TrainingSettings:
    """The settings of every first answer: nothing to choose."""
    return replace(presets.settings(catalogue.FIRST_ANSWER, 1), seed=seed, leave_out_small=True)
