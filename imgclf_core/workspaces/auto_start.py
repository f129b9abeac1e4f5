"""What is done by itself whenever somebody looks into a workspace.

Photos that were brought in are opened as soon as they are there and get their first answer, and
runs that were cancelled go. What a person asks for is in `workspaces/workspace.py`.
"""

import contextlib

from filelock import FileLock

from imgclf_core.datasets import store
from imgclf_core.datasets.checks import class_checks
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.errors import BoundError
from imgclf_core.jobs import quotas
from imgclf_core.networks import catalogue
from imgclf_core.runs import run_store
from imgclf_core.runs.run import Run
from imgclf_core.training import baseline
from imgclf_core.workspaces import trainings
from imgclf_core.workspaces.workspace import Workspace


def settle(mine: Workspace, profile: str) -> tuple[Run, ...]:
    """Opens a data set that was being made, once it is there; discards what was cancelled.

    Args:
        mine: Of the person who looks.
        profile: `personal` or `shared`.

    Returns:
        The runs that are there then, newest first.
    """
    coming = mine.current().get("coming")
    if coming and store.is_dataset(mine.datasets_folder / coming):
        mine.remember(dataset=coming, coming=None)
        begin_first_answer(mine, mine.dataset(coming), profile)
    kept = []
    for run in mine.runs():
        if trainings.to_be_discarded(run):
            mine.delete_run(run.id)
        else:
            kept.append(run)
    return tuple(kept)


def begin_first_answer(mine: Workspace, dataset: Dataset, profile: str) -> bool:
    """Starts the first answer of this version, unless it was; that of another one goes.

    One whose test was opened stays, for then somebody has seen it. On a busy server nothing is
    begun, for nobody asked; the Train page calls this, too, and so tries again. Tells whether it
    is there now, on its way or done.
    """
    folder = mine.first_answer_folder(dataset)
    if run_store.is_run(folder):
        return True
    if not class_checks.can_train(dataset):
        return False
    with FileLock(mine.folder / "first_answer.lock"):  # two tabs may see it is missing
        if run_store.is_run(folder):
            return True
        name = catalogue.WORDS[catalogue.FIRST_ANSWER]
        with contextlib.suppress(BoundError):
            quotas.check_job(folder)  # before anything of the run is written
            trainings.start(folder, name, dataset, baseline.settings(), profile)
    for run in mine.runs():
        own = run.settings.model == catalogue.FIRST_ANSWER and run.dataset.name == dataset.id
        if own and run.folder != folder and not run.test_opened:
            mine.delete_run(run.id)
    return run_store.is_run(folder)
