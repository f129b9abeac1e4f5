"""The first tab: counts, the gravest problems, a few photos; sizes and means on request."""

import numpy as np
import pandas as pd
import streamlit as st

from imgclf_core.analysis import overview
from imgclf_core.charts.dataset import class_counts, photo_sizes
from imgclf_core.datasets.checks.problem import Problem
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.split import SIDES
from imgclf_core.images import decode
from imgclf_core.support import safe_text
from imgclf_core.ui import gallery
from imgclf_core.ui.data import problems as problems_tab

_CLASSES_AT_FIRST, _PHOTOS_AT_FIRST, _PROBLEMS_AT_FIRST = 6, 8, 3
_MEANS_AT_MOST = 60


def show(dataset: Dataset, problems: list[Problem], dark: bool) -> None:
    """The tab."""
    chart, grave = st.columns([3, 2], gap="large")
    with chart:
        _counts(dataset, dark)
    with grave:
        st.subheader("The gravest problems")
        if not problems:
            st.write("Nothing was found.")
        for problem in problems[:_PROBLEMS_AT_FIRST]:
            problems_tab.line(problem)
        if len(problems) > _PROBLEMS_AT_FIRST:
            st.caption(f"{len(problems) - _PROBLEMS_AT_FIRST} more under *Problems*.")
    for k, name in enumerate(dataset.class_names[:_CLASSES_AT_FIRST]):
        st.markdown(f"**{safe_text.markdown(name)}**")
        members = np.flatnonzero(dataset.labels == k)[:_PHOTOS_AT_FIRST]
        gallery.show(
            [gallery.photo_card(dataset, dataset.photos[i]) for i in members], f"overview_{k}"
        )
    hidden = len(dataset.class_names) - _CLASSES_AT_FIRST
    if hidden > 0:
        st.caption(f"{hidden} more classes are under *Photos*.")
    _on_request(dataset, dark)


def _counts(dataset: Dataset, dark: bool) -> None:
    st.subheader("Photos in each class")
    figure = class_counts(dataset.class_names, dataset.counts, dark)
    st.plotly_chart(
        figure,
        key="class_counts",
        config={"displayModeBar": False},
        alt="Photos of each class in training, validation and test; the table below has them too",
    )
    st.caption(
        "The network learns from *training*, *validation* picks its best moment, and *test* stays "
        "sealed until the end, so that the score is honest."
    )


def _on_request(dataset: Dataset, dark: bool) -> None:
    with st.expander(
        "Counts as a table, photo sizes, and the mean photo of each class",
        key="overview_more",
        on_change="rerun",
    ) as fold:
        pass
    if not fold.open:
        return
    with fold:
        table = pd.DataFrame(dataset.counts, columns=list(SIDES))
        table.insert(0, "class", list(dataset.class_names))
        table["all"] = dataset.counts.sum(axis=1)
        st.dataframe(table, hide_index=True)
        _means(dataset)
        _sizes(dataset, dark)


def _means(dataset: Dataset) -> None:
    st.subheader("The mean photo of each class")
    st.caption(
        "All photos of a class laid over each other. What stands out is the same in all of them: "
        "a background, a frame, a date. The network may learn that in place of the thing."
    )
    means = overview.mean_photos(dataset)[:_MEANS_AT_MOST]
    cards = [
        gallery.Card(decode.to_jpeg(_enlarged(mean)), (name,), f"Mean photo of {name}")
        for name, mean in zip(dataset.class_names, means, strict=False)
    ]
    gallery.show(cards, "means")


def _enlarged(mean: np.ndarray) -> np.ndarray:
    return decode.fit(mean, (gallery.THUMBNAIL_SIDE, gallery.THUMBNAIL_SIDE), decode.STRETCH)


def _sizes(dataset: Dataset, dark: bool) -> None:
    st.subheader("Photo sizes")
    sizes = overview.photo_sizes(dataset)
    st.caption(sizes.sentence)
    if len(sizes.counts) > 1:
        st.plotly_chart(
            photo_sizes(sizes, dark),
            key="photo_sizes",
            config={"displayModeBar": False},
            alt="Width and height of the photos; the table below has them too",
        )
    table = {"width": sizes.widths, "height": sizes.heights, "photos": sizes.counts}
    st.dataframe(pd.DataFrame(table), hide_index=True)
