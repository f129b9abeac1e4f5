"""Runs as a table, and the question before one of them, or something else, is deleted."""

import pandas as pd
import streamlit as st

from imgclf_core.jobs import events
from imgclf_core.networks import catalogue
from imgclf_core.runs.run import Run
from imgclf_core.support import safe_text

_STATE_WORDS = {
    events.QUEUED: "waiting",
    events.RUNNING: "training",
    events.DONE: "finished",
    events.FAILED: "failed",
    events.STOPPED: "stopped",
    events.INTERRUPTED: "interrupted",
    events.CANCELLED: "cancelled",
}


def frame_of_runs(found: list[Run]) -> pd.DataFrame:
    """One row a run: what it was trained on and how, where it stands, how well it does."""
    reports = [run.report for run in found]
    return pd.DataFrame(
        {
            "Run": [run.name for run in found],
            "Data set": [run.dataset_name for run in found],
            "Version": [run.dataset_version for run in found],
            "Network": [catalogue.WORDS[run.settings.model] for run in found],
            "Settings": [run.settings.in_short for run in found],
            "State": [_state_of(run, report) for run, report in zip(found, reports, strict=True)],
            "Validation": [_accuracy(report, "validation") for report in reports],
            "Epochs": [report.get("epochs_run") for report in reports],
            "Seconds": [report.get("seconds", {}).get("total") for report in reports],
        }
    )


def _state_of(run: Run, report: dict) -> str:
    status = run.status
    if status.state == events.DONE and report.get("stopped") in events.ASKED:
        return "stopped, best kept"
    return _STATE_WORDS[status.state]


def _accuracy(report: dict, side: str) -> float | None:
    return report.get(side, {}).get("accuracy")


def sure_to_delete(what: str, name: str) -> bool:
    """A button that asks; the key names the thing, so a second click never hits the next one."""
    with st.popover("Delete", icon=":material/delete:", key=f"delete_{name}"):
        st.write(safe_text.markdown(f"Deletes {what}. This cannot be taken back."))
        return st.button("Yes, delete it", key=f"delete_sure_{name}", icon=":material/delete:")
