"""The second tab: every photo, by class and side; picking some to mend what is wrong."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from imgclf_core.datasets.dataset import Dataset, Photo
from imgclf_core.datasets.edits import remedies
from imgclf_core.datasets.split import SIDES
from imgclf_core.ui import gallery
from imgclf_core.ui.data import changing

_ALL, _LEFT_OUT = "all", "left out"
_ORDERS: dict[str, Callable[[Photo], float]] = {
    "blurred first": lambda photo: photo.sharpness,
    "dark first": lambda photo: photo.brightness,
    "bright first": lambda photo: -photo.brightness,
    "small first": lambda photo: photo.height * photo.width,
}
_BY_NAME = "by name"


def show(dataset: Dataset) -> None:
    """The tab."""
    left, middle, right = st.columns(3)
    names = list(dataset.class_names)
    label = left.selectbox("Class", [_ALL, *names], index=1, key="photos_class")
    side = middle.selectbox("Side of the split", [_ALL, *SIDES, _LEFT_OUT], key="photos_side")
    if side == _LEFT_OUT:
        _left_out(dataset, label)
        return
    order = right.selectbox("Order", [_BY_NAME, *_ORDERS], key="photos_order")
    chosen = np.ones(len(dataset.photos), bool)
    if label != _ALL:
        chosen &= dataset.labels == names.index(label)
    if side != _ALL:
        chosen &= dataset.sides == side
    members = np.flatnonzero(chosen).tolist()
    if order != _BY_NAME:
        members.sort(key=lambda i: _ORDERS[order](dataset.photos[i]))
    st.caption(f"{len(members):,} photos")
    key = f"photos_{label}_{side}_{order}"
    picked = gallery.pick(
        members,
        f"{key}_{dataset.version}",
        lambda i: gallery.photo_card(dataset, dataset.photos[i], dataset.photos[i].side),
    )
    changing.photo_tools(dataset, picked, "photos")
    if label != _ALL:
        _class_tools(dataset, label)


def _left_out(dataset: Dataset, label: str) -> None:
    members = [i for i, item in enumerate(dataset.left_out) if label in (_ALL, item.class_name)]
    st.caption(f"{len(members):,} photos that take no part" if members else "No photo is left out.")
    picked = gallery.pick(
        members,
        f"left_out_{label}_{dataset.version}",
        lambda i: gallery.photo_card(
            dataset, dataset.left_out[i].photo, dataset.left_out[i].reason
        ),
    )
    if members and st.button(
        f"Bring {len(picked) or 'all'} back", key="bring_back", icon=":material/visibility:"
    ):
        changing.apply(lambda: remedies.bring_back(dataset, picked or members))


def _class_tools(dataset: Dataset, label: str) -> None:
    with st.popover("Change this class", icon=":material/edit:"):
        names = [name for name in dataset.class_names if name != label]
        wanted = st.selectbox(
            "New name",
            names,
            index=None,
            accept_new_options=True,
            key=f"rename_{label}",
            placeholder="Type a name, or choose a class to merge with",
        )
        words = "Merge" if wanted in names else "Rename"
        if st.button(words, key="rename_class", disabled=not wanted, icon=":material/edit:"):
            changing.apply(lambda: remedies.rename(dataset, label, wanted))
        if st.button(
            "Leave the class out",
            key="drop_class",
            icon=":material/visibility_off:",
            disabled=not names,
        ):
            changing.apply(lambda: remedies.drop(dataset, [label]))
