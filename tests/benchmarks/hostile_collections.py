"""Collections of broken files, brought in by the command line: a table of what becomes of them.

    python -m tests.benchmarks.hostile_collections bad-zips.zip odd-images.zip

Every zip inside a collection is brought in as it is, and again with two good classes appended
where that can be done. Every other file is taken for a picture and brought in among two good
classes, alone and all together. The exit status is 1 where a rule is broken: no crash, one
sentence, all good photos taken, ten seconds, 150 MB more than a good zip needs, nothing written
outside. Works for any collection; of the files of Pillow's tests it also knows the outcome.
"""

import argparse
import io
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import psutil
from PIL import Image

from imgclf_core.archives import sources
from imgclf_core.config import LIMITS, PERSONAL
from imgclf_core.datasets import photo_files, store
from imgclf_core.errors import ArchiveError
from imgclf_core.images import decode
from tests.conftest import make_zip, two_classes

_ROOT = Path(__file__).parents[2]
_GOOD = {f"good-{name}": data for name, data in two_classes(3).items()}
_MOST_SECONDS, _MOST_EXTRA_BYTES, _MOST_DIFFERENCE = 10.0, 150 * 2**20, 8.0
_SECONDS_BETWEEN_LOOKS = 0.02

TAKEN, SKIPPED, HOPPER, GREY_HOPPER = "taken", "skipped", "as hopper", "as grey hopper"
# Outcomes that are known, by name of the file or by its beginning.
_KNOWN = {
    "truncated_jpeg.jpg": SKIPPED,
    "truncated_image.png": SKIPPED,
    "zero_width.gif": SKIPPED,
    "broken_data_stream.png": SKIPPED,
    "decompression_bomb.gif": SKIPPED,
    "no_palette.gif": SKIPPED,
    "decompression_bomb.ico": SKIPPED,
    "hopper.ppm": SKIPPED,
    "hopper_16bit.pgm": SKIPPED,
    "16_bit_binary.pgm": SKIPPED,
    "la.tga": SKIPPED,
    "p_16.tga": SKIPPED,
    "truncated_app14.jpg": TAKEN,
    "decompression_bomb_extents.gif": TAKEN,
    "1_trns.png": TAKEN,
    "pil_sample_cmyk.jpg": TAKEN,
    "16bit.cropped.tif": TAKEN,
    "hopper_bad_exif.jpg": TAKEN,
    "invalid-exif.jpg": TAKEN,
    "icc_profile_big.jpg": TAKEN,
    "anim_frame1.webp": TAKEN,
    "hopper_gray.jpg": GREY_HOPPER,
    "hopper_gray_4bpp.tif": GREY_HOPPER,
    **{
        f"hopper.{ending}": HOPPER
        for ending in ("avif", "heif", "jpg", "png", "gif", "webp", "bmp", "tif")
    },
    **{
        f"hopper_orientation_{turn}.{ending}": HOPPER
        for turn in range(2, 9)
        for ending in ("jpg", "webp")
    },
}


@dataclass
class Outcome:
    """How one run of the command line ended.

    Attributes:
        status: Exit status.
        sentence: What it last said on standard error.
        seconds: Wall time.
        peak: Bytes of memory of the process and its children, sampled.
        rules: What was broken, in words.
        photos: Pixels of what was taken, uint8 (h, w, 3), by name.
        reasons: Why files were skipped, by name.
    """

    status: int
    sentence: str
    seconds: float
    peak: int
    rules: list[str]
    photos: dict[str, np.ndarray]
    reasons: dict[str, str]


def main() -> int:
    """Prints a row a file; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("collections", nargs="+", type=Path)
    broken = 0
    with tempfile.TemporaryDirectory() as folder:
        runs = _Runs(Path(folder))
        print(f"a good zip: {runs.good.seconds:.1f} s, {runs.good.peak / 2**20:.0f} MB")
        for path in parser.parse_args().collections:
            files = list(_files(path))
            hopper = next((data for name, data in files if _base(name) == "hopper.ppm"), None)
            zips = [(name, data) for name, data in files if name.lower().endswith(".zip")]
            images = [(name, data) for name, data in files if not name.lower().endswith(".zip")]
            print(f"\n{path.name}: {len(zips)} zips, {len(images)} other files")
            for name, data in zips:
                broken += _judge_zip(runs, name, data)
            broken += _judge_images(runs, images, hopper)
    print(f"\n{broken} outcomes break the rules")
    return 1 if broken else 0


def _files(collection: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(collection) as file:
        for entry in file.infolist():
            if not entry.is_dir():
                yield entry.filename, file.read(entry)


def _base(name: str) -> str:
    return PurePosixPath(name).name


class _Runs:
    """Runs the command line, each time in a place of its own."""

    def __init__(self, folder: Path):
        self._folder, self._count, self.most_memory = folder, 0, sys.maxsize
        self.good = self.bring_in("good.zip", _zipped(_GOOD))
        if self.good.status or len(self.good.photos) != len(_GOOD):
            raise SystemExit(f"A good zip is not brought in: {self.good.sentence}")
        self.most_memory = self.good.peak + _MOST_EXTRA_BYTES

    def bring_in(self, name: str, data: bytes) -> Outcome:
        """Runs `ingest` on a file of these bytes."""
        self._count += 1
        # Some levels deep, so that what climbs out of its folder is still seen.
        outside = self._folder / str(self._count)
        place = outside / "a" / "b" / "c"
        place.mkdir(parents=True)
        source = place / (_base(name)[-100:] or "x.zip")
        source.write_bytes(data)
        started = time.perf_counter()
        status, errors, peak = _command(place, source)
        seconds = time.perf_counter() - started
        lines = [line for line in errors.splitlines() if line.strip()]
        outcome = Outcome(status, lines[-1] if lines else "", seconds, peak, [], {}, {})
        if status == 0:
            made = store.load(place / "out")
            outcome.photos = {
                photo.name: decode.read_picture(photo_files.read_photo(made, photo)).pixels
                for photo in made.photos
            }
            outcome.reasons = dict(made.receipt.skipped)
        expected = {source.relative_to(outside).as_posix()}
        self._check(outcome, errors, _strangers(outside, expected))
        return outcome

    def _check(self, outcome: Outcome, errors: str, strangers: list[str]) -> None:
        rules = outcome.rules
        if outcome.status not in (0, 2):
            rules.append(f"exit status {outcome.status}")
        if "Traceback" in errors:
            rules.append("a traceback")
        if outcome.status and not outcome.sentence.rstrip().endswith((".", "…", "?")):
            rules.append("no sentence")
        if outcome.seconds > _MOST_SECONDS:
            rules.append(f"{outcome.seconds:.0f} seconds")
        if outcome.peak > self.most_memory:
            rules.append(f"{outcome.peak // 2**20} MB")
        if strangers:
            rules.append(f"wrote {strangers[:3]}")


def _command(place: Path, source: Path) -> tuple[int, str, int]:
    """Exit status, standard error, and peak of memory of the whole tree of processes."""
    environment = {**os.environ, "IMGCLF_HOME": str(place / "home"), "PYTHONPATH": str(_ROOT)}
    command = [sys.executable, "-m", "imgclf_core", "ingest", str(source), "--out", "out", "--json"]
    with open(place / "errors", "w+b") as errors:
        process = subprocess.Popen(
            command, cwd=place, env=environment, stdout=subprocess.DEVNULL, stderr=errors
        )
        peak = 0
        while process.poll() is None:
            peak = max(peak, _memory(process.pid))
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        errors.seek(0)
        return process.returncode, errors.read().decode("utf-8", "replace"), peak


def _memory(process_id: int) -> int:
    try:
        process = psutil.Process(process_id)
        return sum(item.memory_info().rss for item in [process, *process.children(recursive=True)])
    except psutil.Error:  # it ended meanwhile
        return 0


def _strangers(outside: Path, expected: set[str]) -> list[str]:
    """Files that belong neither to the data set nor to the home."""
    own = ("a/b/c/out/", "a/b/c/home/", "a/b/c/errors")
    names = (path.relative_to(outside).as_posix() for path in outside.rglob("*") if path.is_file())
    return [name for name in names if name not in expected and not name.startswith(own)]


def _zipped(entries: dict[str, bytes]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return make_zip(Path(folder) / "x.zip", entries).read_bytes()


def _judge_zip(runs: _Runs, name: str, data: bytes) -> int:
    plain = runs.bring_in(name, data)
    broken = _print_row(name, plain, f"exit {plain.status}", plain.sentence)
    try:
        longer = _appended(data)
    except Exception as error:  # noqa: BLE001 Python's zipfile raises what it likes on such files
        print(f"       + two classes: cannot be appended ({type(error).__name__})")
        return broken
    added = runs.bring_in(name, longer)
    refusal = _refusal(longer)
    if refusal is None:
        if missing := _GOOD.keys() - added.photos.keys():
            added.rules.append(f"{len(missing)} good photos missing")
        words = f"{len(added.photos)} taken, {len(added.reasons)} skipped"
        first = next((f"{n!r}: {why}" for n, why in added.reasons.items()), "")
        return broken + _print_row("  + two classes", added, words, first)
    return broken + _print_row("  + two classes", added, "refused", refusal)


def _appended(data: bytes) -> bytes:
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as file:
        for name, photo in _GOOD.items():
            file.writestr(name, photo)
    return buffer.getvalue()


def _refusal(data: bytes) -> str | None:
    """Why the container as a whole cannot be read, or None where it can."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.zip"
        path.write_bytes(data)
        try:
            with sources.open_source(path, LIMITS[PERSONAL]):
                return None
        except ArchiveError as error:
            return str(error)


def _judge_images(runs: _Runs, images: list[tuple[str, bytes]], hopper: bytes | None) -> int:
    if not images:
        return 0
    broken = 0
    named = {f"good-red/{i:03} {_base(name)}": data for i, (name, data) in enumerate(images)}
    for name, data in named.items():
        outcome = runs.bring_in("one.zip", _zipped({**_GOOD, name: data}))
        words = _check_image(outcome, name, data, hopper)
        broken += _print_row(_base(name)[4:], outcome, words, outcome.reasons.get(name, ""))
    together = runs.bring_in("all.zip", _zipped({**_GOOD, **named}))
    for name, data in named.items():
        _check_image(together, name, data, hopper)
    words = f"{len(together.photos)} taken, {len(together.reasons)} skipped"
    return broken + _print_row("all together", together, words, "")


def _check_image(outcome: Outcome, name: str, data: bytes, hopper: bytes | None) -> str:
    """What became of one picture; adds to the rules it breaks."""
    if missing := _GOOD.keys() - outcome.photos.keys():
        outcome.rules.append(f"{len(missing)} good photos missing: {outcome.sentence}")
    known = _KNOWN.get(_base(name)[4:])
    if name in outcome.reasons:
        if known not in (None, SKIPPED):
            outcome.rules.append(f"{_base(name)} should be taken")
        return SKIPPED
    if name not in outcome.photos:
        outcome.rules.append(f"{_base(name)} is neither taken nor skipped")
        return "lost"
    if known == SKIPPED:
        outcome.rules.append(f"{_base(name)} should be skipped")
    pixels = outcome.photos[name]
    if hopper and known in (HOPPER, GREY_HOPPER):
        off = _difference(pixels, hopper, grey=known == GREY_HOPPER)
        if off > _MOST_DIFFERENCE:
            outcome.rules.append(f"{_base(name)} looks wrong")
        return f"taken, {off:.1f} from hopper"
    return f"taken, mean {pixels.mean():.0f}"


def _difference(pixels: np.ndarray, hopper: bytes, grey: bool) -> float:
    """Mean difference a channel, 0 to 255; 255 where the shape is another."""
    with Image.open(io.BytesIO(hopper)) as image:
        wanted = np.asarray(image.convert("L" if grey else "RGB").convert("RGB"), dtype=int)
    return float(np.abs(pixels - wanted).mean()) if pixels.shape == wanted.shape else 255.0


def _print_row(name: str, outcome: Outcome, words: str, why: str) -> int:
    mark = "WRONG" if outcome.rules else "ok"
    print(
        f"{mark:5}  {name[:58]:58}  {words:24}  {outcome.seconds:4.1f} s "
        f"{outcome.peak / 2**20:5.0f} MB  {why}"
    )
    for rule in outcome.rules:
        print(f"       {rule}")
    return bool(outcome.rules)


if __name__ == "__main__":
    sys.exit(main())
