"""The job that turns a zip or folder into a data set, or adds one to a data set.

`datasets/ingest/intake.py` reads the photos, `datasets/ingest/placing.py` tells their classes; here
they are compared, divided and written. Until the last file is written, whatever was there before
stays as it is.
"""

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from imgclf_core import config
from imgclf_core.archives import sources
from imgclf_core.archives.sources import Skipped, Source
from imgclf_core.config import Limits
from imgclf_core.datasets import folder_layout, objects, sample, store
from imgclf_core.datasets.dataset import IMAGES_FOLDER, Dataset, LeftOut, Photo, Receipt
from imgclf_core.datasets.edits import resplit
from imgclf_core.datasets.edits.change import assembled
from imgclf_core.datasets.ingest import intake, joining, placing, portable
from imgclf_core.datasets.ingest.intake import Taken
from imgclf_core.datasets.ingest.placing import Placed, Reading
from imgclf_core.datasets.ingest.portable import Manifest
from imgclf_core.errors import ChangedElsewhereError, DatasetError, OptionError
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.support import file_system
from imgclf_core.support.wording import photos_in_words

ADDING_FOLDER = "adding"  # of the job that adds photos, inside the data set
SAMPLE = "sample"
READING, DIVIDING = "reading photos", "comparing and dividing"
_TRIES = 3  # at adding photos while the person goes on changing the data set

LAYOUT_HELP = (
    "Make one folder for each class, put its photos inside, and zip the folders together: "
    "cats/1.jpg, cats/2.jpg, dogs/1.jpg …"
)


def run(folder: Path, params: dict, reporter: Reporter) -> dict:
    """The `ingest` job: `folder` becomes a data set.

    Params:
        source: Path of a zip or folder, or `sample` for the built-in one.
        name: For people; by default the name of the source.
        into: Folder of a data set to which the photos are added, in place of `folder`.
        label: Class of all photos, whatever folders they lie in.
        classes: Class by name of the file, in place of folders.
        side: Where `into` is given, the side that all new photos join; empty for the usual shares.
        class_from: Which folder names the class, see `datasets/folder_layout.py`; empty to
            ask later.
        object_pattern: See `datasets/objects.py`.
        object_table: Path of a CSV with the columns `file` and `group`.
        seed: Of the split. profile: `personal` or `shared`, for the limits.
        delete_source: Whether the source is a spooled upload that is thrown away in the end.

    Raises:
        ArchiveError, DatasetError, OptionError: Nothing can be made of the source.
    """
    limits = config.limits(params.get("profile", config.PERSONAL))
    is_sample = params["source"] == SAMPLE
    source = folder / "sample.zip" if is_sample else Path(params["source"])
    target = Path(params["into"]) if params.get("into") else folder
    before = store.load(target) if params.get("into") else None
    try:
        if is_sample:
            reporter.stage("drawing the sample")
            sample.write_zip(source)
        _check_disk(target, source)
        with sources.open_source(source, limits, params.get("name")) as opened:
            made = _Intake(target, source, opened, before, params, limits, reporter).run()
    finally:
        if is_sample or params.get("delete_source"):
            file_system.remove(source)
    return {"photos": len(made.photos), "skipped": len(made.receipt.skipped)}


class _Intake:
    """One source on its way into one data set."""

    def __init__(
        self,
        folder: Path,
        path: Path,
        source: Source,
        before: Dataset | None,
        params: dict,
        limits: Limits,
        reporter: Reporter,
    ):
        self._folder, self._path, self._source, self._before = folder, path, source, before
        self._params, self._limits, self._reporter = params, limits, reporter
        self._manifest: Manifest | None = None
        self._taken: list[Taken] = []
        self._tell: Callable[[list[str]], dict[str, str]] | None = None

    def run(self) -> Dataset:
        """Reads everything and writes the data set or its next version."""
        self._remove_unknown_files()
        try:
            return self._read()
        except BaseException:
            self._remove_unknown_files()
            raise

    def _read(self) -> Dataset:
        pattern = (self._before or self._empty(Receipt(0, 0))).object_pattern
        self._tell = objects.teller(pattern, self._params.get("object_table"))
        self._manifest = portable.read_manifest(self._source)
        members, skipped = intake.candidates(self._source, self._limits)
        self._reporter.plan({READING: 0.0, DIVIDING: len(members) / 5000})
        self._reporter.stage(READING, len(members))
        for item in intake.take(self._folder, self._path, members, self._limits, self._reporter):
            (skipped if isinstance(item, Skipped) else self._taken).append(item)
        self._reporter.stage(DIVIDING)
        for _ in range(_TRIES):
            with contextlib.suppress(ChangedElsewhereError):
                return self._write(skipped)
        return self._write(skipped)

    def _write(self, skipped: list[Skipped]) -> Dataset:
        """Makes the data set, or a version on top of what is there now."""
        if self._before:  # it may have been changed meanwhile
            self._before = store.load(self._folder)
        reading = self._reading()
        placed, loose = placing.place(self._taken, reading)
        skipped = [*skipped, *loose]
        self._check(placed, skipped)
        receipt = placing.receipt(self._source, placed, skipped, reading)
        made = self._assemble(placed, receipt)
        words = photos_in_words(len(placed))
        if self._before is None:
            earlier = self._manifest.history if self._manifest else ()
            store.create(made, f"Brought in {words} from '{self._source.name}'.", earlier)
            return made
        return store.commit(made, f"Added {words} from '{self._source.name}'.", added=receipt)

    def _reading(self) -> Reading:
        return Reading(
            class_from=self._params.get("class_from")
            or (self._before.class_from if self._before else "")
            or folder_layout.PATH,
            label=self._params.get("label") or "",
            classes=self._params.get("classes") or {},
            manifest=self._manifest,
            longest_name=self._limits.name_length,
        )

    def _check(self, placed: list[Placed], skipped: list[Skipped]) -> None:
        name = self._source.name
        if not placed:
            first = skipped[0] if skipped else None
            why = f" '{first.name}' was skipped because {first.reason}." if first else ""
            raise DatasetError(f"No photos in class folders in '{name}'.{why} {LAYOUT_HELP}")
        there = len(self._before.photos) + len(self._before.left_out) if self._before else 0
        if there + len(placed) > self._limits.images:
            raise DatasetError(
                f"With '{name}' there would be {there + len(placed):,} photos; a data set takes at "
                f"most {self._limits.images:,}. Add fewer."
            )
        classes = {item.class_name for item in placed} | set(
            self._before.class_names if self._before else ()
        )
        if len(classes) > self._limits.classes:
            raise DatasetError(
                f"'{name}' has {len(classes):,} classes; at most {self._limits.classes:,} can be "
                f"taken. Is each class a folder?{self._other_readings()}"
            )

    def _other_readings(self) -> str:
        """What other ways to read nested folders would give, where they would help."""
        readings = folder_layout.readings([item.name for item in self._taken])
        fitting = [
            f"{len(classes):,} with the {way} folder as class"
            for way, classes in readings.items()
            if way != folder_layout.PATH and len(classes) <= self._limits.classes
        ]
        if not fitting:
            return ""
        return f" There would be {' or '.join(fitting)}: choose that under 'Other ways'."

    def _assemble(self, placed: list[Placed], receipt: Receipt) -> Dataset:
        before = self._before or self._empty(receipt)
        old = [(before.class_of(photo), photo) for photo in before.photos]
        new = [(item.class_name, placing.photo_of(item)) for item in placed]
        entries, left_out = self._compared([*old, *new], before.left_out)
        if self._before and self._params.get("side"):
            entries, left_out = joining.onto_side(entries, left_out, self._params["side"])
        names = [name for name, _ in entries] + [item.class_name for item in left_out]
        everyone = [photo for _, photo in entries] + [item.photo for item in left_out]
        # What was taken along comes back on its side, whatever else the sides that came mean.
        kept = (
            [photo.side or (photo.given if self._manifest else None) or None for photo in everyone]
            if self._before or self._manifest
            else None
        )
        sides = resplit.divided(names, everyone, before.shares, before.seed, kept)
        everyone = [replace(p, side=side) for p, side in zip(everyone, sides, strict=True)]
        count = len(entries)
        made = assembled(
            before,
            [(name, photo) for (name, _), photo in zip(entries, everyone, strict=False)],
            [
                replace(item, photo=photo)
                for item, photo in zip(left_out, everyone[count:], strict=True)
            ],
        )
        return made if self._before else replace(made, receipt=receipt)

    def _empty(self, receipt: Receipt) -> Dataset:
        """A new data set without photos, with the settings it begins with."""
        about = self._manifest
        settings = about.settings if about else {"seed": self._params.get("seed", 0)}
        return Dataset(
            folder=self._folder,
            name=about.name if about else self._source.name,
            class_names=(),
            photos=(),
            receipt=receipt,
            created=time.time(),
            class_from=self._params.get("class_from") or "",
            sample=self._params["source"] == SAMPLE,
            object_pattern=self._params.get("object_pattern") or "",
            **settings,
        )

    def _compared(
        self, entries: list[tuple[str, Photo]], left_out: tuple[LeftOut, ...]
    ) -> tuple[list[tuple[str, Photo]], list[LeftOut]]:
        """Photos with the numbers of their near-duplicates and the names of their objects."""
        everyone = [photo for _, photo in entries] + [item.photo for item in left_out]
        numbers = intake.alike(self._folder, [photo.key for photo in everyone])
        # Old photos keep what was told of them; a table is held against the new names only.
        known = self._objects([photo.name for photo in everyone if not photo.side])

        def told(photo: Photo) -> Photo:
            thing = photo.object or known.get(photo.name, "")
            told = replace(photo, alike=numbers[photo.key], object=thing)
            if self._manifest and photo.name in self._manifest.decided and not photo.side:
                also, hard = self._manifest.decided[photo.name]
                told = replace(told, also=also, hard=hard)
            return told

        return (
            [(name, told(photo)) for name, photo in entries],
            [replace(item, photo=told(item.photo)) for item in left_out],
        )

    def _objects(self, names: list[str]) -> dict[str, str]:
        if self._manifest:
            return self._manifest.objects
        if self._tell is None:
            return {}
        found = self._tell(names)
        table = self._params.get("object_table")
        if not found and (table or not self._before):
            raise OptionError("No photo belongs to an object this way. Look at the names again.")
        return found

    def _remove_unknown_files(self) -> None:
        """Deletes stored photos that no version knows: of an intake that was stopped or killed."""
        if not store.is_dataset(self._folder):
            for name in (IMAGES_FOLDER, intake.FINGERPRINTS_FOLDER):
                file_system.remove_tree(self._folder / name)
            return
        images = self._folder / IMAGES_FOLDER
        stored = set(os.listdir(images)) if images.is_dir() else set()
        for name in stored - store.stored_files(self._folder):
            with contextlib.suppress(OSError):
                file_system.remove(images / name)


def _check_disk(folder: Path, source: Path) -> None:
    file_system.make_folder(folder)
    needed = config.FREE_DISK_BYTES + (source.stat().st_size if source.is_file() else 0)
    free = file_system.free_bytes(folder)
    if free < needed:
        raise DatasetError(
            f"The disk is nearly full ({free // config.MEGABYTE} MB free). "
            "Make room, then try again."
        )
