"""From the browser's upload to a job, without keeping the bytes in memory.

Whatever comes in, a zip, a folder, loose photos or snapshots, becomes one zip in the folder of
its job, and goes the same guarded way from there.
"""

import contextlib
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import streamlit as st

from imgclf_core.archives import sources
from imgclf_core.archives.sources import Source
from imgclf_core.config import MEGABYTE
from imgclf_core.datasets import sample
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.ingest.ingestion import ADDING_FOLDER, SAMPLE
from imgclf_core.errors import ArchiveError, DatasetError, JobError
from imgclf_core.support import file_system, safe_text
from imgclf_core.ui import frame, session, tour
from imgclf_core.ui.visitor import Visit
from imgclf_core.workspaces import job_requests

_SPOOL_FILE = "upload.zip"

_LAYOUT = """\
my photos.zip
├── cats
│   ├── tom.jpg
│   └── IMG_2041.jpg
└── dogs
    ├── rex.jpg
    └── 17.png
"""
_HOW_TO_ZIP = """\
**Windows**: right-click the folder that holds the class folders, then *Compress to… › ZIP file*
(older versions: *Send to › Compressed folder*).

**macOS**: Control-click the folder, then *Compress*.

Photos that are already divided into `train`, `val` and `test` keep that division.
"""


def zip_uploader(visit: Visit, label: str, key: str, into: Dataset | None = None) -> None:
    """An uploader of one zip that starts bringing it in and opens the Data page."""
    file = st.file_uploader(
        label,
        type="zip",
        key=_round_key(key),
        max_upload_size=largest_upload(visit),
        help="One folder for each class, with its photos inside, all in one zip.",
    )
    if file is not None:
        bring_in_zip(visit, file, into)


def folder_uploader(visit: Visit, label: str, key: str, into: Dataset | None = None) -> None:
    """An uploader of a whole folder of class folders."""
    files = st.file_uploader(
        label,
        accept_multiple_files="directory",
        key=_round_key(key),
        max_upload_size=largest_upload(visit),
        help="Choose the folder that holds the class folders. Above about a thousand photos a "
        "zip arrives faster.",
    )
    if files:
        name = files[0].name.replace("\\", "/").split("/")[0] or "folder"
        with released(files):
            bring_in(visit, name, into, lambda path: pack(visit, files, path))


def bring_in_zip(visit: Visit, file, into: Dataset | None, **params) -> None:
    """Starts the job for one uploaded zip."""
    with released([file]):
        bring_in(visit, file.name, into, lambda path: copy(visit, file, path), **params)


def bring_in_files(
    visit: Visit, files: Sequence, name: str, into: Dataset | None, label: str
) -> None:
    """Starts the job for loose photos of one class."""
    with released(files):
        bring_in(visit, name, into, lambda path: pack(visit, files, path), label=label)


def bring_in(
    visit: Visit, name: str, into: Dataset | None, write: Callable[[Path], None], **params
) -> None:
    """Starts the job for photos that are written as a zip.

    Args:
        visit: Of whom.
        name: What people call the photos.
        into: A data set to which they are added, or None for a new one.
        write: Writes the zip to the path it is given.
        params: Further parameters of the ingest job.

    Raises:
        ArchiveError: They are too large.
        JobError: Photos are being added to this data set already.
    """
    workspace = visit.workspace
    folder = workspace.new_dataset(name) if into is None else into.folder / ADDING_FOLDER
    path = folder / _SPOOL_FILE if into is None else spool_for(into)
    try:
        write(path)
    except BaseException:
        file_system.remove(path)
        if into is None:
            file_system.remove_tree(folder)
        raise
    start(visit, name, into, str(path), folder, delete_source=True, **params)


def start(
    visit: Visit,
    name: str,
    into: Dataset | None,
    source: str,
    folder: Path | None = None,
    delete_source: bool = False,
    **params,
) -> None:
    """Starts the job for a zip or folder on this machine and opens the Data page."""
    given = {
        "source": source,
        "name": name,
        "profile": visit.profile,
        "delete_source": delete_source,
        **params,
    }
    if into is None:
        visit.workspace.bring_in(folder or visit.workspace.new_dataset(name), given)
    else:
        job_requests.add_photos(into, given)
    session.put(session.TOUR, False)
    frame.go(frame.DATA)


def sample_button(visit: Visit, key: str, primary: bool = False) -> None:
    """A button that draws the built-in sample and starts the guided run."""
    if st.button(
        "Try it with drawn shapes",
        key=key,
        icon=":material/category:",
        type="primary" if primary else "secondary",
    ):
        folder = visit.workspace.new_dataset(sample.NAME)
        params = {"source": SAMPLE, "name": sample.NAME, "profile": visit.profile}
        visit.workspace.bring_in(folder, params)
        tour.start()
        frame.go(frame.DATA)


def limits_sentence(visit: Visit) -> str:
    """What can be taken, before anything is uploaded."""
    limits = visit.limits
    own = f"; {limits.datasets} data sets and {limits.runs} runs" if limits.datasets else ""
    return (
        f"At most {largest_upload(visit)} MB, {limits.images:,} photos and {limits.classes:,} "
        f"classes{own}. JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC."
    )


def layout_help() -> None:
    """How the folders should look, how to zip them, and an empty template."""
    st.code(_LAYOUT, language=None)
    st.markdown(_HOW_TO_ZIP)
    st.download_button(
        "Download an empty template",
        sample.template_zip(),
        "my-photos.zip",
        "application/zip",
        icon=":material/download:",
        on_click="ignore",
        key="template",
    )


@contextlib.contextmanager
def spooled(visit: Visit, file) -> Iterator[Path]:
    """The bytes of an upload as a file for the length of the block."""
    folder = visit.workspace.spool_folder
    file_system.make_folder(folder)
    path = folder / f"{safe_text.new_id('upload')}.zip"
    try:
        copy(visit, file, path)
        yield path
    finally:
        file_system.remove(path)


@contextlib.contextmanager
def opened(visit: Visit, files: Sequence) -> Iterator[list[Source]]:
    """Uploaded zips, spooled and open for the length of the block.

    Raises:
        ArchiveError: One is too large or no zip.
    """
    with contextlib.ExitStack() as stack:
        opened = []
        for file in files:
            path = stack.enter_context(spooled(visit, file))
            opened.append(stack.enter_context(sources.open_source(path, visit.limits, file.name)))
        yield opened


def write_zip(path: Path, entries: Sequence[tuple[str, bytes]]) -> None:
    """Writes named bytes as a zip, uncompressed."""
    with file_system.open(path, "wb") as file, zipfile.ZipFile(file, "w") as archive:
        for name, data in entries:
            archive.writestr(name, data)


def spool_for(into: Dataset) -> Path:
    """Where a zip is written whose photos join a data set.

    Raises:
        JobError: Photos are being added already.
    """
    folder = into.folder / ADDING_FOLDER
    if not into.folder.is_dir():
        raise DatasetError("This data set was deleted. Open another one on the start page.")
    file_system.make_folder(folder)
    if (folder / _SPOOL_FILE).exists():
        raise JobError("Photos are being added already. Wait until they are in.")
    return folder / _SPOOL_FILE


def pack(visit: Visit, files: Sequence, path: Path) -> None:
    """Many uploads as one zip; their names stay labels and are judged when it is read."""
    total = sum(file.size for file in files)
    if total > visit.limits.total_bytes:
        raise ArchiveError(
            f"The folder has {total // MEGABYTE:,} MB; at most "
            f"{visit.limits.total_bytes // MEGABYTE:,} MB can be taken. Leave photos out."
        )
    with file_system.open(path, "wb") as spool, zipfile.ZipFile(spool, "w") as archive:
        for file in files:
            with archive.open(zipfile.ZipInfo(file.name), "w") as entry:
                shutil.copyfileobj(file, entry, MEGABYTE)


def copy(visit: Visit, file, path: Path) -> None:
    if file.size > visit.limits.zip_bytes:
        raise ArchiveError(
            f"'{safe_text.clean(file.name)}' has {file.size // MEGABYTE} MB; at most "
            f"{visit.limits.zip_bytes // MEGABYTE} MB can be taken. Leave photos out."
        )
    file.seek(0)
    file_system.copy(file, path)


def largest_upload(visit: Visit) -> int:
    """What one upload may have, in megabytes."""
    return min(visit.limits.zip_bytes // MEGABYTE, st.get_option("server.maxUploadSize"))


def _round_key(key: str) -> str:
    return f"{key}_{session.get(session.UPLOAD_ROUND, 0)}"


@contextlib.contextmanager
def released(files: Sequence) -> Iterator[None]:
    """Gives the bytes back in the end; Streamlit would keep them until the session ends."""
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    try:
        yield
    finally:
        session.put(session.UPLOAD_ROUND, session.get(session.UPLOAD_ROUND, 0) + 1)
        context = get_script_run_ctx()
        for file in files:
            # Internal to Streamlit and absent in its test harness; a failure costs only memory.
            with contextlib.suppress(AttributeError, KeyError, TypeError):
                context.uploaded_file_mgr.remove_file(
                    session_id=context.session_id, file_id=file.file_id
                )
