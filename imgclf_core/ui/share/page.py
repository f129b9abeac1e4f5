"""The parts of the Share page: a proven zip to download, and a model from elsewhere."""

import pandas as pd
import streamlit as st

from imgclf_core.bundles import sharing
from imgclf_core.bundles.writer import bundle_job, model_card
from imgclf_core.bundles.writer.bundle_job import Shared
from imgclf_core.errors import BoundError
from imgclf_core.images import decode
from imgclf_core.jobs import queue
from imgclf_core.networks import weights
from imgclf_core.runs.run import Run
from imgclf_core.support import file_system, safe_text
from imgclf_core.ui import downloads, job_cards
from imgclf_core.ui.visitor import Visit
from imgclf_core.workspaces import job_requests

_FIT_WORDS = {
    decode.CROP: "cropped to the square in their centre",
    decode.PAD: "padded with white to a square",
    decode.STRETCH: "stretched to a square",
}
_FOR = {
    "model.keras": "Keras, for going on with in Python",
    "model.tflite": "LiteRT, for phones, small computers and fast answers",
    "predict.py": "answers without this app, from the command line or in a program",
    "weights.npz": "imgclf on another computer, which builds the model anew",
}


def download(visit: Visit) -> None:
    """One button, or what is still to be done before it."""
    run = visit.run
    st.write(f"Take **{safe_text.markdown(run.name)}** along and use it without this app.")
    if run.packed:
        _proven(run)
        return
    status = run.packing
    if status is not None and not status.ended:
        job_cards.packing_note(run)
        return
    if status is not None and status.message:
        st.warning(safe_text.markdown(status.message, longest=1000))
    if st.button("Pack the model", type="primary", key="pack", icon=":material/package_2:"):
        job_requests.package(run)
        st.rerun()


def _proven(run: Run) -> None:
    """The download, once every part was tried; it is made by itself."""
    folder = run.folder / bundle_job.FOLDER
    status, shared = queue.read(folder), bundle_job.load(run)
    if status is not None and not status.ended:
        job_cards.job_card("Trying every part in a fresh process", folder)
        return
    if shared is not None and shared.stamp == bundle_job.stamp(run):
        _button(run, shared)
        return
    if status is not None and status.message:
        st.warning(safe_text.markdown(status.message, longest=1000))
        if not st.button("Try again", type="primary", key="bundle_again"):
            return
    try:
        job_requests.bundle(run)
    except BoundError as error:  # nobody pressed anything: it is said, and the page goes on
        st.info(str(error))
        return
    st.rerun()


def _button(run: Run, shared: Shared) -> None:
    downloads.button(
        "Download the model",
        lambda: file_system.read(shared.path),
        bundle_name(run),
        "application/zip",
        type="primary",
        key="download_model",
    )
    failed = [one for one in shared.proven if not one.ok]
    for one in failed:
        st.warning(f"`{one.name}` was left out. {safe_text.markdown(one.message, longest=500)}")
    if not failed:
        st.caption("Every part was tried in a fresh process and gives the scores of this app.")
    table = pd.DataFrame(
        [(one.name, _outcome(one), one.difference, _FOR[one.name]) for one in shared.proven],
        columns=["Part", "Proof", "Largest difference", "For"],
    )
    number = st.column_config.NumberColumn(
        format="%.1e", help="Of any score, for the sample photos; at most 0.0001 is allowed."
    )
    st.dataframe(
        table, hide_index=True, placeholder="", column_config={"Largest difference": number}
    )


def _outcome(one) -> str:
    if not one.ok:
        return "left out"
    return "the same scores" if one.difference is not None else one.note


def wording(visit: Visit) -> None:
    """Names, notes and samples: what goes along besides the model."""
    run = visit.run
    said = bundle_job.said(run)
    with st.expander("Names, notes and sample photos"), st.form("sharing", border=False):
        st.caption("Names can be changed for the zip without training again.")
        names = st.data_editor(
            pd.DataFrame({"class": run.class_names, "name in the zip": said.class_names}),
            hide_index=True,
            disabled=["class"],
            key=f"names_{run.id}",
        )
        purpose = st.text_area("What it is for", said.purpose, max_chars=sharing.LONGEST_NOTE)
        source = st.text_input("Where the photos come from", said.source)
        rights = st.text_input("Who has the rights", said.rights)
        photos = st.toggle(
            "Five of my photos go along as samples",
            said.photos,
            help="Made smaller and without what the camera wrote, such as the place. Off, drawn "
            "shapes take their place. With them anybody can see that the model answers the same.",
        )
        if st.form_submit_button("Keep", icon=":material/save:"):
            chosen = tuple(str(name or "") for name in names["name in the zip"])
            sharing.save(run, sharing.Sharing(chosen, purpose, source, rights, photos))
            st.rerun()


def contents(run: Run) -> None:
    """What else is in the zip, and how to use it."""
    side = run.settings.image_size
    with st.expander("What is in it, and how to use it"):
        st.markdown(
            "Besides the parts above: `labels.json` (names, threshold, settings, hashes), "
            "`model_card.md` (what it is for and not for, how good, made of what), "
            "`requirements.txt`, and sample photos with the scores they must get."
        )
        st.caption(
            f"Photos go in upright, {_FIT_WORDS[run.settings.fit]} of {side} x {side} pixels, as "
            "numbers from 0 to 255; everything else is inside the model."
        )
        if run.weights:
            st.caption(weights.describe(run.weights["source"]))
        st.markdown("**In a program of your own**, after `pip install -r requirements.txt`:")
        st.code(model_card.SNIPPET, "python")
        st.markdown("**From the command line**, with or without this app:")
        st.code(
            f"python predict.py my-photos/ --csv answers.csv\n"
            f"python -m imgclf_core classify {bundle_name(run)} my-photos/ --csv answers.csv",
            "bash",
        )
        st.markdown("**For visitors**, a page that only answers:")
        st.code(f"streamlit run app.py -- --model {bundle_name(run)}", "bash")


def bundle_name(run: Run) -> str:
    """Name of the downloaded zip."""
    return f"{safe_text.file_name(run.dataset_name.removesuffix('.zip'))}-{run.settings.model}.zip"
