"""The tab about what became of everything: receipt, versions, and taking the data set along."""

import time

import pandas as pd
import streamlit as st

from imgclf_core.datasets import store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.ingest import portable
from imgclf_core.datasets.split import SIDES
from imgclf_core.jobs import queue
from imgclf_core.support import file_system, safe_text
from imgclf_core.ui import downloads, job_cards
from imgclf_core.ui.visitor import Visit
from imgclf_core.workspaces import job_requests


def show(visit: Visit, dataset: Dataset) -> None:
    """The tab."""
    left, right = st.columns(2, gap="large")
    with left:
        _receipt(dataset)
    with right:
        _take_along(dataset)
    _versions(dataset)


def _receipt(dataset: Dataset) -> None:
    st.subheader("Receipt")
    receipt = dataset.receipt
    parts = [
        f"{int(count):,} {side}" for side, count in zip(SIDES, dataset.counts.sum(0), strict=True)
    ]
    st.write(
        f"**{receipt.received:,} files received** = {' + '.join(parts)} + "
        f"{len(dataset.left_out):,} left out + {len(receipt.skipped):,} not taken."
    )
    if receipt.system_files:
        st.caption(f"{receipt.system_files:,} files of operating systems were ignored besides.")
    for note in receipt.notes:
        st.caption(safe_text.markdown(note, longest=500))
    rows = [(name, "not taken", reason) for name, reason in receipt.skipped]
    rows += [(item.photo.name, "left out", item.reason) for item in dataset.left_out]
    if rows:
        table = pd.DataFrame(rows, columns=["File", "What", "Because"])
        st.dataframe(table, hide_index=True)
    downloads.button(
        "Download the receipt", lambda: _receipt_csv(dataset), "receipt.csv", "text/csv"
    )


def _receipt_csv(dataset: Dataset) -> str:
    """Every file that was received, one a line."""
    rows = [(p.name, p.side, dataset.class_of(p), "") for p in dataset.photos]
    rows += [(i.photo.name, "left out", i.class_name, i.reason) for i in dataset.left_out]
    rows += [(name, "not taken", "", reason) for name, reason in dataset.receipt.skipped]
    table = pd.DataFrame(rows, columns=["file", "what", "class", "because"])
    return table.map(safe_text.csv_cell).to_csv(index=False)


def _versions(dataset: Dataset) -> None:
    st.subheader("History")
    history = store.history(dataset.folder)
    for words in history.earlier:
        st.caption(safe_text.markdown(words, longest=300))
    rows = [
        (
            version.number,
            safe_text.clean(version.sentence, 200),
            version.photos,
            version.classes,
            time.strftime("%d %b, %H:%M", time.localtime(version.created)),
        )
        for version in reversed(history.line)
    ]
    st.dataframe(
        pd.DataFrame(rows, columns=["Version", "What was done", "Photos", "Classes", "When"]),
        hide_index=True,
    )
    st.caption("A run keeps the version it was trained on, whatever is changed afterwards.")


def _take_along(dataset: Dataset) -> None:
    st.subheader("Take it along")
    st.caption(
        "One zip with the photos that take part, their split, this history and your notes. "
        "Brought in again, here or elsewhere, it gives the same split, so that several people can "
        "share one test set."
    )
    source = st.text_area(
        "Where the photos come from",
        dataset.source_note,
        max_chars=store.LONGEST_NOTE,
        key=f"source_note_{dataset.id}",
    )
    rights = st.text_area(
        "Who may use them",
        dataset.rights_note,
        max_chars=store.LONGEST_NOTE,
        key=f"rights_note_{dataset.id}",
    )
    if (source, rights) != (dataset.source_note, dataset.rights_note):
        store.write_notes(dataset.folder, source, rights)
    folder = dataset.folder / portable.FOLDER
    if job_cards.goes_on("Packing the photos", folder):
        return
    status = queue.read(folder)
    ready = status.result if status is not None else {}
    path = folder / ready.get("file", "none")
    notes = (ready.get("source_note"), ready.get("rights_note"))
    if path.is_file() and ready["version"] == dataset.version and notes == (source, rights):
        size = ready["bytes"] / 1e6
        downloads.button(
            f"Download the zip ({size:,.1f} MB)",
            lambda: file_system.read(path),
            path.name,
            "application/zip",
        )
    elif st.button("Make the zip", key="take_along", icon=":material/inventory_2:"):
        job_requests.export_dataset(dataset)
        st.rerun()
