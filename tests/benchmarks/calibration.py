"""What temperature scaling does to the log loss of photos the model never saw.

    python -m tests.benchmarks.calibration scenes.zip heroes.zip signs.zip --seeds 5

Each data set is divided anew for each seed with half of its photos as test, or at least as many
as it brings, and a network trained on the rest. One line a training: log loss and expected
calibration error before and after, and how many guesses changed, which must be none.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from imgclf_core.analysis import results
from imgclf_core.datasets import store
from imgclf_core.datasets.edits import resplit
from imgclf_core.datasets.split import SIDES
from imgclf_core.metrics import reliability
from imgclf_core.runs import run_store
from tests.benchmarks import seeded

_SHARES = dict(zip(SIDES, (0.35, 0.15, 0.5), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options = seeded.options(parser, seeds=5)
    print(
        "data          seed  test  temperature  log loss before  after  error before  after  moved"
    )
    seeded.for_each(options, lambda *one: _one(*one, options))


def _one(source: Path, seed: int, folder: Path, options: argparse.Namespace) -> None:
    """Brings in, divides, trains, and prints a line."""
    seeded.bring_in(source, seed, folder)
    dataset = store.load(folder / "set")
    if not dataset.divided:
        names = [dataset.class_of(photo) for photo in dataset.photos]
        sides = resplit.divided(names, dataset.photos, _SHARES, seed)
        photos = [replace(p, side=side) for p, side in zip(dataset.photos, sides, strict=True)]
        store.commit(replace(dataset, photos=tuple(photos), shares=_SHARES), "Half is test.")
    run = run_store.load(seeded.train(options, seed, folder))
    result = results.open_result(run)
    labels, after, before = result.answers.labels, result.answers.scores, result.plain_scores
    figures = reliability.to_json(labels, before, after)
    loss, error = figures["log_loss"], figures["expected_calibration_error"]
    moved = int(np.sum(before.argmax(axis=1) != after.argmax(axis=1)))
    print(
        f"{source.name:12s}  {seed:4d}  {len(labels):4d}  {result.calibration.temperature:11.3f}  "
        f"{loss['before']:15.4f}  {loss['after']:.4f}  {error['before']:12.4f}  "
        f"{error['after']:.4f}  {moved:d}",
        flush=True,
    )


if __name__ == "__main__":
    main()
