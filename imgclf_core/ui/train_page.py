"""The parts of the Train page."""

import streamlit as st

from imgclf_core import naming
from imgclf_core.data import checks
from imgclf_core.data.dataset import Dataset
from imgclf_core.jobs import events
from imgclf_core.models import mobilenet_v2, scratch_cnn
from imgclf_core.training import settings as settings_module
from imgclf_core.training.run import Run
from imgclf_core.training.settings import BALANCED, QUICK, THOROUGH, TrainingSettings
from imgclf_core.ui import frame, live, seeing, settings_form
from imgclf_core.ui.home import frame_of_runs
from imgclf_core.ui.visitor import Visit

BOTH = "both"
_NETWORKS = {
    mobilenet_v2.NAME: "Pretrained MobileNetV2",
    scratch_cnn.NAME: "Scratch CNN",
    BOTH: "Both, and compare",
}
_SUITS = {
    mobilenet_v2.NAME: (
        "Has seen a million photos and only learns your classes on top. "
        "Right for most sets, from about 20 photos a class; takes seconds."
    ),
    scratch_cnn.NAME: (
        "Starts knowing nothing and sees only your photos. For pictures unlike photographs, "
        "for large sets, and to see how learning works; takes minutes."
    ),
    BOTH: (
        "Trains one after the other on the same photos. "
        "Shows what the million photos were worth to you."
    ),
}
_EFFORT = {QUICK: "Quick", BALANCED: "Balanced", THOROUGH: "Thorough"}


def choose_and_start(visit: Visit) -> None:
    """The narrow column: network, how thorough, settings folded, one primary button."""
    dataset = visit.dataset
    network = st.radio(
        "Network", list(_NETWORKS), key="network", persist_state="session",
        format_func=_NETWORKS.get,
    )  # fmt: skip
    st.caption(_SUITS[network])
    effort = st.segmented_control(
        "How thorough", list(_EFFORT), default=BALANCED, required=True, key="effort",
        persist_state="session", format_func=_EFFORT.get,
        help="How often every photo is shown (the number of epochs).",
    )  # fmt: skip
    chosen = _settings(visit, dataset, network, effort or BALANCED)
    st.caption(_estimate(dataset, chosen))
    small = checks.too_small_classes(dataset)
    leave_out, rest = False, len(dataset.class_names) - len(small)
    if rest < 2:
        st.warning("Training needs two classes with enough photos. Bring in more on the Data page.")
    elif small:
        st.warning(
            f"Too few photos to train: {naming.markdown(', '.join(small), longest=300)}. A class "
            f"needs at least {checks.FEWEST_TO_TRAIN}."
        )
        leave_out = st.checkbox("Train without them", key="leave_out")
    if st.button(
        "Train", type="primary", key="train", icon=":material/play_arrow:",
        disabled=bool(small) and not leave_out or rest < 2, width="stretch",
    ):  # fmt: skip
        _start(visit, dataset, chosen, leave_out)
        st.rerun()


def now(visit: Visit) -> None:
    """The wide column: what is going on, or the newest result, or what will be shown here."""
    own = _runs_of(visit)
    active = [run for run in own if not run.status.ended]
    for run in sorted(active, key=lambda run: run.created):
        live.training_card(visit, run)
    if active:
        return
    if not own:
        st.caption("Once it trains, its progress and its curves are shown here.")
        return
    _last(visit, own[0])


def finished_runs(visit: Visit) -> None:
    """The table of runs of this data set."""
    own = [run for run in _runs_of(visit) if run.status.ended]
    if not own:
        return
    st.subheader("Runs on these photos")
    share = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        frame_of_runs(own).drop(columns="Data set"), hide_index=True, placeholder="",
        column_config={
            "Validation": share,
            "Seconds": st.column_config.NumberColumn(format="%.0f"),
        },
    )  # fmt: skip


def _start(visit: Visit, dataset: Dataset, chosen: list[TrainingSettings], leave_out: bool) -> None:
    """Starts what does not train already, so that a double click starts one training."""
    going_on = [
        run.settings
        for run in _runs_of(visit)
        if not run.status.ended and run.dataset_version == dataset.version
    ]
    for settings in chosen:
        settings = settings_module.changed(settings, leave_out_small=leave_out)
        if settings in going_on:
            st.toast("This training is going on already.")
        else:
            visit.workspace.add_run(dataset, settings, visit.profile)


def _settings(visit: Visit, dataset: Dataset, network: str, effort: str) -> list[TrainingSettings]:
    """What would be trained: the defaults, or what the form says."""
    photos = int(dataset.counts[:, 0].sum())
    if network == BOTH:
        st.caption("Both use their default settings.")
        return [
            seeing.remembered(visit, settings_module.defaults(name, photos, effort))
            for name in (mobilenet_v2.NAME, scratch_cnn.NAME)
        ]
    defaults = seeing.remembered(visit, settings_module.defaults(network, photos, effort))
    # The form keeps what was changed in it until what it begins with changes.
    key = f"{network}_{dataset.id}_{hash(defaults)}"
    return [settings_form.show(visit, defaults, key)]


def _estimate(dataset: Dataset, chosen: list[TrainingSettings]) -> str:
    from imgclf_core.training.estimate import seconds

    total = sum(seconds(settings, len(dataset.photos)) for settings in chosen)
    return f"About {live.duration(total)} for these photos on two processor cores."


def _last(visit: Visit, run: Run) -> None:
    """The newest run, ended well or not."""
    status, history = run.status, run.history()
    with st.container(border=True):
        st.markdown(f"**{naming.markdown(run.name)}**")
        if run.finished:
            _result(visit, run)
        else:
            kind = st.info if status.state == events.STOPPED else st.warning
            kind(naming.markdown(status.message, longest=1000))
        if run.weights.get("note"):
            st.caption(naming.markdown(run.weights["note"], longest=1000))
        if history:
            live.curve_charts(run, history, visit.dark)


def _result(visit: Visit, run: Run) -> None:
    report = run.report()
    part, words = report.get("validation"), "validation photos. The sealed test waits in Evaluate."
    if part is None:
        part, words = report["training"], "training photos; there were none to validate with."
    st.write(f"Right on **{part['right']} of {part['n']}** {words}")
    if report["stopped"] == "person":
        st.caption(f"Stopped by you; the best epoch, number {report['best_epoch']}, was kept.")
    elif report["stopped"] == "patience":
        st.caption(f"It stopped by itself: no better after epoch {report['best_epoch']}.")
    elif report["stopped"] == "not finite":
        st.warning(
            f"The training ran away after epoch {report['best_epoch']}, which was kept. Choose a "
            "learning rate ten times smaller."
        )
    if st.button(
        "See the result", type="primary", key="see_result", icon=":material/arrow_forward:"
    ):
        visit.workspace.remember(run=run.id)
        frame.go(frame.EVALUATE)
    if sum(other.finished for other in _runs_of(visit)) > 1:
        st.caption("*Evaluate › Compare* puts two runs side by side.")


def _runs_of(visit: Visit) -> list[Run]:
    dataset = visit.dataset
    return [run for run in visit.workspace.runs() if run.dataset.name == dataset.id]
