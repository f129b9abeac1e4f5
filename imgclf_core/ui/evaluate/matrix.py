"""Which were taken for which: the confusion matrix, and the photos of the cell that is open."""

import numpy as np
import pandas as pd
import streamlit as st

from imgclf_core.analysis import selection
from imgclf_core.charts.confusion import COUNTS, OF_GUESS, OF_TRUE, confusion_matrix
from imgclf_core.ui.errors import callback
from imgclf_core.ui.evaluate import doors, photos
from imgclf_core.ui.evaluate.inspection import Inspection

_PLACE = "matrix"
_PAIRS = 12


def show(inspection: Inspection) -> None:
    """The matrix on the left, the photos of a cell on the right."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        _chart(inspection)
        _pairs(inspection)
    with right:
        _photos(inspection)


def _chart(inspection: Inspection) -> None:
    result, names = inspection.result, inspection.class_names
    st.subheader(
        "Which were taken for which",
        help="Confusion matrix: a row for each true class, "
        "a column for each guess. Right answers are on the diagonal.",
    )
    show_as = st.segmented_control(
        "Squares show",
        (COUNTS, OF_TRUE, OF_GUESS),
        default=COUNTS,
        key="matrix_shows",
        required=True,
        label_visibility="collapsed",
    )
    figure = confusion_matrix(
        result.figures.confusion, names, show_as or COUNTS, inspection.visit.dark
    )

    def door_of(points) -> doors.Door:
        return (int(points[0]["y"]), int(points[0]["x"]))

    doors.chart(
        inspection,
        figure,
        _PLACE,
        f"matrix_{show_as}",
        door_of,
        "Confusion matrix: rows are true classes, columns are guesses; the table has it too",
        then=lambda cell: _show(inspection, cell),
    )
    st.caption("Click a square to see its photos.")
    with st.expander("As a table", key="matrix_table", on_change="rerun") as fold:
        if fold.open:
            columns = [f"guess_{k}" for k in range(len(names))]
            table = pd.DataFrame(result.figures.confusion, columns=columns)
            table.insert(0, "true \\ guess", list(names))
            labels = dict(zip(columns, names, strict=True))  # two names may read the same
            st.dataframe(table, hide_index=True, column_config=labels)


def _pairs(inspection: Inspection) -> None:
    """The most confused pairs, as a table whose rows open their photos."""
    pairs = selection.confused_pairs(inspection.result.figures.confusion, _PAIRS)
    names, key = inspection.class_names, doors.place(inspection, "pairs")
    if len(names) < 3 or not pairs:
        return
    table = pd.DataFrame(
        [(names[true], names[guess], number) for true, guess, number in pairs],
        columns=["It is", "Taken for", "Photos"],
    )

    def opened() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        if rows:
            _show(inspection, pairs[rows[0]][:2])

    st.markdown("**Most often confused**")
    st.dataframe(
        table,
        hide_index=True,
        key=key,
        on_select=callback("Evaluate", opened),
        selection_mode="single-row",
        height=min(38 + 35 * len(pairs), 250),
    )


def _photos(inspection: Inspection) -> None:
    """The photos of one cell, by default of the most frequent mistake."""
    names, confusion = inspection.class_names, inspection.result.figures.confusion
    st.subheader("Photos")
    columns, cell = st.columns(2), []
    default = _largest_mistake(confusion)
    labels = ("True class", "Guess")
    for column, label, key, value in zip(columns, labels, _boxes(inspection), default, strict=True):
        if key not in st.session_state:
            st.session_state[key] = value
        chosen = column.selectbox(label, range(len(names)), format_func=names.__getitem__, key=key)
        cell.append(chosen)
    true, guess = cell
    members = selection.cell(inspection.result.answers, true, guess)
    order = selection.WORST if true != guess else selection.UNSURE
    photos.answered(
        inspection,
        _title(inspection, true, guess),
        members,
        f"{_PLACE}_{true}_{guess}",
        photos.BESIDE_A_CHART,
        order,
    )


def _show(inspection: Inspection, cell: doors.Door) -> None:
    """Moves the boxes to a cell."""
    for name, value in zip(_boxes(inspection), cell, strict=True):
        st.session_state[name] = value


def _title(inspection: Inspection, true: int, guess: int) -> str:
    names = inspection.class_names
    if true == guess:
        return f"{names[true]}, guessed right"
    return f"{names[true]}, taken for {names[guess]}"


def _largest_mistake(confusion: np.ndarray) -> tuple[int, int]:
    pairs = selection.confused_pairs(confusion, 1)
    if pairs:
        return pairs[0][:2]
    largest = int(np.diag(confusion).argmax())
    return largest, largest


def _boxes(inspection: Inspection) -> tuple[str, str]:
    """Keys of the two boxes, which hold the cell that is open."""
    return doors.place(inspection, "true"), doors.place(inspection, "guess")
