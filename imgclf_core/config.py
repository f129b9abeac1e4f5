"""Settings of this machine: where files live, who the app is for, and its limits.

Settings of one training are in `training/settings.py`. This module imports nothing of ours.
"""

import os
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1024 * 1024

PERSONAL = "personal"
SHARED = "shared"

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
        cache_bytes=2_000 * MEGABYTE,
    ),
}


def home() -> Path:
    """Folder of everything the app keeps: `IMGCLF_HOME`, or `.imgclf` in the user's home."""
    chosen = os.environ.get("IMGCLF_HOME")
    return (Path(chosen).expanduser() if chosen else Path.home() / ".imgclf").absolute()


def forced_profile() -> str | None:
    """`personal` or `shared` where `IMGCLF_PROFILE` says so, otherwise None."""
    value = os.environ.get("IMGCLF_PROFILE", "").strip().lower()
    return value if value in LIMITS else None


def limits(profile: str) -> Limits:
    """The limits of a profile, `personal` or `shared`."""
    return LIMITS[profile]
