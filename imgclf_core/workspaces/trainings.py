"""Trainings of a person: started in a folder, gone on with, cancelled, named.

The training itself is a job, see `training/trainer.py`; whose folder it is, is decided in
`workspaces/workspace.py` and by the command line.
"""

import time
from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from pathlib import Path

from imgclf_core.datasets.dataset import Dataset
from imgclf_core.errors import JobError, OptionError
from imgclf_core.jobs import events, queue
from imgclf_core.networks import catalogue
from imgclf_core.runs import checkpoint, run_store
from imgclf_core.runs import settings as settings_module
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.support import atomic_files, safe_text
from imgclf_core.workspaces import job_requests


def start(
    folder: Path, name: str, dataset: Dataset, settings: TrainingSettings, profile: str
) -> None:
    """Starts a training.

    Args:
        folder: Of the run to be.
        name: For people.
        dataset: Its version that is open.
        settings: Checked.
        profile: `personal` or `shared`.
    """
    record = Run(
        folder=folder,
        name=name,
        created=time.time(),
        dataset=dataset.folder.resolve(),
        dataset_name=dataset.name,
        settings=settings,
        dataset_version=dataset.version,
    )
    run_store.save(record)
    job_requests.train(record, {"profile": profile})


def resume(run: Run, profile: str, more_epochs: int = 0) -> None:
    """Goes on with a training that ended, from its checkpoint; without one it begins anew.

    Args:
        run: Ended.
        profile: `personal` or `shared`.
        more_epochs: Beyond those it has run; 0 for those that were planned.

    Raises:
        JobError: It goes on already.
        OptionError: More epochs than there may be, or nothing to add them to.
    """
    status = run_store.read_status(run.folder)  # it may have been started in another tab
    if not status.ended:
        raise JobError(f"'{run.name}' is going on already. Wait for it, or stop it first.")
    if more_epochs < 0:
        raise OptionError(f"{more_epochs} more epochs are none. Choose a number from 1.")
    if more_epochs and not checkpoint.exists(run.folder):
        raise OptionError(
            f"'{run.name}' has no checkpoint to go on from. Train again with its settings."
        )
    queue.wait_until_free(run.folder)
    if more_epochs:
        run = replace(run, settings=_longer(run, more_epochs))
        run_store.save(run)
    # A worker that was killed after the last epoch has only to test and to pack.
    go_on = status.state == events.DONE or bool(more_epochs)
    job_requests.train(run, {"profile": profile, "go_on": go_on})


def cancel(run: Run) -> None:
    """Ends a training and discards it; it goes once its process has ended."""
    queue.stop(run.folder, discard=True)


def rename(run: Run, name: str) -> None:
    """Gives a run another name.

    Raises:
        OptionError: The name is empty.
    """
    cleaned = safe_text.clean(name).strip()
    if not cleaned:
        raise OptionError("The name is empty. Type one.")
    run_store.save(replace(run_store.load(run.folder), name=cleaned))


def unused_name(settings: TrainingSettings, runs: Iterable[Run]) -> str:
    """Returns the network with the next number that no run has."""
    word, taken = catalogue.WORDS[settings.model], {run.name for run in runs}
    return next(name for i in count(1) if (name := f"{word} {i}") not in taken)


def is_training(runs: Iterable[Run], dataset: Dataset, settings: TrainingSettings) -> bool:
    """Tells whether the same is being trained on the same photos, as after a double click."""
    return any(
        run.settings == settings
        and run.dataset.name == dataset.id
        and run.dataset_version == dataset.version
        and not run.status.ended
        for run in runs
    )


def to_be_discarded(run: Run) -> bool:
    """Whether the person cancelled or deleted it and its process has ended.

    A training that was only continued keeps the result it had when it is cancelled.
    """
    asked = queue.stopping(run.folder)
    if asked not in (events.DISCARD, events.DELETE) or not run.status.ended:
        return False
    job = atomic_files.read_json(run.folder / queue.JOB_FILE) or {}
    return asked == events.DELETE or not job.get("params", {}).get("go_on")


def _longer(run: Run, more_epochs: int) -> TrainingSettings:
    """The settings with the phase that ran last made longer."""
    history = run_store.history(run)
    tuned = sum(record.get("phase", "learning") != "learning" for record in history)
    if tuned:
        return settings_module.changed(run.settings, fine_tune_epochs=tuned + more_epochs)
    return settings_module.changed(run.settings, epochs=len(history) + more_epochs)
