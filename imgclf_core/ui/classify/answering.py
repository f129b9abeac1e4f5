"""Which model answers: a finished run of one's own, or a model that was brought in."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import streamlit as st

from imgclf_core.bundles.reader import imported
from imgclf_core.bundles.reader.imported import Imported
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.inference import predictor as predictors
from imgclf_core.inference.predictor import Predictor
from imgclf_core.runs import run_store
from imgclf_core.runs.run import Run
from imgclf_core.support import safe_text
from imgclf_core.ui import imported_models, job_cards, versions
from imgclf_core.ui.visitor import Visit

_FROM_ELSEWHERE = "from elsewhere: "


@dataclass(frozen=True)
class Answering:
    """The model that answers.

    Attributes:
        key: Tells it from other models, and from itself before it was trained longer.
        predictor: Itself.
        path: Folder from which jobs open it.
        run: Where it was trained here.
    """

    key: str
    predictor: Predictor
    path: Path
    run: Run | None = None

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.predictor.class_names

    @property
    def is_pretrained(self) -> bool:
        """Whether it stands on the network that has seen many other photos."""
        record = self.run or run_store.load(self.path)  # one from elsewhere is laid out like a run
        return record.settings.on_backbone

    @cached_property
    def dataset(self) -> Dataset | None:
        """The photos it was trained on; None where they are not here."""
        if self.run is None:
            return None
        return versions.load(self.run.dataset, self.run.dataset_version)


def choose(visit: Visit) -> Answering | None:
    """The model, chosen where there are several; None after saying why none can answer."""
    finished = [run for run in visit.runs if run.finished]
    options: dict[str, Run | Imported] = {run.id: run for run in finished}
    options |= {f"{_FROM_ELSEWHERE}{one.id}": one for one in imported_models.ready(visit)}
    if not options:
        return None
    chosen = visit.workspace.current().get("answering")
    if chosen not in options:
        chosen = visit.run.id if visit.run else next(iter(options))
    if len(options) > 1:
        chosen = _box(visit, options, chosen)
    model = options[chosen]
    if isinstance(model, Imported):
        return Answering(chosen, imported.open_imported(model.folder), model.folder)
    if predictors.can_answer(model):
        return of_run(model)
    status = model.packing
    if status is not None and not status.ended:
        st.write("The model is being made ready; a few seconds.")
        job_cards.packing_note(model)
    else:
        st.warning("The model of this run was not packed. The Share page can do it again.")
    return None


def of_run(run: Run) -> Answering:
    """A finished run that `can_answer`."""
    return Answering(f"{run.id}:{run.result_stamp}", predictors.open_run(run), run.folder, run)


def labels(runs: list[Run]) -> dict[str, str]:
    """What runs are called in a box, by their name here."""
    words = safe_text.told_apart([_label(run) for run in runs])
    return dict(zip((run.id for run in runs), words, strict=True))


def _box(visit: Visit, options: Mapping[str, Run | Imported], current: str) -> str:
    words = dict(zip(options, safe_text.told_apart([*map(_label, options.values())]), strict=True))
    ids = list(options)
    # The key names the open run, so that opening another one elsewhere moves the box too.
    chosen = st.selectbox(
        "Which model answers",
        ids,
        ids.index(current),
        format_func=words.get,
        key=f"answering_{current}",
        width=420,
    )
    if chosen != current:
        model = options[chosen]
        if isinstance(model, Imported):
            visit.workspace.remember(answering=chosen)
        else:
            visit.workspace.remember(answering=None, run=chosen, dataset=model.dataset.name)
        st.rerun()
    return current


def _label(model: Run | Imported) -> str:
    if isinstance(model, Imported):
        return f"{model.name} · from elsewhere"
    return f"{model.name} · {model.dataset_name} · version {model.dataset_version}"
