"""What if it looked different? Paint on one photo and see what becomes of its scores."""

import io

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from imgclf_core import charts_what_if, naming
from imgclf_core.data import decode
from imgclf_core.errors import OptionError
from imgclf_core.inference import edits
from imgclf_core.inference.edits import Edit
from imgclf_core.inference.predictor import Predictor
from imgclf_core.ui import canvas, state
from imgclf_core.ui.classify_page import table
from imgclf_core.ui.visitor import Visit

_SIDE = 640  # pixels of the photo that is changed
_TOOLS = {
    edits.PAINT: "Paint black", edits.COVER: "Cover", edits.WHITE_AROUND: "White around",
    edits.CROP: "Crop",
}  # fmt: skip
_TOLD = {
    edits.PAINT: "Painting this", edits.COVER: "Covering this", edits.CROP: "Cropping",
    edits.WHITE_AROUND: "White around it", edits.WHITE_BACKGROUND: "A white background",
}  # fmt: skip
_TOLERANCE = 0.12
# A score that changes by so much is worth a sentence.
_MUCH = 0.05


def show(visit: Visit, model: Predictor, photo: bytes, key: str) -> None:
    """The photo to paint on, and scores before and after.

    Args:
        visit: Of whom.
        model: Which answers.
        photo: Bytes of the photo.
        key: Tells one photo from another.
    """
    pixels = decode.read_picture(photo, at_least=_SIDE).pixels
    done = _kept(key)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _canvas(pixels, done, key)
    changed = edits.apply(pixels, [*done, *_more(key)])
    with right:
        _compare(visit, model, pixels, changed, done, key)


def _kept(key: str) -> tuple[Edit, ...]:
    return (state.get(state.EDITS) or {}).get(key, ())


def _canvas(pixels: np.ndarray, before: tuple[Edit, ...], key: str) -> None:
    """Tools, picture, undo; the page is drawn anew after each change."""
    done = before
    tool = st.segmented_control(
        "Drag over a place, to", list(_TOOLS), format_func=_TOOLS.get, default=edits.PAINT,
        required=True, key=f"tool_{key}",
    )  # fmt: skip
    place = st.container()
    with st.container(horizontal=True):
        if st.button(
            "White background", key=f"white_{key}", icon=":material/wallpaper:",
            help="What is joined to the edges of the photo by colours like theirs.",
        ):  # fmt: skip
            done = (*done, Edit(edits.WHITE_BACKGROUND, amount=_TOLERANCE))
        if st.button("Undo", key=f"unedit_{key}", icon=":material/undo:", disabled=not done):
            done = done[:-1]
        if st.button("As it was", key=f"reset_{key}", type="tertiary", disabled=not done):
            done = ()
    done = _by_numbers(tool, done, key)
    with place:
        shown = edits.apply(pixels, done)
        drawn = canvas.show(
            decode.to_jpeg(shown, 480), f"canvas_{key}", "The photo; drag to mark a place",
            tool in (edits.PAINT, edits.WHITE_AROUND),
        )  # fmt: skip
    if drawn is not None:
        try:
            done = (*done, Edit(tool, edits.box_of(*drawn)))
        except OptionError as error:
            st.caption(str(error))
    if done != before:
        state.put(state.EDITS, {**(state.get(state.EDITS) or {}), key: done})
        st.rerun()  # so that picture and buttons show it


def _by_numbers(tool: str, done: tuple[Edit, ...], key: str) -> tuple[Edit, ...]:
    """The same by keyboard."""
    with st.expander("By numbers, without a mouse"), st.form(f"numbers_{key}", border=False):
        columns = st.columns(4)
        words = (("Top %", 40), ("Left %", 40), ("Bottom %", 60), ("Right %", 60))
        values = [
            column.number_input(label, 0, 100, value, key=f"{label}_{key}") / 100
            for column, (label, value) in zip(columns, words, strict=True)
        ]
        if st.form_submit_button(f"{_TOOLS[tool]}, there"):
            try:
                return (*done, Edit(tool, tuple(values)))
            except OptionError as error:
                st.caption(str(error))
    return done


def _more(key: str) -> list[Edit]:
    """Changes of the whole photo, folded."""
    with st.expander("Turn, flip, lighter, darker, grey, blurred"):
        first, second = st.columns(2)
        degrees = first.slider("Turn", -180, 180, 0, 5, format="%d°", key=f"turn_{key}")
        light = second.slider("Light", 0.2, 2.0, 1.0, 0.1, key=f"light_{key}")
        blur = first.slider("Blur", 0.0, 5.0, 0.0, 0.5, format="%.1f %%", key=f"blur_{key}")
        with second:
            flip = st.toggle("Mirror it", key=f"flip_{key}")
            grey = st.toggle("Grey", key=f"grey_{key}")
    wanted = (
        (degrees, Edit(edits.ROTATE, amount=degrees)), (flip, Edit(edits.FLIP)),
        (light != 1, Edit(edits.BRIGHTNESS, amount=light)), (grey, Edit(edits.GREY)),
        (blur, Edit(edits.BLUR, amount=blur / 100)),
    )  # fmt: skip
    return [edit for on, edit in wanted if on]


def _compare(
    visit: Visit, model: Predictor, pixels: np.ndarray, changed: np.ndarray,
    done: tuple[Edit, ...], key: str,
) -> None:  # fmt: skip
    before, after = _answer(model, pixels), _answer(model, changed)
    names = model.class_names
    st.write(_sentence(names, before[0], after[0], done))
    for doubt in after[1]:
        st.caption(f"Now not sure: {doubt}.")
    st.plotly_chart(
        charts_what_if.before_and_after(before[0], after[0], names, visit.dark),
        key=f"what_if_{key}", config={"displayModeBar": False},
        alt="Scores before and after the change; the table has the figures",
    )  # fmt: skip
    with st.expander("As a table, and the changed photo"):
        st.dataframe(
            pd.DataFrame({"class": names, "before": before[0], "after": after[0]}),
            hide_index=True,
            column_config={"before": table.number("before"), "after": table.number("after")},
        )  # fmt: skip
        st.image(decode.to_jpeg(changed, 320), width=320, alt="The changed photo")
        buffer = io.BytesIO()
        Image.fromarray(changed).save(buffer, "PNG")
        st.download_button(
            "Download the changed photo", buffer.getvalue(), "changed.png", "image/png",
            key=f"changed_{key}", icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def _answer(model: Predictor, pixels: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Scores (K,) and doubts."""
    image = decode.fit(pixels, (model.image_size, model.image_size), model.fit)
    outputs = model.run(image[None])
    distance = float(model.gate.distances(outputs.embedding)[0]) if model.gate else None
    return outputs.scores[0], model.doubts(outputs.scores[0], distance)


def _sentence(names, before: np.ndarray, after: np.ndarray, done: tuple[Edit, ...]) -> str:
    """What the change did, in one sentence."""
    guess = int(before.argmax())
    word = _TOLD.get(done[-1].kind, "This") if done else "This"
    name = naming.markdown(names[guess])
    from_to = f"*{name}* from {before[guess]:.2f} to {after[guess]:.2f}"
    if np.array_equal(before, after):
        return "Drag over the photo: what does the answer hang on?"
    if abs(float(after[guess] - before[guess])) < _MUCH:
        return f"{word} hardly changes the answer ({from_to})."
    if after[guess] < before[guess]:
        return f"{word} takes {from_to}: the network needed what is gone."
    return f"{word} takes {from_to}."
