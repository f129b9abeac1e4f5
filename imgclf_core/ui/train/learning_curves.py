"""The fold "Do I have enough photos?": learning curves, what they advise, and doubtful photos.

It only shows: measured in `analysis/learning_curves/learning_curve_job.py`, put into words in
`analysis/learning_curves/recommendations.py`.
"""

import numpy as np
import pandas as pd
import streamlit as st

from imgclf_core.analysis.learning_curves import learning_curve_job, recommendations
from imgclf_core.analysis.learning_curves.learning_curve import Curves
from imgclf_core.analysis.learning_curves.recommendations import Advice
from imgclf_core.charts.learning_curves import hardest, learning_curve_figure
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.jobs import queue
from imgclf_core.support import safe_text
from imgclf_core.support.wording import count
from imgclf_core.ui import gallery, job_cards
from imgclf_core.ui.visitor import Visit
from imgclf_core.workspaces import job_requests

_ALL = -1  # in the box of classes
_PHOTOS_A_PAGE = 8
_WORDS = {
    recommendations.MORE: "more photos help",
    recommendations.ENOUGH: "enough",
    recommendations.CLEAN: "clean it first",
    recommendations.UNCLEAR: "cannot tell yet",
}


def show(visit: Visit) -> None:
    """The fold; nothing of it is drawn before it is opened."""
    with st.expander("Do I have enough photos?", key="enough", on_change="rerun") as fold:
        pass
    if not fold.open or visit.dataset is None:
        return
    with fold:
        _inside(visit, visit.dataset)


def _inside(visit: Visit, dataset: Dataset) -> None:
    folder = dataset.folder / learning_curve_job.FOLDER
    status = queue.read(folder)
    if status is not None and not status.ended:
        job_cards.job_card("Learning from fewer photos, and from all of them", folder)
        return
    curves = learning_curve_job.load(dataset)
    if curves is None:
        if status is not None and status.message:
            st.warning(safe_text.markdown(status.message, longest=1000))
        _offer(dataset)
        return
    _answer(visit, dataset, curves)


def _offer(dataset: Dataset) -> None:
    st.caption(
        "A quick model learns from a fifth of your training photos, then from two fifths, and so "
        "on. Where it still gets better with more photos, more of them would help. "
        f"About {job_cards.duration(learning_curve_job.seconds(dataset))}."
    )
    if st.button("Find out", key="find_out_enough", icon=":material/show_chart:"):
        job_requests.measure_learning_curves(dataset)
        st.rerun()


def _answer(visit: Visit, dataset: Dataset, curves: Curves) -> None:
    advice = recommendations.advice(curves)
    st.markdown(f"**{safe_text.markdown(advice.sentence, longest=1000)}**")
    chosen = st.selectbox(
        "Class",
        [_ALL, *range(len(curves.class_names))],
        key=f"enough_class_{dataset.version}",
        format_func=lambda k: "All classes" if k == _ALL else curves.class_names[k],
        width=300,
    )
    _chart(visit, curves, chosen)
    if chosen == _ALL:
        _table(curves, advice)
    else:
        st.write(safe_text.markdown(advice.by_class[chosen].sentence, longest=1000))
        if len(recommendations.suspects_of(curves, chosen)):
            _suspects(dataset, curves, chosen)


def _chart(visit: Visit, curves: Curves, chosen: int) -> None:
    name = None if chosen == _ALL else curves.class_names[chosen]
    st.markdown(
        "**How many are found, after so many training photos**",
        help="The learning curve: the share of the validation photos of a class that is found "
        "(recall). The band of a single class is where it would lie in 95 of 100 cases, had other "
        "photos been drawn. Made with a quick linear model (ridge regression), each point five "
        "times.",
    )
    st.plotly_chart(
        learning_curve_figure(curves, name, visit.dark),
        key=f"learning_curve_{chosen}",
        config={"displayModeBar": False},
        alt="Learning curve: share found over training photos; the table has the figures",
    )
    st.caption(_below_chart(curves, chosen))


def _below_chart(curves: Curves, chosen: int) -> str:
    also = "The advice rests on training photos, too, each judged by models that have not seen it."
    if chosen != _ALL:
        return f"{count(int(curves.validated[chosen]), 'validation photo')} of it. {also}"
    shown = hardest(curves)
    if len(shown) < len(curves.class_names):
        also += f" Shown are the {len(shown)} classes found least often; any can be chosen above."
    return f"{count(int(curves.validated.sum()), 'validation photo')}. {also}"


def _table(curves: Curves, advice: Advice) -> None:
    table = pd.DataFrame(
        {
            "Class": curves.class_names,
            "Learnt from": curves.to_learn_from,
            "Found": [100 * one.recall for one in advice.by_class],
            "Advice": [_WORDS[one.kind] for one in advice.by_class],
            "Bring in": [one.more or None for one in advice.by_class],
            "Doubtful": np.bincount(curves.suspect_labels, minlength=len(curves.class_names)),
        }
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        table,
        hide_index=True,
        placeholder="",
        column_config={
            "Learnt from": number(help="Its training photos."),
            "Found": number(
                format="%.0f %%",
                help="Share of its photos that models find which have not learnt from them "
                "(recall, cross-validated).",
            ),
            "Bring in": number(
                help="About so many more photos take away a quarter of its mistakes, or as much "
                "as twice the photos can (the learning curve drawn on as a power law)."
            ),
            "Doubtful": number(help="Photos that look like another class: choose it above."),
        },
    )


def _suspects(dataset: Dataset, curves: Curves, chosen: int) -> None:
    own = recommendations.suspects_of(curves, chosen)
    st.markdown(
        "**Photos of it that look like another class**",
        help="Most of the quick models that had not learnt from the photo took it for another "
        "class. The label may be wrong, or the photo is hard.",
    )
    shown = own[gallery.page_of(len(own), f"enough_page_{chosen}", _PHOTOS_A_PAGE)]
    gallery.show([_card(dataset, curves, i) for i in shown], f"enough_{chosen}")
    st.caption("Wrong labels are mended on the Data page, under *Photos*.")


def _card(dataset: Dataset, curves: Curves, suspect: np.int64) -> gallery.Card:
    photo = dataset.photos[curves.suspects[suspect]]
    guess = curves.class_names[curves.suspect_guesses[suspect]]
    return gallery.photo_card(dataset, photo, f"looks like {guess}")
