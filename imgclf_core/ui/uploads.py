"""From the browser's upload to a job, without keeping the bytes in memory."""

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path

import streamlit as st

from imgclf_core import naming
from imgclf_core.config import MEGABYTE
from imgclf_core.data import sample
from imgclf_core.data.ingest import SAMPLE
from imgclf_core.errors import ArchiveError
from imgclf_core.ui import frame, state, tour
from imgclf_core.ui.visitor import Visit

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


def zip_uploader(visit: Visit, label: str, key: str) -> None:
    """An uploader that starts bringing photos in and opens the Data page."""
    round_number = state.get(state.UPLOAD_ROUND, 0)
    file = st.file_uploader(
        label, type="zip", key=f"{key}_{round_number}",
        help="One folder for each class, with its photos inside, all in one zip.",
    )  # fmt: skip
    st.caption(limits_sentence(visit))
    if file is None:
        return
    try:
        path = _spool(visit, file)
    finally:
        _release(file)
        state.put(state.UPLOAD_ROUND, round_number + 1)
    folder = visit.workspace.add_dataset(str(path), file.name, visit.profile, delete_source=True)
    visit.workspace.remember(coming=folder.name)
    state.put(state.TOUR, False)
    frame.go(frame.DATA)


def sample_button(visit: Visit, key: str, primary: bool = False) -> None:
    """A button that draws the built-in sample and starts the guided run."""
    if st.button(
        "Try it with drawn shapes", key=key, icon=":material/category:",
        type="primary" if primary else "secondary",
    ):  # fmt: skip
        folder = visit.workspace.add_dataset(SAMPLE, sample.NAME, visit.profile, False)
        visit.workspace.remember(coming=folder.name)
        tour.start()
        frame.go(frame.DATA)


def limits_sentence(visit: Visit) -> str:
    """What can be taken, before anything is uploaded."""
    limits = visit.limits
    size = min(limits.zip_bytes // MEGABYTE, st.get_option("server.maxUploadSize"))
    return (
        f"At most {size} MB, {limits.images:,} photos and {limits.classes:,} classes. "
        "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC."
    )


def layout_help() -> None:
    """How the folders should look, how to zip them, and an empty template."""
    st.code(_LAYOUT, language=None)
    st.markdown(_HOW_TO_ZIP)
    st.download_button(
        "Download an empty template", sample.template_zip(), "my-photos.zip", "application/zip",
        icon=":material/download:", on_click="ignore", key="template",
    )  # fmt: skip


@contextlib.contextmanager
def spooled(visit: Visit, file) -> Iterator[Path]:
    """The bytes of an upload as a file for the length of the block."""
    path = _spool(visit, file)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _spool(visit: Visit, file) -> Path:
    if file.size > visit.limits.zip_bytes:
        raise ArchiveError(
            f"'{naming.clean(file.name)}' has {file.size // MEGABYTE} MB; at most "
            f"{visit.limits.zip_bytes // MEGABYTE} MB can be taken. Leave photos out."
        )
    visit.workspace.uploads.mkdir(parents=True, exist_ok=True)
    path = visit.workspace.uploads / f"{secrets.token_hex(8)}.zip"
    file.seek(0)
    with open(path, "wb") as spool:
        while chunk := file.read(1 << 20):
            spool.write(chunk)
    return path


def _release(file) -> None:
    """Gives the bytes back; Streamlit would keep them until the session ends."""
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    context = get_script_run_ctx()
    # Internal to Streamlit and absent in its test harness, so a failure costs only memory.
    with contextlib.suppress(AttributeError, KeyError, TypeError):
        context.uploaded_file_mgr.remove_file(session_id=context.session_id, file_id=file.file_id)
