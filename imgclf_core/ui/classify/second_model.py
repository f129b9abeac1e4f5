"""Another run asked about the same new photos: before and after balancing, say."""

import pandas as pd
import streamlit as st

from imgclf_core.analysis import known_classes
from imgclf_core.analysis.known_classes import Beside
from imgclf_core.charts.confusion import per_class_bars
from imgclf_core.inference import predictor as predictors
from imgclf_core.inference import single_photos
from imgclf_core.inference.single_photos import Answered
from imgclf_core.support import safe_text
from imgclf_core.support.wording import count
from imgclf_core.ui import columns, session
from imgclf_core.ui.classify import answering, cards, table
from imgclf_core.ui.classify.answering import Answering
from imgclf_core.ui.visitor import Visit


def show(visit: Visit, model: Answering, answered: Answered) -> None:
    """Both side by side, asked once it is opened."""
    others = [
        run
        for run in visit.runs
        if run.finished and predictors.can_answer(run) and (not model.run or run.id != model.run.id)
    ]
    if not others:
        return
    with st.expander("Ask a second model", on_change="rerun", key="second_model") as fold:
        if not fold.open:
            return
        words = answering.labels(others)
        chosen = st.selectbox(
            "Second model",
            [run.id for run in others],
            format_func=words.get,
            key="second_model_box",
            width=420,
        )
        other = answering.of_run(next(run for run in others if run.id == chosen))
        _side_by_side(visit, (model, other), answered, _asked(other, answered))


def _asked(other: Answering, answered: Answered) -> Answered:
    """The other's answers, kept while the photos are the same."""
    wanted = (other.key, tuple(photo.file.name for photo in answered.photos))
    key, found = session.get(session.SECOND_ANSWERS) or (None, None)
    if key != wanted:
        found = single_photos.again(other.key, other.predictor, answered)
        session.put(session.SECOND_ANSWERS, (wanted, found))
    return found


def _side_by_side(
    visit: Visit, models: tuple[Answering, Answering], first: Answered, second: Answered
) -> None:
    there = {photo.file: photo for photo in second.photos}
    photos = [photo for photo in first.photos if photo.file in there]
    both = (photos, [there[photo.file] for photo in photos])
    titles = safe_text.told_apart([model.predictor.name for model in models])
    expected = [cards.told(photo) for photo in photos]
    rows = {"photo": [photo.name for photo in photos]}
    labels: dict = {}
    if any(expected):
        rows["expected"] = [name or None for name in expected]
    for i, (model, title, own) in enumerate(zip(models, titles, both, strict=True)):
        rows[f"answer_{i}"] = [table.item(model, p).answer(model.class_names) for p in own]
        rows[f"score_{i}"] = [float(photo.scores.max()) for photo in own]
        labels[f"answer_{i}"] = f"answer, {safe_text.clean(title)}"
        labels[f"score_{i}"] = columns.scores(f"score, {title}")
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=labels, placeholder="")
    if any(expected):
        scores = (first.of(photos).scores, second.of(both[1]).scores)
        names = (models[0].class_names, models[1].class_names)
        _which_is_better(visit, titles, known_classes.beside(scores, names, expected))


def _which_is_better(visit: Visit, titles: tuple[str, ...], found: Beside) -> None:
    """Right by each, whether it is chance, and mean scores of the expected class."""
    for title, right in zip(titles, found.right, strict=True):
        st.write(
            f"*{safe_text.markdown(title)}*: right on **{right} of {found.known}** whose class is "
            "known."
        )
    verdict = "more than chance" if found.clear else "it may well be chance"
    st.caption(
        f"From the first to the second {count(found.mended, 'photo')} mended and {found.broken} "
        f"broken: {verdict} ({found.chance:.2f} by the exact McNemar test)."
    )
    st.markdown("**Mean score of the class they are**")
    means = dict(zip(titles, found.own, strict=True))
    st.plotly_chart(
        per_class_bars(found.names, means, visit.dark),
        key="second_means",
        config={"displayModeBar": False},
        alt="Mean score of the expected class, by class and model",
    )
    own_means = {f"mean_{i}": own for i, own in enumerate(found.own)}
    st.dataframe(
        pd.DataFrame({"class": found.names, **own_means}),
        hide_index=True,
        column_config={f"mean_{i}": columns.scores(title) for i, title in enumerate(titles)},
    )
