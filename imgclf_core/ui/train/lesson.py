"""Two folds for the curious: what is inside a network, and how it works on one's own photo."""

import numpy as np
import pandas as pd
import streamlit as st

from imgclf_core.datasets import photo_files
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.images import decode
from imgclf_core.networks import catalogue, mobilenet_v2, walkthrough
from imgclf_core.networks.layers import LayerRow
from imgclf_core.runs import predictions, run_store
from imgclf_core.runs.run import Run
from imgclf_core.ui.visitor import Visit

_NETWORKS = {mobilenet_v2.NAME: mobilenet_v2, **catalogue.FROM_PIXELS}
_SIDE = 96
_BIG = 320  # pixels on screen, so that single squares can be seen


def what_is_inside(visit: Visit) -> None:
    """The layers of each network for these classes."""
    fold = st.expander("What is inside", key="inside", on_change="rerun")
    if not fold.open:
        return
    with fold:
        network = st.segmented_control(
            "Network",
            list(_NETWORKS),
            default=mobilenet_v2.NAME,
            required=True,
            key="inside_network",
            label_visibility="collapsed",
            format_func=catalogue.WORDS.get,
        )
        module = _NETWORKS[network]
        rows = module.describe(module.DEFAULT_IMAGE_SIZE, len(visit.dataset.class_names))
        _layers(rows)


def how_it_works(visit: Visit) -> None:
    """From numbers to an answer, step by step, on the first photo of the data set."""
    fold = st.expander("How it works", key="lesson", on_change="rerun")
    if not fold.open:
        return
    with fold:
        dataset = visit.dataset
        names = [photo.name.split("/")[-1] for photo in dataset.photos[:200]]
        chosen = st.selectbox("Photo", range(len(names)), format_func=names.__getitem__)
        _steps(visit, dataset, chosen)


def _layers(rows: list[LayerRow]) -> None:
    learnt = sum(row.parameters for row in rows if row.trainable)
    frozen = sum(row.parameters for row in rows if not row.trainable)
    st.write(
        f"**{learnt + frozen:,} numbers** (parameters): {learnt:,} are learnt from your photos, "
        f"{frozen:,} stay as they are."
    )
    table = pd.DataFrame(
        {
            "Layer": [row.layer for row in rows],
            "Output": [" x ".join(map(str, row.shape)) for row in rows],
            "Parameters": [row.parameters for row in rows],
            "Learns": [
                "yes"
                if row.trainable and row.parameters
                else "frozen"
                if row.parameters
                else "nothing to learn"
                for row in rows
            ],
        }
    )
    st.dataframe(table, hide_index=True, height="content")


def _steps(visit: Visit, dataset: Dataset, index: int) -> None:
    photo = dataset.photos[index]
    pixels = decode.load(photo_files.read_photo(dataset, photo), (_SIDE, _SIDE))
    brightness = walkthrough.grey(pixels)
    edges = walkthrough.convolve(brightness)
    kept = walkthrough.relu(edges)
    pooled = walkthrough.max_pool(kept)
    hidden = walkthrough.dropout(pooled, 0.3)
    steps = (
        (
            "1. What it gets",
            pixels,
            f"{_SIDE} x {_SIDE} squares of red, green and blue, each a number from 0 to 255.",
        ),
        (
            "2. Convolution",
            walkthrough.as_picture(np.abs(edges)),
            "A small filter slides over the numbers. This one answers where dark meets bright, "
            "left to right. A network learns hundreds of filters by itself.",
        ),
        (
            "3. ReLU",
            walkthrough.as_picture(kept),
            "What is below zero becomes zero. Only *found it* is passed on.",
        ),
        (
            "4. Pooling",
            walkthrough.as_picture(pooled),
            "Of every four squares only the strongest stays: half the size, less fuss about "
            "where exactly something was.",
        ),
        (
            "5. Dropout",
            walkthrough.as_picture(hidden),
            "While training, some numbers are hidden at random, so that no single one is relied "
            "on.",
        ),
    )
    with st.grid(3, min_column_width=200, gap="medium"):
        for title, picture, words in steps:
            with st.container():
                st.markdown(f"**{title}**")
                st.image(_enlarged(picture), width="stretch", alt=title)
                st.caption(words)
    st.markdown("**The numbers themselves**: brightness of the top left corner")
    st.dataframe(pd.DataFrame(brightness[:6, :10].round().astype(int)), hide_index=True)
    _softmax(visit, dataset, photo.file)
    st.markdown("**Transfer learning**")
    st.caption(
        "MobileNetV2 has done all this with a million photos. Its filters stay as they are; only "
        "the last layer, from 1,280 findings to your classes, is learnt. That is why it needs few "
        "photos and little time."
    )


def _softmax(visit: Visit, dataset: Dataset, file: str) -> None:
    """The last step, with the scores of the open run for this very photo."""
    st.markdown("**6. Softmax**: every class ends with a sum; softmax makes shares of them")
    scores = _scores_of(visit.run, dataset, file)
    if scores is None:
        st.caption("Once a network is trained on these photos, its sums and scores stand here.")
        return
    # Softmax forgets a common amount, so the sums are given relative to the largest.
    sums = np.log(np.maximum(scores, 1e-7))
    table = {
        "class": visit.run.class_names,
        "sum, largest set to 0": (sums - sums.max()).round(2),
        "score": walkthrough.softmax(sums).round(3),
    }
    st.dataframe(pd.DataFrame(table), hide_index=True)


def _scores_of(run: Run | None, dataset: Dataset, file: str) -> np.ndarray | None:
    if run is None or run.dataset.name != dataset.id:
        return None
    answers = predictions.load(run.folder / run_store.PREDICTIONS_FILE)
    rows = np.flatnonzero(answers.files == file)
    return answers.scores[rows[0]] if len(rows) else None


def _enlarged(picture: np.ndarray) -> np.ndarray:
    times = max(1, _BIG // picture.shape[0])
    return picture.repeat(times, axis=0).repeat(times, axis=1)
