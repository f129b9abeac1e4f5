"""Trainings by the command line with several seeds, for benchmarks that print a line for each."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path


def options(parser: argparse.ArgumentParser, seeds: int) -> argparse.Namespace:
    """The options that such benchmarks share, parsed."""
    parser.add_argument("data", type=Path, nargs="+")
    parser.add_argument("--seeds", type=int, default=seeds)
    parser.add_argument("--model", default="mobilenet_v2")
    parser.add_argument("--epochs", type=int)
    return parser.parse_args()


def for_each(chosen: argparse.Namespace, one: Callable[[Path, int, Path], None]) -> None:
    """Calls a function with each zip, seed, and an empty folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("IMGCLF_HOME", str(Path(folder) / "home"))
        for source in chosen.data:
            for seed in range(chosen.seeds):
                one(source, seed, Path(folder) / f"{source.stem}-{seed}")


def bring_in(source: Path, seed: int, folder: Path) -> Path:
    """Makes a data set and returns its folder."""
    _command("ingest", str(source), "--out", str(folder / "set"), "--seed", str(seed))
    return folder / "set"


def train(chosen: argparse.Namespace, seed: int, folder: Path) -> Path:
    """Trains on the data set in the folder and returns that of the run."""
    more = ("--epochs", str(chosen.epochs)) if chosen.epochs else ()
    _command(
        "train",
        "--data",
        str(folder / "set"),
        "--model",
        chosen.model,
        "--seed",
        str(seed),
        "--out",
        str(folder / "run"),
        *more,
    )
    return folder / "run"


def _command(*arguments: str) -> None:
    words = [sys.executable, "-m", "imgclf_core", *arguments]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
