"""Other ways for photos to come in: loose files, the webcam, a path on this computer."""

from pathlib import Path

import streamlit as st

from imgclf_core.datasets import folder_layout
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.errors import ArchiveError, OptionError
from imgclf_core.images.decode import FILE_ENDINGS
from imgclf_core.support import safe_text
from imgclf_core.ui import session, uploads
from imgclf_core.ui.visitor import Visit

LOOSE, WEBCAM, PATH, NESTED = "Loose photos", "Webcam", "A path", "Folders in folders"
_NEW_SET = "My photos"
_ASK = "ask me afterwards"
_CLASS_FROM_WORDS = {
    _ASK: "Ask me afterwards",
    folder_layout.FIRST: "The first folder names the class",
    folder_layout.LAST: "The last folder names the class",
    folder_layout.PATH: "All folders together name the class",
}


def show(visit: Visit, into: Dataset | None, key: str) -> None:
    """The fold with the other ways.

    Args:
        visit: Of whom.
        into: The data set to add to, or None for a new one.
        key: Tells several of these on one page apart.
    """
    with st.expander("Other ways", key=f"other_ways_{key}", on_change="rerun") as fold:
        pass
    if not fold.open:
        return
    with fold:
        way = st.segmented_control(
            "How",
            [LOOSE, WEBCAM, PATH, NESTED],
            default=LOOSE,
            required=True,
            key=f"way_{key}",
            label_visibility="collapsed",
        )
        {LOOSE: _loose, WEBCAM: _webcam, PATH: _path, NESTED: _nested}[way](visit, into, key)


def _loose(visit: Visit, into: Dataset | None, key: str) -> None:
    label = _class_box(into, f"loose_class_{key}")
    files = st.file_uploader(
        "Photos of this class",
        type=list(FILE_ENDINGS),
        accept_multiple_files=True,
        key=f"loose_{key}_{session.get(session.UPLOAD_ROUND, 0)}",
        max_upload_size=max(visit.limits.file_bytes >> 20, 1),
    )
    count = len(files)
    if st.button(
        f"Add {count} photos" if count != 1 else "Add 1 photo",
        key=f"add_loose_{key}",
        icon=":material/add_photo_alternate:",
        disabled=not (files and label),
    ):
        uploads.bring_in_files(visit, files, _NEW_SET if into is None else label, into, label)
    if files and not label:
        st.caption("Name the class first: choose one or type a new name.")


def _webcam(visit: Visit, into: Dataset | None, key: str) -> None:
    label = _class_box(into, f"webcam_class_{key}")
    taken = session.get(session.SNAPSHOTS, [])
    shot = st.camera_input("Take photos, one after another", key=f"camera_{key}")
    if shot is not None and shot.file_id not in {name for name, _ in taken}:
        taken = [*taken, (shot.file_id, shot.getvalue())]
        session.put(session.SNAPSHOTS, taken)
    if taken:
        st.image([data for _, data in taken[-6:]], width=90)
    with st.container(horizontal=True):
        words = "1 photo" if len(taken) == 1 else f"{len(taken)} photos"
        if st.button(
            f"Add {words}",
            key=f"add_shots_{key}",
            icon=":material/add_photo_alternate:",
            disabled=not (taken and label),
        ):
            session.forget(session.SNAPSHOTS)
            entries = [(f"webcam-{name[:12]}.jpg", data) for name, data in taken]
            uploads.bring_in(
                visit,
                _NEW_SET if into is None else "the webcam",
                into,
                lambda path: uploads.write_zip(path, entries),
                label=label,
            )
        if taken and st.button("Forget them", key=f"forget_shots_{key}", type="tertiary"):
            session.forget(session.SNAPSHOTS)
            st.rerun()
    st.caption("Move the thing and the camera between photos: variety teaches more than number.")


def _path(visit: Visit, into: Dataset | None, key: str) -> None:
    if not visit.may_type_paths:
        st.caption(
            "Paths can be typed where the app runs for its owner alone: start it with "
            "`streamlit run app.py --server.address localhost`."
        )
        return
    text = st.text_input(
        "A zip or a folder of class folders on this computer",
        key=f"path_{key}",
        help="The way for very large sets: nothing passes through the browser.",
    )
    if st.button("Read it", key=f"read_path_{key}", icon=":material/folder_open:"):
        path = Path(text.strip().strip('"')).expanduser()
        if not text.strip():
            raise OptionError("Type the path of a folder or a zip first.")
        if not path.exists():
            raise ArchiveError(f"There is no file or folder '{path}'. Check the name.")
        path = path.resolve()
        uploads.start(visit, path.name, into, str(path))


def _nested(visit: Visit, into: Dataset | None, key: str) -> None:
    chosen = st.selectbox(
        "When folders lie in folders",
        list(_CLASS_FROM_WORDS),
        key=f"class_from_{key}",
        format_func=_CLASS_FROM_WORDS.get,
    )
    st.caption("For example `uk/1880s/17.jpg`: is it *uk*, *1880s* or *uk/1880s*?")
    file = st.file_uploader(
        "A zip with folders in folders",
        type="zip",
        key=f"nested_{key}_{session.get(session.UPLOAD_ROUND, 0)}",
        max_upload_size=uploads.largest_upload(visit),
    )
    if file is not None:
        class_from = "" if chosen == _ASK else chosen
        uploads.bring_in_zip(visit, file, into, class_from=class_from)


def _class_box(into: Dataset | None, key: str) -> str:
    """The name of a class, picked or typed."""
    names = list(into.class_names) if into else []
    chosen = st.selectbox(
        "Class",
        names,
        index=None,
        accept_new_options=True,
        key=key,
        placeholder="Choose a class or type a new name",
    )
    return safe_text.clean(chosen or "", 200)
