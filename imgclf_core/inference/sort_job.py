"""The jobs of *Sort my folder*: answers for thousands of photos, then a zip of sorted copies.

Both are light jobs: photos are streamed on all cores, so memory stays flat; a stop is heeded
within a second; what a kill leaves behind does not count as a result.
"""

import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

from threadpoolctl import threadpool_limits

from imgclf_core import config
from imgclf_core.archives.sources import Member, Skipped
from imgclf_core.errors import ImageError, InputError, ModelError
from imgclf_core.inference import batches, predictor, sorted_photos
from imgclf_core.inference.copies import CopyNames
from imgclf_core.inference.predictor import Predictor
from imgclf_core.inference.sorted_photos import Sorted, Writer
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.support import atomic_files, file_system

SORTING, COPYING = "sorting photos", "copying photos"
COPIES_FOLDER = "copies"  # of the second job, inside the first one's
# What it is expected to take before it is measured, on two cores.
_SECONDS_A_PHOTO, _SECONDS_A_COPY = 0.004, 0.0005


def run(folder: Path, params: dict, reporter: Reporter) -> dict:
    """The `sort` job.

    Params:
        model: Path of a run, or of a model from elsewhere, which is laid out like one.
        sources: Paths of zips, folders and photos.
        profile: Whose limits hold.

    Raises:
        InputError: No photo could be read.
    """
    started = time.perf_counter()
    model = predictor.open_folder(Path(params["model"]))
    sources = [Path(source) for source in params["sources"]]
    with (
        threadpool_limits(1),  # a thread a core is busy already; the gate's own would wait for them
        batches.opened(sources, config.limits(params["profile"])) as members,
    ):
        reporter.plan({SORTING: len(members) * _SECONDS_A_PHOTO})
        reporter.stage(SORTING, len(members))
        writer = Writer(folder, model.class_names, sources, len(members))
        try:
            stopped = _sort(model, members, writer, reporter)
        finally:
            writer.close()
    if not writer.count and not stopped:
        raise InputError("No photo could be read. Choose photos, a folder of photos or a zip.")
    writer.finish(stopped, time.perf_counter() - started)
    return {"photos": writer.count, "stopped": stopped}


def _sort(
    model: Predictor, members: list[Member | Skipped], writer: Writer, reporter: Reporter
) -> bool:
    """Answers all; returns whether it was stopped. What was answered until then is kept."""
    for place, item in enumerate(batches.classify(model, members)):
        if isinstance(item, Skipped):
            writer.skip(item.name, item.reason)
        else:
            writer.add(place, item)
        reporter.progress(place + 1)
        if reporter.stop_requested():  # asked after each, for a large photo may take a second
            reporter.raise_if_discarded()
            return place + 1 < len(members)
    return False


def make_copies(folder: Path, params: dict, reporter: Reporter) -> dict:
    """The `sorted copies` job: `<layout>.zip` in its folder, which lies in that of a `sort` job.

    Params:
        model: As above; its threshold and gate tell which photos are *not sure*.
        layout: See `inference/copies.py`.
        chosen: Class (index) by position, as text, where the person said it.
        profile: Whose limits hold.
    """
    found = sorted_photos.load(folder.parent)
    if found is None:
        raise ModelError("What was sorted is gone. Sort the photos again.")
    model = predictor.open_folder(Path(params["model"]))
    chosen = {int(i): k for i, k in params["chosen"].items()}
    path = zip_path(folder.parent, params["layout"])
    for old in (path, *path.parent.glob(".*.zip.*.tmp")):  # a kill may have left one, of any size
        file_system.remove(old)
    reporter.plan({COPYING: len(found.names) * _SECONDS_A_COPY})
    reporter.stage(COPYING, len(found.names))
    with (
        batches.opened(found.sources, config.limits(params["profile"])) as members,
        atomic_files.replacing(path) as file,
        # Photos are compressed already.
        zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive,
    ):
        copied = _copy(found, model, members, chosen, params["layout"], archive, reporter)
    return {"copied": copied, "bytes": path.stat().st_size}


def zip_path(folder: Path, layout: str) -> Path:
    """Where the zip of copies lies, once it is there.

    Args:
        folder: Of the `sort` job.
        layout: See `inference/copies.py`.
    """
    return folder / COPIES_FOLDER / f"{layout}.zip"


def _copy(
    found: Sorted,
    model: Predictor,
    members: list,
    chosen: Mapping[int, int],
    layout: str,
    archive: zipfile.ZipFile,
    reporter: Reporter,
) -> int:
    names, copied = CopyNames(found.class_names, layout), 0
    for i, place in enumerate(found.places.tolist()):
        row = found.item(i)
        doubts = model.doubts(row.scores, row.distance)
        data = read(found, members, i, place)
        if data is not None:
            entry = zipfile.ZipInfo(names.of(found.item(i, doubts), chosen.get(i)))
            archive.writestr(entry, data)
            copied += 1
        reporter.progress(i + 1)
        reporter.raise_if_stopped()
    return copied


def read(found: Sorted, members: list, i: int, place: int) -> bytes | None:
    """The original bytes of a photo; None where the sources were changed since."""
    member = members[place] if place < len(members) else None
    if not isinstance(member, Member) or member.name != found.names[i]:
        return None
    try:
        return member.read()
    except ImageError:
        return None
