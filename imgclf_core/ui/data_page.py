"""The parts of the Data page."""

import numpy as np
import pandas as pd
import streamlit as st

from imgclf_core import charts, naming
from imgclf_core.data import checks
from imgclf_core.data.checks import ATTENTION, NOTE, URGENT
from imgclf_core.data.dataset import Dataset
from imgclf_core.data.layout import SIDES
from imgclf_core.jobs import queue
from imgclf_core.ui import frame, gallery, live, uploads
from imgclf_core.ui.visitor import Visit

_CLASSES_AT_FIRST, _PHOTOS_AT_FIRST = 6, 8
_SEVERITY = {
    URGENT: ("red", "mend this first"),
    ATTENTION: ("orange", "worth a look"),
    NOTE: ("gray", "good to know"),
}


def arriving(visit: Visit) -> bool:
    """Photos on their way in, or why they could not be taken. True while they arrive."""
    folder = visit.workspace.coming
    if folder is None:
        return False
    status = queue.read(folder)
    if status is not None and not status.ended:
        st.title("Data")
        st.write("Your photos are being read. You can leave this page; it goes on.")
        live.ingest_card(folder)
        return True
    if status is not None and status.message:
        st.error(naming.markdown(status.message, longest=1000), icon=":material/error:")
        if visit.dataset:
            st.caption("What was open before is still here.")
    visit.workspace.remember(coming=None)
    visit.workspace.delete_dataset(folder.name)
    return False


def empty(visit: Visit) -> None:
    """What to do while there are no photos."""
    st.title("Data")
    st.write("Bring photos in, one folder for each class, and see what is in them.")
    left, right = st.columns(2, gap="large")
    with left:
        uploads.zip_uploader(visit, "A zip with one folder for each class", "data_upload")
        st.write("No photos at hand?")
        uploads.sample_button(visit, "data_sample", primary=True)
    with right:
        uploads.layout_help()


def headline(dataset: Dataset) -> None:
    """Title, the answer in one sentence, four figures, and the way on."""
    problems = checks.find_problems(dataset)
    grave = [problem for problem in problems if problem.severity != NOTE]
    st.title("Data")
    total, classes = len(dataset.photos), len(dataset.class_names)
    looked = {0: "Nothing to mend before you train.", 1: "One thing to look at before you train."}
    more = looked.get(len(grave), f"{len(grave)} things to look at before you train.")
    st.write(f"**{total:,} photos in {classes} classes.** {more}")
    copies = total - len({photo.group for photo in dataset.photos})
    with st.grid(4, min_column_width=140):
        st.metric("Photos", f"{total:,}")
        st.metric("Classes", f"{classes:,}", help="Kinds of picture, one folder each.")
        st.metric("Not taken", f"{len(dataset.receipt.skipped):,}", help="See the receipt.")
        st.metric(
            "Copies", f"{copies:,}",
            help="Photos that are the same as another, or nearly so. They stay on one side.",
        )  # fmt: skip
    frame.next_button(frame.TRAIN, "Train a network")


def tabs(visit: Visit) -> None:
    """Overview, photos, problems and the receipt."""
    dataset = visit.dataset
    problems = checks.find_problems(dataset)
    names = ["Overview", "Photos", f"Problems · {len(problems)}", "Receipt"]
    overview, photos, wrong, receipt = st.tabs(names, key="data_tabs", on_change="rerun")
    if overview.open:
        with overview:
            _overview(dataset, visit.dark)
    if photos.open:
        with photos:
            _photos(dataset)
    if wrong.open:
        with wrong:
            _problems(dataset, problems)
    if receipt.open:
        with receipt:
            _receipt(dataset)


def other_photos(visit: Visit) -> None:
    """Another upload, folded."""
    with st.expander("Bring in other photos"):
        left, right = st.columns(2, gap="large")
        with left:
            uploads.zip_uploader(visit, "A zip with one folder for each class", "other_upload")
        with right:
            uploads.layout_help()


def _overview(dataset: Dataset, dark: bool) -> None:
    st.subheader("Photos in each class")
    figure = charts.class_counts(dataset.class_names, dataset.counts, dark)
    st.plotly_chart(
        figure, key="class_counts", config={"displayModeBar": False},
        alt="Photos of each class in training, validation and test; the table below has them too",
    )  # fmt: skip
    with st.expander("As a table"):
        table = pd.DataFrame(dataset.counts, columns=list(SIDES))
        table.insert(0, "class", list(dataset.class_names))
        table["all"] = dataset.counts.sum(axis=1)
        st.dataframe(table, hide_index=True)
    st.caption(
        "The network learns from *training*, *validation* picks its best moment, and *test* stays "
        "sealed until the end, so that the score is honest."
    )
    for k, name in enumerate(dataset.class_names[:_CLASSES_AT_FIRST]):
        st.markdown(f"**{naming.markdown(name)}**")
        members = np.flatnonzero(dataset.labels == k)[:_PHOTOS_AT_FIRST]
        gallery.show([gallery.photo_card(dataset, dataset.photos[i]) for i in members])
    hidden = len(dataset.class_names) - _CLASSES_AT_FIRST
    if hidden > 0:
        st.caption(f"{hidden} more classes are under *Photos*.")


def _photos(dataset: Dataset) -> None:
    left, right = st.columns(2)
    label = left.selectbox(
        "Class", range(len(dataset.class_names)), key="photos_class",
        format_func=lambda k: dataset.class_names[k],
    )  # fmt: skip
    side = right.selectbox("Side of the split", ["all", *SIDES], key="photos_side")
    chosen = dataset.labels == label
    if side != "all":
        chosen &= dataset.sides == side
    members = np.flatnonzero(chosen)
    st.caption(f"{len(members):,} photos")
    shown = members[gallery.page_of(len(members), f"photos_page_{label}_{side}")]
    gallery.show(
        [gallery.photo_card(dataset, dataset.photos[i], dataset.photos[i].side) for i in shown]
    )


def _problems(dataset: Dataset, problems: list[checks.Problem]) -> None:
    if not problems:
        st.success("Nothing was found.")
    for number, problem in enumerate(problems):
        colour, words = _SEVERITY[problem.severity]
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{problem.title}**")
                st.badge(words, color=colour)
            st.write(naming.markdown(problem.sentence, longest=1000))
            shown = problem.photos[gallery.page_of(len(problem.photos), f"problem_{number}", 8)]
            gallery.show(
                [
                    gallery.photo_card(
                        dataset, dataset.photos[i], dataset.class_names[dataset.photos[i].label]
                    )
                    for i in shown
                ]
            )


def _receipt(dataset: Dataset) -> None:
    receipt = dataset.receipt
    parts = " + ".join(
        f"{int(count):,} {side}" for side, count in zip(SIDES, dataset.counts.sum(0), strict=True)
    )
    st.write(
        f"**{receipt.received:,} files received** = {parts} + {len(receipt.skipped):,} not taken."
    )
    if receipt.system_files:
        st.caption(f"{receipt.system_files:,} files of operating systems were ignored besides.")
    for note in receipt.notes:
        st.caption(note)
    if receipt.skipped:
        table = pd.DataFrame(receipt.skipped, columns=["File", "Not taken because"])
        st.dataframe(table, hide_index=True)
        cells = table.map(naming.csv_cell).to_csv(index=False)
        st.download_button(
            "Download this list", cells, "not-taken.csv", "text/csv",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
