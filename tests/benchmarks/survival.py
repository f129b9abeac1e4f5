"""Kills trainings and resumes them: `python -m tests.benchmarks.survival [ZIP...] [options]`

The worker gets SIGKILL in each stage in turn, at a random moment of it, and
`python -m imgclf_core resume RUN_DIR` takes the training up. What comes out is compared with a
training of the same settings that nobody disturbed. The scratch CNN trains at 64 pixels, the
pretrained network at its default size, with `--fine-tune` once more with its upper blocks; 12
epochs each (`--epochs`), on `--photos` photos (400). `--times N` kills N times a stage (10),
`--networks` and `--stages` choose some of them, `--seed` draws other moments.

Columns: network; stage that the kill was meant for (`nothing` is a second undisturbed training:
what differs there is not the fault of resuming); hits, kills that the run's own files show to lie
in that stage, of all; identical, runs whose learnt arrays are the same to the last bit and whose
history is the same but for times; difference, the largest of any number learnt; epochs redone,
the most that a run trained twice: one for its kill is allowed. The exit status is 1 where a run
differs, cannot be resumed, or redid more.

Caches are emptied where the kill is meant for the stage that fills them. The program must not
change meanwhile: run it in a copy where others are at work.
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import psutil

from imgclf_core.config import PERSONAL
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.jobs import events
from imgclf_core.networks import mobilenet_v2, scratch_cnn
from imgclf_core.runs import checkpoint, run_store
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.training import time_estimate
from imgclf_core.workspaces import trainings
from tests.benchmarks.features_speed import environment, write_photos
from tests.benchmarks.training_memory import end_packing, ingested, wait_for, worker_of

NOTHING, STARTING, WRITING = "nothing", "starting", "writing a checkpoint"
STAGES = (
    NOTHING,
    STARTING,
    time_estimate.READING,
    time_estimate.FEATURES,
    time_estimate.TRAINING,
    WRITING,
    time_estimate.FEATURES_BELOW,
    time_estimate.FINE_TUNING,
    time_estimate.TESTING,
)
_COMPUTING = (time_estimate.READING, time_estimate.FEATURES, time_estimate.FEATURES_BELOW)
_OF_THE_CLOCK = ("time", "seconds", "photos_a_second")
_SHORT = 0.2  # seconds
_WHOLE_CHECKPOINTS = {"state.npz", "before.npz"}


@dataclass(frozen=True)
class Trial:
    """Trainings of one network on one data set; `undisturbed` is what they are compared with."""

    name: str
    settings: TrainingSettings
    dataset: Dataset
    folder: Path
    undisturbed: Run | None = None

    def start(self, name: str, fresh: bool) -> Path:
        """Starts a training in a folder of its own, with empty caches if `fresh`."""
        if fresh:
            shutil.rmtree(Path(os.environ["IMGCLF_HOME"]) / "cache", ignore_errors=True)
        folder = self.folder / f"{self.name} {name}".replace(" ", "-")
        trainings.start(folder, name, self.dataset, self.settings, PERSONAL)
        return folder

    def lengths(self) -> dict[str, float]:
        """Seconds of each stage of the undisturbed training, in their order."""
        found = [(STARTING, self.undisturbed.created)]
        found += [(e["name"], e["time"]) for e in _stages(self.undisturbed.folder)]
        ends = [at for _, at in found[1:]] + [self.undisturbed.status.finished]
        return {name: end - at for (name, at), end in zip(found, ends, strict=True)}


def _undisturbed(trial: Trial, name: str) -> Run:
    folder = trial.start(name, fresh=True)
    wait_for(lambda: run_store.load(folder).status.ended, 0.2)
    end_packing(folder)
    return run_store.load(folder)


def _kill(trial: Trial, folder: Path, stage: str, chance: random.Random) -> bool:
    """Kills the worker when it is in a stage; whether it was."""
    wait_for(lambda: worker_of(folder) or _over(folder), 0)
    process = worker_of(folder)
    if process is None:
        return False
    _wait_for_moment(trial, folder, stage, chance)
    with contextlib.suppress(psutil.Error):
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    if stage == WRITING:
        return bool(_halves(folder))
    return _stage(folder) == stage and not _over(folder)


def _wait_for_moment(trial: Trial, folder: Path, stage: str, chance: random.Random) -> None:
    """Returns at a random moment of the stage; for a checkpoint while it is being written."""
    length, share = trial.lengths().get(stage, 0.0), chance.uniform(0, 0.9)
    if stage == STARTING:
        time.sleep(max(0.0, run_store.load(folder).created + share * length - time.time()))
        return
    if stage == WRITING:
        _wait_for_epoch(folder, chance.choice(range(trial.settings.planned_epochs - 1)))
        while not _over(folder) and not any(_halves(folder) for _ in range(500)):
            pass  # it takes a few milliseconds: no pause
        return
    wait_for(lambda: _stage(folder) == stage or _over(folder), 0)
    if stage in (time_estimate.TRAINING, time_estimate.FINE_TUNING):
        head = trial.settings.epochs
        tuning = range(head, trial.settings.planned_epochs)
        possible = tuning if stage == time_estimate.FINE_TUNING else range(head)
        _wait_for_epoch(folder, chance.choice(possible))
        length /= len(possible) + 1  # building the network takes time, too
    if length > _SHORT:  # otherwise at once, or it would be over
        time.sleep(share * length)


def _wait_for_epoch(folder: Path, count: int) -> None:
    """Until so many epochs are finished."""
    wait_for(lambda: len(_epochs(folder)) >= count or _over(folder), 0.001)


def _halves(folder: Path) -> set[str]:
    """Files of a checkpoint that is being written."""
    with contextlib.suppress(FileNotFoundError):
        return set(os.listdir(folder / checkpoint.FOLDER)) - _WHOLE_CHECKPOINTS
    return set()


def _stages(folder: Path) -> list[dict]:
    return events.read_events(folder, "stage")


def _epochs(folder: Path) -> list[dict]:
    return events.read_events(folder, "epoch")


def _stage(folder: Path) -> str:
    found = _stages(folder)
    return found[-1]["name"] if found else STARTING


def _over(folder: Path) -> bool:
    """Whether there is nothing left to kill."""
    status = events.read_status(folder)
    return (folder / run_store.REPORT_FILE).exists() or (status is not None and status.ended)


def _resume(folder: Path) -> str:
    """Resumes a killed training; says what went wrong, or nothing."""
    # One that died before its first sign of life counts as starting for half a minute.
    wait_for(lambda: run_store.load(folder).status.ended, 0.2)
    report = folder / run_store.REPORT_FILE
    if report.exists():
        return ""
    command = [sys.executable, "-m", "imgclf_core", "resume", str(folder), "--json"]
    log = folder / "resume.log"
    with open(log, "wb") as out:
        home = environment(Path(os.environ["IMGCLF_HOME"]))
        child = subprocess.Popen(command, env=home, stdout=out, stderr=out)
        wait_for(lambda: child.poll() is not None or report.exists(), 0.1)
        end_packing(folder)
        child.kill()
        child.wait()
    said = log.read_text("utf-8").splitlines() or ["resuming said nothing"]
    return "" if report.exists() else said[-1]


def _compare(run: Run, expected: Run) -> tuple[bool, float]:
    """Whether two runs are the same, and the largest difference of what they learnt."""
    pairs = list(zip(run_store.learnt(run), run_store.learnt(expected), strict=False))
    if [a.shape for a in run_store.learnt(run)] != [a.shape for a in run_store.learnt(expected)]:
        return False, float("inf")
    same = all(one.tobytes() == other.tobytes() for one, other in pairs)
    difference = max(float(np.abs(one - other).max()) for one, other in pairs)
    return same and _without_clock(run) == _without_clock(expected), difference


def _without_clock(run: Run) -> list[dict]:
    return [
        {k: v for k, v in one.items() if k not in _OF_THE_CLOCK} for one in run_store.history(run)
    ]


def _survive(trial: Trial, stage: str, times: int, chance: random.Random) -> bool:
    """Kills and resumes, prints a row; whether all went well."""
    hits, identical, largest, redone, troubles = 0, 0, 0.0, 0, set()
    for number in range(times):
        if stage == NOTHING:
            folder = _undisturbed(trial, f"{stage} {number}").folder
        else:
            folder = trial.start(f"{stage} {number}", fresh=stage in _COMPUTING)
            hits += _kill(trial, folder, stage, chance)
            if trouble := _resume(folder):
                troubles.add(trouble)
                continue
        same, difference = _compare(run_store.load(folder), trial.undisturbed)
        numbers = [event["epoch"] for event in _epochs(folder)]
        identical, largest = identical + same, max(largest, difference)
        redone = max(redone, len(numbers) - len(set(numbers)))
        shutil.rmtree(folder, ignore_errors=True)
    print(
        f"{trial.name:24} {stage:24} {hits:4} of {times:<3} {identical:5} of {times:<3} "
        f"{largest:11.2e} {redone:13}  {'; '.join(sorted(troubles))}",
        flush=True,
    )
    return identical == times and redone <= 1


def _trials(dataset: Dataset, folder: Path, options: argparse.Namespace) -> Iterator[Trial]:
    pretrained = TrainingSettings(epochs=options.epochs, batch_size=8, weights="shipped")
    scratch = replace(pretrained, model=scratch_cnn.NAME, image_size=64)
    if scratch_cnn.NAME in options.networks:
        yield Trial(scratch_cnn.NAME, scratch, dataset, folder)
    if mobilenet_v2.NAME in options.networks:
        yield Trial(mobilenet_v2.NAME, pretrained, dataset, folder)
    if options.fine_tune:
        tuned = replace(pretrained, fine_tune=True, fine_tune_epochs=max(2, options.epochs // 4))
        yield Trial("mobilenet_v2 fine-tuned", tuned, dataset, folder)


def _survive_all(trial: Trial, options: argparse.Namespace) -> bool:
    trial = replace(trial, undisturbed=_undisturbed(trial, "undisturbed"))
    there, chance = {NOTHING, WRITING, *trial.lengths()}, random.Random(options.seed)
    well = True
    for stage in options.stages:
        if stage in there:
            well &= _survive(trial, stage, 1 if stage == NOTHING else options.times, chance)
    return well


def main() -> int:
    """Prints a row for each stage of each network; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("zips", nargs="*", type=Path)
    for name, value in (("times", 10), ("photos", 400), ("epochs", 12), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--fine-tune", action="store_true")
    networks = (scratch_cnn.NAME, mobilenet_v2.NAME)
    parser.add_argument("--networks", nargs="*", choices=networks, default=networks)
    parser.add_argument("--stages", nargs="*", choices=STAGES, default=STAGES)
    options = parser.parse_args()
    print(
        f"{'network':24} {'stage':24} {'hits':>10} {'identical':>12} {'difference':>11} "
        f"{'epochs redone':>13}"
    )
    well = True
    for source in options.zips or [None]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            os.environ["IMGCLF_HOME"] = str(folder / "home")
            photos = write_photos(folder / "photos.zip", source, options.photos)
            for trial in _trials(ingested(photos, folder / "dataset"), folder, options):
                well &= _survive_all(trial, options)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
