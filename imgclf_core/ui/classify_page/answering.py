"""Which model answers: a finished run of one's own, or a model that was brought in."""

from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from imgclf_core import naming
from imgclf_core.data import storage
from imgclf_core.data.dataset import Dataset
from imgclf_core.errors import DatasetError
from imgclf_core.inference import predictor as predictors
from imgclf_core.inference.predictor import Predictor
from imgclf_core.training.run import Run
from imgclf_core.ui import live
from imgclf_core.ui.visitor import Visit


@dataclass(frozen=True)
class Answering:
    """The model that answers.

    Attributes:
        key: Tells it from other models, and from itself before it was trained longer.
        predictor: Itself.
        run: Where it was trained here.
    """

    key: str
    predictor: Predictor
    run: Run | None = None

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.predictor.class_names

    @cached_property
    def dataset(self) -> Dataset | None:
        """The photos it was trained on; None where they are not here."""
        if self.run is None or not storage.is_dataset(self.run.dataset):
            return None
        try:
            return storage.load(self.run.dataset, self.run.dataset_version)
        except DatasetError:
            return None


def choose(visit: Visit) -> Answering | None:
    """The model, chosen where there are several; None after saying why none can answer."""
    finished = [run for run in visit.workspace.runs() if run.finished]
    if not finished:
        return None
    run = visit.run or finished[0]
    if len(finished) > 1:
        run = _box(visit, finished, run)
    if predictors.can_answer(run):
        return of_run(run)
    status = run.packing
    if status is not None and not status.ended:
        st.write("The model is being made ready; a few seconds.")
        live.packing_note(run)
    else:
        st.warning("The model of this run was not packed. The Share page can do it again.")
    return None


def of_run(run: Run) -> Answering:
    """A finished run that `can_answer`."""
    return Answering(f"{run.id}:{run.result_stamp}", predictors.open_run(run), run)


def labels(runs: list[Run]) -> dict[str, str]:
    """What runs are called in a box, by their name here."""
    words = [f"{run.name} · {run.dataset_name} · version {run.dataset_version}" for run in runs]
    return dict(zip((run.id for run in runs), naming.told_apart(words), strict=True))


def _box(visit: Visit, finished: list[Run], current: Run) -> Run:
    ids, words = [run.id for run in finished], labels(finished)
    # The key names the open run, so that opening another one elsewhere moves the box too.
    chosen = st.selectbox(
        "Which model answers", ids, ids.index(current.id), format_func=words.get,
        key=f"answering_{current.id}", width=420,
    )  # fmt: skip
    if chosen != current.id:
        run = next(run for run in finished if run.id == chosen)
        visit.workspace.remember(run=chosen, dataset=run.dataset.name)
        st.rerun()
    return current
