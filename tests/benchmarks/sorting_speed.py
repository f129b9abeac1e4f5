"""Sorting thousands of photos against bare decoding and bare LiteRT, in one run.

    python -m tests.benchmarks.sorting_speed RUN_DIR_OR_BUNDLE --photos 5000

Makes photos of 500 pixels (drawn shapes with noise, as heavy as photos), then times: the plain
loop anybody would write, a thread a core, the same decoding and LiteRT and nothing else; and the
`sort` job with its start, its files and its progress. Prints photos a second, their ratio (asked:
0.7), the memory of the job with a fifth and with all of the photos, seconds from a stop to the
end, and what a kill leaves behind, while answering and while copying.

The plain loop runs before and after the job: where the two differ, something else was running and
the ratio says nothing. `--full-gate` gives the model as many training photos to compare with as a
gate ever holds, which is what costs most beside the network.
"""

import argparse
import io
import os
import shutil
import signal
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from imgclf_core.datasets import sample
from imgclf_core.images import decode
from imgclf_core.inference import copies, sort_job, sorted_photos
from imgclf_core.jobs import queue
from imgclf_core.jobs.kinds import JobKind
from imgclf_core.networks import litert
from imgclf_core.runs import ood_detector, run_store
from imgclf_core.workspaces import opening

SIDE = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--photos", type=int, default=5000)
    parser.add_argument("--full-gate", action="store_true", help="for a run that has a gate")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["IMGCLF_HOME"] = str(Path(folder) / "home")
        photos = _photos(Path(folder), options.photos)
        fifth = _photos(Path(folder), options.photos // 5)
        model = options.model.resolve()
        if options.full_gate:
            model = _with_full_gate(model, Path(folder) / "run")
        small, _ = _job(Path(folder) / "small", model, fifth)
        before = _plain(model, photos)
        large, seconds = _job(Path(folder) / "large", model, photos)
        after = _plain(model, photos)
        plain, ours = (before + after) / 2, options.photos / seconds
        print(
            f"plain loop {before:.0f} photos/s before and {after:.0f} after, sorting {ours:.0f}: "
            f"{ours / plain:.2f}"
        )
        print(f"memory of the job {small:.0f} MB with a fifth, {large:.0f} MB with all")
        _stop(Path(folder) / "stopped", model, photos)
        _kill(Path(folder) / "killed", model, photos)
        _kill_copying(Path(folder) / "large", model)


def _photos(folder: Path, count: int) -> Path:
    """A zip of JPEGs; a few hundred different ones, so that making them takes less than reading."""
    path = folder / f"{count}.zip"
    generator, kinds = np.random.default_rng(0), list(sample.COUNTS)
    different = []
    for i in range(min(count, 300)):
        image = sample.draw_shape(kinds[i % len(kinds)], generator)[0].resize((SIDE, SIDE))
        noisy = np.asarray(image, np.float32) + generator.normal(0, 12, (SIDE, SIDE, 3))
        buffer = io.BytesIO()
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=88)
        different.append(buffer.getvalue())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for i in range(count):
            archive.writestr(f"photos/{i:05d}.jpg", different[i % len(different)])
    return path


def _plain(model: Path, photos: Path) -> float:
    """Photos a second of bare decoding and bare LiteRT."""
    opened = opening.open_model(model)
    pool = litert.Pool(run_store.load(model).folder / run_store.LITERT_FILE)
    size = (opened.image_size, opened.image_size)
    with zipfile.ZipFile(photos) as archive:
        names = archive.namelist()
        data = [archive.read(name) for name in names]

    def one(photo: bytes) -> np.ndarray:
        return pool.run(decode.load(photo, size, opened.fit)[None], ["scores"])["scores"]

    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        list(threads.map(one, data[:50]))
        started = time.perf_counter()
        list(threads.map(one, data))
    return len(data) / (time.perf_counter() - started)


def _with_full_gate(run: Path, folder: Path) -> Path:
    """The run with its gate's rows repeated until there are as many as there may be."""
    shutil.copytree(run, folder)
    own = ood_detector.load(folder)
    if own is None:
        raise SystemExit(f"{run} has no gate.")
    rows = np.resize(own.rows, (ood_detector.MOST_ROWS, own.rows.shape[1]))
    ood_detector.save(folder, replace(own, rows=rows))
    return folder


def _begin(folder: Path, model: Path, photos: Path) -> None:
    params = {"model": str(model), "sources": [str(photos)], "profile": "personal"}
    queue.submit(folder, JobKind.SORT, params)


def _job(folder: Path, model: Path, photos: Path) -> tuple[float, float]:
    """Peak memory of its own in megabytes, and seconds from its order to its end."""
    started, peak = time.perf_counter(), 0.0
    _begin(folder, model, photos)
    while not queue.read(folder).ended:
        for child in psutil.Process().children(recursive=True):
            try:
                peak = max(peak, child.memory_full_info().uss / 1e6)
            except psutil.Error:
                continue
        time.sleep(0.1)
    seconds = time.perf_counter() - started
    if sorted_photos.load(folder) is None:
        raise SystemExit(queue.read(folder).message)
    return peak, seconds


def _stop(folder: Path, model: Path, photos: Path) -> None:
    _begin(folder, model, photos)
    _underway(folder)
    started = time.perf_counter()
    queue.stop(folder)
    while not queue.read(folder).ended:
        time.sleep(0.02)
    found = sorted_photos.load(folder)
    print(f"stopped within {time.perf_counter() - started:.2f} s; {len(found.names)} answers kept")


def _kill(folder: Path, model: Path, photos: Path) -> None:
    _begin(folder, model, photos)
    _underway(folder)
    for child in psutil.Process().children(recursive=True):
        child.send_signal(signal.SIGKILL)
    while not queue.read(folder).ended:
        time.sleep(0.1)
    half = [path.name for path in folder.rglob("*.tmp")]
    print(f"killed: a result {sorted_photos.load(folder) is not None}, half files {half}")


def _kill_copying(folder: Path, model: Path) -> None:
    """A kill in the middle of the zip of copies, then the same again to its end."""
    own, path = folder / sort_job.COPIES_FOLDER, sort_job.zip_path(folder, copies.FOLDERS)
    params = {"model": str(model), "layout": copies.FOLDERS, "profile": "personal", "chosen": {}}
    queue.submit(own, JobKind.COPY_SORTED, params)
    _underway(own)
    for child in psutil.Process().children(recursive=True):
        child.send_signal(signal.SIGKILL)
    while not queue.read(own).ended:
        time.sleep(0.1)
    print(f"killed while copying: a zip {path.exists()}", end="; ")
    queue.submit(own, JobKind.COPY_SORTED, params)
    while not queue.read(own).ended:
        time.sleep(0.1)
    left = [one.name for one in own.rglob("*.tmp")]
    with zipfile.ZipFile(path) as archive:
        print(f"made again: {len(archive.namelist())} copies, half files {left}")


def _underway(folder: Path) -> None:
    while queue.read(folder).done < 200:
        time.sleep(0.05)


if __name__ == "__main__":
    main()
