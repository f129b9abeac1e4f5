"""The training photos a photo is most like, as a row of cards."""

import streamlit as st

from imgclf_core.analysis.neighbours import Neighbours
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.ui import gallery


def show(dataset: Dataset, found: Neighbours | None, key: str) -> None:
    """The nearest ones, or why they are not known.

    Args:
        dataset: In which they are.
        found: See `analysis/neighbours.py`.
        key: Tells one row from the others.
    """
    if found is None:
        st.caption("What it resembles is known once a first answer was computed for these photos.")
        return
    st.markdown(
        "**Training photos most like it**",
        help="Nearest by what a fixed network sees (cosine of its features), not by the one you "
        "trained.",
    )
    gallery.show(
        [
            gallery.photo_card(
                dataset,
                dataset.photos[i],
                dataset.class_of(dataset.photos[i]),
                f"likeness {likeness:.2f}",
            )
            for i, likeness in zip(found.positions, found.cosines, strict=True)
        ],
        key,
    )
