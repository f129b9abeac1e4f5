"""The tabs of the Data page; only the open one is drawn."""

import streamlit as st

from imgclf_core.datasets.checks import class_checks
from imgclf_core.datasets.checks.problem import Problem
from imgclf_core.ui import session
from imgclf_core.ui.data import history, network_view, overview, photos, problems, split
from imgclf_core.ui.visitor import Visit


def find_problems(visit: Visit) -> list[Problem]:
    """The problems of the open data set."""
    return class_checks.find_problems(visit.dataset)


def tabs(visit: Visit, found: list[Problem]) -> None:
    """Overview first; the rest on request."""
    dataset = visit.dataset
    parts = {
        "Overview": lambda: overview.show(dataset, found, visit.dark),
        "Photos": lambda: photos.show(dataset),
        "Problems": lambda: problems.show(visit, dataset, found),
        "What the network sees": lambda: network_view.show(visit, dataset),
        "Split": lambda: split.show(dataset),
        "History": lambda: history.show(visit, dataset),
    }
    # The label with the number is the identity of a tab, so a new number means new tabs, which
    # open where the old ones were. The tab to open first must not change while they live.
    number, first = session.get(session.TABS, (None, None))
    if number != len(found):
        first = session.get(session.OPEN_TAB, "Overview")
        session.put(session.TABS, (len(found), first))
    labels = {name: name for name in parts} | {"Problems": f"Problems · {len(found)}"}
    drawn = st.tabs(
        list(labels.values()),
        key=f"data_tabs_{len(found)}",
        on_change="rerun",
        default=labels[first],
    )
    for tab, (name, draw) in zip(drawn, parts.items(), strict=True):
        if tab.open:
            session.put(session.OPEN_TAB, name)
            with tab:
                draw()
