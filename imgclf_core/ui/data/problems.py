"""The third tab: what is wrong, gravest first, each with its photos and its remedies."""

import streamlit as st

from imgclf_core.analysis import outlier_job
from imgclf_core.datasets.checks import outliers
from imgclf_core.datasets.checks.problem import ATTENTION, NOTE, URGENT, Problem, Remedy
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.jobs import queue
from imgclf_core.support import safe_text
from imgclf_core.ui import gallery, job_cards
from imgclf_core.ui.data import changing
from imgclf_core.ui.visitor import Visit
from imgclf_core.workspaces import job_requests

_SEVERITY = {
    URGENT: ("red", "mend this first"),
    ATTENTION: ("orange", "worth a look"),
    NOTE: ("gray", "good to know"),
}
_PHOTOS_A_PAGE = 8


def show(visit: Visit, dataset: Dataset, problems: list[Problem]) -> None:
    """The tab."""
    if not problems:
        st.success("Nothing was found.")
    for problem in problems:
        with st.container(border=True):
            _problem(dataset, problem)
    _unusual(dataset)


def line(problem: Problem) -> None:
    """A problem in two lines."""
    colour, words = _SEVERITY[problem.severity]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{problem.title}**")
        st.badge(words, color=colour)
    st.caption(safe_text.markdown(problem.sentence, longest=1000))


def _problem(dataset: Dataset, problem: Problem) -> None:
    line(problem)
    picked: list[int] = []
    if problem.photos:
        picked = gallery.pick(
            problem.photos,
            f"{problem.check}_{dataset.version}",
            lambda i: gallery.photo_card(
                dataset,
                dataset.photos[i],
                dataset.class_of(dataset.photos[i]),
                dataset.photos[i].side,
            ),
            _PHOTOS_A_PAGE,
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for number, remedy in enumerate(problem.remedies):
            _remedy(dataset, problem, remedy, picked, f"{problem.check}_{number}")
    if problem.photos:
        spoken_for = any(remedy.on_photos for remedy in problem.remedies)
        changing.photo_tools(dataset, picked, problem.check, leave_out=not spoken_for)


def _remedy(
    dataset: Dataset, problem: Problem, remedy: Remedy, picked: list[int], key: str
) -> None:
    chosen = picked or list(problem.photos)
    label = safe_text.markdown(remedy.label)
    if remedy.on_photos:
        words = f"these {len(picked)}" if picked else f"all {len(problem.photos)}"
        label = f"{label}: {words}"
    number = None
    if remedy.number:
        words, least, most, default = remedy.number
        number = int(st.number_input(words, least, most, default, key=f"n_{key}", width=160))
    if st.button(label, key=f"remedy_{key}", icon=":material/build:"):
        changing.apply(lambda: remedy.apply(dataset, chosen, number))


def _unusual(dataset: Dataset) -> None:
    """The check that has to look at every photo: on request, as a job."""
    folder = dataset.folder / outlier_job.FOLDER
    status = queue.read(folder)
    if status is not None and not status.ended:
        job_cards.job_card("Looking at every photo", folder)
        return
    if outliers.looked_at(dataset):
        st.caption("Every photo was compared with the others of its class.")
        return
    with st.container(border=True):
        st.markdown("**Photos unlike the rest of their class**")
        if status is not None and status.message:
            st.warning(safe_text.markdown(status.message, longest=1000))
        st.caption(
            "Compares what a pretrained network sees in each photo with the others of its class, "
            "to find wrong labels and strays. "
            f"About {job_cards.duration(outlier_job.seconds(dataset))}."
        )
        if st.button("Look for them", key="look", icon=":material/search:"):
            job_requests.find_outliers(dataset)
            st.rerun()
