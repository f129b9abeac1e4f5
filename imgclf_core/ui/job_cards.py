"""A job on screen while it works. It looks every two seconds and ends nothing."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import streamlit as st

from imgclf_core.charts.training import training_curves
from imgclf_core.jobs import admission, events, queue
from imgclf_core.jobs.events import JobStatus
from imgclf_core.runs import run_store
from imgclf_core.runs.run import Run
from imgclf_core.support import safe_text
from imgclf_core.training import packaging, summary, time_estimate
from imgclf_core.ui import errors, session
from imgclf_core.ui.visitor import Visit
from imgclf_core.workspaces import trainings

SECONDS_BETWEEN_LOOKS = 2.0

Value = TypeVar("Value")

_MEASURES = {
    "accuracy": "Share of photos guessed right, after each epoch (accuracy). An epoch is one "
    "showing of all training photos.",
    "loss": "How far the scores are from the truth; lower is better. It still falls when the "
    "right answers no longer change.",
}


def ingest_card(folder: Path) -> None:
    """Photos on their way in; the page is drawn anew when they are there."""

    @errors.fragment("live", 1.0)
    def look() -> None:
        status = queue.read(folder)
        if status is None or status.ended:
            st.rerun()
        with st.container(border=True):
            _progress(status)
            if st.button("Cancel", key=f"cancel_ingest_{folder.name}", icon=":material/close:"):
                queue.stop(folder)

    look()


def job_card(title: str, folder: Path) -> None:
    """Any other job of a data set; the page is drawn anew when it ends."""

    @errors.fragment("live", 1.0)
    def look() -> None:
        status = queue.read(folder)
        if status is None or status.ended:
            st.rerun()
        with st.container(border=True):
            st.markdown(f"**{title}**")
            _progress(status)
            if st.button("Stop", key=f"stop_{folder.name}", icon=":material/close:"):
                queue.stop(folder)

    look()


def goes_on(title: str, folder: Path) -> bool:
    """Whether the job in a folder goes on, drawing it then; otherwise says what went wrong."""
    status = queue.read(folder)
    if status is not None and not status.ended:
        job_card(title, folder)
        return True
    if status is not None and status.message:
        st.warning(safe_text.markdown(status.message, longest=1000))
    return False


def result(
    folder: Path,
    request: Callable[[], None],
    load: Callable[[], Value | None],
    words: str,
    button: str,
    working: str,
    seconds: float,
) -> Value | None:
    """Gives what a job of some seconds left, or None after drawing the offer or its progress.

    Args:
        folder: Of the job.
        request: Asks for the job, see `workspaces/job_requests.py`.
        load: Reads the result; None where there is none that still holds.
        words: What one gets, beside the button.
        button: Its label.
        working: What is being done, while it is.
        seconds: Expected.
    """
    if goes_on(working, folder):
        return None
    found = load()
    if found is not None:
        return found
    st.caption(f"{words} About {duration(seconds)}.")
    if st.button(button, key=f"ask_{folder.name}", icon=":material/search:"):
        request()
        st.rerun()
    return None


def training_card(visit: Visit, run: Run) -> None:
    """A training that goes on, with its curves; the page is drawn anew when it ends."""

    @errors.fragment("live", SECONDS_BETWEEN_LOOKS)
    def look() -> None:
        status = run_store.read_status(run.folder)
        if status.ended:
            st.rerun()
        history = run_store.history(run)
        with st.container(border=True):
            st.markdown(f"**{safe_text.markdown(run.name)}**")
            _progress(status)
            _stages(run, status)
            _stop_buttons(run)
            if history:
                st.caption(_figures(history))
                curve_charts(run, history, visit.dark)

    look()


def quiet_job(run: Run, title: str) -> None:
    """A run that takes seconds, as one line; the page is drawn anew when it ends."""
    if run.status.ended:
        if not run.finished and run.status.message:
            st.caption(safe_text.markdown(f"{title}: {run.status.message}", longest=1000))
        return

    @errors.fragment("live", 1.0)
    def look() -> None:
        status = run_store.read_status(run.folder)
        if status.ended:
            st.rerun()
        st.caption(f"**{title}**")
        _progress(status)

    look()


def packing_note(run: Run) -> None:
    """What is known of the packing of a run; drawn anew when it ends."""

    @errors.fragment("live", SECONDS_BETWEEN_LOOKS)
    def look() -> None:
        status = run_store.read_packing(run.folder)
        if run_store.is_packed(run.folder) or status is None or status.ended:
            st.rerun()
        with st.container(border=True):
            st.markdown("**Packing the model**")
            _progress(status)

    look()


def curve_charts(run: Run, history: list[dict], dark: bool) -> None:
    """Accuracy and loss side by side; the figures are reused while nothing is new."""
    key = f"curves_{run.id}"
    stamp = (len(history), dark)
    kept = session.get(key)
    if not kept or kept[0] != stamp:
        planned = run.settings.planned_epochs
        figures = [
            training_curves(history, metric, dark, planned) for metric in ("accuracy", "loss")
        ]
        kept = (stamp, figures)
        session.put(key, kept)
    titles = {"accuracy": "Right answers", "loss": "Loss"}
    for column, figure, metric in zip(st.columns(2), kept[1], titles, strict=True):
        column.markdown(f"**{titles[metric]}**", help=_MEASURES[metric])
        column.plotly_chart(
            figure,
            key=f"{metric}_{run.id}",
            config={"displayModeBar": False},
            alt=f"{titles[metric]} over {len(history)} epochs, for training and validation",
        )
    st.caption(f"{summary.sentence(history)} The ring marks the best epoch.")


def _stop_buttons(run: Run) -> None:
    asked = queue.stopping(run.folder)
    if asked:
        discard = asked != events.STOP
        st.caption("It ends after this step, and goes." if discard else "It stops after this step.")
        return
    with st.container(horizontal=True):
        if st.button("Stop and keep the best", key=f"stop_{run.id}", icon=":material/stop:"):
            queue.stop(run.folder)
            st.rerun(scope="fragment")
        if st.button(
            "Cancel",
            key=f"cancel_{run.id}",
            icon=":material/close:",
            type="tertiary",
            help="Ends the training and throws it away, with its curves.",
        ):
            trainings.cancel(run)
            st.rerun(scope="fragment")


def _figures(history: list[dict]) -> str:
    """What the last epoch says in numbers."""
    last = history[-1]
    best = max((record["epoch"] for record in history if record["best"]), default=last["epoch"])
    return (
        f"Best epoch {best} · learning rate {last['learning_rate']:.2g} · "
        f"{last['photos_a_second']:,.0f} photos a second · validation "
        f"{last['val_accuracy']:.1%}, training {last['accuracy']:.1%}"
    )


def duration(seconds: float) -> str:
    """Seconds in words, as exact as an estimate deserves."""
    if seconds < 1.5:
        return "a second"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def _progress(status: JobStatus) -> None:
    words = status.stage.capitalize() or "Starting"
    if status.state == events.QUEUED:
        memory = status.stage == admission.WAITING
        words = "Waiting for free memory" if memory else "Waiting for its turn"
        if status.ahead:
            words += f"; {status.ahead} before it" if status.ahead > 1 else "; one before it"
    elif status.total:
        learns = status.stage in (time_estimate.TRAINING, time_estimate.FINE_TUNING)
        unit = "epoch" if learns else "photo"
        unit = "step" if status.stage == packaging.STAGE else unit
        words += f" · {unit} {status.done:,} of {status.total:,}"
        if unit == "photo" and status.rate:
            words += f" · {status.rate:,.0f} a second"
    if status.seconds_left is not None and status.state == events.RUNNING:
        left = status.seconds_left - max(time.time() - status.updated, 0)
        words += f" · about {duration(max(left, 1))} to go"
    st.progress(min(max(status.fraction, 0.0), 1.0), text=words)


def _stages(run: Run, status: JobStatus) -> None:
    """The named stages, the present one in bold."""
    names = [*time_estimate.seconds_by_stage(run.settings, 0), packaging.STAGE]
    shown = [f"**{name}**" if name == status.stage else name for name in names]
    st.caption(" › ".join(shown))
