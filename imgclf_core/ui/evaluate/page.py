"""The tabs below the matrix: mistakes, looking closer, a report, another run."""

import streamlit as st

from imgclf_core.analysis import mistakes, selection
from imgclf_core.ui import downloads
from imgclf_core.ui.evaluate import (
    comparing,
    confidence,
    labels,
    photo_map,
    photos,
    report,
    shortcuts,
)
from imgclf_core.ui.evaluate.inspection import Inspection

_CLOSER = {
    "Labels that look wrong": labels.show,
    "Confidence": confidence.show,
    "The right thing?": shortcuts.show,
    "Map": photo_map.show,
}


def tabs(inspection: Inspection) -> None:
    """Each is drawn only while it is open."""
    wrong = selection.wrong(inspection.result.answers)
    parts = {
        f"Mistakes · {len(wrong)}": _mistakes,
        "Look closer": _closer,
        "For a report": report.show,
        "Compare": comparing.show,
    }
    for tab, draw in zip(
        st.tabs(list(parts), key="evaluate_tabs", on_change="rerun"), parts.values(), strict=True
    ):
        if tab.open:
            with tab:
                draw(inspection)


def _mistakes(inspection: Inspection) -> None:
    result = inspection.result
    wrong = selection.wrong(result.answers)
    if not len(wrong):
        st.success(f"No mistakes on these {result.figures.n:,} photos.")
        return
    photos.answered(inspection, "", wrong, f"mistakes_{result.run.id}_{result.side}")

    def table() -> str:  # made when it is asked for
        found = mistakes.find_mistakes(result.answers, inspection.class_names)
        return mistakes.as_table(found)

    downloads.button("Download the mistakes", table, "mistakes.csv", "text/csv")


def _closer(inspection: Inspection) -> None:
    chosen = st.segmented_control(
        "Look closer",
        list(_CLOSER),
        default=next(iter(_CLOSER)),
        key="closer",
        required=True,
        label_visibility="collapsed",
    )
    _CLOSER[chosen or next(iter(_CLOSER))](inspection)
