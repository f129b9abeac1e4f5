"""Thousands of broken zips and pictures: `python -m tests.benchmarks.fuzz_inputs --zips 5000`.

Good files made here are mutated and read the way the app reads them. Anything raised that is
not one of our own errors is printed with its seed and makes the exit status 1; so does a file
that takes too long. The same functions run for a few hundred seeds in
`tests/archives/test_fuzz.py`.
"""

import argparse
import collections
import functools
import io
import random
import struct
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from imgclf_core.archives import sources
from imgclf_core.config import LIMITS, SHARED
from imgclf_core.errors import ArchiveError, ImageError
from imgclf_core.images import decode

LIMIT = LIMITS[SHARED]
SLOWEST_SECONDS = 5.0
_SIGNATURES = (
    b"PK\1\2",
    b"PK\3\4",
    b"PK\5\6",
    b"PK\6\6",
    b"PK\6\7",
    b"PK\7\x08",
    b"IHDR",
    b"IDAT",
    b"PLTE",
    b"tRNS",
    b"IEND",
    b"fcTL",
    b"acTL",
    b"VP8 ",
    b"VP8X",
    b"ANIM",
    b"ftyp",
    b"meta",
    b"iloc",
    b"\xff\xda",
    b"\xff\xc0",
    b"\xff\xc4",
    b"\xff\xdb",
    b"\xff\xe1",
    b"\xff\xe2",
    b"II*\0",
)
_STRIKING = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def mutated(data: bytes, seed: int) -> bytes:
    """One to four changes of a file; the same seed gives the same ones."""
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 4)):
        change = chance.choice(_CHANGES)
        data = change(bytearray(data or b"\0"), chance)
    return data


def _flip_bits(data: bytearray, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 2, 8, 32))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def _cut(data: bytearray, chance: random.Random) -> bytes:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return chance.choice((bytes(data[:end]), bytes(data[start:]), bytes(data[:start] + data[end:])))


def _insert(data: bytearray, chance: random.Random) -> bytes:
    at, length = chance.randrange(len(data) + 1), chance.choice((1, 4, 100))
    new = chance.choice((bytes(length), b"\xff" * length, chance.randbytes(length)))
    return bytes(data[:at] + new + data[at:])


def _swap(data: bytearray, chance: random.Random) -> bytes:
    """Two pieces change places."""
    cuts = sorted(chance.randrange(len(data) + 1) for _ in range(4))
    a, b, c, d = cuts
    return bytes(data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:])


def _set_field(data: bytearray, chance: random.Random) -> bytes:
    """A number shortly before or after one of the signatures becomes a striking one."""
    places = [data.find(mark) for mark in _SIGNATURES if mark in data] or [0]
    at = max(0, chance.choice(places) + chance.randint(-8, 60))
    form = chance.choice(("<H", ">H", "<L", ">L", "<B"))
    value = chance.choice(_STRIKING) & (256 ** struct.calcsize(form) - 1)
    if at + struct.calcsize(form) <= len(data):
        struct.pack_into(form, data, at, value)
    return bytes(data)


def _repeat(data: bytearray, chance: random.Random) -> bytes:
    """A piece that begins at a signature comes twice."""
    places = [data.find(mark) for mark in _SIGNATURES if mark in data] or [0]
    at = chance.choice(places)
    piece = data[at : at + chance.choice((12, 46, 400))]
    return bytes(data[:at] + piece * chance.choice((1, 2, 20)) + data[at:])


_CHANGES: tuple[Callable[[bytearray, random.Random], bytes], ...] = (
    _flip_bits,
    _flip_bits,
    _cut,
    _insert,
    _swap,
    _set_field,
    _set_field,
    _repeat,
)


@functools.cache
def good_zips() -> tuple[bytes, ...]:
    """Small zips of every compression, with comments, long fields and odd names."""
    made = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", method) as file:
            file.writestr("cat/1.jpg", b"some bytes " * 20)
            with file.open("Zoé/2.jpg", "w", force_zip64=True) as target:
                target.write(b"others " * 30)
            file.writestr("dog/", b"")
            file.comment = b"a comment" if method else b""
        made.append(buffer.getvalue())
    return tuple(made)


@functools.cache
def good_images() -> tuple[bytes, ...]:
    """Small pictures of every format we take, in many modes, and animations."""
    decode.read_picture(_saved(_photo(), "PNG"))  # makes HEIF known to Pillow
    photo = _photo()
    exif = Image.Exif()
    exif[274] = 6
    frames = [photo.rotate(angle) for angle in (5, 10)]
    several = {"save_all": True, "append_images": frames}
    made = [_saved(photo, kind) for kind in ("PNG", "GIF", "BMP", "WEBP", "AVIF", "HEIF")]
    made += [_saved(photo, "JPEG", exif=exif, progressive=slow) for slow in (False, True)]
    made += [_saved(photo, kind, **several) for kind in ("GIF", "PNG", "WEBP", "TIFF", "MPO")]
    made += [_saved(photo.convert(mode), "PNG") for mode in ("1", "L", "LA", "P", "RGBA", "I;16")]
    made += [_saved(photo.convert("CMYK"), kind) for kind in ("JPEG", "TIFF")]
    made += [
        _saved(photo, "TIFF", compression=way)
        for way in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")
    ]
    made += [_saved(photo.convert(mode), "TIFF", exif=exif) for mode in ("F", "I", "I;16", "1")]
    made.append(_saved(photo, "WEBP", lossless=True, exif=exif))
    return tuple(made)


def _photo() -> Image.Image:
    generator = np.random.default_rng(0)
    coarse = Image.fromarray(generator.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    return coarse.resize((64, 48), Image.Resampling.BICUBIC)


def _saved(image: Image.Image, kind: str, **options) -> bytes:
    if image.mode == "I;16" and kind == "TIFF":
        options.pop("exif", None)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def read_zip(data: bytes, folder: Path) -> str:
    """How reading all files of a zip ends: `read`, or the name of our error."""
    path = folder / "fuzz.zip"
    path.write_bytes(data)
    try:
        with sources.open_source(path, LIMIT) as source:
            ends = {_read_member(member) for member in source.members}
            return "some files skipped" if ends - {"read"} or source.skipped else "read"
    except ArchiveError as error:
        _check_sentence(str(error))
        return "refused"


def _read_member(member: sources.Member) -> str:
    try:
        return "read" if len(member.read()) <= LIMIT.file_bytes else "too long"
    except ImageError as error:
        _check_sentence(str(error))
        return "skipped"


def read_image(data: bytes) -> str:
    """How reading a picture ends: `read` or `skipped`."""
    try:
        picture = decode.read_picture(data, at_least=64, limits=LIMIT)
    except ImageError as error:
        _check_sentence(str(error))
        return "skipped"
    if picture.pixels.dtype != np.uint8 or picture.pixels.shape[2:] != (3,):
        raise TypeError(f"not RGB: {picture.pixels.shape}")
    return "read"


def _check_sentence(text: str) -> None:
    if not text or "\n" in text or "Traceback" in text or "Error" in text:
        raise ValueError(f"not a sentence for people: {text!r}")


def run(read: Callable[[bytes], str], files: tuple[bytes, ...], seeds: range) -> tuple[dict, list]:
    """Reads one mutated file a seed.

    Returns:
        How often each end came, and (seed, traceback) of what should not have happened.
    """
    counts: collections.Counter[str] = collections.Counter()
    wrong = []
    for seed in seeds:
        data = mutated(files[seed % len(files)], seed)
        started = time.perf_counter()
        try:
            counts[read(data)] += 1
        except Exception:  # noqa: BLE001 what nobody thought of is what this looks for
            wrong.append((seed, traceback.format_exc()))
        if time.perf_counter() - started > SLOWEST_SECONDS:
            wrong.append((seed, f"took {time.perf_counter() - started:.1f} s"))
    return dict(counts), wrong


def main() -> int:
    """Prints counts and seconds; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--zips", type=int, default=5000)
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for what, read, files, count in (
            ("zips", lambda data: read_zip(data, Path(folder)), good_zips(), options.zips),
            ("images", read_image, good_images(), options.images),
        ):
            started = time.perf_counter()
            counts, wrong = run(read, files, range(options.seed, options.seed + count))
            print(f"{what:7} {count:6} in {time.perf_counter() - started:6.1f} s  {counts}")
            for seed, trouble in wrong:
                print(f"--- {what}, seed {seed}\n{trouble}")
            failures += len(wrong)
    print(f"{failures} unexpected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
