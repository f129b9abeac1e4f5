"""The job that turns a zip or folder into a data set.

Files are read one after another and decoded by a thread a core, a bounded number ahead, so
memory does not grow with the number of photos. Original bytes are kept under generated names.
"""

import hashlib
import os
import shutil
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from imgclf_core import config, naming
from imgclf_core.config import Limits
from imgclf_core.data import archive, dataset, decode, layout, sample, split
from imgclf_core.data.archive import Member, Skipped, Source
from imgclf_core.data.dataset import Dataset, Photo, Receipt
from imgclf_core.errors import DatasetError, ImageError
from imgclf_core.jobs.events import Reporter

SAMPLE = "sample"

LAYOUT_HELP = (
    "Make one folder for each class, put its photos inside, and zip the folders together: "
    "cats/1.jpg, cats/2.jpg, dogs/1.jpg …"
)

# Decoding at this size is enough for the hash and the checks, and proves that it can be read.
_PROBE_SIDE = 64
_ENDINGS = {"JPEG": "jpg", "TIFF": "tif", "HEIF": "heic"}
# Files that are plainly not photos are named in the receipt, but never read.
_TEXT_ENDINGS = (".txt", ".csv", ".json", ".xml", ".md", ".html", ".py", ".doc", ".docx", ".xlsx")


@dataclass(frozen=True)
class _Taken:
    """What is known of a photo once its bytes are stored."""

    name: str
    file: str
    size: tuple[int, int]
    format: str
    bytes: int
    hash: int
    miniature: np.ndarray


def run(folder: Path, params: dict, reporter: Reporter) -> dict:
    """The `ingest` job: `folder` becomes a data set.

    Params:
        source: Path of a zip or folder, or `sample` for the built-in one.
        name: For people; by default the name of the source.
        seed: Of the split. profile: `personal` or `shared`, for the limits.
        delete_source: Whether the source is a spooled upload that is thrown away in the end.

    Raises:
        ArchiveError, DatasetError: Nothing can be made of the source.
    """
    limits = config.limits(params.get("profile", config.PERSONAL))
    is_sample = params["source"] == SAMPLE
    source_path = folder / "sample.zip" if is_sample else Path(params["source"])
    try:
        if is_sample:
            reporter.stage("drawing the sample")
            sample.write_zip(source_path)
        _check_disk(folder, source_path)
        made = _ingest(folder, source_path, params, limits, reporter)
    except BaseException:
        shutil.rmtree(folder / dataset.IMAGES_FOLDER, ignore_errors=True)
        raise
    finally:
        if is_sample or params.get("delete_source"):
            source_path.unlink(missing_ok=True)
    return {"images": made.receipt.taken, "classes": len(made.class_names)}


def _ingest(folder: Path, path: Path, params: dict, limits: Limits, reporter: Reporter) -> Dataset:
    (folder / dataset.IMAGES_FOLDER).mkdir(parents=True, exist_ok=True)
    with archive.open_source(path, limits, params.get("name")) as source:
        members, skipped = _candidates(source)
        if len(members) > limits.images:
            raise DatasetError(
                f"'{source.name}' holds {len(members):,} pictures; at most {limits.images:,} can "
                "be taken. Leave some out."
            )
        reporter.plan({"reading photos": max(0.5, len(members) / 1500), "dividing": 0.2})
        reporter.stage("reading photos", len(members))
        taken, unreadable = _take(folder, members, limits, reporter)
    reporter.stage("dividing")
    made = _assemble(folder, source, taken, skipped + unreadable, params, limits)
    dataset.save(made)
    return made


def _candidates(source: Source) -> tuple[list[Member], list[Skipped]]:
    members, skipped = [], list(source.skipped)
    for member in source.members:
        if member.name.lower().endswith(_TEXT_ENDINGS):
            skipped.append(Skipped(member.name, "it is not a photo"))
        else:
            members.append(member)
    return members, skipped


def _take(
    folder: Path, members: list[Member], limits: Limits, reporter: Reporter
) -> tuple[list[_Taken], list[Skipped]]:
    taken, skipped = [], []
    cores = os.cpu_count() or 2
    with ThreadPoolExecutor(cores) as pool:
        for done, (member, future) in enumerate(_ahead(pool, folder, members, limits), start=1):
            try:
                taken.append(future.result())
            except ImageError as error:
                skipped.append(Skipped(member.name, str(error)))
            reporter.progress(done)
            if done % 64 == 0:
                reporter.raise_if_stopped()
    return taken, skipped


def _ahead(
    pool: ThreadPoolExecutor, folder: Path, members: list[Member], limits: Limits
) -> Iterator[tuple[Member, Future]]:
    """Keeps a few photos in flight, so that memory holds only these."""
    waiting: deque = deque()
    for member in members:
        waiting.append((member, pool.submit(_take_one, folder, member, limits)))
        if len(waiting) > 8:
            yield waiting.popleft()
    yield from waiting


def _take_one(folder: Path, member: Member, limits: Limits) -> _Taken:
    data = member.read()
    picture = decode.read_picture(data, at_least=_PROBE_SIDE, limits=limits)
    key = hashlib.sha256(data).hexdigest()
    ending = _ENDINGS.get(picture.format, picture.format.lower())
    path = folder / dataset.IMAGES_FOLDER / f"{key}.{ending}"
    if not path.exists():
        path.write_bytes(data)
    return _Taken(
        name=member.name,
        file=path.name,
        size=picture.size,
        format=picture.format,
        bytes=len(data),
        hash=split.difference_hash(picture.pixels),
        miniature=split.miniature(picture.pixels),
    )


def _assemble(
    folder: Path, source: Source, taken: list[_Taken], skipped: list[Skipped],
    params: dict, limits: Limits,
) -> Dataset:  # fmt: skip
    placements = layout.place([item.name for item in taken])
    placed = []
    for item, placement in zip(taken, placements, strict=True):
        if placement.label is None:
            skipped.append(Skipped(item.name, "it lies beside the class folders, not in one"))
        else:
            label = naming.clean(placement.label, limits.name_length)
            placed.append((label, item, placement.side))
    placed.sort(key=lambda entry: (entry[0], entry[1].name))
    class_names = tuple(sorted({label for label, _, _ in placed}))
    _check_classes(source, class_names, placed, skipped, limits)
    photos = _photos(placed, class_names, params.get("seed", 0))
    receipt = Receipt(
        received=len(placed) + len(skipped),
        taken=len(placed),
        skipped=tuple((item.name, item.reason) for item in skipped),
        system_files=source.system_files,
        empty_classes=_empty_classes(source, class_names),
        notes=_notes(placed),
    )
    return Dataset(
        folder=folder,
        name=source.name,
        class_names=class_names,
        photos=photos,
        receipt=receipt,
        seed=params.get("seed", 0),
        created=time.time(),
        divided=any(side for _, _, side in placed),
        sample=params["source"] == SAMPLE,
    )


def _photos(placed: list, class_names: tuple[str, ...], seed: int) -> tuple[Photo, ...]:
    index = {name: k for k, name in enumerate(class_names)}
    labels = np.array([index[label] for label, _, _ in placed])
    groups = split.group_similar(
        [item.hash for _, item, _ in placed], [item.miniature for _, item, _ in placed]
    )
    sides = split.divide(labels, groups, [side for _, _, side in placed], seed=seed)
    return tuple(
        Photo(
            file=item.file,
            name=item.name,
            label=int(labels[i]),
            side=sides[i],
            height=item.size[0],
            width=item.size[1],
            format=item.format,
            bytes=item.bytes,
            hash=item.hash,
            group=int(groups[i]),
        )
        for i, (_, item, _) in enumerate(placed)
    )


def _check_classes(
    source: Source, class_names: tuple[str, ...], placed: list,
    skipped: list[Skipped], limits: Limits,
) -> None:  # fmt: skip
    if not placed:
        first = f" '{skipped[0].name}' was skipped because {skipped[0].reason}." if skipped else ""
        raise DatasetError(f"No photos in class folders in '{source.name}'.{first} {LAYOUT_HELP}")
    if len(class_names) == 1:
        raise DatasetError(
            f"'{source.name}' has only one class, '{class_names[0]}'. A computer learns to tell "
            f"apart at least two. {LAYOUT_HELP}"
        )
    if len(class_names) > limits.classes:
        raise DatasetError(
            f"'{source.name}' has {len(class_names):,} classes; at most {limits.classes:,} can be "
            "taken. Is each class a folder?"
        )


def _empty_classes(source: Source, class_names: tuple[str, ...]) -> tuple[str, ...]:
    """Folders without a folder below, in which no photo could be read."""
    listed = [member.name for member in source.members] + [item.name for item in source.skipped]
    folders = {*source.folders, *(name.rpartition("/")[0] for name in listed)} - {""}
    parents = {name.rpartition("/")[0] for name in folders}
    leaves = {name.rpartition("/")[2] for name in folders - parents}
    return tuple(sorted(leaves - {name.rpartition("/")[2] for name in class_names}))


def _notes(placed: list) -> tuple[str, ...]:
    if not any(side for _, _, side in placed):
        return ()
    came = [side for side in layout.SIDES if any(given == side for _, _, given in placed)]
    return (f"The photos came divided into {' and '.join(came)}; this was kept.",)


def _check_disk(folder: Path, source: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    needed = config.FREE_DISK_BYTES + (source.stat().st_size if source.is_file() else 0)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DatasetError(
            f"The disk is nearly full ({free // config.MEGABYTE} MB free). "
            "Make room, then try again."
        )
