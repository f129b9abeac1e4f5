"""What is being looked at: a run, one side of its photos, and the data set as it is now."""

from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from imgclf_core.analysis import results
from imgclf_core.analysis.renames import renames
from imgclf_core.analysis.results import Result
from imgclf_core.datasets import store
from imgclf_core.datasets.dataset import Dataset, Photo
from imgclf_core.datasets.split import TEST
from imgclf_core.runs import run_store
from imgclf_core.runs.predictions import Predictions
from imgclf_core.runs.run import Run
from imgclf_core.support import safe_text
from imgclf_core.ui import versions
from imgclf_core.ui.visitor import Visit

_RUN_BOX = "evaluated_run_"


@dataclass(frozen=True)
class Inspection:
    """What every part of the page needs.

    Attributes:
        visit: Who looks.
        result: The run's answers for the chosen side.
        everything: The run's answers for all sides.
        dataset: The version the run was trained on; None where the photos were deleted.
        current: The same data set as it is now; decisions change this one.
    """

    visit: Visit
    result: Result
    everything: Predictions
    dataset: Dataset | None
    current: Dataset | None

    @property
    def run(self) -> Run:
        return self.result.run

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.result.run.class_names

    @cached_property
    def now(self) -> dict[str, Photo]:
        """Photos that take part now, by file."""
        return {photo.file: photo for photo in self.current.photos} if self.current else {}

    @cached_property
    def renamed(self) -> dict[str, str]:
        """Old to new name of classes that were only renamed since the run."""
        if self.dataset is None or self.current is None:
            return {}
        before = {photo.file: self.dataset.class_of(photo) for photo in self.dataset.photos}
        after = {file: self.current.class_of(photo) for file, photo in self.now.items()}
        return renames(before, after, self.current.class_names)

    def renewed(self) -> "Inspection":
        """The same with the data set as it is at this moment, after a decision."""
        current = versions.load(self.current.folder, None) if self.current else None
        return Inspection(self.visit, self.result, self.everything, self.dataset, current)

    def decided(self, file: str, label: str) -> str:
        """What was decided about a photo since the run, in a few words; empty if nothing.

        Args:
            file: `Photo.file`.
            label: Its class when the run was trained.
        """
        if self.current is None:
            return ""
        photo = self.now.get(file)
        if photo is None:
            return "left out now"
        if self.current.class_of(photo) != self.renamed.get(label, label):
            return f"now {self.current.class_of(photo)}"
        if photo.also:
            return f"also {', '.join(photo.also)}"
        return "hard, label right" if photo.hard else ""


def choose(visit: Visit) -> Inspection:
    """The run and the side to look at, chosen in one place."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run = _chosen_run(visit)
        everything = results.load_predictions(run)
        sides = results.sides_of(everything)
        at_first = TEST if TEST in sides else sides[-1]
        side = st.segmented_control(
            "Photos",
            sides,
            default=at_first,
            key=f"side_{run.id}",
            required=True,
            help="The test photos were never seen in training: only they tell how good it is. "
            "Validation photos chose the best epoch; training photos were learnt from.",
        )
    result = results.of_side(run, everything, side or at_first)
    if result.side == TEST:
        run_store.mark_test_opened(run)
    dataset = versions.load(run.dataset, run.dataset_version)
    current = dataset
    if dataset is not None and store.history(run.dataset).current != run.dataset_version:
        current = versions.load(run.dataset, None)
    return Inspection(visit, result, everything, dataset, current)


def _chosen_run(visit: Visit) -> Run:
    finished = [run for run in visit.runs if run.finished]
    current = visit.run
    if len(finished) == 1:
        return current
    ids = [run.id for run in finished]
    labels = dict(zip(ids, _labels(finished), strict=True))
    # The key names the open run, so that opening another one elsewhere moves the box too.
    chosen = st.selectbox(
        "Run",
        ids,
        ids.index(current.id),
        format_func=labels.get,
        key=f"{_RUN_BOX}{current.id}",
        width=420,
    )
    if chosen != current.id:
        dataset = next(run.dataset.name for run in finished if run.id == chosen)
        visit.workspace.remember(run=chosen, dataset=dataset)
        st.rerun()
    return current


def _labels(finished: list[Run]) -> tuple[str, ...]:
    """Options of the box; equal ones could not be told apart by it."""
    return safe_text.told_apart(
        [f"{run.name} · {run.dataset_name} · version {run.dataset_version}" for run in finished]
    )
