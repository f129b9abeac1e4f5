"""The table of runs on the Train page, and what can be done with one or several of them."""

import pandas as pd
import streamlit as st

from imgclf_core.charts.training import runs_together
from imgclf_core.networks import catalogue
from imgclf_core.runs import checkpoint, run_store
from imgclf_core.runs import settings as settings_module
from imgclf_core.runs.run import Run
from imgclf_core.ui import columns, frame, run_table
from imgclf_core.ui.train import now, start
from imgclf_core.ui.visitor import Visit
from imgclf_core.workspaces import trainings

_MORE_EPOCHS = 10
_IN_REPORT = {"accuracy": "accuracy", "loss": "log_loss"}


def show(visit: Visit) -> None:
    """All runs of the open photos; one chosen can be worked with, several are compared."""
    first = visit.first_answer
    found = [run for run in now.runs_here(visit) if run.status.ended]
    found += [first] if first is not None and first.finished else []
    if not found:
        return
    st.subheader("Runs on these photos")
    rows = _chosen_rows(found)
    if not rows:
        st.caption("Choose one to work with it, or several to compare them.")
    elif len(rows) == 1:
        _one(visit, found[rows[0]], first)
    else:
        _several(visit, [found[row] for row in rows], first)


def _chosen_rows(found: list[Run]) -> list[int]:
    share = columns.percent()
    event = st.dataframe(
        run_table.frame_of_runs(found).drop(columns="Data set"),
        hide_index=True,
        key="train_runs_" + "_".join(run.id for run in found),  # a choice stays with its runs
        placeholder="",
        on_select="rerun",
        selection_mode="multi-row",
        column_config={
            "Validation": share,
            "Seconds": columns.seconds(),
        },
    )
    return [row for row in event["selection"]["rows"] if row < len(found)]


def _one(visit: Visit, run: Run, first: Run | None) -> None:
    trained = run.settings.model != catalogue.FIRST_ANSWER
    with st.container(horizontal=True):
        if run.finished and st.button("Open", key="runs_open", icon=":material/folder_open:"):
            visit.workspace.remember(run=run.id)
            frame.go(frame.EVALUATE)
        if trained:
            _train_again(visit, run)
            _go_on(visit, run)
        _rename(run)
        if trained and run_table.sure_to_delete(f"the run '{run.name}' with its model", run.id):
            visit.workspace.delete_run(run.id)
            frame.say(f"The run '{run.name}' was deleted.")
            st.rerun()
    if trained:
        _overlay(visit, [run], first)


def _train_again(visit: Visit, run: Run) -> None:
    if st.button(
        "Train again",
        key="runs_again",
        icon=":material/replay:",
        help="A new run with the settings of this one, on the photos as they are now.",
    ):
        start.begin(visit, visit.dataset, run.settings)
        st.rerun()


def _go_on(visit: Visit, run: Run) -> None:
    """Resume what did not end, or more epochs for what did."""
    if not run.finished or run.resumable:
        words = "Resume" if run.resumable else "Start it again"
        if st.button(words, key="runs_resume", icon=":material/play_arrow:"):
            trainings.resume(run, visit.profile)
            st.rerun()
        return
    if not checkpoint.exists(run.folder):
        return
    with st.popover("Train longer", icon=":material/more_time:", key=f"longer_{run.id}"):
        more = st.number_input("More epochs", 1, 500, _MORE_EPOCHS, key=f"more_{run.id}")
        st.caption("It goes on from its last epoch; the best epoch of all is kept.")
        if st.button("Go on", key=f"more_go_{run.id}", type="primary"):
            trainings.resume(run, visit.profile, more_epochs=int(more))
            st.rerun()


def _rename(run: Run) -> None:
    with st.popover("Rename", icon=":material/edit:", key=f"rename_{run.id}"):
        name = st.text_input("Name", run.name, max_chars=60, key=f"name_{run.id}")
        if st.button("Rename it", key=f"rename_go_{run.id}", disabled=not name.strip()):
            trainings.rename(run, name)
            st.rerun()


def _several(visit: Visit, chosen: list[Run], first: Run | None) -> None:
    """Curves of several runs in one chart, and what differs between them."""
    _overlay(visit, chosen, first)
    st.markdown("**What differs**")
    st.dataframe(_differences(chosen), hide_index=True)


def _overlay(visit: Visit, chosen: list[Run], first: Run | None) -> None:
    """Their curves in one chart, and the first answer as a level to compare with."""
    histories = {_title(run, chosen): run_store.history(run) for run in chosen}
    histories = {name: history for name, history in histories.items() if history}
    if not histories:
        st.caption("The first answer has no epochs, and so no curves.")
        return
    titles = {"accuracy": "Right on validation", "loss": "Loss on validation"}
    for column, (metric, title) in zip(st.columns(2), titles.items(), strict=True):
        level = None
        if first is not None and first.finished:
            value = first.validation_report[_IN_REPORT[metric]]
            level = (catalogue.WORDS[catalogue.FIRST_ANSWER], value)
        column.markdown(f"**{title}**")
        column.plotly_chart(
            runs_together(histories, metric, visit.dark, level),
            key=f"together_{metric}",
            config={"displayModeBar": False},
            alt=f"{title}, over the epochs, for each chosen run",
        )


def _differences(chosen: list[Run]) -> pd.DataFrame:
    """One row for each setting that is not alike in all, one column a run."""
    settings_of = [run.settings.to_json() for run in chosen]
    names = {
        name
        for run in chosen[1:]
        for name in settings_module.differences(chosen[0].settings, run.settings)
    }
    rows = {"version of the photos": [str(run.dataset_version) for run in chosen]}
    rows |= {
        name: [str(one[name]) for one in settings_of] for name in settings_of[0] if name in names
    }
    table = pd.DataFrame(rows).T
    table.columns = [_title(run, chosen) for run in chosen]
    table.insert(0, "", [name.replace("_", " ") for name in table.index])
    return table


def _title(run: Run, chosen: list[Run]) -> str:
    same = sum(other.name == run.name for other in chosen)
    return run.name if same == 1 else f"{run.name} ({run.id})"
