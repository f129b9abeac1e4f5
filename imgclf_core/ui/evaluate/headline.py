"""The answer in one sentence, four figures, and what was changed since."""

import streamlit as st

from imgclf_core.analysis import second_labels
from imgclf_core.datasets.split import TEST
from imgclf_core.networks import catalogue
from imgclf_core.runs.run import Run
from imgclf_core.support import safe_text
from imgclf_core.support.wording import count
from imgclf_core.ui import frame
from imgclf_core.ui.evaluate import photos
from imgclf_core.ui.evaluate.inspection import Inspection
from imgclf_core.ui.visitor import Visit
from imgclf_core.workspaces import trainings


def show(inspection: Inspection) -> None:
    """The sentence and the figures."""
    result = inspection.result
    figures = result.figures
    st.write(
        f"**Right on {figures.right:,} of {figures.n:,} {_which(result.side)}.** Always guessing "
        f"*{safe_text.markdown(figures.baseline_class)}* would get "
        f"{round(figures.baseline * figures.n):,}. {_meaning(inspection)}"
    )
    low, high = figures.interval
    with st.grid(4, min_column_width=150):
        st.metric("Accuracy", f"{figures.accuracy:.1%}", help="Share of photos guessed right.")
        st.metric(
            "Likely between",
            f"{low:.0%} – {high:.0%}",
            help="Where the accuracy on all photos of this kind probably lies: of a hundred such "
            "intervals about 95 hold it (Wilson interval). More test photos make it narrower.",
        )
        st.metric(
            "Always the largest class",
            f"{figures.baseline:.1%}",
            help="What guessing the most frequent class every time would get (baseline).",
        )
        st.metric(
            "Each class alike",
            f"{figures.balanced_accuracy:.1%}",
            help="Mean over the classes of the share found, so that a large class does not hide "
            "a small one (balanced accuracy).",
        )
    if result.side == TEST:
        _looks(inspection.visit, result.run)
    _tagged(inspection)
    _changed_since(inspection)


def _which(side: str) -> str:
    return "photos it never saw" if side == TEST else f"{side} photos"


def _meaning(inspection: Inspection) -> str:
    """What the figure says, and what it does not."""
    result = inspection.result
    low, high = result.figures.interval
    if result.side != TEST:
        learnt = (
            "It learnt from these" if result.side == "training" else "They chose its best epoch"
        )
        return f"{learnt}, so this is too kind a figure: look at the test photos."
    if low <= result.figures.baseline:
        return "That may be no better than guessing; more photos would tell."
    if high - low > 0.2:
        return (
            f"With so few test photos the true share may lie anywhere from {low:.0%} to {high:.0%}."
        )
    return f"Of many new photos of this kind, it would likely get {low:.0%} to {high:.0%} right."


def _looks(visit: Visit, run: Run) -> None:
    """How many runs have been judged by the sealed test photos."""
    same = [other for other in visit.runs if other.dataset == run.dataset]
    number = sum(other.test_opened or other.id == run.id for other in same)
    if number > 1:
        st.caption(
            f"{number} runs have been looked at on these test photos. The more one chooses by "
            "them, the less their score says of new photos; choose by validation."
        )


def _tagged(inspection: Inspection) -> None:
    """Accuracy that also counts second tags, where there are some."""
    if inspection.current is None:
        return
    also = second_labels.of_dataset(inspection.current)
    found = second_labels.count(inspection.result.answers, inspection.class_names, also)
    if not found.tagged:
        return
    st.caption(
        f"Counting second tags: right on {found.right:,} of {found.n:,} "
        f"({found.right / found.n:.1%}); {count(found.tagged, 'photo')} of these also "
        f"{'shows' if found.tagged == 1 else 'show'} another class."
    )
    if len(found.by_tag):
        with st.expander("Right by a second tag only", on_change="rerun", key="by_tag") as fold:
            if fold.open:
                photos.answered(inspection, "", found.by_tag, "by_tag")


def _changed_since(inspection: Inspection) -> None:
    """What is known of the photos' present state, and the button to learn from it."""
    run, dataset, current = inspection.run, inspection.dataset, inspection.current
    if dataset is None:
        st.caption("The photos of this run were deleted; the figures remain.")
        return
    if current is None or current.version == dataset.version:
        return
    new_name = inspection.renamed
    before = {photo.file: dataset.class_of(photo) for photo in dataset.photos}
    before = {file: new_name.get(name, name) for file, name in before.items()}
    after = {photo.file: current.class_of(photo) for photo in current.photos}
    moved = sum(before[file] != after[file] for file in before.keys() & after.keys())
    gone, new = len(before.keys() - after.keys()), len(after.keys() - before.keys())
    parts = [
        f"{count(number, 'photo')} {words}"
        for number, words in ((moved, "relabelled"), (gone, "left out"), (new, "added"))
        if number
    ]
    if new_name:
        parts.append(f"{len(new_name)} class{'es' if len(new_name) > 1 else ''} renamed")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"These figures are of version {dataset.version} of the photos; version "
            f"{current.version} is open now{': ' if parts else ''}{', '.join(parts)}."
        )
        if parts and run.settings.model != catalogue.FIRST_ANSWER:
            _train_again(inspection)


def _train_again(inspection: Inspection) -> None:
    visit, run, current = inspection.visit, inspection.run, inspection.current
    busy = trainings.is_training(visit.runs, current, run.settings)
    if st.button(
        "Train again and compare",
        key="train_again",
        icon=":material/replay:",
        disabled=busy,
        help="The same settings on the photos as they are now. Then *Compare* shows what was "
        "mended and what was broken.",
    ):
        visit.workspace.add_run(current, run.settings, visit.profile)
        frame.go(frame.TRAIN)
