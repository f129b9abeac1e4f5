"""How fast LiteRT computes features: `python -m tests.benchmarks.features_speed [ZIP...]`

Features of the frozen MobileNetV2 at 160 pixels with the weights that come with the app, once the
way the app computes them (`networks.embeddings.compute` into an empty store) and once by Keras
(`predict` with batches of 32), both in float32 and each in a process of its own. Reading files,
decoding and resizing are in the time of both, by the same `decode.load`; imports and opening the
network are not. Options: `--photos N` (repeats photos where a zip has fewer), `--rounds N`.

Columns: the set of photos; way (`Keras again` is a second `predict`, which needs no tracing);
photos; seconds, median of the rounds; photos/s; ratio, how many times slower than ours; open, the
seconds for opening the network, which are not in `seconds`; largest difference of any feature from
ours, and the largest feature there is to compare it with.

`write_photos` makes the zips of the other benchmarks of trainings, too.
"""

import argparse
import hashlib
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from tests.conftest import picture

PROJECT = Path(__file__).resolve().parents[2]
OURS, KERAS, KERAS_AGAIN = "ours (LiteRT)", "Keras predict", "Keras again"
_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
_SIZE, _BATCH = 160, 32
_CHANGED = 2  # pixels a side of the corner that differs in a repeated photo


def write_photos(target: Path, source: Path | None, count: int | None = None) -> Path:
    """Writes a zip of class folders of `count` photos.

    Args:
        target: The zip.
        source: Where photos are taken from, evenly over all classes; None draws three classes.
        count: Where it is more than there are, photos come again with other pixels in a corner,
            so that their content is another; None for all there are.
    """
    entries = _entries(source) if source else _drawn(count or 300)
    count = count or len(entries)
    rounds, rest = divmod(count, len(entries))
    some = {int(i) for i in np.linspace(0, len(entries) - 1, rest)} if rest else set()
    some |= {i for i in range(len(entries)) if len(some) < rest and i not in some}
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(rounds + 1):
            for i, (name, data) in enumerate(entries):
                if number < rounds or i in some:
                    new = f"{Path(name).with_suffix('')}-{number}.jpg" if number else name
                    archive.writestr(new, _varied(data, number) if number else data)
    return target


def environment(home: Path) -> dict[str, str]:
    """Variables of a child process with a home of its own."""
    changes = {"IMGCLF_HOME": str(home), "PYTHONPATH": str(PROJECT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    return {**os.environ, **changes}


def _entries(source: Path) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(source) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(_ENDINGS)]
        return [(name, archive.read(name)) for name in sorted(names) if "__MACOSX" not in name]


def _drawn(count: int) -> list[tuple[str, bytes]]:
    names = ("red", "green", "blue")
    return [(f"{names[i % 3]}/{i:06}.jpg", picture(i, (120, 120), i % 3)) for i in range(count)]


def _varied(data: bytes, number: int) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        pixels = np.array(image.convert("RGB"))
    noise = np.random.default_rng(number)
    corner = pixels[:_CHANGED, :_CHANGED]
    corner[:] = noise.integers(0, 256, corner.shape, dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def ours(files: list[bytes]) -> Iterator[tuple[float, np.ndarray]]:
    """Yields a time and features, first for opening the network."""
    from imgclf_core.images.augmentation import Augmentation
    from imgclf_core.networks import embeddings, litert, weights

    chosen = weights.resolve(weights.SHIPPED, _SIZE)
    recipe = embeddings.Recipe(
        weights.backbone(chosen), chosen.sha256, _SIZE, "crop", Augmentation(0, 0, 0, False)
    )
    sources = [
        embeddings.Source(hashlib.sha256(data).hexdigest(), lambda data=data: data)
        for data in files
    ]
    started = time.perf_counter()
    litert.pool(recipe.backbone)
    yield time.perf_counter() - started, np.empty(0)
    started = time.perf_counter()
    stored, positions = embeddings.compute(sources, recipe)
    rows = np.asarray(stored[positions[:, 0]])
    yield time.perf_counter() - started, rows


def keras_predict(files: list[bytes]) -> Iterator[tuple[float, np.ndarray]]:
    """The same with Keras, then once more with what it traced."""
    import keras

    from imgclf_core.images import decode
    from imgclf_core.networks import mobilenet_v2, weights

    started = time.perf_counter()
    arrays = weights.arrays_of(weights.SHIPPED_WEIGHTS)
    backbone = mobilenet_v2.build_backbone(_SIZE, arrays)
    model = keras.Model(backbone.input, backbone.output["embedding"])
    yield time.perf_counter() - started, np.empty(0)
    for _ in range(2):
        started = time.perf_counter()
        images = np.stack([decode.load(data, (_SIZE, _SIZE), "crop") for data in files])
        rows = model.predict(images.astype(np.float32), batch_size=_BATCH, verbose=0)
        yield time.perf_counter() - started, rows


def measure(path: str, way: str, result: str) -> None:
    """Runs one way in this process; prints its seconds and leaves its features in `result`."""
    files = [data for _, data in _entries(Path(path))]
    measured = list((ours if way == OURS else keras_predict)(files))
    np.save(result, measured[-1][1])
    print(json.dumps([seconds for seconds, _ in measured]))


def _measured(path: Path, way: str, rounds: int, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Median seconds (opening, once, perhaps again) and features (n, 1280)."""
    result, seconds = folder / "features.npy", []
    code = "import sys; from tests.benchmarks import features_speed as f; f.measure(*sys.argv[1:])"
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as home:
            command = [sys.executable, "-c", code, str(path), way, str(result)]
            done = subprocess.run(
                command, check=True, stdout=subprocess.PIPE, text=True, env=environment(Path(home))
            )
        seconds.append(json.loads(done.stdout.splitlines()[-1]))
    return np.array([statistics.median(one) for one in zip(*seconds, strict=True)]), np.load(result)


def _print_set(name: str, path: Path, rounds: int, folder: Path) -> None:
    (opened, own), expected = _measured(path, OURS, rounds, folder)
    (keras_opened, once, again), found = _measured(path, KERAS, rounds, folder)
    off, largest = np.abs(found - expected).max(), np.abs(expected).max()
    rows = (
        (OURS, own, opened, ""),
        (KERAS, once, keras_opened, f"{off:.1e} of {largest:.1f}"),
        (KERAS_AGAIN, again, 0.0, ""),
    )
    for way, seconds, before, difference in rows:
        rate = len(expected) / seconds
        print(
            f"{name[:16]:16} {way:14} {len(expected):7} {seconds:8.2f} {rate:9.0f} "
            f"{seconds / own:6.2f} {before:7.2f}  {difference}",
            flush=True,
        )


def main() -> None:
    """Prints three rows a set of photos."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("zips", nargs="*", type=Path)
    parser.add_argument("--photos", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(
        f"{'set':16} {'way':14} {'photos':>7} {'seconds':>8} {'photos/s':>9} {'ratio':>6} "
        f"{'open':>7}  largest difference"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source in options.zips or [None]:
            path = write_photos(folder / "photos.zip", source, options.photos)
            title = source.stem if source else "drawn"
            _print_set(title, path, options.rounds, folder)


if __name__ == "__main__":
    main()
