"""The Classify page as an outline: photos come in, cards first, the rest below."""

import streamlit as st

from imgclf_core.support import safe_text
from imgclf_core.ui import session
from imgclf_core.ui.classify import cards, corrections, folder, new_photos, second_model, table
from imgclf_core.ui.classify.answering import Answering
from imgclf_core.ui.visitor import Visit


def show(visit: Visit, model: Answering) -> None:
    """Everything below the choice of the model."""
    if session.take(session.CLEAR_CLASSIFIED):
        new_photos.clear()
    way = new_photos.take(visit, model)
    if way == new_photos.FOLDER:
        folder.show(visit, model)
        return
    found = new_photos.kept(model)
    if found is None:
        st.caption("Each photo gets its scores as bars, highest first, and the time it took.")
        return
    if found.skipped:
        lines = [
            f"{safe_text.markdown(item.name)} was skipped because {item.reason}."
            for item in found.skipped
        ]
        st.warning("\n\n".join(lines))
    if not found.photos:
        return
    cards.show(visit, model, found)
    table.known(model, found)
    table.show(model, found)
    second_model.show(visit, model, found)
    corrections.show(visit, model, found)


def caution(model: Answering) -> None:
    """The standing sentences."""
    st.caption(
        "This model was taught with few photos and tested on few. It is not for judgements about "
        "people or human remains."
    )
    if not model.is_pretrained:
        st.caption(
            "A network from scratch knows only your photos: many pictures of something else look "
            "familiar to it, so do not rely on its being *not sure* of them."
        )
