"""How fast photos come in, and what memory it takes: `python -m tests.benchmarks.intake`.

Speed is given as a ratio to one thread of plain Pillow that only decodes the same files, in the
same run; bringing in also checks, compares, divides and stores them. Memory is the peak of the
job's process for two sizes of the same kind of set.
"""

import argparse
import io
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

_JOB = """
import resource, sys, time
from pathlib import Path
from imgclf_core.datasets.ingest import ingestion
from imgclf_core.jobs import events
from imgclf_core.jobs.events import JobStatus, Reporter
folder = Path(sys.argv[2])
folder.mkdir()
events.write_status(folder, JobStatus())
started = time.perf_counter()
ingestion.run(folder, {"source": sys.argv[1]}, Reporter(folder))
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


# Cells of the grain, in pixels, and quality: photos of a phone made small have 13 kB at 100 x 100,
# strongly compressed ones 3 kB, and the fewer the bytes, the less there is to decode.
GRAINY, SMOOTH = (1, 95), (4, 85)


def photo(
    generator: np.random.Generator, height: int, width: int, kind: tuple[int, int] = SMOOTH
) -> bytes:
    """A baseline JPEG with detail at all scales, different each time."""
    cell, quality = kind
    coarse = generator.integers(0, 256, (12, 12, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    grain = generator.integers(0, 40 * 4 // cell, (height // cell, width // cell, 3), np.uint8)
    detail = Image.fromarray(grain).resize((width, height), Image.Resampling.BILINEAR)
    buffer = io.BytesIO()
    Image.blend(image, detail, 0.3).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def write_set(
    path: Path, count: int, height: int, width: int, kind: tuple[int, int] = SMOOTH
) -> Path:
    """A zip of four classes. Large photos repeat with other bytes, for making them takes long."""
    generator = np.random.default_rng(count + height)
    different = count if height < 1000 else 12
    photos = [photo(generator, height, width, kind) for _ in range(different)]
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(count):
            data = photos[i % different]
            # A comment segment right after the start makes the bytes differ, not the picture.
            mark = f"{i:08}".encode()
            marked = data[:2] + b"\xff\xfe\x00\x0a" + mark + data[2:]
            archive.writestr(f"{'abcd'[i % 4]}/{i:06}.jpg", marked)
    return path


def plain_seconds(path: Path) -> float:
    """One thread of Pillow that decodes every file and does nothing else."""
    started = time.perf_counter()
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            with Image.open(io.BytesIO(archive.read(name))) as image:
                image.load()
    return time.perf_counter() - started


def intake(path: Path, folder: Path) -> tuple[float, int]:
    """Seconds and peak memory in MB of the job in a process of its own."""
    command = [sys.executable, "-c", _JOB, str(path), str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, peak = done.stdout.split()
    return float(seconds), int(peak)


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    print(f"{'photos':>30} {'plain/s':>9} {'intake/s':>9} {'ratio':>6}   (median of {rounds})")
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        for count, height, width, kind in (
            (10_000, 100, 100, GRAINY),
            (10_000, 100, 100, SMOOTH),
            (300, 3000, 4000, SMOOTH),
        ):
            path = write_set(home / f"{count}-{kind[0]}.zip", count, height, width, kind)
            size = path.stat().st_size / count / 1000
            rates = []
            for i in range(rounds):
                plain = plain_seconds(path)
                seconds, _ = intake(path, home / f"speed-{count}-{kind[0]}-{i}")
                rates.append((plain / seconds, count / plain, count / seconds))
            ratio, plain, own = sorted(rates)[rounds // 2]
            what = f"{count} of {width}x{height}, {size:.0f} kB"
            print(f"{what:>30} {plain:9.0f} {own:9.0f} {ratio:6.2f}")
        print(f"\n{'photos':>24} {'peak MB':>9} {'seconds':>9}")
        for count in (2_000, 20_000):
            path = write_set(home / f"memory-{count}.zip", count, 100, 100)
            seconds, peak = intake(path, home / f"memory-{count}")
            print(f"{count:>24} {peak:9d} {seconds:9.1f}")


if __name__ == "__main__":
    main()
