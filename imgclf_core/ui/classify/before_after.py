"""What became of the scores of a photo that was changed: a sentence, a chart, a table, maps.

How it is changed is decided in `what_if.py`.
"""

import io
from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from imgclf_core.analysis import explanations
from imgclf_core.charts.scores import before_and_after
from imgclf_core.images import decode, edits
from imgclf_core.images.edits import Edit
from imgclf_core.inference.predictor import Predictor
from imgclf_core.support import safe_text
from imgclf_core.ui import columns
from imgclf_core.ui.visitor import Visit

# Of each kind of change: what it is called, and what a fall of the score tells.
_TOLD = {
    edits.PAINT: ("Painting this", "the network looked there"),
    edits.COVER: ("Covering this", "the network looked there"),
    edits.WHITE_AROUND: ("White around it", "the network looked at what is around"),
    edits.WHITE_BACKGROUND: ("A white background", "the network looked at the background too"),
    edits.CROP: ("Cropping", "the network looked at what was cut off"),
    edits.ROTATE: ("Turning it", ""),
    edits.FLIP: ("Mirroring it", ""),
    edits.BRIGHTNESS: ("Other light", ""),
    edits.GREY: ("Taking its colours away", "the network looked at the colours"),
    edits.BLUR: ("Blurring it", "the network looked at the details"),
}
# A score that changes by so much is worth a reason.
_MUCH = 0.05
_MAP_SIDE, _STRENGTH = 320, 0.5
_ASK = "Drag over the photo: what does the answer hang on?"


def show(
    visit: Visit, model: Predictor, photo: bytes, pixels: np.ndarray, done: Sequence[Edit], key: str
) -> None:
    """Scores before and after.

    Args:
        visit: Of whom.
        model: Which answers.
        photo: Bytes of the photo, which gave the answer before.
        pixels: The same photo as it is changed, uint8 (h, w, 3).
        done: Changes in order; none is fine.
        key: Tells one photo from another.
    """
    answer = model.answer(photo)
    states = [(answer.scores, answer.doubts)]
    if len(done) > 1:
        states.append(_answer(model, edits.apply(pixels, done[:-1])))
    changed = edits.apply(pixels, done)
    if done:
        states.append(_answer(model, changed))
    names, before, after = model.class_names, answer.scores, states[-1][0]
    st.markdown(
        " ".join(sentences(names, [scores for scores, _ in states], done)),
        help="Paint and grey are new to the network as well, so a score may also fall because "
        "of them. Try a place of the same size beside it.",
    )
    _doubts(answer.doubts, states[-1][1])
    st.plotly_chart(
        before_and_after(before, after, names, visit.dark),
        key=f"what_if_{key}",
        config={"displayModeBar": False},
        alt="Scores before and after the change; the table has the figures",
    )
    _table(names, before, after, changed, key)
    _maps(model, photo, changed, int(before.argmax()), key)


def _answer(model: Predictor, pixels: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Scores (K,) and doubts."""
    answer = model.look(decode.fit(pixels, (model.image_size, model.image_size), model.fit))
    return answer.scores, answer.doubts


def sentences(names: Sequence[str], steps: Sequence[np.ndarray], done: Sequence[Edit]) -> list[str]:
    """What the last change did, what all did, and what the guess is now.

    Args:
        names: K of them.
        steps: Scores (K,) of the photo itself, before the last change, and now; fewer where
            there were fewer changes.
        done: Changes in order.
    """
    if not done:
        return [_ASK]
    first, before, after = steps[0], steps[-2], steps[-1]
    said = [_of_last(names, before, after, done[-1].kind)]
    if len(done) > 1:
        said.append(f"All {len(done)} changes together: {_from_to(names, first, after)}.")
    guess = int(after.argmax())
    if guess != first.argmax():
        said.append(
            f"Its guess is now **{safe_text.markdown(names[guess])}**, with {after[guess]:.1%}."
        )
    return said


def _of_last(names: Sequence[str], before: np.ndarray, after: np.ndarray, kind: str) -> str:
    word, reason = _TOLD[kind]
    fall = float(before.max() - after[before.argmax()])
    if abs(fall) < _MUCH:
        return f"{word} hardly changes the answer: {_from_to(names, before, after)}."
    ending = f": {reason}." if reason and fall > 0 else "."
    return f"{word} takes {_from_to(names, before, after)}{ending}"


def _from_to(names: Sequence[str], before: np.ndarray, after: np.ndarray) -> str:
    guess = int(before.argmax())
    return f"*{safe_text.markdown(names[guess])}* from {before[guess]:.1%} to {after[guess]:.1%}"


def _doubts(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    for doubt in after:
        st.caption(f"{'Still' if doubt in before else 'Now'} not sure: {doubt}.")
    if before and not after:
        st.caption("Now it is sure.")


def _table(
    names: Sequence[str], before: np.ndarray, after: np.ndarray, changed: np.ndarray, key: str
) -> None:
    """The figures, and the photo as a file; made once it is unfolded."""
    fold = st.expander("As a table, and to take along", key=f"table_{key}", on_change="rerun")
    if not fold.open:
        return
    with fold:
        st.dataframe(
            pd.DataFrame({"class": names, "before": before, "after": after}),
            hide_index=True,
            column_config={"before": columns.scores("before"), "after": columns.scores("after")},
        )
        st.download_button(
            "Download the changed photo",
            _as_file(changed, "PNG"),
            "changed.png",
            "image/png",
            key=f"changed_{key}",
            icon=":material/download:",
            on_click="ignore",
        )


def _maps(model: Predictor, photo: bytes, changed: np.ndarray, guess: int, key: str) -> None:
    """Where it looked for its first guess, before and after; computed once it is unfolded."""
    fold = st.expander("Where it looked", key=f"maps_{key}", on_change="rerun")
    if not fold.open:
        return
    after = _as_file(changed, "BMP")  # without loss, and at once
    with fold:
        for column, word, data in zip(
            st.columns(2), ("before", "after"), (photo, after), strict=True
        ):
            found = explanations.of_photo(model, data, (guess,))
            if not found:
                st.caption("This network does not tell where it looked at new photos.")
                return
            square = decode.load(data, (_MAP_SIDE, _MAP_SIDE), model.fit)
            heat = explanations.heat(found[guess], square.shape[:2])
            column.image(
                decode.to_jpeg(explanations.overlay(square, heat, _STRENGTH)),
                word,
                width="stretch",
                alt=f"The photo {word} the change, with the places that spoke for the guess",
            )
        name = safe_text.markdown(model.class_names[guess])
        st.caption(f"The brighter, the more this place spoke for *{name}*.")


def _as_file(pixels: np.ndarray, kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()
