"""What the network will see: crop, pad or stretch, and variety, on the person's own photos."""

import numpy as np
import streamlit as st

from imgclf_core.datasets import photo_files
from imgclf_core.datasets.dataset import Dataset, Photo
from imgclf_core.images import augmentation, decode
from imgclf_core.images.augmentation import Augmentation
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.ui import gallery, resize_choice
from imgclf_core.ui.resize_choice import FIT_WORDS
from imgclf_core.ui.visitor import Visit

_PHOTOS, _COPIES = 6, 4
_SIDE = 160  # pixels, as MobileNetV2 sees them


def show(visit: Visit, dataset: Dataset) -> None:
    """The tab."""
    st.write(
        "A network sees every photo as a small square. Choose how yours become squares, and how "
        "much variety is added while it learns. New photos are made square in the same way."
    )
    now = resize_choice.remembered(visit, TrainingSettings())
    photos = _some(dataset)
    fit = st.radio(
        "Photos that are not square",
        list(FIT_WORDS),
        index=list(FIT_WORDS).index(now.fit),
        key="seeing_fit",
        format_func=FIT_WORDS.get,
        horizontal=True,
    )
    squares = [
        decode.load(photo_files.read_photo(dataset, photo), (_SIDE, _SIDE), fit) for photo in photos
    ]
    cards = [
        gallery.Card(decode.to_jpeg(square), (photo.name.split("/")[-1],), f"{photo.name}, {fit}")
        for photo, square in zip(photos, squares, strict=True)
    ]
    gallery.show(cards, "seeing")
    if all(photo.height == photo.width for photo in dataset.photos):
        st.caption("All your photos are square, so this changes nothing.")
    st.subheader("Variety while it learns", help="The field's term is augmentation.")
    left, right = st.columns([2, 3], gap="large")
    with left:
        ranges = _ranges(now)
    with right:
        _copies(squares[0], ranges)
    resize_choice.remember(
        visit,
        fit=fit,
        rotation=ranges.rotation,
        zoom=ranges.zoom,
        shift=ranges.shift,
        flip=ranges.flip,
    )
    st.caption(
        "Training begins with what is chosen here. Copies are made while it learns; your "
        "photos stay as they are."
    )


def _ranges(now: TrainingSettings) -> Augmentation:
    return Augmentation(
        rotation=st.slider(
            "Turn, degrees to either side",
            0.0,
            90.0,
            float(now.rotation),
            5.0,
            key="seeing_rotation",
        ),
        zoom=st.slider("Zoom, share", 0.0, 0.5, float(now.zoom), 0.05, key="seeing_zoom"),
        shift=st.slider(
            "Shift, share of the side", 0.0, 0.3, float(now.shift), 0.05, key="seeing_shift"
        ),
        flip=st.checkbox(
            "Mirror left to right",
            now.flip,
            key="seeing_flip",
            help="Switch it off where left and right mean something, as in writing.",
        ),
    )


def _copies(square: np.ndarray, ranges: Augmentation) -> None:
    generator = np.random.default_rng(0)
    copies = [augmentation.augment(square, ranges, generator) for _ in range(2 * _COPIES - 1)]
    with st.grid(_COPIES, min_column_width=80):
        st.image(square, width="stretch", alt="A photo as the network sees it")
        for copy in copies:
            st.image(copy, width="stretch", alt="A varied copy of it")
    st.caption("First the photo itself, then copies as they are trained on.")


def _some(dataset: Dataset) -> list[Photo]:
    """A few photos of different classes, the least square of each, for they show the most."""
    by_class = [np.flatnonzero(dataset.labels == k) for k in range(len(dataset.class_names))]
    chosen = []
    for turn in range(_PHOTOS):
        members = by_class[turn % len(by_class)]
        ordered = sorted(members, key=lambda i: -_elongation(dataset.photos[i]))
        if turn // len(by_class) < len(ordered):
            chosen.append(dataset.photos[ordered[turn // len(by_class)]])
    return chosen


def _elongation(photo: Photo) -> float:
    return max(photo.height, photo.width) / min(photo.height, photo.width)
