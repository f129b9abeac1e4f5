"""Can its confidence be believed, and what if it only answered when it is sure?"""

import numpy as np
import pandas as pd
import streamlit as st

from imgclf_core.analysis import results, selection
from imgclf_core.analysis.results import Result
from imgclf_core.charts.confidence import coverage, reliability_diagram
from imgclf_core.datasets.split import TRAINING, VALIDATION
from imgclf_core.metrics import reliability
from imgclf_core.metrics.reliability import Answered
from imgclf_core.runs import calibration
from imgclf_core.support.wording import count
from imgclf_core.ui import columns
from imgclf_core.ui.evaluate import doors, photos
from imgclf_core.ui.evaluate.inspection import Inspection

_PLACE = "confidence"


def show(inspection: Inspection) -> None:
    """The reliability diagram and the threshold, photos beside them."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        _believable(inspection)
        _threshold(inspection)
    with right:
        _photos(inspection)


def _believable(inspection: Inspection) -> None:
    result = inspection.result
    labels = result.answers.labels
    after = reliability.reliability(labels, result.answers.scores)
    before = reliability.reliability(labels, result.plain_scores)
    st.subheader(
        "Can its confidence be believed?",
        help="Reliability diagram: of the answers given with about 80 %, are 80 % right? Click a "
        "bar to see its photos.",
    )
    st.write(_in_words(after.error, reliability.by_chance(result.answers.scores)))
    doors.chart(
        inspection,
        reliability_diagram(after, before, inspection.visit.dark),
        _PLACE,
        "reliability",
        _bin_of,
        "Share right over how sure; the table has the figures",
    )
    own, words = result.calibration, f"Off by {after.error:.1%} on average (calibration error)"
    if own.fitted_on:
        words += (
            f"; {before.error:.1%} before its scores were adjusted by the temperature "
            f"{own.temperature:.2f}, found on {count(own.fitted_on, 'validation photo')}. No "
            "guess changes by that"
        )
    st.caption(f"{words}.{_TOO_KIND.get(result.side, '')}")
    _table(after)


_TOO_KIND = {
    VALIDATION: " It was found on these very photos, so it is too kind here.",
    TRAINING: " It learnt from these photos, so this is too kind.",
}
# An error up to here is good, or up to there fair; with so much by chance alone, nobody can tell.
_GOOD, _FAIR = 0.05, 0.12


def _in_words(error: float, by_chance: float) -> str:
    """The error in words, where it is more than these few photos would give by chance."""
    if error <= by_chance and by_chance > _FAIR:
        return "**Too few photos to tell.** More of them on this side would."
    if error < _GOOD or error <= by_chance:
        return "**Yes: of the answers given with 80 %, about 80 % are right**, and so on."
    if error < _FAIR:
        return "**Roughly.** A score of 80 % means between about 70 and 90 % right."
    return "**Not much:** its scores say little of how often it is right. More photos help."


def _bin_of(points) -> doors.Door | None:
    data = points[0].get("customdata")
    return ("bin", int(data[0])) if data else None


def _table(after: reliability.Reliability) -> None:
    with st.expander("As a table"):
        rows = [
            (f"{low:.0%} – {high:.0%}", int(n), sure, right)
            for low, high, n, sure, right in zip(
                after.edges[:-1],
                after.edges[1:],
                after.counts,
                after.confidence,
                after.accuracy,
                strict=True,
            )
            if n
        ]
        number = columns.percent()
        st.dataframe(
            pd.DataFrame(rows, columns=["Score", "Photos", "Mean score", "Right"]),
            hide_index=True,
            column_config={"Mean score": number, "Right": number},
        )


def _threshold(inspection: Inspection) -> None:
    result = inspection.result
    st.subheader(
        "Answer only when sure",
        help="Below this score the answer is *not sure*, here and wherever the model answers.",
    )
    kept = result.calibration.threshold
    percent = st.slider(
        "Answer only when at least … sure",
        0,
        100,
        round(100 * kept),
        1,
        format="%d %%",
        key=f"threshold_{result.run.id}",
    )
    threshold = percent / 100
    sides = _sides(inspection)
    for side, one in sides.items():
        answered = reliability.answered(one.answers.labels, one.answers.scores, threshold)
        st.write(_outcome(answered, side))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Use this threshold",
            key="use_threshold",
            icon=":material/save:",
            disabled=round(100 * kept) == percent,
        ):
            calibration.choose_threshold(result.run.folder, threshold)
            st.toast("Saved with the model.")
            st.rerun()
        if st.button("See the photos it is not sure of", key="see_unsure", type="tertiary"):
            doors.open_(inspection, _PLACE, ("below", threshold))
        st.caption(f"In use: {kept:.0%}." if kept else "In use: it always answers.")
    curves = {
        side: reliability.coverage(one.answers.labels, one.answers.scores)
        for side, one in sides.items()
    }
    st.plotly_chart(
        coverage(curves, threshold, inspection.visit.dark),
        key="coverage",
        config={"displayModeBar": False},
        alt="Share answered and share right over the threshold",
    )
    st.caption("Choose by the validation photos; the test photos then tell whether it holds.")
    with st.expander("As a table"):
        every = [curve[::5] for curve in curves.values()]
        rows = [
            (one.threshold, side, one.coverage, one.accuracy)
            for side, points in zip(curves, every, strict=True)
            for one in points
        ]
        number = columns.percent()
        st.dataframe(
            pd.DataFrame(rows, columns=["At least", "Photos", "Answered", "Right, of these"]),
            hide_index=True,
            placeholder="",
            column_config={"At least": number, "Answered": number, "Right, of these": number},
        )


def _sides(inspection: Inspection) -> dict[str, Result]:
    """Validation, by which to choose, and the side that is looked at."""
    result = inspection.result
    sides = {result.side: result}
    if result.side != VALIDATION and VALIDATION in results.sides_of(inspection.everything):
        sides = {
            VALIDATION: results.of_side(result.run, inspection.everything, VALIDATION),
            **sides,
        }
    return sides


def _outcome(one: Answered, side: str) -> str:
    if one.accuracy is None:
        return f"On {side} photos: answers none."
    low, high = one.interval
    return (
        f"On {side} photos: answers **{one.coverage:.0%}**, right on **{one.accuracy:.1%}** of "
        f"these (likely {low:.0%} – {high:.0%})."
    )


def _photos(inspection: Inspection) -> None:
    answers = inspection.result.answers
    bins = np.bincount(reliability.bin_of(answers.scores.max(axis=1)), minlength=reliability.BINS)
    least_sure = int(np.flatnonzero(bins)[0])
    kind, value = doors.opened(inspection, _PLACE, ("bin", least_sure))
    if kind == "below":
        title, found = f"Not sure below {value:.0%}", selection.below(answers, value)
    else:
        low, high = value / reliability.BINS, (value + 1) / reliability.BINS
        title = f"Guessed with {low:.0%} to {high:.0%}"
        found = selection.sure_within(answers, value)
    options = [k for k in range(reliability.BINS) if bins[k]]
    if kind == "bin" and value in options and len(options) > 1:
        chosen = st.selectbox(
            "Guessed with",
            options,
            options.index(value),
            key=doors.place(inspection, f"bin_box_{value}"),
            format_func=lambda k: f"{k / reliability.BINS:.0%} to {(k + 1) / reliability.BINS:.0%}",
        )
        if chosen != value:
            doors.open_(inspection, _PLACE, ("bin", chosen))
            st.rerun()
    photos.answered(inspection, title, found, f"{_PLACE}_{kind}_{value}", photos.BESIDE_A_CHART)
