"""The parts of the Share page."""

import io

import streamlit as st

from imgclf_core import naming
from imgclf_core.data import decode
from imgclf_core.export import bundle
from imgclf_core.jobs import queue
from imgclf_core.models import weights
from imgclf_core.training import run as runs
from imgclf_core.training.run import Run
from imgclf_core.ui import live
from imgclf_core.ui.visitor import Visit

_FIT_WORDS = {
    decode.CROP: "cropped to the square in their centre",
    decode.PAD: "padded with white to a square",
    decode.STRETCH: "stretched to a square",
}


def download(visit: Visit) -> None:
    """One button, or what is still to be done before it."""
    run = visit.run
    st.write(f"Take **{naming.markdown(run.name)}** along and use it without this app.")
    if run.packed:
        st.download_button(
            "Download the model", lambda: _bundle(run), bundle_name(run), "application/zip",
            type="primary", key="download_model", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        return
    status = run.packing
    if status is not None and not status.ended:
        live.packing_note(run)
        return
    if status is not None and status.message:
        st.warning(naming.markdown(status.message, longest=1000))
    if st.button("Pack the model", type="primary", key="pack", icon=":material/package_2:"):
        queue.submit(run.folder / runs.PACK_FOLDER, "pack", {"run": str(run.folder)})
        st.rerun()


def contents(run: Run) -> None:
    """What is in the zip, in plain words."""
    side = run.settings.image_size
    st.subheader("What is in it")
    st.markdown(
        """
| file | for |
|---|---|
| `model.keras` | Keras, for going on with in Python |
| `model.tflite` | LiteRT, for phones, small computers and fast answers |
| `labels.json` | names of the classes, settings, versions, test score |
| `README.txt` | what it is, how good it is, how to use it |
"""
    )
    st.caption(
        f"Photos go in upright, {_FIT_WORDS[run.settings.fit]} of {side} x {side} pixels, as "
        "numbers from 0 to 255; everything else is inside the model."
    )
    if run.weights:
        st.caption(weights.describe(run.weights["source"]))
    st.subheader("The same from the command line")
    st.code(
        f"python -m imgclf_core classify {bundle_name(run)} my-photos/ --csv answers.csv", "bash"
    )


def bundle_name(run: Run) -> str:
    """Name of the downloaded zip."""
    return f"{naming.file_name(run.dataset_name.removesuffix('.zip'))}-{run.settings.model}.zip"


def _bundle(run: Run) -> bytes:
    buffer = io.BytesIO()
    bundle.write(run, buffer)
    return buffer.getvalue()
