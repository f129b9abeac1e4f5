"""Is it looking at the right thing? Hidden borders, clues beside the picture, changed photos."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from imgclf_core.analysis import selection
from imgclf_core.analysis.robustness import (
    interpretation,
    perturbations,
    robustness_job,
    robustness_results,
)
from imgclf_core.analysis.robustness.interpretation import Finding
from imgclf_core.analysis.robustness.robustness_results import Shortcuts
from imgclf_core.charts.robustness import clue_bars, variations
from imgclf_core.datasets.split import TRAINING
from imgclf_core.inference import predictor
from imgclf_core.ui import columns, job_cards
from imgclf_core.ui.evaluate import doors, photos
from imgclf_core.ui.evaluate.inspection import Inspection
from imgclf_core.workspaces import job_requests

_PLACE = "shortcuts"


def show(inspection: Inspection) -> None:
    """The checks, and the photos each of them turned."""
    run, side = inspection.run, inspection.result.side
    st.subheader("Is it looking at the right thing?")
    if inspection.dataset is None:
        st.caption("The photos of this run were deleted.")
        return
    if side == TRAINING:
        st.caption("It knows these photos by heart; choose the test or validation photos above.")
        return
    if not predictor.can_answer(run):
        st.caption("The model is still being made ready. Look again in a moment.")
        return
    found = job_cards.result(
        run.folder / robustness_job.FOLDER,
        lambda: job_requests.check_robustness(run, side),
        lambda: robustness_results.load(run, side),
        "It is asked again with the border hidden, with only the border shown, and with darker, "
        "blurred, turned or recoloured photos; and a simple model tries to tell the classes "
        "apart by size, date and mean colour alone.",
        "Check it",
        "Asking again with changed photos",
        robustness_job.seconds(run, len(inspection.result.answers)),
    )
    if found is not None:
        _answer(inspection, found)


def _answer(inspection: Inspection, found: Shortcuts) -> None:
    summary = interpretation.summary(found)
    (st.warning if summary.warns else st.success)(summary.sentence)
    st.caption(f"Asked about {interpretation.which_photos(found)}")
    left, right = st.columns([3, 2], gap="large")
    with left:
        _changed(inspection, found)
    with right:
        _photos(inspection, found)
    st.subheader(
        "Could one tell without looking?",
        help="A simple model guesses the class from "
        "size, file, date and mean colour alone (gradient-free trees, cross-validated). "
        "Where it does well, the photos of a class have something in common that is not "
        "what they show.",
    )
    st.plotly_chart(
        clue_bars(found.appearance, inspection.visit.dark),
        key="clues",
        config={"displayModeBar": False},
        alt="Share guessed right by each clue alone",
    )
    _findings(interpretation.of_clues(found.appearance))


def _changed(inspection: Inspection, found: Shortcuts) -> None:
    def door_of(points) -> doors.Door | None:
        data = points[0].get("customdata")
        return ("changed", int(data[0])) if data else None

    st.markdown("**Right answers for changed photos**")
    doors.chart(
        inspection,
        variations(found, inspection.visit.dark),
        _PLACE,
        "variations",
        door_of,
        "Share guessed right for each change; the table has the figures",
    )
    _findings(interpretation.of_variations(found))
    with st.expander("As a table"):
        rows = [
            (one.name, one.n, one.accuracy, len(one.newly_wrong), len(one.newly_right))
            for one in found.variations
        ]
        st.dataframe(
            pd.DataFrame(rows, columns=["Change", "Photos", "Right", "Newly wrong", "Newly right"]),
            hide_index=True,
            column_config={"Right": columns.percent()},
        )


def _findings(findings: Sequence[Finding]) -> None:
    """Warnings in the open, what is fine folded."""
    for finding in findings:
        if finding.warns:
            st.markdown(f":material/warning: {finding.sentence}")
    fine = [finding.sentence for finding in findings if not finding.warns]
    if fine:
        with st.expander(f"{len(fine)} checks that found nothing"):
            for sentence in fine:
                st.caption(sentence)


def _photos(inspection: Inspection, found: Shortcuts) -> None:
    """Photos that a change turned wrong."""
    names = [one.name for one in found.variations[1:]]
    worst = max(range(len(names)), key=lambda i: len(found.variations[i + 1].newly_wrong))
    number = max(doors.opened(inspection, _PLACE, ("changed", worst + 1))[1], 1)
    chosen = st.selectbox(
        "Turned wrong by",
        range(len(names)),
        number - 1,
        format_func=names.__getitem__,
        key=doors.place(inspection, f"changed_box_{number}"),
    )
    if chosen != number - 1:
        doors.open_(inspection, _PLACE, ("changed", chosen + 1))
        st.rerun()
    one = found.variations[number]
    positions = selection.of_files(inspection.result.answers, found.files[one.newly_wrong].tolist())
    title = "Right as they are, wrong " + (
        f"with the {one.name}"
        if one.name in (perturbations.BORDER_HIDDEN, perturbations.BORDER_ONLY)
        else f"when {one.name}"
    )
    photos.answered(
        inspection, title, positions, f"{_PLACE}_{number}", photos.BESIDE_A_CHART, empty="None."
    )
