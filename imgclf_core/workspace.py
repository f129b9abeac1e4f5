"""Whose data sets and runs are where.

A workspace is a folder named by an unguessable token, or `personal` for the owner of the
machine. Who may open which is decided in `ui/frame.py`; nothing here lists other workspaces.
"""

import contextlib
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imgclf_core import config, files, naming
from imgclf_core.data import dataset as datasets
from imgclf_core.data.dataset import Dataset
from imgclf_core.errors import ImgclfError, WorkspaceError
from imgclf_core.jobs import queue
from imgclf_core.models import mobilenet_v2, scratch_cnn
from imgclf_core.training import run as runs
from imgclf_core.training.run import Run
from imgclf_core.training.settings import TrainingSettings

PERSONAL_TOKEN = "personal"
NETWORK_WORDS = {mobilenet_v2.NAME: "MobileNetV2", scratch_cnn.NAME: "Scratch CNN"}
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
        return config.home() / "workspaces" / self.token

    @property
    def uploads(self) -> Path:
        """Folder for spooled uploads; each is deleted once it has been read."""
        return self.folder / "uploads"

    def dataset_folders(self) -> list[Path]:
        """Folders of data sets, finished or being made, newest first."""
        return _newest_first(self.folder / "datasets", queue.JOB_FILE)

    def datasets(self) -> list[Dataset]:
        """Finished data sets, newest first; damaged ones are left out."""
        return _readable(datasets.load, filter(datasets.is_dataset, self.dataset_folders()))

    def dataset(self, dataset_id: str) -> Dataset:
        """A data set by its name here.

        Raises:
            DatasetError: There is none.
        """
        return datasets.load(self._inside("datasets", dataset_id))

    def runs(self) -> list[Run]:
        """All runs, newest first; damaged ones are left out."""
        folders = [path.parent for path in self.folder.glob(f"runs/*/{runs.CONFIG_FILE}")]
        return sorted(_readable(runs.load, folders), key=lambda run: run.created, reverse=True)

    def run(self, run_id: str) -> Run:
        """A run by its name here.

        Raises:
            ModelError: There is none.
        """
        return runs.load(self._inside("runs", run_id))

    def add_dataset(self, source: str, name: str, profile: str, delete_source: bool) -> Path:
        """Starts bringing photos in and returns the folder of the data set to be."""
        folder = self.folder / "datasets" / naming.new_id(Path(name).stem)
        queue.submit(
            folder,
            "ingest",
            {"source": source, "name": name, "profile": profile, "delete_source": delete_source},
        )
        return folder

    def add_run(self, dataset: Dataset, settings: TrainingSettings, profile: str) -> Path:
        """Starts a training and returns the folder of the run."""
        folder = self.folder / "runs" / naming.new_id(settings.model.replace("_", "-"))
        number = sum(run.settings.model == settings.model for run in self.runs()) + 1
        start_run(folder, f"{NETWORK_WORDS[settings.model]} {number}", dataset, settings, profile)
        return folder

    def current(self) -> dict[str, str]:
        """What was open last: `dataset` and `run`, where there was one."""
        value = files.read_json(self.folder / "current.json")
        return value if isinstance(value, dict) else {}

    def remember(self, **values: str | None) -> None:
        """Keeps what is open, so that a refresh finds it again."""
        now = {**self.current(), **values}
        if now != self.current():
            files.write_json(self.folder / "current.json", {k: v for k, v in now.items() if v})

    def settle(self) -> None:
        """Opens a data set that was being made, once it is there."""
        coming = self.current().get("coming")
        if coming and datasets.is_dataset(self.folder / "datasets" / coming):
            self.remember(dataset=coming, coming=None)

    @property
    def coming(self) -> Path | None:
        """Folder of a data set that is being made, or could not be made."""
        name = self.current().get("coming")
        folder = self.folder / "datasets" / name if name else None
        return folder if folder and folder.is_dir() else None

    def delete_dataset(self, dataset_id: str) -> None:
        """Deletes a data set; its runs stay and keep their figures."""
        _delete(self._inside("datasets", dataset_id))

    def delete_run(self, run_id: str) -> None:
        """Deletes a run, stopping it first."""
        _delete(self._inside("runs", run_id))

    def delete_everything(self) -> None:
        """Stops all jobs and deletes the whole workspace."""
        for folder in [*self.dataset_folders(), *(run.folder for run in self.runs())]:
            _delete(folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.token == PERSONAL_TOKEN:  # the owner's alone; decoded photos lie there too
            for name in ("pixels", "features"):
                shutil.rmtree(config.home() / "cache" / name, ignore_errors=True)

    def _inside(self, kind: str, name: str) -> Path:
        if naming.file_name(name) != name:
            raise WorkspaceError(f"There is nothing called '{naming.clean(name)}' here.")
        return self.folder / kind / name


def start_run(
    folder: Path, name: str, dataset: Dataset, settings: TrainingSettings, profile: str
) -> None:
    """Starts a training in a folder of one's choice."""
    record = Run(
        folder=folder,
        name=name,
        created=time.time(),
        dataset=dataset.folder.resolve(),
        dataset_name=dataset.name,
        settings=settings,
    )
    runs.save(record)
    queue.submit(folder, "train", {"profile": profile})


def _readable(load: Callable[[Path], Any], folders: Iterable[Path]) -> list[Any]:
    found = []
    for folder in folders:
        with contextlib.suppress(ImgclfError):
            found.append(load(folder))
    return found


def _newest_first(folder: Path, marker: str) -> list[Path]:
    found = [path.parent for path in folder.glob(f"*/{marker}")]
    return sorted(found, key=lambda path: path.stat().st_ctime, reverse=True)


def _delete(folder: Path) -> None:
    if not folder.is_dir():
        return
    for job in (folder, folder / runs.PACK_FOLDER):
        status = queue.read(job)
        if status is not None and not status.ended:
            queue.stop(job)
            queue.follow(job)
        queue.wait_until_free(job)
    shutil.rmtree(folder)
