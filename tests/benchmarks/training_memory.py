"""Time and memory of trainings by number of photos: `python -m tests.benchmarks.training_memory`

    python -m tests.benchmarks.training_memory [ZIP] --photos 2000 5000 10000

Trains MobileNetV2 for 3 epochs and the scratch CNN for 1, both at 224 pixels (`--image-size`), on
photos that no cache knows, and adds up the anonymous memory (`RssAnon` in /proc, Linux) of the
worker and its children every 0.1 s. Anonymous is what counts against a limit of memory; files
that are mapped, such as decoded photos and TensorFlow itself, can be let go at any time.
`--networks` chooses one. Photos are drawn where no zip is given, and come again with changed
corners where a zip has fewer.

Columns: photos; network; batch, photos at once, fewer than asked for where memory was short;
seconds from the start of the worker's process until the report is there; seconds a 1,000 photos;
peak of the anonymous memory in MB, and the stage it was in. Bringing the photos in comes before.

What other benchmarks need of workers is here, too.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from imgclf_core.config import PERSONAL
from imgclf_core.datasets import store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.jobs import events
from imgclf_core.networks import mobilenet_v2, scratch_cnn
from imgclf_core.runs import run_store
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.workspaces import trainings
from tests.benchmarks.features_speed import environment, write_photos

_SECONDS_BETWEEN_LOOKS = 0.1
_LONGEST = 3600.0  # seconds that anything is waited for
_EPOCHS = {mobilenet_v2.NAME: 3, scratch_cnn.NAME: 1}


def ingested(photos: Path, out: Path) -> Dataset:
    """A data set of a zip, made in a process of its own."""
    command = [sys.executable, "-m", "imgclf_core", "ingest", str(photos), "--out", str(out)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command, check=True, env=environment(Path(os.environ["IMGCLF_HOME"])), **quiet)
    return store.load(out)


def wait_for(what: Callable[[], object], pause: float = 0.02) -> None:
    """Waits until `what()` is true.

    Raises:
        TimeoutError: It never is.
    """
    until = time.monotonic() + _LONGEST
    while not what():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {_LONGEST:.0f} s in vain")
        time.sleep(pause)


def worker_of(folder: Path) -> psutil.Process | None:
    """The living process that works in this very folder."""
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if "imgclf_core.job_registry" in words and str(folder.resolve()) == words[-1]:
            return process
    return None


def end_worker(folder: Path) -> None:
    """Kills the worker of this folder, if there is one, and waits until it is gone."""
    process = worker_of(folder)
    if process is not None:
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGKILL)
            process.wait(10)


def end_packing(folder: Path) -> None:
    """Waits for the end of a training and ends the job that follows, which nobody measures."""
    wait_for(lambda: worker_of(folder) is None)
    end_worker(folder / run_store.PACK_FOLDER)


def anonymous_bytes(process: psutil.Process) -> int:
    """Anonymous memory of a process and its children, now."""
    total = 0
    with contextlib.suppress(psutil.Error):
        for one in [process, *process.children(recursive=True)]:
            with contextlib.suppress(OSError):
                lines = Path(f"/proc/{one.pid}/status").read_text().splitlines()
                sizes = [line.split()[1] for line in lines if line.startswith("RssAnon:")]
                total += sum(int(size) for size in sizes) * 1024
    return total


def _watch(folder: Path) -> tuple[float, int, str]:
    """Seconds until the report is there, peak of the memory in bytes, and its stage."""
    started = time.time()
    wait_for(lambda: worker_of(folder))
    worker = worker_of(folder)
    if worker is None:
        raise RuntimeError(f"The worker ended at once: {run_store.load(folder).status.message}")
    peak, stage = 0, ""
    while not (folder / run_store.REPORT_FILE).exists():
        if not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE:
            raise RuntimeError(f"The worker died: {run_store.load(folder).status.message}")
        now = anonymous_bytes(worker)
        if now > peak:
            peak, stage = now, events.read_status(folder).stage
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    return (folder / run_store.REPORT_FILE).stat().st_mtime - started, peak, stage


def _print_training(dataset: Dataset, network: str, image_size: int, folder: Path) -> None:
    settings = TrainingSettings(
        model=network, epochs=_EPOCHS[network], image_size=image_size, weights="shipped"
    )
    trainings.start(folder, network, dataset, settings, PERSONAL)
    seconds, peak, stage = _watch(folder)
    end_packing(folder)
    photos = len(dataset.photos)
    print(
        f"{photos:7} {network:14} {run_store.load(folder).settings.batch_size:6} {seconds:8.1f} "
        f"{1000 * seconds / photos:14.2f} {peak / 2**20:8.0f}  {stage}",
        flush=True,
    )


def main() -> None:
    """Prints a row a network and number of photos."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("zip", nargs="?", type=Path)
    parser.add_argument("--photos", type=int, nargs="+", default=[2_000, 5_000, 10_000])
    parser.add_argument("--networks", nargs="+", choices=_EPOCHS, default=list(_EPOCHS))
    parser.add_argument("--image-size", type=int, default=224)
    options = parser.parse_args()
    print(
        f"{'photos':>7} {'network':14} {'batch':>6} {'seconds':>8} {'s/1,000 photos':>14} "
        f"{'peak MB':>8}  stage"
    )
    for count in options.photos:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            os.environ["IMGCLF_HOME"] = str(folder / "home")
            photos = write_photos(folder / "photos.zip", options.zip, count)
            dataset = ingested(photos, folder / "dataset")
            for network in options.networks:
                _print_training(dataset, network, options.image_size, folder / network)


if __name__ == "__main__":
    main()
