"""The map: photos near to what they look like; a lasso opens them."""

import numpy as np
import streamlit as st

from imgclf_core.analysis import embedding_map, selection
from imgclf_core.analysis.embedding_map import Projection
from imgclf_core.charts.ranking import photo_map
from imgclf_core.ui import job_cards
from imgclf_core.ui.evaluate import doors, photos
from imgclf_core.ui.evaluate.inspection import Inspection
from imgclf_core.workspaces import job_requests

_PLACE = "map"
_CLASS, _GUESS, _RIGHT = "true class", "guess", "right or wrong"


def show(inspection: Inspection) -> None:
    """The map on the left, the photos that were circled on the right."""
    dataset = inspection.dataset
    if dataset is None:
        st.caption("The photos of this run were deleted.")
        return
    st.subheader(
        "Map of your photos",
        help="What a fixed network sees in each photo, 1,280 "
        "numbers, laid out in two dimensions (t-SNE): near means alike; distances between "
        "far groups mean little.",
    )
    found = job_cards.result(
        dataset.folder / embedding_map.FOLDER,
        lambda: job_requests.map_embeddings(dataset),
        lambda: embedding_map.load(dataset),
        "Photos that look alike lie close together: clusters, strays and wrong labels show.",
        "Draw the map",
        "Laying out the photos",
        embedding_map.seconds(dataset),
    )
    if found is None:
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        rows, xy = _placed(inspection, found)
        if not len(rows):
            st.caption("None of these photos is on the map; of very many only some are drawn.")
            return
        _chart(inspection, rows, xy)
        _by_keyboard(inspection, rows, xy)
    with right:
        _photos(inspection)


def _placed(inspection: Inspection, found: Projection) -> tuple[np.ndarray, np.ndarray]:
    """int (n,), answers that are on the map, and float (n, 2), where."""
    place = {file: i for i, file in enumerate(found.files.tolist())}
    files = inspection.result.answers.files.tolist()
    rows = np.array([i for i, file in enumerate(files) if file in place], dtype=np.int64)
    xy = found.xy[[place[files[i]] for i in rows.tolist()]] if len(rows) else found.xy[:0]
    return rows, xy


def _chart(inspection: Inspection, rows: np.ndarray, xy: np.ndarray) -> None:
    answers, names = inspection.result.answers, inspection.class_names
    colour_by = st.segmented_control(
        "Colour by", (_CLASS, _GUESS, _RIGHT), default=_CLASS, key="map_colour", required=True
    )
    groups = answers.labels[rows]
    if colour_by == _GUESS:
        groups = answers.guesses[rows]
    if colour_by == _RIGHT:
        groups = (answers.labels != answers.guesses)[rows].astype(int)
        names = ("right", "wrong")
    texts = [str(answers.names[i]) for i in rows]
    figure = photo_map(xy, groups, names, texts, inspection.visit.dark)

    def door_of(points) -> doors.Door:
        return ("circled", tuple(int(rows[point["customdata"][0]]) for point in points))

    st.caption("Draw around points, or click one. The list below does the same by keyboard.")
    doors.chart(
        inspection,
        figure,
        _PLACE,
        f"map_{colour_by}",
        door_of,
        "Map of the photos; sliders below select by place",
        ("points", "lasso", "box"),
    )


def _by_keyboard(inspection: Inspection, rows: np.ndarray, xy: np.ndarray) -> None:
    """A part of the map by its edges, in percent of its width and height."""
    with st.expander("Choose a part by its edges"):
        across = st.slider("From left to right, %", 0, 100, (0, 100), key="map_across")
        down = st.slider("From bottom to top, %", 0, 100, (0, 100), key="map_up")
        if st.button("Show these photos", key="map_part"):
            low, high = xy.min(axis=0), xy.max(axis=0)
            place = 100 * (xy - low) / np.maximum(high - low, 1e-9)
            edges = np.array([across, down])
            inside = ((place >= edges[:, 0]) & (place <= edges[:, 1])).all(axis=1)
            doors.open_(inspection, _PLACE, ("circled", tuple(rows[inside].tolist())))


def _photos(inspection: Inspection) -> None:
    answers = inspection.result.answers
    door = doors.opened(inspection, _PLACE)
    if door is None:
        photos.answered(
            inspection,
            "Guessed wrong",
            selection.wrong(answers),
            f"{_PLACE}_wrong",
            photos.BESIDE_A_CHART,
        )
        return
    chosen = np.array([i for i in door[1] if i < len(answers)], dtype=np.int64)
    key = f"{_PLACE}_{hash(door[1])}"
    photos.answered(inspection, "On this part of the map", chosen, key, photos.BESIDE_A_CHART)
