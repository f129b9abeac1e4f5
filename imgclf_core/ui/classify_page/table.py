"""All photos as a table, what is known of them, and another model's answers beside them."""

import io
from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from imgclf_core import charts, naming
from imgclf_core.data.problem import count
from imgclf_core.evaluation import comparison
from imgclf_core.inference import answered as answering_again
from imgclf_core.inference import predictor as predictors
from imgclf_core.inference import tally
from imgclf_core.inference.answered import Answered, Seen
from imgclf_core.inference.sorting import Classified, Table
from imgclf_core.ui import state
from imgclf_core.ui.classify_page import answering, cards
from imgclf_core.ui.classify_page.answering import Answering
from imgclf_core.ui.visitor import Visit


def show(model: Answering, answered: Answered) -> None:
    """The table and the CSV."""
    photos, names = answered.photos, model.class_names
    st.subheader(f"All {len(photos)} photos" if len(photos) > 1 else "As a table")
    if answered.count:
        rate = answered.count / max(answered.seconds, 1e-9)
        st.caption(f"{answered.seconds:.1f} s for the last {answered.count}, {rate:.0f} a second.")
    items = [_item(model, photo) for photo in photos]
    expected = [cards.told(photo) for photo in photos]
    table = pd.DataFrame(
        answered.scores.round(3), columns=[f"score_{k}" for k in range(len(names))]
    )
    table.insert(0, "photo", [photo.name for photo in photos])
    table.insert(1, "answer", [item.answer(names) for item in items])
    if any(expected):
        table.insert(2, "expected", [name or None for name in expected])
    # Columns have names of ours and show the class, which may be called "photo" or "answer".
    labels = {
        f"score_{k}": st.column_config.NumberColumn(naming.clean(name), format="%.3f")
        for k, name in enumerate(names)
    }
    st.dataframe(table, hide_index=True, placeholder="", column_config=labels)
    buffer = io.StringIO()
    writer = Table(buffer, names)
    for item in items:
        writer.add(item)
    with st.container(horizontal=True):
        st.download_button(
            "Download the answers", buffer.getvalue(), "answers.csv", "text/csv",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        if st.button("Clear these photos", key="clear_classified", type="tertiary"):
            state.put(state.CLEAR_CLASSIFIED, True)
            st.rerun()


def known(visit: Visit, model: Answering, answered: Answered) -> None:
    """Guess against expected, by class, where some are known."""
    expected = [cards.told(photo) for photo in answered.photos]
    found = tally.by_expected(answered.scores, expected, model.class_names)
    if not found.known:
        return
    st.subheader("Where the class is known")
    right = int(found.right.sum())
    st.write(f"**{right} of the {found.known}** whose class is known were guessed right.")
    rows = {
        "class": found.names, "photos": found.counts, "guessed right": found.right,
        "mean score of this class": found.own.round(3),
    }  # fmt: skip
    means = {f"mean_{k}": found.means[:, k].round(3) for k in range(len(model.class_names))}
    labels = {
        f"mean_{k}": st.column_config.NumberColumn(naming.clean(f"mean {name}"), format="%.3f")
        for k, name in enumerate(model.class_names)
    }
    st.dataframe(pd.DataFrame({**rows, **means}), hide_index=True, column_config=labels)


def beside_another(visit: Visit, model: Answering, answered: Answered) -> None:
    """Another run's answers for the same photos: before and after balancing, say."""
    others = [
        run for run in visit.workspace.runs()
        if run.finished and predictors.can_answer(run) and (not model.run or run.id != model.run.id)
    ]  # fmt: skip
    if not others:
        return
    with st.expander("Ask a second model", on_change="rerun", key="second_model") as fold:
        if not fold.open:
            return
        words = answering.labels(others)
        chosen = st.selectbox(
            "Second model", [run.id for run in others], format_func=words.get,
            key="second_model_box", width=420,
        )  # fmt: skip
        other = answering.of_run(next(run for run in others if run.id == chosen))
        _side_by_side(visit, model, answered, other, _asked(other, answered))


def _asked(other: Answering, answered: Answered) -> Answered:
    """The other's answers, kept while the photos are the same."""
    wanted = (other.key, tuple(photo.file.name for photo in answered.photos))
    key, found = state.get(state.SECOND_ANSWERS) or (None, None)
    if key != wanted:
        found = answering_again.again(other.key, other.predictor, answered)
        state.put(state.SECOND_ANSWERS, (wanted, found))
    return found


def _side_by_side(
    visit: Visit, model: Answering, answered: Answered, other: Answering, second: Answered
) -> None:
    titles = naming.told_apart([model.predictor.name, other.predictor.name])
    both = list(zip((model, other), (answered, second), titles, strict=True))
    there = {photo.file: photo for photo in second.photos}
    photos = [photo for photo in answered.photos if photo.file in there]
    rows = {"photo": [photo.name for photo in photos]}
    expected = [cards.told(photo) for photo in photos]
    if any(expected):
        rows["expected"] = [name or None for name in expected]
    for i, (one, _, _) in enumerate(both):
        own = photos if i == 0 else [there[photo.file] for photo in photos]
        rows[f"answer_{i}"] = [_item(one, photo).answer(one.class_names) for photo in own]
        rows[f"score_{i}"] = [round(float(photo.scores.max()), 3) for photo in own]
    labels = {f"{word}_{i}": f"{word}, {naming.clean(title)}"
              for i, title in enumerate(titles) for word in ("answer", "score")}  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=labels, placeholder="")
    if any(expected):
        _which_is_better(visit, both, photos, there, expected)


def _which_is_better(visit: Visit, both, photos: Sequence[Seen], there, expected) -> None:
    """Right by each, whether it is chance, and mean scores of the expected class."""
    right, means, names = [], {}, ()
    for i, (one, _, title) in enumerate(both):
        own = photos if i == 0 else [there[photo.file] for photo in photos]
        scores = np.stack([photo.scores for photo in own])
        guesses = [one.class_names[k] for k in scores.argmax(axis=1)]
        right.append([g == e for g, e in zip(guesses, expected, strict=True) if e])
        found = tally.by_expected(scores, expected, one.class_names)
        own_scores = dict(zip(found.names, found.own.tolist(), strict=True))
        names = names or found.names
        means[title] = [own_scores[name] for name in names]
        st.write(
            f"*{naming.markdown(title)}*: right on **{sum(right[-1])} of {len(right[-1])}** whose "
            "class is known."
        )
    mended = sum(b and not a for a, b in zip(*right, strict=True))
    broken = sum(a and not b for a, b in zip(*right, strict=True))
    chance = comparison.mcnemar(mended, broken)
    verdict = "more than chance" if chance < comparison.LEVEL else "it may well be chance"
    st.caption(
        f"From the first to the second {count(mended, 'photo')} mended and {broken} broken: "
        f"{verdict} (exact McNemar test, {chance:.2f})."
    )
    st.markdown("**Mean score of the class they are**")
    st.plotly_chart(
        charts.per_class(names, means, visit.dark), key="second_means",
        config={"displayModeBar": False},
        alt="Mean score of the expected class, by class and model",
    )  # fmt: skip
    st.dataframe(
        pd.DataFrame({"class": names, **{f"m{i}": np.round(v, 3) for i, v in
                                         enumerate(means.values())}}),
        hide_index=True,
        column_config={f"m{i}": naming.clean(title) for i, title in enumerate(means)},
    )  # fmt: skip


def _item(model: Answering, photo: Seen) -> Classified:
    names, name = model.class_names, cards.told(photo)
    return Classified(
        name=photo.name, scores=photo.scores, seconds=photo.seconds,
        expected=names.index(name) if name in names else None, distance=photo.distance,
        doubts=model.predictor.doubts(photo.scores, photo.distance),
    )  # fmt: skip
