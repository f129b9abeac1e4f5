"""How many near-duplicates are found: `python -m tests.benchmarks.near_duplicates ZIP...`

Makes altered copies of 200 photos of each zip and groups each kind together with all originals
of the set. Then groups the originals alone, where whatever is joined must be looked at, for a
set may hold copies of its own; and takes the time of 20,000 synthetic fingerprints.
"""

import io
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from imgclf_core.errors import ImageError
from imgclf_core.images import near_duplicates
from imgclf_core.images.decode import read_picture

COPIES, SEED, MANY = 200, 0, 20_000
Change = Callable[[Image.Image], bytes]

# Shares cut off left, top, right, bottom.
CROPS = {
    "centre 95 %": (0.025, 0.025, 0.025, 0.025),
    "5 % off each": (0.05, 0.05, 0.05, 0.05),
    "5 % off left": (0.05, 0, 0, 0),
    "5 % off top": (0, 0.05, 0, 0),
    "5 % off top left": (0.05, 0.05, 0, 0),
}


def main(paths: list[str]) -> None:
    """Prints the tables."""
    sets = {Path(path).stem: _read(Path(path)) for path in paths}
    print(f"{'% grouped with original':28}" + "".join(f"{name:>10}" for name in sets))
    originals = {name: _fingerprints(photos.values()) for name, photos in sets.items()}
    for kind, change in _changes().items():
        found = [_found(photos, originals[name], change) for name, photos in sets.items()]
        print(f"{kind:28}" + "".join(f"{share:10.1f}" for share in found))
    print()
    for name, photos in sets.items():
        _print_originals(name, list(photos), originals[name])
    _print_speed()


def _read(path: Path) -> dict[str, bytes]:
    """Files of a zip that are photos."""
    photos = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            try:
                read_picture(data, at_least=64)
            except ImageError:
                continue
            photos[name] = data
    return photos


def _fingerprints(files) -> np.ndarray:
    images = (Image.fromarray(read_picture(data, at_least=64).pixels) for data in files)
    return np.stack([near_duplicates.fingerprint(image) for image in images])


def _changes() -> dict[str, Change]:
    """Each kind of change, from the photo at full size to a JPEG file."""
    changes: dict[str, Change] = {
        "JPEG quality 40": lambda image: _jpeg(image, 40),
        "half size": lambda image: _jpeg(image.resize((image.width // 2, image.height // 2))),
        "a fifth brighter": lambda image: _jpeg(ImageEnhance.Brightness(image).enhance(1.2)),
        "a fifth darker": lambda image: _jpeg(ImageEnhance.Brightness(image).enhance(0.8)),
    }
    for name, shares in CROPS.items():
        changes[name] = lambda image, shares=shares: _jpeg(_crop(image, shares))
        changes[f"{name}, old size"] = lambda image, shares=shares: _jpeg(
            _crop(image, shares).resize(image.size, Image.Resampling.BICUBIC)
        )
    return changes


def _jpeg(image: Image.Image, quality: int = 90) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _crop(image: Image.Image, shares: tuple[float, float, float, float]) -> Image.Image:
    left, top, right, bottom = shares
    width, height = image.size
    box = (left * width, top * height, width - right * width, height - bottom * height)
    return image.crop(tuple(round(edge) for edge in box))


def _found(photos: dict[str, bytes], originals: np.ndarray, change: Change) -> float:
    """Percent of the copies that are grouped with their original."""
    chosen = np.random.default_rng(SEED).permutation(len(photos))[:COPIES]
    files = list(photos.values())
    copies = _fingerprints(change(Image.fromarray(read_picture(files[i]).pixels)) for i in chosen)
    groups = near_duplicates.group_similar(np.concatenate([originals, copies]))
    return 100 * float((groups[len(files) :] == groups[chosen]).mean())


def _print_originals(name: str, names: list[str], originals: np.ndarray) -> None:
    groups = near_duplicates.group_similar(originals)
    sizes = np.bincount(groups, minlength=len(groups))
    joined = np.flatnonzero(sizes[groups] > 1)
    classes = [str(Path(photo).parent) for photo in names]
    largest = int(sizes.argmax())
    share = 100 * sizes[largest] / classes.count(classes[largest])
    print(
        f"{name}: {100 * len(joined) / len(names):.2f} % of {len(names)} originals grouped; "
        f"largest group {sizes[largest]}, {share:.1f} % of its class"
    )
    for i in joined:
        if groups[i] != i:
            print(f"    {names[groups[i]]} = {names[i]}")


def _print_speed() -> None:
    generator = np.random.default_rng(SEED)
    rows = np.empty((MANY, *near_duplicates.FINGERPRINT_SHAPE), np.uint8)
    for row in rows:
        coarse = Image.fromarray(generator.integers(0, 256, (6, 6, 3), dtype=np.uint8))
        row[:] = coarse.resize(row.shape[:2], Image.Resampling.BICUBIC)
    started = time.perf_counter()
    near_duplicates.group_similar(rows)
    taken = time.perf_counter() - started
    tracemalloc.start()
    near_duplicates.group_similar(rows)
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    print(f"\n{MANY:,} synthetic fingerprints: {taken:.1f} s, {peak:.0f} MB beside them")


if __name__ == "__main__":
    main(sys.argv[1:])
