"""Settings of this machine: where files live, who the app is for, and its limits.

Settings of one training are in `runs/settings.py`. This module imports nothing of ours.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1024 * 1024

PERSONAL = "personal"
SHARED = "shared"
PERSONAL_TOKEN = "personal"  # names the workspace of the owner of the machine
# A server that shows one model to visitors is told which by this variable, or behind this option.
MODEL_VARIABLE, MODEL_OPTION = "IMGCLF_MODEL", "--model"
# Tells a job where photos may be kept that were decoded for it.
CACHE_VARIABLE = "IMGCLF_CACHE"

# The largest share of a machine's disk that we fill before saying so.
FREE_DISK_BYTES = 500 * MEGABYTE


@dataclass(frozen=True)
class Limits:
    """What the app takes in. Bytes are bytes, sizes of pictures are pixels.

    Attributes:
        zip_bytes: Size of one upload.
        entries: Files listed in one zip, of whatever kind.
        total_bytes: Sum of the unpacked sizes.
        file_bytes: Size of one unpacked file.
        images: Photos in one data set.
        classes: Classes in one data set.
        pixels: Width times height of one photo once decoded.
        jpeg_pixels: The same for JPEG, which is decoded at reduced scale.
        expansion: Unpacked over packed size above which a file over 1 MB is refused.
        depth: Folders above one file.
        name_length: Letters in the name of one file with its folders.
        cache_bytes: Disk for decoded photos and features, oldest thrown away first.

    What one person may have and ask for; None where there is no bound:

    Attributes:
        datasets, runs, models: Kept at once; models are those brought in from elsewhere.
        workspace_bytes: Disk of one person.
        home_bytes: Disk of all together.
        jobs: Of one person, waiting or at work.
        queue: Jobs of all that have or wait for a turn.
        training_minutes: Longest training; then it stops and keeps the best.
        job_bytes: Memory of one child process.
        seconds_kept: After the last visit, until everything of that person is deleted.
        seconds_unwatched: After which a training that nobody looks at stops and keeps the best.
    """

    zip_bytes: int
    entries: int
    total_bytes: int
    file_bytes: int
    images: int
    classes: int
    pixels: int
    jpeg_pixels: int
    expansion: int
    depth: int
    name_length: int
    cache_bytes: int
    datasets: int | None
    runs: int | None
    models: int | None
    workspace_bytes: int | None
    home_bytes: int | None
    jobs: int | None
    queue: int | None
    training_minutes: int | None
    job_bytes: int | None
    seconds_kept: int | None
    seconds_unwatched: int | None


LIMITS = {
    PERSONAL: Limits(
        zip_bytes=500 * MEGABYTE,
        entries=250_000,
        total_bytes=4096 * MEGABYTE,
        file_bytes=50 * MEGABYTE,
        images=200_000,
        classes=1_000,
        pixels=25_000_000,
        jpeg_pixels=100_000_000,
        expansion=200,
        depth=6,
        name_length=200,
        cache_bytes=20_000 * MEGABYTE,
        datasets=None,
        runs=None,
        models=None,
        workspace_bytes=None,
        home_bytes=None,
        jobs=None,
        queue=None,
        training_minutes=None,
        job_bytes=None,
        seconds_kept=None,
        seconds_unwatched=None,
    ),
    SHARED: Limits(
        zip_bytes=50 * MEGABYTE,
        entries=10_000,
        total_bytes=400 * MEGABYTE,
        file_bytes=20 * MEGABYTE,
        images=5_000,
        classes=100,
        pixels=25_000_000,
        jpeg_pixels=100_000_000,
        expansion=200,
        depth=6,
        name_length=200,
        cache_bytes=500 * MEGABYTE,
        datasets=10,
        runs=30,
        models=5,
        workspace_bytes=1_000 * MEGABYTE,
        home_bytes=20_000 * MEGABYTE,
        jobs=6,
        queue=40,
        training_minutes=30,
        job_bytes=1_200 * MEGABYTE,
        seconds_kept=24 * 3600,
        seconds_unwatched=600,
    ),
}


def home() -> Path:
    """Folder of everything the app keeps: `IMGCLF_HOME`, or `.imgclf` in the user's home."""
    chosen = os.environ.get("IMGCLF_HOME")
    return (Path(chosen).expanduser() if chosen else Path.home() / ".imgclf").absolute()


def workspaces() -> Path:
    """Folder of all workspaces, each named by its token."""
    return home() / "workspaces"


def copies() -> Path:
    """Folder of copies that others may open; they are no workspaces, so nobody changes them."""
    return home() / "copies"


def visitors_folder(path: Path) -> Path | None:
    """The workspace of a visitor in which a path lies; None for the owner's and for elsewhere."""
    path, root = path.absolute(), workspaces()
    if not path.is_relative_to(root) or path == root:
        return None
    name = path.relative_to(root).parts[0]
    return None if name == PERSONAL_TOKEN else root / name


def photo_cache() -> Path:
    """Folder of decoded photos and features: the owner's, or the visitor's for whom a job works."""
    return Path(os.environ.get(CACHE_VARIABLE) or home() / "cache")


def forced_profile() -> str | None:
    """`personal` or `shared` where `IMGCLF_PROFILE` says so, otherwise None."""
    value = os.environ.get("IMGCLF_PROFILE", "").strip().lower()
    return value if value in LIMITS else None


def limits(profile: str) -> Limits:
    """The limits of a profile, `personal` or `shared`."""
    return LIMITS[profile]


def shown_model() -> Path | None:
    """The bundle that this server shows to visitors; None for the whole app."""
    given = os.environ.get(MODEL_VARIABLE, "").strip() or _option(sys.argv[1:])
    return Path(given).expanduser() if given else None


def _option(arguments: list[str]) -> str:
    """What follows `--model`, or stands behind its equals sign."""
    for i, argument in enumerate(arguments):
        if argument == MODEL_OPTION:
            return arguments[i + 1] if i + 1 < len(arguments) else ""
        if argument.startswith(f"{MODEL_OPTION}="):
            return argument.removeprefix(f"{MODEL_OPTION}=")
    return ""
