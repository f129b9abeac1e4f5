"""Models that were brought in from elsewhere: the uploader, what is here, and deleting.

They lie in the visitor's workspace beside data sets and runs. What is taken and how is told in
`bundles/reader/imported.py`; which of them answers is chosen where the page chooses a run.
"""

import streamlit as st

from imgclf_core.bundles.reader import imported
from imgclf_core.bundles.reader.imported import Imported
from imgclf_core.bundles.reader.sealed import MOST_BYTES
from imgclf_core.config import MEGABYTE
from imgclf_core.errors import ModelError
from imgclf_core.networks import catalogue
from imgclf_core.support import file_system, safe_text
from imgclf_core.ui import frame, job_cards, session, uploads
from imgclf_core.ui.visitor import Visit
from imgclf_core.workspaces import job_requests


def ready(visit: Visit) -> list[Imported]:
    """Models that can answer, newest first."""
    return [one for one in visit.workspace.models() if one.manifest is not None]


def manage(visit: Visit) -> None:
    """Everything about models from elsewhere: one more, and what is here."""
    uploader(visit)
    found = visit.workspace.models()
    for one in found:
        _row(visit, one)
    if not found:
        st.caption("No model from elsewhere is here yet.")


def uploader(visit: Visit) -> None:
    """Takes one bundle; what it refuses is said, and nothing that is here changes."""
    most = min(uploads.largest_upload(visit), MOST_BYTES // MEGABYTE)
    file = st.file_uploader(
        "A model exported from imgclf (.zip)",
        max_upload_size=most,
        key=f"model_{session.get(session.UPLOAD_ROUND, 0)}",
        help="The zip that the Share page made, here or on another computer. It is checked and "
        "built anew; nothing in it is run. Models of other programs are not opened.",
    )
    if file is None:
        return
    with uploads.released([file]):
        try:
            _bring_in(visit, file)
            frame.say(f"'{file.name}' is coming in. Then it can be chosen on the Classify page.")
        except ModelError as error:
            frame.say(str(error), "error")
    st.rerun()


def _bring_in(visit: Visit, file) -> None:
    folder = visit.workspace.new_model(file.name)
    path = imported.spool(folder)
    try:
        file.seek(0)
        file_system.copy(file, path)
        job_requests.import_bundle(folder, path, file.name, visit.profile)
    except BaseException:
        file_system.remove_tree(folder)
        raise


def _row(visit: Visit, one: Imported) -> None:
    status = one.status
    if one.manifest is None and status is not None and not status.ended:
        job_cards.job_card(f"Bringing in {safe_text.markdown(one.name)}", one.folder)
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{safe_text.markdown(one.name)}**  \n{_words(one)}")
        if st.button(
            "Delete",
            key=f"delete_model_{one.id}",
            icon=":material/delete:",
            type="tertiary",
            help="Only this copy goes; the file it came from stays where it is.",
        ):
            visit.workspace.delete_model(one.id)
            st.rerun()


def _words(one: Imported) -> str:
    known = one.manifest
    if known is None:
        message = one.status.message if one.status else ""
        return safe_text.markdown(
            message or "This was interrupted. Bring it in again.", longest=1000
        )
    words = f"{catalogue.WORDS[known.network]}, {len(known.class_names)} classes, from "
    words += f"{safe_text.markdown(known.dataset)}"
    return words + (f", test score {known.test['accuracy']:.1%}" if known.tested else "")
