"""What if it looked different? Tools to change one photo; each change can be undone.

What became of the scores is told in `before_after.py`, what a change does to pixels in
`images/edits.py`.
"""

from dataclasses import replace

import numpy as np
import streamlit as st
from PIL import Image

from imgclf_core.errors import OptionError
from imgclf_core.images import decode, edits
from imgclf_core.images.edits import Edit
from imgclf_core.inference.predictor import Predictor
from imgclf_core.ui import session
from imgclf_core.ui.classify import before_after, canvas
from imgclf_core.ui.visitor import Visit

_SIDE = 640  # pixels of the photo that is changed; enough to crop a part of it
_LONGEST = 1024  # a large PNG comes whole, and each change of it would take half a second
_SHOWN = 480
_TOOLS = {
    edits.PAINT: "Paint black",
    edits.COVER: "Cover",
    edits.WHITE_AROUND: "White around",
    edits.CROP: "Crop",
}
_ROUND = (edits.PAINT, edits.WHITE_AROUND)
_WHOLE = {
    "Turn left": Edit(edits.ROTATE, amount=15),
    "Turn right": Edit(edits.ROTATE, amount=-15),
    "Mirror": Edit(edits.FLIP),
    "Lighter": Edit(edits.BRIGHTNESS, amount=1.25),
    "Darker": Edit(edits.BRIGHTNESS, amount=0.8),
    "Grey": Edit(edits.GREY),
    "Blur": Edit(edits.BLUR, amount=0.01),
}
_TOLERANCE = 12  # percent of the range of colours


def show(visit: Visit, model: Predictor, photo: bytes, key: str) -> None:
    """The photo to change, and scores before and after.

    Args:
        visit: Of whom.
        model: Which answers.
        photo: Bytes of the photo.
        key: Tells one photo from another.
    """
    pixels = _pixels(photo)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        done = _change(pixels, key)
    with right:
        before_after.show(visit, model, photo, pixels, done, key)


def _pixels(photo: bytes) -> np.ndarray:
    image = decode.read_image(photo, at_least=_SIDE).image
    if max(image.size) > _LONGEST:
        image.thumbnail((_LONGEST, _LONGEST), Image.Resampling.BILINEAR)
    return np.asarray(image)


def _change(pixels: np.ndarray, key: str) -> tuple[Edit, ...]:
    """Tools, picture, undo; the page is drawn anew after each change."""
    before = done = (session.get(session.EDITS) or {}).get(key, ())
    tool = st.segmented_control(
        "Drag over a place, to",
        list(_TOOLS),
        format_func=_TOOLS.get,
        default=edits.PAINT,
        required=True,
        key=f"tool_{key}",
    )
    place = st.container()
    done = _buttons(done, key)
    done = _tolerance(done, key)
    done = _by_numbers(tool, done, key)
    done = _whole_photo(done, key)
    with place:
        done = _drawn(pixels, tool, done, key)
    if done != before:
        session.put(session.EDITS, {**(session.get(session.EDITS) or {}), key: done})
        st.rerun()  # so that picture and buttons show it
    return done


def _drawn(pixels: np.ndarray, tool: str, done: tuple[Edit, ...], key: str) -> tuple[Edit, ...]:
    """The photo as it is now, to drag on."""
    drawn = canvas.show(
        decode.to_jpeg(edits.apply(pixels, done), _SHOWN),
        f"canvas_{key}",
        "The photo as it is now; drag to mark a place, or open By numbers below",
        tool in _ROUND,
    )
    return _added(done, tool, edits.box_of(*drawn)) if drawn else done


def _added(done: tuple[Edit, ...], tool: str, box: edits.Box) -> tuple[Edit, ...]:
    try:
        return (*done, Edit(tool, box))
    except OptionError as error:
        st.caption(str(error))
        return done


def _buttons(done: tuple[Edit, ...], key: str) -> tuple[Edit, ...]:
    with st.container(horizontal=True):
        if st.button(
            "White background",
            key=f"white_{key}",
            icon=":material/wallpaper:",
            help="What is joined to the edges of the photo by colours like theirs.",
        ):
            done = (*done, Edit(edits.WHITE_BACKGROUND, amount=_TOLERANCE / 100))
        if st.button("Undo", key=f"unedit_{key}", icon=":material/undo:", disabled=not done):
            done = done[:-1]
        if st.button("As it was", key=f"reset_{key}", type="tertiary", disabled=not done):
            done = ()
    return done


def _tolerance(done: tuple[Edit, ...], key: str) -> tuple[Edit, ...]:
    """How much of the photo is its background, while the background is the last change."""
    if not done or done[-1].kind != edits.WHITE_BACKGROUND:
        return done
    name = f"tolerance_{key}_{len(done)}"
    st.session_state.setdefault(name, round(done[-1].amount * 100))
    percent = st.slider(
        "How much is background",
        1,
        40,
        key=name,
        format="%d %%",
        help="The more, the further its colours may be from those at the edges.",
    )
    return (*done[:-1], replace(done[-1], amount=percent / 100))


def _by_numbers(tool: str, done: tuple[Edit, ...], key: str) -> tuple[Edit, ...]:
    """The same by keyboard."""
    with st.expander("By numbers, without a mouse"), st.form(f"numbers_{key}", border=False):
        columns = [*st.columns(2), *st.columns(2)]
        words = (("Top %", 40), ("Left %", 40), ("Bottom %", 60), ("Right %", 60))
        values = [
            column.number_input(label, 0, 100, value, key=f"{label}_{key}") / 100
            for column, (label, value) in zip(columns, words, strict=True)
        ]
        if st.form_submit_button(f"{_TOOLS[tool]}, there"):
            return _added(done, tool, tuple(values))
    return done


def _whole_photo(done: tuple[Edit, ...], key: str) -> tuple[Edit, ...]:
    """Changes of the whole photo; what is pressed twice is done twice."""
    with (
        st.expander("Turn, mirror, lighter, darker, grey, blur"),
        st.container(horizontal=True),
    ):
        for word, edit in _WHOLE.items():
            if st.button(word, key=f"whole_{word}_{key}"):
                done = (*done, edit)
    return done
