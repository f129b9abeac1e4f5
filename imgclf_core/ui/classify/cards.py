"""One card a photo: what it is, how sure, why; and what it really is, if the person knows."""

import numpy as np
import pandas as pd
import streamlit as st

from imgclf_core.analysis import explanations, neighbours
from imgclf_core.charts.scores import score_bars
from imgclf_core.images import decode
from imgclf_core.inference.single_photos import Answered, Seen
from imgclf_core.support import safe_text
from imgclf_core.ui import gallery, likeness, session, verdict
from imgclf_core.ui.classify import what_if
from imgclf_core.ui.classify.answering import Answering
from imgclf_core.ui.visitor import Visit

A_PAGE = 6
_SIDE = 640  # pixels of the photo on its card
_WHY, _WHAT_IF, _SCORES = "Why?", "What if it looked different?", "All scores"


def show(visit: Visit, model: Answering, answered: Answered) -> None:
    """The cards, newest photo first, some a page."""
    count = len(answered.photos)
    part = gallery.page_of(count, f"cards_{answered.folder.name}_{count}", A_PAGE)
    for photo in answered.photos[part]:
        with st.container(border=True):
            _card(visit, model, photo)


def told(photo: Seen) -> str:
    """The class that the person, or the folder, says it is; empty where nobody did."""
    return session.get(_told_key(photo)) or photo.expected


def _told_key(photo: Seen) -> str:
    return f"told_{photo.file.name}"


def _card(visit: Visit, model: Answering, photo: Seen) -> None:
    names, key = model.class_names, photo.file.name
    left, right = st.columns([1, 2], gap="medium")
    with left:
        st.image(_preview(photo), width="stretch", alt=safe_text.clean(photo.name))
        st.caption(safe_text.markdown(photo.name))
    with right:
        verdict.show(model.predictor, photo.scores, photo.distance)
        st.caption(f"Answered in {photo.seconds * 1000:.0f} ms.")
        st.plotly_chart(
            score_bars(photo.scores, names, visit.dark),
            key=f"scores_{key}",
            config={"displayModeBar": False},
            alt=f"Scores, {safe_text.clean(names[int(photo.scores.argmax())])} first",
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(
                "What is it really?",
                _options(model, photo),
                index=None,
                key=_told_key(photo),
                accept_new_options=True,
                persist_state="session",
                width=260,
                placeholder=photo.expected or "Not told",
                help="If you know, the guess is ticked against it, and the photo can be taught.",
            )
            _tick(model, photo)
    _closer(visit, model, photo)


def _options(model: Answering, photo: Seen) -> list[str]:
    """The classes, and what was told where it is none of them."""
    return list(dict.fromkeys([*model.class_names, *filter(None, [photo.expected, told(photo)])]))


def _tick(model: Answering, photo: Seen) -> None:
    is_really = told(photo)
    if not is_really:
        return
    if model.class_names[int(photo.scores.argmax())] == is_really:
        st.badge("as expected", icon=":material/check:", color="green")
    else:
        words = f"expected {safe_text.clean(is_really)}"
        st.badge(safe_text.markdown(words), icon=":material/close:", color="orange")


def _preview(photo: Seen) -> bytes:
    """The photo, smaller; those shown last are kept."""
    kept: dict[str, bytes] = session.get(session.PREVIEWS) or {}
    key = photo.file.name
    if key not in kept:
        pixels = decode.read_picture(photo.read(), at_least=_SIDE).pixels
        kept = {**kept, key: decode.to_jpeg(pixels, _SIDE)}
        session.put(session.PREVIEWS, dict(list(kept.items())[-4 * A_PAGE :]))
    return kept[key]


def _closer(visit: Visit, model: Answering, photo: Seen) -> None:
    """What is computed only once somebody asks for it."""
    key = photo.file.name
    wanted = st.pills(
        "Look closer",
        (_WHY, _WHAT_IF, _SCORES),
        key=f"closer_{key}",
        persist_state="session",
        label_visibility="collapsed",
    )
    if wanted == _WHY:
        _why(model, photo)
    elif wanted == _WHAT_IF:
        what_if.show(visit, model.predictor, photo.read(), key)
    elif wanted == _SCORES:
        _all_scores(model, photo)


def _why(model: Answering, photo: Seen) -> None:
    data, guess = photo.read(), int(photo.scores.argmax())
    left, right = st.columns([1, 2], gap="medium")
    with left:
        found = explanations.of_photo(model.predictor, data, (guess,))
        if found:
            strength = st.slider(
                "Where it looked",
                0,
                100,
                50,
                5,
                format="%d %%",
                key=f"map_{photo.file.name}",
                help="The brighter, the more this place spoke for the guess (class-activation "
                "map, Grad-CAM).",
            )
            square = decode.load(data, (_SIDE, _SIDE), model.predictor.fit)
            heat = explanations.heat(found[guess], square.shape[:2])
            st.image(
                decode.to_jpeg(explanations.overlay(square, heat, strength / 100)),
                width="stretch",
                alt="The photo with the places that spoke for the guess",
            )
        else:
            st.caption("This network does not tell where it looked at new photos.")
    with right:
        _resembles(model, data, photo.file.name)


def _resembles(model: Answering, data: bytes, key: str) -> None:
    dataset = model.dataset
    if dataset is None:
        st.caption("The photos it was trained on are not here, so none can be shown beside it.")
        return
    found = neighbours.nearest(dataset, neighbours.vector_of(data))
    likeness.show(dataset, found, f"nearest_{key}")


def _all_scores(model: Answering, photo: Seen) -> None:
    side = model.predictor.image_size
    seen = decode.to_jpeg(model.predictor.load(photo.read()), quality=92)
    st.image(seen, width=side, alt="The photo as the network saw it")
    order = np.argsort(-photo.scores, kind="stable")
    table = {
        "class": [model.class_names[k] for k in order],
        "score": [round(float(photo.scores[k]), 5) for k in order],
    }
    st.dataframe(pd.DataFrame(table), hide_index=True)
