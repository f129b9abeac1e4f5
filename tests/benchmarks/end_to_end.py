"""From a zip to a tested model, ours and the plain way: `python -m tests.benchmarks.end_to_end`

    python -m tests.benchmarks.end_to_end [ZIP...] [--photos 2000 8700] [--plain-epochs 2]

Transfer learning with MobileNetV2 at 160 pixels, the weights that come with the app, and 10
epochs (`--epochs`). Every time runs from the start of a process, so imports are in it.

- `ours`: `python -m imgclf_core train --data ZIP --model mobilenet_v2` in an empty home. It also
  checks, compares, divides and stores the photos, and learns from one varied copy of each.
- `ours again`: the same command once more in the same home, into another folder.
- `plain`: TensorFlow, all photos of that data set decoded with Pillow beforehand, the frozen
  network and a new last layer as one model, `fit` with batches of 32 and validation, `evaluate`
  on the same test photos. It is given the photos as files, divided already.

Columns: set of photos; photos; way; seconds until the test accuracy is known (for ours: until
`report.json` is there, when the result is on screen); end, seconds until the process ends (ours
packs the model meanwhile); ratio, the seconds of the plain way divided by these; test accuracy.
With `--plain-epochs N` the plain way runs N epochs; the others are added at the speed of the last
ones, and its row says so. Without a zip, photos are drawn; where a zip has fewer than asked for,
photos come again with other pixels in a corner.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from imgclf_core.datasets import photo_files, store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.split import TEST, TRAINING, VALIDATION
from imgclf_core.runs import run_store
from tests.benchmarks.features_speed import environment, write_photos

_SIZE, _BATCH, _SEED = 160, 32, 0


@dataclass(frozen=True)
class Outcome:
    """How one way went: its name, seconds until the result and until the end, accuracy."""

    way: str
    seconds: float
    end: float
    accuracy: float | None


def until_report(command: list[str], run: Path, home: Path) -> tuple[float, float]:
    """Seconds from the start of a training until its report is there, and until the process ends.

    Raises:
        RuntimeError: It failed.
    """
    started, seconds = time.perf_counter(), 0.0
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            [sys.executable, "-m", "imgclf_core", "train", *command, "--out", str(run), "--json"],
            env=environment(home),
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        while child.poll() is None:
            if not seconds and (run / run_store.REPORT_FILE).exists():
                seconds = time.perf_counter() - started
            time.sleep(0.01)
        end = time.perf_counter() - started
        if child.returncode or not (run / run_store.REPORT_FILE).exists():
            errors.seek(0)
            raise RuntimeError(errors.read().decode("utf-8", "replace")[-2000:])
    return seconds or end, end


def plain(folder: str, epochs: str) -> None:
    """Trains the plain way in this process; prints its figures as JSON."""
    import keras

    from imgclf_core.networks import mobilenet_v2, weights

    dataset = store.load(Path(folder))
    parts = {side: _decoded(dataset, side) for side in (TRAINING, VALIDATION, TEST)}
    keras.utils.set_random_seed(_SEED)
    arrays = weights.arrays_of(weights.SHIPPED_WEIGHTS)
    backbone = mobilenet_v2.build_backbone(_SIZE, arrays)
    last = keras.layers.Dense(len(dataset.class_names), activation="softmax")
    model = keras.Model(backbone.input, last(backbone.output["embedding"]))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    clock = _clock(keras)
    check = parts[VALIDATION] if len(parts[VALIDATION][1]) else None
    model.fit(
        *parts[TRAINING],
        batch_size=_BATCH,
        epochs=int(epochs),
        validation_data=check,
        verbose=0,
        callbacks=[clock],
    )
    images, labels = parts[TEST]
    accuracy = None
    if len(labels):
        accuracy = model.evaluate(images, labels, batch_size=_BATCH, verbose=0)[1]
    print(json.dumps({"accuracy": accuracy, "epochs": clock.seconds}), flush=True)


def _decoded(dataset: Dataset, side: str) -> tuple[np.ndarray, np.ndarray]:
    """uint8 (n, 160, 160, 3) and int64 (n,)."""
    rows = dataset.indices(side)
    images = np.empty((len(rows), _SIZE, _SIZE, 3), np.uint8)
    for i, row in enumerate(rows):
        with Image.open(io.BytesIO(photo_files.read_photo(dataset, dataset.photos[row]))) as image:
            images[i] = ImageOps.fit(image.convert("RGB"), (_SIZE, _SIZE))
    return images, dataset.labels[rows]


def _clock(keras):
    """A callback that keeps the seconds of each epoch, with its validation."""

    class Clock(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.seconds: list[float] = []

        def on_epoch_begin(self, epoch, logs=None):
            self._started = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            self.seconds.append(time.perf_counter() - self._started)

    return Clock()


def _ours(way: str, photos: Path, run: Path, home: Path, epochs: int) -> Outcome:
    command = [
        "--data",
        str(photos),
        "--model",
        "mobilenet_v2",
        "--image-size",
        str(_SIZE),
        "--epochs",
        str(epochs),
        "--weights",
        "shipped",
    ]
    seconds, end = until_report(command, run, home)
    return Outcome(way, seconds, end, run_store.load(run).report.get(TEST, {}).get("accuracy"))


def _plain(dataset: Path, home: Path, epochs: int, all_epochs: int) -> Outcome:
    code = "import sys; from tests.benchmarks import end_to_end as e; e.plain(*sys.argv[1:])"
    started = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(dataset), str(epochs)],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    lines = []
    for line in child.stdout:
        lines.append(line)
        seconds = time.perf_counter() - started
    if child.wait():
        raise RuntimeError(f"the plain way ended with status {child.returncode}")
    end, figures = time.perf_counter() - started, json.loads(lines[-1])
    way = "plain"
    if epochs < all_epochs:
        # The first epoch has tracing in it.
        ordinary = float(np.mean(figures["epochs"][1:] or figures["epochs"]))
        seconds, end = (value + (all_epochs - epochs) * ordinary for value in (seconds, end))
        way = f"plain, {all_epochs} from {epochs}"
    return Outcome(way, seconds, end, figures["accuracy"])


def _print_set(name: str, photos: Path, folder: Path, options: argparse.Namespace) -> None:
    home, epochs = folder / "home", options.epochs
    os.environ["IMGCLF_HOME"] = str(home)
    first = _ours("ours", photos, folder / "first", home, epochs)
    again = _ours("ours again", photos, folder / "again", home, epochs)
    dataset = folder / "first" / "dataset"
    other = _plain(dataset, home, min(options.plain_epochs or epochs, epochs), epochs)
    count = len(store.load(dataset).photos)
    for one in (first, again, other):
        accuracy = "-" if one.accuracy is None else f"{one.accuracy:.3f}"
        print(
            f"{name[:16]:16} {count:7} {one.way:18} {one.seconds:8.1f} {one.end:8.1f} "
            f"{other.seconds / one.seconds:6.2f} {accuracy:>13}",
            flush=True,
        )


def main() -> None:
    """Prints three rows a set and number of photos."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("zips", nargs="*", type=Path)
    parser.add_argument("--photos", type=int, nargs="+", default=[2_000, 8_700])
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--plain-epochs", type=int, help="measured; the others are extrapolated")
    options = parser.parse_args()
    print(
        f"{'set':16} {'photos':>7} {'way':18} {'seconds':>8} {'end':>8} {'ratio':>6} "
        f"{'test accuracy':>13}"
    )
    for source in options.zips or [None]:
        for count in options.photos:
            with tempfile.TemporaryDirectory() as name:
                photos = write_photos(Path(name) / "photos.zip", source, count)
                _print_set(source.stem if source else "drawn", photos, Path(name), options)


if __name__ == "__main__":
    main()
