"""All photos as a table, and what is known of them."""

import io
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from imgclf_core.analysis import known_classes
from imgclf_core.analysis.known_classes import Tally
from imgclf_core.inference.batches import Classified, Table
from imgclf_core.inference.single_photos import Answered, Seen
from imgclf_core.ui import columns, session
from imgclf_core.ui.classify import cards
from imgclf_core.ui.classify.answering import Answering


def show(model: Answering, answered: Answered) -> None:
    """The table and the CSV."""
    photos, names = answered.photos, model.class_names
    st.subheader(f"All {len(photos)} photos" if len(photos) > 1 else "As a table")
    if answered.count:
        rate = answered.count / max(answered.seconds, 1e-9)
        st.caption(f"{answered.seconds:.1f} s for the last {answered.count}, {rate:.0f} a second.")
    items = [item(model, photo) for photo in photos]
    expected = [cards.told(photo) for photo in photos]
    table = pd.DataFrame(
        answered.scores.round(3), columns=[f"score_{k}" for k in range(len(names))]
    )
    table.insert(0, "photo", [photo.name for photo in photos])
    table.insert(1, "answer", [one.answer(names) for one in items])
    if any(expected):
        table.insert(2, "expected", [name or None for name in expected])
    # Columns have names of ours and show the class, which may be called "photo" or "answer".
    labels = {f"score_{k}": columns.scores(name) for k, name in enumerate(names)}
    st.dataframe(table, hide_index=True, placeholder="", column_config=labels)
    buffer = io.StringIO()
    writer = Table(buffer, names)
    for one in items:
        writer.add(one)
    with st.container(horizontal=True):
        st.download_button(
            "Download the answers",
            buffer.getvalue(),
            "answers.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        if st.button("Clear these photos", key="clear_classified", type="tertiary"):
            session.put(session.CLEAR_CLASSIFIED, True)
            st.rerun()


def known(model: Answering, answered: Answered) -> None:
    """Guess against expected, by class, where some are known."""
    expected = [cards.told(photo) for photo in answered.photos]
    found = known_classes.by_expected(answered.scores, expected, model.class_names)
    if not found.known:
        return
    st.subheader("Where the class is known")
    right = int(found.right.sum())
    st.write(f"**{right} of the {found.known}** whose class is known were guessed right.")
    by_class(found, model.class_names)


def by_class(found: Tally, class_names: Sequence[str]) -> None:
    """Photos, guesses and mean scores by expected class."""
    rows = {
        "class": found.names,
        "photos": found.counts,
        "guessed right": found.right,
        "own": found.own,
    }
    means = {f"mean_{k}": found.means[:, k].round(3) for k in range(len(class_names))}
    labels = {f"mean_{k}": columns.scores(f"mean {name}") for k, name in enumerate(class_names)}
    labels["own"] = columns.scores("mean score of this class")
    st.dataframe(pd.DataFrame({**rows, **means}), hide_index=True, column_config=labels)


def item(model: Answering, photo: Seen) -> Classified:
    """A photo as a row, with the class that was told and the doubts of this moment."""
    names, name = model.class_names, cards.told(photo)
    return Classified(
        name=photo.name,
        scores=photo.scores,
        seconds=photo.seconds,
        expected=names.index(name) if name in names else None,
        distance=photo.distance,
        doubts=model.predictor.doubts(photo.scores, photo.distance),
    )
