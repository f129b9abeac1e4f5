"""The tabs of the Data page; only the open one is drawn."""

import streamlit as st

from imgclf_core.data import checks
from imgclf_core.data.problem import Problem
from imgclf_core.ui import state
from imgclf_core.ui.data_page import history, overview, photos, problems, seeing, split
from imgclf_core.ui.visitor import Visit


def find_problems(visit: Visit) -> list[Problem]:
    """The problems of the open data set."""
    return checks.find_problems(visit.dataset)


def tabs(visit: Visit, found: list[Problem]) -> None:
    """Overview first; the rest on request."""
    dataset = visit.dataset
    parts = {
        "Overview": lambda: overview.show(dataset, found, visit.dark),
        "Photos": lambda: photos.show(dataset),
        "Problems": lambda: problems.show(visit, dataset, found),
        "What the network sees": lambda: seeing.show(visit, dataset),
        "Split": lambda: split.show(dataset),
        "History": lambda: history.show(visit, dataset),
    }
    # The label with the number is the identity of a tab, so a new number means new tabs, which
    # open where the old ones were. The tab to open first must not change while they live.
    number, first = state.get(state.TABS, (None, None))
    if number != len(found):
        first = state.get(state.OPEN_TAB, "Overview")
        state.put(state.TABS, (len(found), first))
    labels = {name: name for name in parts} | {"Problems": f"Problems · {len(found)}"}
    drawn = st.tabs(
        list(labels.values()), key=f"data_tabs_{len(found)}", on_change="rerun",
        default=labels[first],
    )  # fmt: skip
    for tab, (name, draw) in zip(drawn, parts.items(), strict=True):
        if tab.open:
            state.put(state.OPEN_TAB, name)
            with tab:
                draw()
