"""Two runs: on the same photos side by side, or before and after labels were corrected."""

import numpy as np
import pandas as pd
import streamlit as st

from imgclf_core.analysis import comparison, relabelled, results, selection
from imgclf_core.analysis.relabelled import Relabelled, Score
from imgclf_core.analysis.results import Result
from imgclf_core.charts.confusion import confusion_matrix, per_class_bars
from imgclf_core.datasets import photo_files
from imgclf_core.datasets.split import TEST
from imgclf_core.errors import ImgclfError
from imgclf_core.inference import predictor
from imgclf_core.networks import catalogue
from imgclf_core.runs import predictions, run_store
from imgclf_core.support import safe_text
from imgclf_core.support.wording import count
from imgclf_core.ui import job_cards, session
from imgclf_core.ui.evaluate import photos
from imgclf_core.ui.evaluate.inspection import Inspection

# Photos left out of the newer version are asked anew here, one by one.
_MOST_ASKED = 100


def show(inspection: Inspection) -> None:
    """Another run of the same data set beside this one."""
    others = [
        run
        for run in inspection.visit.runs
        if run.finished and run.id != inspection.run.id and run.dataset == inspection.run.dataset
    ]
    if not others:
        st.write("Train a second network on the same photos to see the two side by side.")
        return
    # Mostly one means the training before, of the same network, and hardly ever a first answer.
    own = inspection.run.settings.model
    others.sort(
        key=lambda run: (run.settings.model == catalogue.FIRST_ANSWER, run.settings.model != own)
    )
    words = [f"{run.name} · version {run.dataset_version}" for run in others]
    labels = dict(zip((run.id for run in others), safe_text.told_apart(words), strict=True))
    chosen = st.selectbox(
        "Compare with",
        [run.id for run in others],
        format_func=labels.get,
        key="compared_run",
        width=420,
    )
    other = results.open_result(
        next(run for run in others if run.id == chosen), inspection.result.side
    )
    if other.side == TEST:
        run_store.mark_test_opened(other.run)
    pair = sorted((inspection.result, other), key=lambda one: one.run.created)
    if pair[0].side != pair[1].side:
        st.caption("The two have no photos of the same side to compare.")
    elif comparison.comparable(*pair):
        _same_photos(inspection, *pair)
    else:
        _corrected(inspection, *pair)


def _titles(*pair: Result) -> list[str]:
    names = [one.run.name for one in pair]
    return names if names[0] != names[1] else [one.run.id for one in pair]


def _same_photos(inspection: Inspection, first: Result, second: Result) -> None:
    titles, dark = _titles(first, second), inspection.visit.dark
    found = comparison.compare(first, second)
    st.write(
        f"From *{safe_text.markdown(titles[0])}* to *{safe_text.markdown(titles[1])}*: "
        f"**{found.sentence}**"
    )
    _chance(found, first.side)
    for column, one, title in zip(st.columns(2), (first, second), titles, strict=True):
        with column:
            _summary(one, title)
            figure = confusion_matrix(one.figures.confusion, one.run.class_names, dark=dark)
            st.plotly_chart(
                figure,
                key=f"compare_{one.run.id}",
                config={"displayModeBar": False},
                alt=f"Confusion matrix of {title}",
            )
    recalls = {
        title: [f.recall for f in one.figures.per_class]
        for title, one in zip(titles, (first, second), strict=True)
    }
    st.markdown("**Share of each class that was found**", help="Recall.")
    st.plotly_chart(
        per_class_bars(first.run.class_names, recalls, dark),
        key="compare_recall",
        config={"displayModeBar": False},
        alt="Recall of each class for both runs",
    )
    _changed(inspection, _other(inspection, first, second), found.mended, found.broken)


def _other(inspection: Inspection, *pair: Result) -> str:
    return next(one.run.id for one in pair if one.run.id != inspection.run.id)


def _chance(found: comparison.Comparison, side: str) -> None:
    if side != TEST:
        st.caption(
            f"These are {side} photos, which training has used: only the test photos tell which "
            "is better on new ones."
        )
    share = f"{found.chance:.0%}" if found.chance >= 0.01 else "less than 1%"
    st.caption(
        f"If both were equally good, so large a difference would come up in {share} of such "
        "tests (exact McNemar test).",
        help="The test looks only at photos that one guessed right and the other wrong.",
    )


def _changed(inspection: Inspection, other: str, mended: np.ndarray, broken: np.ndarray) -> None:
    """Galleries of the photos that were mended and broken; positions are those of the result.

    Args:
        inspection: Whose result.
        other: Which run it is compared with.
        mended, broken: int (m,) and (b,).
    """
    for column, title, members, place in zip(
        st.columns(2), ("Mended", "Broken"), (mended, broken), ("mended", "broken"), strict=True
    ):
        with column:
            photos.answered(
                inspection,
                title,
                members,
                f"compare_{place}_{other}",
                photos.BESIDE_A_CHART,
                empty="None.",
            )


def _summary(one: Result, title: str) -> None:
    report, figures = one.run.report, one.figures
    low, high = figures.interval
    st.markdown(f"**{safe_text.markdown(title)}**")
    st.write(f"Right on **{figures.right} of {figures.n}**: {figures.accuracy:.1%}")
    st.caption(
        f"likely between {low:.0%} and {high:.0%}; {count(report['epochs_run'], 'epoch')} in "
        f"{job_cards.duration(report['seconds']['total'])}"
    )


def _corrected(inspection: Inspection, old: Result, new: Result) -> None:
    """Three scores apart, because the photos or their labels changed in between."""
    found = relabelled.compare(old, new, _ask(inspection, old, new))
    st.write(
        f"The photos were changed between the two runs (version {old.run.dataset_version} to "
        f"{new.run.dataset_version}), so there are **three scores**:"
    )
    titles = _titles(old, new)
    for column, words, one, note in zip(
        st.columns(3),
        (f"{titles[0]}", f"{titles[1]}, same labels", f"{titles[1]}, corrected labels"),
        (found.old, found.new_same_labels, found.new_corrected),
        (
            "the old model",
            "the new model on the same photos with the same labels",
            f"the new model on the {new.side} photos as they are now",
        ),
        strict=True,
    ):
        with column:
            _score(words, one, note)
    st.write(f"On the same labels: **{found.change.sentence}**")
    _chance(found.change, new.side)
    st.caption(_what_changed(found))
    if found.corrected:
        _corrections(inspection, found)
    mended, broken = (
        selection.of_files(inspection.result.answers, old.answers.files[rows].tolist())
        for rows in (found.change.mended, found.change.broken)
    )
    _changed(inspection, _other(inspection, old, new), mended, broken)


def _score(title: str, one: Score, note: str) -> None:
    low, high = one.interval
    st.metric(safe_text.markdown(title), f"{one.accuracy:.1%}", help=note)
    st.caption(f"{one.right} of {one.n}; likely {low:.0%} – {high:.0%}")


def _what_changed(found: Relabelled) -> str:
    parts = [
        f"{count(len(found.corrected), 'photo')} of these got another label",
        f"{len(found.gone)} are no such photos any more" if found.gone else "",
        f"{found.added} are new" if found.added else "",
        f"{found.unanswered} count for neither, being gone, too many, used for the new training, "
        "or of a class that is no more"
        if found.unanswered
        else "",
    ]
    return "; ".join(filter(None, parts)) + "."


def _corrections(inspection: Inspection, found: Relabelled) -> None:
    with st.expander(f"Labels that were corrected here · {len(found.corrected)}"):
        table = pd.DataFrame(
            [(name, old, new) for _, name, old, new in found.corrected],
            columns=["Photo", "Was", "Is now"],
        )
        st.dataframe(table, hide_index=True)


def _ask(inspection: Inspection, old: Result, new: Result):
    """What the new model guesses for photos that its version left out."""
    dataset = inspection.dataset
    missing = set(old.answers.files.tolist()) - set(new.answers.files.tolist())
    if dataset is None or len(missing) > _MOST_ASKED or not predictor.can_answer(new.run):
        return lambda file, name: None
    model = predictor.open_run(new.run)
    answered = predictions.load(new.run.folder / run_store.PREDICTIONS_FILE)
    elsewhere = set(answered.files[answered.sides != new.side].tolist())
    asked = (new.run.id, new.run.result_stamp)
    every: dict[tuple, dict[str, str]] = session.get(session.ASKED) or {}
    said = every.get(asked, {})
    session.put(session.ASKED, {asked: said})

    def ask(file: str, name: str) -> str | None:
        if file in elsewhere:
            return None  # divided anew since: the new model has learnt from it
        try:
            if file not in said:
                scores = model.answer(photo_files.read_file(dataset, file, name)).scores
                said[file] = model.class_names[int(scores.argmax())]
        except ImgclfError:
            return None
        return said[file]

    return ask
