"""The wide column of the Train page: what goes on, and what came out last."""

import numpy as np
import streamlit as st

from imgclf_core.analysis import mistakes, results
from imgclf_core.analysis.results import Result
from imgclf_core.charts.confusion import confusion_matrix
from imgclf_core.datasets.split import TRAINING, VALIDATION
from imgclf_core.jobs import events
from imgclf_core.networks import catalogue
from imgclf_core.runs import run_store
from imgclf_core.runs.run import Run
from imgclf_core.support import safe_text
from imgclf_core.training import summary
from imgclf_core.ui import frame, gallery, job_cards
from imgclf_core.ui.visitor import Visit
from imgclf_core.workspaces import trainings

_MISTAKES_SHOWN = 6
_CANCELLED = "Training it longer was cancelled; this is the result from before."


def now(visit: Visit) -> None:
    """What is going on, or the newest result, and the first answer."""
    first = visit.first_answer
    own = [run for run in runs_here(visit) if run.dataset_version == visit.dataset.version]
    active = [run for run in runs_here(visit) if not run.status.ended]
    for run in sorted(active, key=lambda run: run.created):
        job_cards.training_card(visit, run)
    if not active and own:  # one that was resumed ended last, whenever it was begun
        _last(visit, max(own, key=lambda run: run.status.finished or run.created), first)
    # Beside a result it is told there, where they are compared.
    told = not active and any(run.finished for run in own)
    if first is not None and not told:
        _first_answer(visit, first, alone=not active and not own)
    elif not active and not own:
        st.caption("Once it trains, its progress and its curves are shown here.")


def runs_here(visit: Visit) -> list[Run]:
    """Runs on the open photos that the person started, newest first."""
    return [
        run
        for run in visit.runs
        if run.dataset.name == visit.dataset.id and run.settings.model != catalogue.FIRST_ANSWER
    ]


def _first_answer(visit: Visit, run: Run, alone: bool) -> None:
    """The first answer: whole while there is nothing else, then folded to one line."""
    job_cards.quiet_job(run, "First answer")
    if not run.finished:
        if run.status.ended and st.button(
            "Try again", key="first_again", icon=":material/replay:", type="tertiary"
        ):
            trainings.resume(run, visit.profile)
            st.rerun()
        return
    part = run.validation_report
    side = VALIDATION if VALIDATION in run.report else TRAINING
    sentence = (
        f"**First answer**: right on **{part['right']} of {part['n']}** {side} photos, after "
        f"{job_cards.duration(run.report['seconds']['total'])} and without any training."
    )
    if not alone:
        st.caption(sentence)
        return
    with st.container(border=True):
        st.write(sentence)
        st.caption(summary.what_training_may_add(part["right"], part["n"]))
        _matrix_and_mistakes(visit, run)
        if st.button("See the first answer", key="see_first", icon=":material/arrow_forward:"):
            _open(visit, run)


def _matrix_and_mistakes(visit: Visit, run: Run) -> None:
    """On validation photos: the test stays sealed."""
    result = results.open_result(run, VALIDATION)
    figure = confusion_matrix(result.figures.confusion, run.class_names, dark=visit.dark)
    left, right = st.columns(2)
    left.plotly_chart(
        figure,
        key=f"first_matrix_{run.id}",
        config={"displayModeBar": False},
        alt="Confusion matrix of the first answer on the validation photos",
    )
    with right:
        _worst(visit, result)


def _worst(visit: Visit, result: Result) -> None:
    wrong = mistakes.find_mistakes(result.answers, result.run.class_names)[:_MISTAKES_SHOWN]
    if not wrong:
        st.success("No mistakes on these photos.")
        return
    st.markdown("**Worst mistakes**")
    cards = [
        gallery.file_card(visit.dataset, m.file, m.name, f"is {m.true_class}", f"guess {m.guess}")
        for m in wrong
    ]
    gallery.show(cards, "worst_now", narrowest=90)


def _last(visit: Visit, run: Run, first: Run | None) -> None:
    """The newest run, ended well or not."""
    status, history = run.status, run_store.history(run)
    with st.container(border=True):
        st.markdown(f"**{safe_text.markdown(run.name)}**")
        if run.finished:
            _result(visit, run, first)
        if not run.finished or run.resumable:
            kind = st.info if status.state in (events.STOPPED, events.CANCELLED) else st.warning
            cancelled = run.finished and status.state == events.CANCELLED
            kind(_CANCELLED if cancelled else safe_text.markdown(status.message, longest=1000))
            _go_on(visit, run)
        for note in (run.note, run.weights.get("note")):
            if note:
                st.caption(safe_text.markdown(note, longest=1000))
        if history:
            job_cards.curve_charts(run, history, visit.dark)


def _go_on(visit: Visit, run: Run) -> None:
    """The way back into a training that did not come to its end."""
    epochs = len(run_store.history(run))
    words = f"Resume after epoch {epochs}" if run.resumable else "Start it again"
    kind = "secondary" if run.finished else "primary"
    if st.button(words, key=f"resume_{run.id}", type=kind, icon=":material/play_arrow:"):
        trainings.resume(run, visit.profile)
        st.rerun()


def _result(visit: Visit, run: Run, first: Run | None) -> None:
    report, part = run.report, run.validation_report
    words = "validation photos. The sealed test waits in Evaluate."
    if VALIDATION not in report:
        words = "training photos; there were none to validate with."
    st.write(f"Right on **{part['right']} of {part['n']}** {words}")
    if first is not None and first.finished and _same_photos(run, first):
        st.caption(
            f"The first answer had {first.validation_report['right']} of them right, without "
            "training."
        )
    for sentence in summary.after(report):
        st.caption(sentence)
    for sentence in summary.warnings(report, run.class_names):
        st.warning(safe_text.markdown(sentence, longest=1000))
    if st.button(
        "See the result", type="primary", key="see_result", icon=":material/arrow_forward:"
    ):
        _open(visit, run)
    if sum(other.finished for other in runs_here(visit)) > 1:
        st.caption("*Evaluate › Compare* puts two runs side by side.")


def _open(visit: Visit, run: Run) -> None:
    visit.workspace.remember(run=run.id)
    frame.go(frame.EVALUATE)


def _same_photos(one: Run, other: Run) -> bool:
    first, second = one.validation_report, other.validation_report
    return (
        one.dataset_version == other.dataset_version
        and first["n"] == second["n"]
        and np.array_equal(one.class_names, other.class_names)
    )
