"""One photo looked into: its scores, where the network looked, what it resembles, what to do.

A dialog that goes through the photos of the gallery it was opened from, with the arrow keys.
"""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from imgclf_core.analysis import explanations, neighbours
from imgclf_core.charts.scores import score_bars
from imgclf_core.datasets import photo_files
from imgclf_core.datasets.dataset import Dataset, Photo
from imgclf_core.errors import ImgclfError
from imgclf_core.images import decode
from imgclf_core.support import safe_text
from imgclf_core.ui import frame, gallery, likeness, session
from imgclf_core.ui.errors import errors_as_sentences
from imgclf_core.ui.evaluate import deciding
from imgclf_core.ui.evaluate.inspection import Inspection

_SIDE = 560  # pixels of the large picture


def look_into(
    inspection: Inspection,
    files: Sequence[str],
    number: int,
    suggestions: dict[str, str] | None = None,
) -> None:
    """Opens the dialog.

    Args:
        inspection: Of which run.
        files: The photos one can go through.
        number: Which of them is shown first.
        suggestions: Class by file, where there is an opinion of what it should be.
    """
    session.put(session.PHOTO_NUMBER, number)

    @st.dialog("One photo", width="large", on_dismiss="rerun")
    def dialog() -> None:
        with errors_as_sentences(frame.EVALUATE.name):
            deciding.tell()
            seen = inspection.renewed()
            shown = min(session.get(session.PHOTO_NUMBER, 0), len(files) - 1)
            if _turn_pages(seen, files, shown):
                st.rerun(scope="fragment")
            _photo(seen, files[shown], suggestions or {})

    dialog()


def _turn_pages(inspection: Inspection, files: Sequence[str], shown: int) -> bool:
    """Buttons to the neighbours and Undo; returns whether the dialog is to be drawn anew."""
    step = 0
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Previous",
            key="photo_previous",
            shortcut="Left",
            type="tertiary",
            icon=":material/arrow_back:",
            disabled=shown == 0,
        ):
            step = -1
        st.caption(f"{shown + 1:,} of {len(files):,}", width="content")
        if st.button(
            "Next",
            key="photo_next",
            shortcut="Right",
            type="tertiary",
            icon=":material/arrow_forward:",
            disabled=shown == len(files) - 1,
        ):
            step = 1
        undone = deciding.undo(inspection, "photo", keys=True)
    session.put(session.PHOTO_NUMBER, shown + step)
    return undone or bool(step)


def _photo(inspection: Inspection, file: str, suggestions: dict[str, str]) -> None:
    answers = inspection.everything
    row = np.flatnonzero(answers.files == file)
    then = (
        next((p for p in inspection.dataset.photos if p.file == file), None)
        if (inspection.dataset)
        else None
    )
    photo = then or inspection.now.get(file) or _left_out(inspection, file)
    if photo is None and not len(row):
        st.caption("This photo is gone.")
        return
    name = photo.name if photo else str(answers.names[row[0]])
    left, right = st.columns([1, 1], gap="medium")
    with right:
        st.markdown(f"**{safe_text.markdown(name, longest=200)}**")
        if len(row):
            _answer(inspection, int(row[0]))
        else:
            st.caption("This run has not answered it: it is new since.")
    with left:
        _picture(inspection, file, name, int(row[0]) if len(row) else None)
    if file in suggestions:
        st.write(f"It looks like *{safe_text.markdown(suggestions[file])}*.")
    if deciding.bar(inspection, [file], "photo", suggestions, keys=True):
        session.put(session.PHOTO_NUMBER, session.get(session.PHOTO_NUMBER, 0) + 1)
        st.rerun(scope="fragment")
    if photo is not None and inspection.current is not None and file in inspection.now:
        _alike(inspection.current, file)


def _left_out(inspection: Inspection, file: str) -> Photo | None:
    """The photo as it was left out."""
    left = inspection.current.left_out if inspection.current else ()
    return next((item.photo for item in left if item.photo.file == file), None)


def _answer(inspection: Inspection, row: int) -> None:
    """True class and guess with their scores, and the bars."""
    answers, names = inspection.everything, inspection.class_names
    true, guess = int(answers.labels[row]), int(answers.guesses[row])
    scores = answers.scores[row]
    filed, side = safe_text.markdown(names[true]), answers.sides[row]
    if true == guess:
        st.write(f"Filed as **{filed}**, and guessed so with {scores[guess]:.1%}.")
    else:
        st.write(
            f"Filed as **{filed}** ({scores[true]:.1%}); guessed "
            f"**{safe_text.markdown(names[guess])}** with {scores[guess]:.1%}."
        )
    sure = scores[guess] >= inspection.result.calibration.threshold
    decided = inspection.decided(str(answers.files[row]), names[true])
    notes = [
        f"A {side} photo.",
        "" if sure else "Below your threshold: *not sure*.",
        f"Since then: {safe_text.markdown(decided)}." if decided else "",
    ]
    st.caption(" ".join(filter(None, notes)))
    st.plotly_chart(
        score_bars(scores, names, inspection.visit.dark, most=6),
        key="photo_scores",
        config={"displayModeBar": False},
        alt=f"Scores, {names[guess]} first",
    )


def _picture(inspection: Inspection, file: str, name: str, row: int | None) -> None:
    """The photo, with where the network looked laid over it."""
    source = inspection.dataset or inspection.current
    if source is None:
        st.caption("The photos of this run were deleted.")
        return
    try:
        data = photo_files.read_file(source, file, name)
        pixels = decode.read_picture(data, at_least=_SIDE).pixels
    except ImgclfError as error:
        st.caption(safe_text.markdown(str(error), longest=300))
        return
    chosen, strength = None, 0.0
    if row is not None:
        true = int(inspection.everything.labels[row])
        guess = int(inspection.everything.guesses[row])
        found = _looked(inspection, file, data, (guess, true))
        if found:
            chosen, strength = _map_controls(inspection, found, guess, true)
    square = decode.fit(pixels, (_SIDE, _SIDE), inspection.run.settings.fit)
    if chosen is not None and strength:
        square = explanations.overlay(square, explanations.heat(chosen, square.shape[:2]), strength)
    st.image(decode.to_jpeg(square, quality=88), width="stretch", alt=safe_text.clean(name))


def _looked(
    inspection: Inspection, file: str, data: bytes, classes: tuple[int, int]
) -> dict[int, np.ndarray] | None:
    """See `explanations.places`; that of the photo shown last is kept while its sliders move."""
    wanted = (inspection.run.id, inspection.run.result_stamp, file, classes)
    key, found = session.get(session.LOOKED) or (None, None)
    if key != wanted:
        found = explanations.places(inspection.run, file, data, classes)
        session.put(session.LOOKED, (wanted, found))
    return found


def _map_controls(
    inspection: Inspection, found: dict[int, np.ndarray], guess: int, true: int
) -> tuple[np.ndarray, float]:
    """For which class the map is, and how strongly it is laid over the photo."""
    names, wanted = inspection.class_names, guess
    if true != guess and true in found:
        wanted = st.segmented_control(
            "What spoke for",
            (guess, true),
            default=guess,
            format_func=lambda k: safe_text.markdown(names[k]),
            key=f"map_class_{guess}_{true}",
            required=True,
        )
    strength = st.slider(
        "Where it looked",
        0,
        100,
        50,
        5,
        format="%d %%",
        key="map_strength",
        help="The brighter, the more this place spoke for the class (class-activation map, "
        "Grad-CAM; the mean of four copies, of which only what stands out is shown). At 0 you see "
        "the photo alone.",
    )
    return found[guess if wanted is None else wanted], strength / 100


def _alike(dataset: Dataset, file: str) -> None:
    """Training photos it resembles, and photos that are nearly the same."""
    found = neighbours.nearest(dataset, file)
    likeness.show(dataset, found, "photo_nearest")
    if found is not None and len(found.near_identical):
        st.markdown("**Nearly the same photo**")
        gallery.show(
            [
                gallery.photo_card(
                    dataset,
                    dataset.photos[i],
                    dataset.class_of(dataset.photos[i]),
                    dataset.photos[i].side,
                )
                for i in found.near_identical
            ],
            "photo_same",
        )
