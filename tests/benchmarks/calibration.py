"""What temperature scaling does to the log loss of photos the model never saw.

    python -m tests.benchmarks.calibration scenes.zip heroes.zip signs.zip --seeds 5

Each data set is divided anew for each seed with half of its photos as test, or at least as many
as it brings, and a network trained on the rest. One line a training: log loss and expected
calibration error before and after, and how many guesses changed, which must be none.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from imgclf_core.data import division, storage
from imgclf_core.data.layout import SIDES
from imgclf_core.evaluation import reliability, results
from imgclf_core.training import run as runs

_SHARES = dict(zip(SIDES, (0.35, 0.15, 0.5), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, nargs="+")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--model", default="mobilenet_v2")
    parser.add_argument("--epochs", type=int)
    options = parser.parse_args()
    print(
        "data          seed  test  temperature  log loss before  after  error before  after  moved"
    )
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("IMGCLF_HOME", str(Path(folder) / "home"))
        for source in options.data:
            for seed in range(options.seeds):
                _one(source, seed, Path(folder) / f"{source.stem}-{seed}", options)


def _one(source: Path, seed: int, folder: Path, options: argparse.Namespace) -> None:
    """Brings in, divides, trains, and prints a line."""
    _command("ingest", str(source), "--out", str(folder / "set"), "--seed", str(seed))
    dataset = storage.load(folder / "set")
    if not dataset.divided:
        names = [dataset.class_of(photo) for photo in dataset.photos]
        sides = division.divided(names, dataset.photos, _SHARES, seed)
        photos = [replace(p, side=side) for p, side in zip(dataset.photos, sides, strict=True)]
        storage.commit(replace(dataset, photos=tuple(photos), shares=_SHARES), "Half is test.")
    more = ("--epochs", str(options.epochs)) if options.epochs else ()
    _command(
        "train", "--data", str(folder / "set"), "--model", options.model, "--seed", str(seed),
        "--out", str(folder / "run"), *more,
    )  # fmt: skip
    result = results.open_result(runs.load(folder / "run"))
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


def _command(*arguments: str) -> dict:
    words = [sys.executable, "-m", "imgclf_core", *arguments, "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
