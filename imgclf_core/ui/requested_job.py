"""A result that takes a job of some seconds: offered, watched, and shown once it is there."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import streamlit as st

from imgclf_core.jobs import queue
from imgclf_core.ui import job_cards

Value = TypeVar("Value")


def result(
    folder: Path,
    kind: str,
    params: dict,
    load: Callable[[], Value | None],
    words: str,
    button: str,
    working: str,
    seconds: float,
) -> Value | None:
    """What the job left, or None after drawing the offer or its progress.

    Args:
        folder: Of the job.
        kind, params: See `jobs.job_registry.DEFINITIONS`.
        load: Reads the result; None where there is none that still holds.
        words: What one gets, beside the button.
        button: Its label.
        working: What is being done, while it is.
        seconds: Expected.
    """
    if job_cards.goes_on(working, folder):
        return None
    found = load()
    if found is not None:
        return found
    st.caption(f"{words} About {job_cards.duration(seconds)}.")
    if st.button(button, key=f"ask_{folder.name}", icon=":material/search:"):
        queue.submit_once(folder, kind, params)
        st.rerun()
    return None
