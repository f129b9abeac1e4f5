"""Sort my folder: thousands of photos go in, a job answers them while one watches."""

from pathlib import Path

import streamlit as st

from imgclf_core.errors import ArchiveError, OptionError
from imgclf_core.inference import sorted_photos
from imgclf_core.jobs import queue
from imgclf_core.support import atomic_files, safe_text
from imgclf_core.ui import job_cards, session, uploads
from imgclf_core.ui.classify import sorted_result
from imgclf_core.ui.classify.answering import Answering
from imgclf_core.ui.visitor import Visit

_SPOOL_FILE = "upload.zip"


def show(visit: Visit, model: Answering) -> None:
    """What is being sorted or was sorted last; before that, the ways in."""
    folder = visit.workspace.sorting()
    if folder is None:
        _ways_in(visit, model)
        return
    status = queue.read(folder)
    if status is not None and not status.ended:
        job_cards.job_card("Sorting your photos", folder)
        st.caption("You may close this page; it goes on. Stop keeps what was answered until then.")
        return
    found = sorted_photos.load(folder)
    if found is None:
        words = status.message if status is not None and status.message else "Nothing was sorted."
        st.warning(safe_text.markdown(words, longest=1000))
    else:
        sorted_result.show(visit, model, found)
    with st.container(horizontal=True):
        if (
            found is not None
            and _job_params(folder).get("key") != model.key
            and st.button(
                "Sort them again with the model above",
                key="sort_again",
                icon=":material/replay:",
            )
        ):
            _begin(visit, model, folder, found.sources)
        if st.button("Sort other photos", key="sort_others", icon=":material/folder_open:"):
            visit.workspace.delete_sortings()
            st.rerun()


def _ways_in(visit: Visit, model: Answering) -> None:
    st.caption(
        "Every photo gets a class and a score; then look through them, put right what is wrong, "
        "and take a table or a zip sorted into folders. Your originals are not touched."
    )
    file = st.file_uploader(
        "A zip of photos",
        type="zip",
        key=f"sort_zip_{session.get(session.UPLOAD_ROUND, 0)}",
        max_upload_size=uploads.largest_upload(visit),
        help="Folders do not matter, but where they are called like your classes, the answers are "
        "compared with them.",
    )
    if file is not None:
        with uploads.released([file]):
            _begin_upload(visit, model, lambda path: uploads.copy(visit, file, path))
    loose = st.file_uploader(
        "Or a folder",
        accept_multiple_files="directory",
        key=f"sort_folder_{session.get(session.UPLOAD_ROUND, 0)}",
        max_upload_size=uploads.largest_upload(visit),
    )
    if loose:
        with uploads.released(loose):
            _begin_upload(visit, model, lambda path: uploads.pack(visit, loose, path))
    if visit.may_type_paths:
        _typed(visit, model)


def _typed(visit: Visit, model: Answering) -> None:
    text = st.text_input(
        "Or the path of a folder or zip on this computer",
        key="sort_path",
        help="The way for very many photos: nothing passes through the browser.",
    )
    if st.button("Sort it", key="sort_begin", icon=":material/play_arrow:"):
        path = Path(text.strip().strip('"')).expanduser()
        if not text.strip():
            raise OptionError("Type the path of a folder or a zip first.")
        if not path.exists():
            raise ArchiveError(f"There is no file or folder '{path}'. Check the name.")
        _begin(visit, model, visit.workspace.new_sorting(), (path.resolve(),))


def _begin_upload(visit: Visit, model: Answering, write) -> None:
    folder = visit.workspace.new_sorting()
    try:
        write(folder / _SPOOL_FILE)
    except BaseException:
        queue.discard(folder)
        raise
    _begin(visit, model, folder, (folder / _SPOOL_FILE,))


def _begin(visit: Visit, model: Answering, folder: Path, sources: tuple[Path, ...]) -> None:
    params = {
        "model": str(model.path),
        "key": model.key,
        "name": model.predictor.name,
        "sources": [str(source) for source in sources],
        "profile": visit.profile,
    }
    sorted_result.forget_choices(folder)
    visit.workspace.sort(folder, params)
    st.rerun()


def _job_params(folder: Path) -> dict:
    job = atomic_files.read_json(folder / queue.JOB_FILE)
    return job["params"] if isinstance(job, dict) else {}
