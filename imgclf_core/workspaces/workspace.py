"""Whose data sets and runs are where.

A workspace is a folder named by an unguessable token, or `personal` for the owner of the
machine. Who may open which is decided in `ui/visitor.py`, what is done there by itself in
`workspaces/auto_start.py`; nothing here lists other workspaces.
"""

import contextlib
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imgclf_core import config
from imgclf_core.bundles.reader import imported
from imgclf_core.bundles.reader.imported import Imported
from imgclf_core.config import PERSONAL, PERSONAL_TOKEN, SHARED, Limits
from imgclf_core.datasets import store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.history import History
from imgclf_core.errors import ImgclfError, WorkspaceError
from imgclf_core.jobs import queue, quotas
from imgclf_core.networks import catalogue
from imgclf_core.runs import run_store
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.support import atomic_files, file_system, safe_text
from imgclf_core.training import time_estimate
from imgclf_core.workspaces import expiry, job_requests, trainings

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,40}")


def new_token() -> str:
    """An unguessable name for a visitor's workspace."""
    return secrets.token_urlsafe(16)


def is_token(text: str) -> bool:
    """Whether the text has the form of a visitor's token."""
    return bool(_TOKEN.fullmatch(text))


@dataclass(frozen=True)
class Workspace:
    """The data sets and runs of one person.

    Attributes:
        token: Its name; the key for a visitor.
    """

    token: str

    def __post_init__(self):
        if self.token != PERSONAL_TOKEN and not is_token(self.token):
            raise WorkspaceError("This address does not name a workspace. Open the start page.")

    @property
    def folder(self) -> Path:
        return config.workspaces() / self.token

    @property
    def datasets_folder(self) -> Path:
        """Folder of all data sets."""
        return self.folder / "datasets"

    @property
    def runs_folder(self) -> Path:
        """Folder of all runs."""
        return self.folder / "runs"

    @property
    def models_folder(self) -> Path:
        """Folder of models from elsewhere."""
        return self.folder / "models"

    @property
    def sortings_folder(self) -> Path:
        """Folder of collections that were sorted."""
        return self.folder / "sorted"

    @property
    def answered_folder(self) -> Path:
        """Folder of single photos that were answered."""
        return self.folder / "classified"

    @property
    def spool_folder(self) -> Path:
        """Folder of uploads while they are read."""
        return self.folder / "spool"

    @property
    def limits(self) -> Limits:
        """What may be kept and asked for here."""
        return config.limits(PERSONAL if self.token == PERSONAL_TOKEN else SHARED)

    def dataset_folders(self) -> list[Path]:
        """Folders of data sets, finished or being made, newest first."""
        return _newest_first(self.datasets_folder, queue.JOB_FILE)

    def datasets(self) -> list[Dataset]:
        """Finished data sets, newest first; damaged ones are left out."""
        return _readable(store.load, filter(store.is_dataset, self.dataset_folders()))

    def histories(self) -> dict[str, History]:
        """Versions of finished data sets by their name here, newest first; reads no photos."""
        folders = filter(store.is_dataset, self.dataset_folders())
        found = ((folder.name, _readable(store.history, [folder])) for folder in folders)
        return {name: histories[0] for name, histories in found if histories}

    def dataset(self, dataset_id: str, version: int | None = None) -> Dataset:
        """A data set by its name here, by default its current version.

        Raises:
            DatasetError: There is none.
        """
        return store.load(_inside(self.datasets_folder, dataset_id), version)

    def runs(self) -> list[Run]:
        """All runs, newest first; damaged ones are left out."""
        folders = [path.parent for path in self.runs_folder.glob(f"*/{run_store.CONFIG_FILE}")]
        return sorted(_readable(run_store.load, folders), key=lambda run: run.created, reverse=True)

    def run(self, run_id: str) -> Run:
        """A run by its name here.

        Raises:
            ModelError: There is none.
        """
        return run_store.load(_inside(self.runs_folder, run_id))

    def models(self) -> list[Imported]:
        """Models brought in from elsewhere, and those on their way, newest first."""
        return imported.models_in(self.models_folder)

    def new_model(self, name: str) -> Path:
        """An empty folder for a model to be; the bundle is spooled into it.

        Raises:
            BoundError: There are as many as there may be.
        """
        quotas.another("models from elsewhere", len(self.models()), self.limits.models)
        return imported.new_folder(self.models_folder, name)

    def sorting(self) -> Path | None:
        """Folder of the job that sorts a collection, or sorted the last one; None before."""
        return next(iter(self._sortings()), None)

    def new_sorting(self) -> Path:
        """An empty folder for a collection to be sorted; what is spooled into it goes with it."""
        folder = self.sortings_folder / safe_text.new_id("photos")
        file_system.make_folder(folder, new=True)
        return folder

    def sort(self, folder: Path, params: dict[str, Any]) -> None:
        """Starts sorting a collection; what was sorted before it goes.

        Args:
            folder: From `new_sorting`, or that of `sorting`.
            params: See `inference/sort_job.py`.
        """
        job_requests.sort(folder, params)
        for older in self._sortings()[1:]:
            queue.discard(older)

    def delete_sortings(self) -> None:
        """Deletes all that was sorted, ending jobs first."""
        for folder in self._sortings():
            queue.discard(folder)

    def _sortings(self) -> list[Path]:
        """Folders of jobs that sort or have sorted, newest first."""
        found = self.sortings_folder.glob(f"*/{queue.JOB_FILE}")
        newest = sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
        return [path.parent for path in newest]

    def unfinished(self) -> list[Path]:
        """Folders of data sets that are being made or could not be made, newest first."""
        return [path for path in self.dataset_folders() if not store.is_dataset(path)]

    def new_dataset(self, name: str) -> Path:
        """An empty folder for a data set to be; what is spooled into it goes with it.

        Raises:
            BoundError: There are as many as there may be, or the disk has no room.
        """
        self.room_for_photos()
        folder = self.datasets_folder / safe_text.new_id(Path(name).stem)
        file_system.make_folder(folder, new=True)
        return folder

    def room_for_photos(self, another_set: bool = True) -> None:
        """Whether more photos may be brought in, by default as another data set.

        Raises:
            BoundError: There are as many as there may be, or the disk has no room.
        """
        if another_set:
            quotas.another("data sets", len(self.dataset_folders()), self.limits.datasets)
        if self.token != PERSONAL_TOKEN:
            quotas.check_disk(self.folder)

    def room_for_training(self, seconds: float, runs: Sequence[Run] | None = None) -> None:
        """Whether another training may begin.

        Args:
            seconds: That it is expected to take.
            runs: Of this workspace, where they were read already.

        Raises:
            BoundError: It would take too long, or there are as many runs as there may be.
        """
        known = self.runs() if runs is None else runs
        own = [run for run in known if run.settings.model != catalogue.FIRST_ANSWER]
        quotas.another("runs", len(own), self.limits.runs)
        quotas.check_training(seconds, self.limits.training_minutes)

    def bring_in(self, folder: Path, params: dict[str, Any]) -> None:
        """Starts the ingest job of a new data set, which is opened once it is there.

        Args:
            folder: From `new_dataset`.
            params: See `datasets/ingest/ingestion.py`.
        """
        job_requests.ingest(folder, params)
        self.remember(coming=folder.name)

    def add_run(self, dataset: Dataset, settings: TrainingSettings, profile: str) -> Path:
        """Starts a training and returns the folder of the run.

        Raises:
            BoundError: It would take too long, or there are as many runs as there may be.
        """
        self.room_for_training(time_estimate.seconds(settings, len(dataset.photos)))
        folder = self.runs_folder / safe_text.new_id(settings.model.replace("_", "-"))
        trainings.start(
            folder, trainings.unused_name(settings, self.runs()), dataset, settings, profile
        )
        return folder

    def first_answer_folder(self, dataset: Dataset) -> Path:
        """Where the first answer of this version is, or would be."""
        return self.runs_folder / f"first-{dataset.id}-v{dataset.version}"

    def current(self) -> dict[str, str]:
        """What was open last: `dataset` and `run`, where there was one."""
        value = atomic_files.read_json(self.folder / "current.json")
        return value if isinstance(value, dict) else {}

    def remember(self, **values: str | None) -> None:
        """Keeps what is open, so that a refresh finds it again."""
        now = {**self.current(), **values}
        if now != self.current():
            atomic_files.write_json(
                self.folder / "current.json", {k: v for k, v in now.items() if v}
            )

    def delete_dataset(self, dataset_id: str) -> None:
        """Deletes a data set; its runs stay and keep their figures."""
        queue.discard(_inside(self.datasets_folder, dataset_id))

    def delete_run(self, run_id: str) -> None:
        """Deletes a run, stopping it first."""
        queue.discard(_inside(self.runs_folder, run_id))

    def delete_model(self, model_id: str) -> None:
        """Deletes a model from elsewhere, ending its job first."""
        queue.discard(_inside(self.models_folder, model_id))

    def delete_everything(self) -> bool:
        """Stops all jobs and deletes the whole workspace; returns whether nothing is left."""
        if self.token == PERSONAL_TOKEN:  # the owner's alone; decoded photos lie there too
            for name in ("pixels", "features"):
                file_system.remove_tree(config.home() / "cache" / name)
        return expiry.delete(self.folder)


def _inside(folder: Path, name: str) -> Path:
    """What is called so in a folder, and never anything outside of it."""
    if safe_text.file_name(name) != name:
        raise WorkspaceError(f"There is nothing called '{safe_text.clean(name)}' here.")
    return folder / name


def _readable(load: Callable[[Path], Any], folders: Iterable[Path]) -> list[Any]:
    found = []
    for folder in folders:
        with contextlib.suppress(ImgclfError):
            found.append(load(folder))
    return found


def _newest_first(folder: Path, marker: str) -> list[Path]:
    found = [path.parent for path in folder.glob(f"*/{marker}")]
    return sorted(found, key=lambda path: path.stat().st_ctime, reverse=True)
