"""The top of the Data page: what is in, what is wrong, and the way on."""

import streamlit as st

from imgclf_core.datasets import folder_layout
from imgclf_core.datasets.checks.problem import NOTE, Problem
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.edits import resplit
from imgclf_core.datasets.split import VALIDATION
from imgclf_core.support import safe_text
from imgclf_core.ui import frame, job_cards
from imgclf_core.ui.data import changing
from imgclf_core.ui.visitor import Visit


def headline(visit: Visit, problems: list[Problem]) -> None:
    """Title, the answer in one sentence, four figures, and the way on."""
    dataset = visit.dataset
    grave = [problem for problem in problems if problem.severity != NOTE]
    st.title("Data")
    total, classes = len(dataset.photos), len(dataset.class_names)
    looked = {0: "Nothing to mend before you train.", 1: "One thing to look at before you train."}
    more = looked.get(len(grave), f"{len(grave)} things to look at before you train.")
    kinds = "1 class" if classes == 1 else f"{classes} classes"
    st.write(f"**{total:,} photos in {kinds}.** {more}")
    with st.grid(4, min_column_width=140):
        st.metric("Photos", f"{total:,}", help="Those that take part.")
        st.metric("Classes", f"{classes:,}", help="Kinds of picture, one folder each.")
        st.metric(
            "Left out",
            f"{len(dataset.left_out):,}",
            help="Kept, but they take no part. Under *Photos* they can be brought back.",
        )
        st.metric(
            "Not taken",
            f"{len(dataset.receipt.skipped):,}",
            help="Files that could not be read as photos; the receipt under *History* names each.",
        )
    frame.next_button(frame.TRAIN, "Train a network", primary=not _asks(dataset))
    _first_answer(visit)


def _first_answer(visit: Visit) -> None:
    """One line, which follows the first answer until it is there."""
    run = visit.first_answer
    if run is None:
        return
    job_cards.quiet_job(run, "First answer")
    if run.finished:
        part = run.validation_report
        seen = "it had not seen" if VALIDATION in run.report else "it learnt from"
        st.caption(
            f"A first answer is there: right on **{part['right']} of {part['n']}** photos {seen}, "
            "before any training. See it under *Train*."
        )


def nested_question(dataset: Dataset) -> None:
    """Asks which of several folders names the class, once, while it was not told."""
    readings = _asks(dataset)
    if not readings:
        return
    with st.container(border=True):
        st.markdown("**Your folders lie in folders. What is a class?**")
        way = st.radio(
            "What is a class?",
            [folder_layout.PATH, folder_layout.FIRST, folder_layout.LAST],
            key="class_from",
            format_func=lambda way: _reading_words(way, readings[way]),
            label_visibility="collapsed",
        )
        if st.button("Use this", key="use_class_from", type="primary"):
            changing.apply(lambda: resplit.name_classes(dataset, way))


def _asks(dataset: Dataset) -> dict[str, dict[str, int]]:
    """The readings to choose from; empty where nothing is to be asked."""
    if dataset.class_from or not any("/" in name for name in dataset.class_names):
        return {}
    names = [photo.name for photo in dataset.photos]
    now = [place.label for place in folder_layout.place(names)]
    if now != [dataset.class_of(photo) for photo in dataset.photos]:
        return {}  # photos of several sources, or moved by hand: the names no longer tell
    return folder_layout.readings(names)


def _reading_words(way: str, classes: dict[str, int]) -> str:
    words = {
        folder_layout.PATH: "All folders together",
        folder_layout.FIRST: "The first folder",
        folder_layout.LAST: "The last folder",
    }[way]
    shown = [f"{name} ({count})" for name, count in list(classes.items())[:4]]
    rest = len(classes) - len(shown)
    more = f" and {rest} more" if rest > 0 else ""
    kinds = "1 class" if len(classes) == 1 else f"{len(classes)} classes"
    return safe_text.markdown(f"{words}: {kinds}: {', '.join(shown)}{more}", longest=400)
