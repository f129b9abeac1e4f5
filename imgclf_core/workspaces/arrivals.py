"""Photos on their way into a workspace: what goes on, and what has ended and is cleared away."""

from dataclasses import dataclass
from pathlib import Path

from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.ingest.ingestion import ADDING_FOLDER
from imgclf_core.jobs import queue
from imgclf_core.jobs.events import JobStatus
from imgclf_core.workspaces.workspace import Workspace


@dataclass(frozen=True)
class Arrivals:
    """What is known of photos that come in.

    Attributes:
        coming: Folders of data sets that are being made.
        failed: How others ended without a data set.
        adding: Folder of the job that adds photos to the open data set; None where none does.
        added: How such a job ended; None where none has.
    """

    coming: tuple[Path, ...] = ()
    failed: tuple[JobStatus, ...] = ()
    adding: Path | None = None
    added: JobStatus | None = None


def collect(workspace: Workspace, dataset: Dataset | None) -> Arrivals:
    """Takes note of jobs that have ended and deletes their folders, so that each is told once.

    Args:
        workspace: Of the person who looks.
        dataset: Which is open. While another one is being made, nothing is collected of it.
    """
    coming, failed = [], []
    for folder in workspace.unfinished():
        status = queue.read(folder)
        if status is not None and not status.ended:
            coming.append(folder)
            continue
        if status is not None and status.message:
            failed.append(status)
        workspace.delete_dataset(folder.name)
    adding, added = (None, None) if coming or dataset is None else _added(dataset)
    return Arrivals(tuple(coming), tuple(failed), adding, added)


def _added(dataset: Dataset) -> tuple[Path | None, JobStatus | None]:
    folder = dataset.folder / ADDING_FOLDER
    status = queue.read(folder)
    if status is None:
        return None, None
    if not status.ended:
        return folder, None
    queue.forget(folder)
    return None, status
