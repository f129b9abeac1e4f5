"""Where photos that were read belong: their class, the side they came with, and the receipt.

Pure functions; the photos were read by `datasets/ingest/intake.py`, and
`datasets/ingest/ingestion.py` makes a data set of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from imgclf_core.archives.sources import Skipped, Source
from imgclf_core.datasets import folder_layout, split
from imgclf_core.datasets.dataset import Photo, Receipt
from imgclf_core.datasets.folder_layout import Placement
from imgclf_core.datasets.ingest.intake import Taken
from imgclf_core.datasets.ingest.portable import Manifest
from imgclf_core.support import safe_text


@dataclass(frozen=True)
class Placed:
    """A photo that was taken, with its class and the side it came with."""

    taken: Taken
    class_name: str
    side: str | None


@dataclass(frozen=True)
class Reading:
    """How folders are read.

    Attributes:
        class_from: Which folder names the class, see `datasets/folder_layout.py`.
        label: Class of all photos, whatever folders they lie in; empty for the folders.
        classes: Class by name of the file, where somebody said it; empty for the folders.
        manifest: Of a zip that was taken along; goes before both.
        longest_name: Letters a class name may have.
    """

    class_from: str
    label: str
    manifest: Manifest | None
    longest_name: int
    classes: Mapping[str, str] = field(default_factory=dict)

    def placements(self, names: Sequence[str]) -> list[Placement]:
        """Class and side of each file, None where it has none."""
        if self.manifest:
            return [self.manifest.placement(name) for name in names]
        if self.label:
            return [Placement(self.label)] * len(names)
        if self.classes:
            return [Placement(self.classes.get(name)) for name in names]
        return folder_layout.place(names, self.class_from)

    @property
    def by_folders(self) -> bool:
        """Whether folders name the classes."""
        return not (self.manifest or self.label or self.classes)


def place(taken: Sequence[Taken], reading: Reading) -> tuple[list[Placed], list[Skipped]]:
    """Photos with their class, and those that lie in none."""
    placed, loose = [], []
    placements = reading.placements([item.name for item in taken])
    for item, placement in zip(taken, placements, strict=True):
        label = safe_text.clean(placement.label or "", reading.longest_name)
        if label.strip("/ "):
            placed.append(Placed(item, label, placement.side))
        elif reading.manifest:
            loose.append(Skipped(item.name, "the table of the data set does not name it"))
        else:
            loose.append(Skipped(item.name, "it lies beside the class folders, not in one"))
    return placed, loose


def receipt(
    source: Source, placed: Sequence[Placed], skipped: Sequence[Skipped], reading: Reading
) -> Receipt:
    """What became of every file of a source."""
    return Receipt(
        received=len(placed) + len(skipped),
        taken=len(placed),
        skipped=tuple((item.name, item.reason) for item in skipped),
        system_files=source.system_files,
        empty_classes=_empty_classes(source, placed) if reading.by_folders else (),
        notes=_notes(placed, reading),
    )


def photo_of(item: Placed) -> Photo:
    """The photo, before it has a label, a side and near-duplicates."""
    taken = item.taken
    return Photo(
        file=taken.file,
        name=taken.name,
        label=-1,
        side="",
        given=item.side or "",
        height=taken.size[0],
        width=taken.size[1],
        format=taken.format,
        bytes=taken.bytes,
        alike=-1,
        sharpness=taken.quality.sharpness,
        brightness=taken.quality.brightness,
        contrast=taken.quality.contrast,
        colourfulness=taken.quality.colourfulness,
    )


def _notes(placed: Sequence[Placed], reading: Reading) -> tuple[str, ...]:
    if reading.manifest:
        return ("This data set was taken along from imgclf; its split was kept.",)
    came = [side for side in split.SIDES if any(item.side == side for item in placed)]
    return (f"The photos came divided into {' and '.join(came)}; this was kept.",) if came else ()


def _empty_classes(source: Source, placed: Sequence[Placed]) -> tuple[str, ...]:
    """Folders in which no photo could be read and that no class is called after."""
    classes = {_last_part(item.class_name) for item in placed}
    empty = _empty_folders(source, [item.taken.name for item in placed])
    return tuple(name for name in empty if name not in classes)


def _empty_folders(source: Source, taken: list[str]) -> tuple[str, ...]:
    """Folders without a folder below, in which no photo could be read."""
    listed = [member.name for member in source.members] + [item.name for item in source.skipped]
    folders = {*source.folders, *map(_folder_of, listed)} - {""}
    leaves = folders - set(map(_folder_of, folders)) - set(map(_folder_of, taken))
    return tuple(sorted({_last_part(name) for name in leaves}))


def _folder_of(name: str) -> str:
    return name.rpartition("/")[0]


def _last_part(name: str) -> str:
    return name.rpartition("/")[2]
