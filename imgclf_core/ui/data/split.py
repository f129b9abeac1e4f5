"""The tab about the three sides: their shares, and photos of one object."""

import numpy as np
import pandas as pd
import streamlit as st

from imgclf_core.datasets import objects
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.edits import resplit
from imgclf_core.datasets.split import SIDES, TEST, TRAINING, VALIDATION
from imgclf_core.errors import ImgclfError
from imgclf_core.support import safe_text
from imgclf_core.ui import columns
from imgclf_core.ui.data import changing

_EXAMPLES = 5


def show(dataset: Dataset) -> None:
    """The tab."""
    totals = dataset.counts.sum(axis=0)
    st.write(
        "The network learns from *training*, *validation* picks its best moment, and *test* stays "
        "sealed until the end. Photos that are nearly the same never lie on two sides."
    )
    table = pd.DataFrame({"side": SIDES, "photos": totals, "share": totals / max(totals.sum(), 1)})
    st.dataframe(
        table,
        hide_index=True,
        column_config={"share": columns.percent()},
    )
    left, right = st.columns(2, gap="large")
    with left:
        _shares(dataset)
    with right:
        _objects(dataset)


def _shares(dataset: Dataset) -> None:
    st.subheader("Divide anew")
    least, most = int(resplit.SMALLEST_SHARE * 100), int(resplit.LARGEST_SHARE * 100)
    chosen = {
        side: st.slider(
            f"Share of {side}, percent",
            least,
            most,
            round(dataset.shares[side] * 100),
            5,
            key=f"share_{side}_{dataset.version}",
        )
        / 100
        for side in (VALIDATION, TEST)
    }
    seed = st.number_input(
        "Seed",
        0,
        2**31 - 1,
        dataset.seed,
        key=f"seed_{dataset.version}",
        help="The same seed gives the same division; another one gives another.",
    )
    keep = True
    if dataset.divided:
        keep = st.checkbox(
            "Keep the parts that came with the photos",
            True,
            key=f"keep_{dataset.version}",
            help="Switch it off to throw all photos together and divide them by the shares.",
        )
    if st.button("Divide anew", key="divide_anew", icon=":material/shuffle:"):
        shares = {TRAINING: 1 - sum(chosen.values()), **chosen}
        changing.apply(lambda: resplit.divide_anew(dataset, shares, int(seed), keep))
    st.caption(
        "A new division unseals the test: scores of older runs were made with the old one, which "
        "they keep."
    )


def _objects(dataset: Dataset) -> None:
    st.subheader("Several photos of one object")
    st.caption(
        "Ten photos of one vase, or of one bird, are no ten examples: if some are in training and "
        "some in the test, the score is too good. Tell which belong together and they stay on one "
        "side."
    )
    names = [photo.name for photo in dataset.photos]
    names += [item.photo.name for item in dataset.left_out]
    pattern = st.text_input(
        "Pattern of the file names",
        dataset.object_pattern,
        key=f"pattern_{dataset.version}",
        placeholder="{object}_*",
        help="{object} stands for the name of the object, * for anything: {object}_* makes one "
        "object of vase-12_front.jpg and vase-12_back.jpg.",
    )
    found: dict[str, str] = {}
    if pattern.strip():
        found = _shown(lambda: objects.by_pattern(names, pattern))
    how = f"the pattern {pattern.strip()}"
    table = st.file_uploader(
        "Or a table (CSV) with the columns file and group",
        type="csv",
        key=f"object_table_{dataset.version}",
        max_upload_size=objects.LARGEST_TABLE >> 20,
    )
    if table is not None:
        found, pattern = _shown(lambda: objects.by_table(names, table.getvalue())), ""
        how = f"the table '{safe_text.clean(table.name)}'"
    if found:
        _preview(dataset, found)
    if st.button(
        "Keep them together", key="group_objects", icon=":material/group_work:", disabled=not found
    ):
        changing.apply(lambda: resplit.group_objects(dataset, found, how, pattern.strip()))


def _shown(find) -> dict[str, str]:
    """What was found, or the error as a sentence here."""
    try:
        found = find()
    except ImgclfError as error:
        st.warning(safe_text.markdown(str(error), longest=500))
        return {}
    if not found:
        st.warning("No photo belongs to an object this way.")
    return found


def _preview(dataset: Dataset, found: dict[str, str]) -> None:
    _, counts = np.unique(list(found.values()), return_counts=True)
    rest = len(dataset.photos) + len(dataset.left_out) - len(found)
    more = f"; {rest:,} photos belong to none" if rest else ""
    st.write(f"**{len(counts):,} objects**, the largest with {counts.max():,} photos{more}.")
    if counts.max() > len(dataset.photos) / 2:
        st.warning("One object would hold most photos; they would all be on one side.")
    shown = [(name, found[name]) for name in list(found)[:_EXAMPLES]]
    st.dataframe(pd.DataFrame(shown, columns=["photo", "object"]), hide_index=True)
