"""Whose data sets and runs are where.

A workspace is a folder named by an unguessable token, or `personal` for the owner of the
machine. Who may open which is decided in `ui/visitor.py`, what is done there by itself in
`workspaces/auto_start.py`; nothing here lists other workspaces.
"""

import contextlib
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from imgclf_core import config
from imgclf_core.analysis import outlier_job
from imgclf_core.config import PERSONAL, PERSONAL_TOKEN, SHARED, Limits
from imgclf_core.datasets import store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.history import History
from imgclf_core.datasets.ingest import portable
from imgclf_core.errors import ImgclfError, OptionError, WorkspaceError
from imgclf_core.jobs import queue, quotas
from imgclf_core.jobs.kinds import JobKind
from imgclf_core.networks import catalogue
from imgclf_core.runs import run_store
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.support import atomic_files, file_system, safe_text
from imgclf_core.training import start, time_estimate
from imgclf_core.workspaces import expiry

ADDING_FOLDER = "adding"  # of the job that adds photos, inside the data set
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
    def limits(self) -> Limits:
        """What may be kept and asked for here."""
        return config.limits(PERSONAL if self.token == PERSONAL_TOKEN else SHARED)

    def dataset_folders(self) -> list[Path]:
        """Folders of data sets, finished or being made, newest first."""
        return _newest_first(self.folder / "datasets", queue.JOB_FILE)

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
        return store.load(self._inside("datasets", dataset_id), version)

    def runs(self) -> list[Run]:
        """All runs, newest first; damaged ones are left out."""
        folders = [path.parent for path in self.folder.glob(f"runs/*/{run_store.CONFIG_FILE}")]
        return sorted(_readable(run_store.load, folders), key=lambda run: run.created, reverse=True)

    def run(self, run_id: str) -> Run:
        """A run by its name here.

        Raises:
            ModelError: There is none.
        """
        return run_store.load(self._inside("runs", run_id))

    def unfinished(self) -> list[Path]:
        """Folders of data sets that are being made or could not be made, newest first."""
        return [path for path in self.dataset_folders() if not store.is_dataset(path)]

    def new_dataset(self, name: str) -> Path:
        """An empty folder for a data set to be; what is spooled into it goes with it.

        Raises:
            BoundError: There are as many as there may be, or the disk has no room.
        """
        self.room_for_photos()
        folder = self.folder / "datasets" / safe_text.new_id(Path(name).stem)
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

    def room_for_training(self, seconds: float) -> None:
        """Whether another training may begin.

        Args:
            seconds: That it is expected to take.

        Raises:
            BoundError: It would take too long, or there are as many runs as there may be.
        """
        own = [run for run in self.runs() if run.settings.model != catalogue.FIRST_ANSWER]
        quotas.another("runs", len(own), self.limits.runs)
        quotas.check_training(seconds, self.limits.training_minutes)

    def bring_in(self, folder: Path, params: dict[str, Any]) -> None:
        """Starts the ingest job of a new data set, which is opened once it is there.

        Args:
            folder: From `new_dataset`.
            params: See `datasets/ingest/ingestion.py`.
        """
        queue.submit(folder, JobKind.INGEST, params)
        self.remember(coming=folder.name)

    def add_photos(self, dataset: Dataset, params: dict[str, Any]) -> None:
        """Starts the job that adds photos to a data set; until it ends nothing changes.

        Raises:
            JobError: Photos are being added already.
        """
        params = {**params, "into": str(dataset.folder.resolve())}
        queue.submit(dataset.folder / ADDING_FOLDER, JobKind.INGEST, params)

    def add_run(self, dataset: Dataset, settings: TrainingSettings, profile: str) -> Path:
        """Starts a training and returns the folder of the run.

        Raises:
            BoundError: It would take too long, or there are as many runs as there may be.
        """
        self.room_for_training(time_estimate.seconds(settings, len(dataset.photos)))
        folder = self.folder / "runs" / safe_text.new_id(settings.model.replace("_", "-"))
        start.start(folder, self._run_name(settings), dataset, settings, profile)
        return folder

    def is_training(self, dataset: Dataset, settings: TrainingSettings) -> bool:
        """Whether the same is being trained on the same photos, as after a double click."""
        return any(
            run.settings == settings
            and run.dataset.name == dataset.id
            and run.dataset_version == dataset.version
            and not run.status.ended
            for run in self.runs()
        )

    def first_answer(self, dataset: Dataset) -> Run | None:
        """The first answer of this version, on its way or there."""
        folder = self.first_answer_folder(dataset)
        return run_store.load(folder) if run_store.is_run(folder) else None

    def first_answer_folder(self, dataset: Dataset) -> Path:
        """Where the first answer of this version is, or would be."""
        return self.folder / "runs" / f"first-{dataset.id}-v{dataset.version}"

    def resume(self, run: Run, profile: str, more_epochs: int = 0) -> None:
        """See `training.start.resume`."""
        start.resume(run, profile, more_epochs)

    def cancel(self, run: Run) -> None:
        """Ends a training and discards it; it goes once its process has ended."""
        queue.stop(run.folder, discard=True)

    def rename_run(self, run: Run, name: str) -> None:
        """Gives a run another name.

        Raises:
            OptionError: The name is empty.
        """
        cleaned = safe_text.clean(name).strip()
        if not cleaned:
            raise OptionError("The name is empty. Type one.")
        run_store.save(replace(run_store.load(run.folder), name=cleaned))

    def _run_name(self, settings: TrainingSettings) -> str:
        """The network with the next number that is free."""
        word, taken = catalogue.WORDS[settings.model], {run.name for run in self.runs()}
        return next(name for i in count(1) if (name := f"{word} {i}") not in taken)

    def look(self, dataset: Dataset) -> None:
        """Starts the job that finds photos unlike the rest of their class."""
        queue.submit_once(dataset.folder / outlier_job.FOLDER, JobKind.FIND_OUTLIERS, {})

    def take_along(self, dataset: Dataset) -> None:
        """Starts the job that writes the data set as one zip."""
        queue.submit_once(dataset.folder / portable.FOLDER, JobKind.EXPORT_DATASET, {})

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
        queue.discard(self._inside("datasets", dataset_id))

    def delete_run(self, run_id: str) -> None:
        """Deletes a run, stopping it first."""
        queue.discard(self._inside("runs", run_id))

    def delete_everything(self) -> bool:
        """Stops all jobs and deletes the whole workspace; returns whether nothing is left."""
        if self.token == PERSONAL_TOKEN:  # the owner's alone; decoded photos lie there too
            for name in ("pixels", "features"):
                file_system.remove_tree(config.home() / "cache" / name)
        return expiry.delete(self.folder)

    def _inside(self, kind: str, name: str) -> Path:
        if safe_text.file_name(name) != name:
            raise WorkspaceError(f"There is nothing called '{safe_text.clean(name)}' here.")
        return self.folder / kind / name


def _readable(load: Callable[[Path], Any], folders: Iterable[Path]) -> list[Any]:
    found = []
    for folder in folders:
        with contextlib.suppress(ImgclfError):
            found.append(load(folder))
    return found


def _newest_first(folder: Path, marker: str) -> list[Path]:
    found = [path.parent for path in folder.glob(f"*/{marker}")]
    return sorted(found, key=lambda path: path.stat().st_ctime, reverse=True)
