"""A copy of a workspace that others may open, each into a workspace of their own.

A teacher gives the link of the copy to a class: whoever opens it gets their own photos, runs and
models to work with, and nobody sees what another one does. Files that are never changed in place
are linked, so a copy costs little disk. Copies expire like workspaces, see `workspaces/expiry.py`.
"""

from dataclasses import replace
from pathlib import Path

from imgclf_core import config
from imgclf_core.bundles.writer import bundle_job
from imgclf_core.datasets import store
from imgclf_core.datasets.dataset import IMAGES_FOLDER
from imgclf_core.datasets.ingest import portable
from imgclf_core.datasets.ingest.ingestion import ADDING_FOLDER
from imgclf_core.errors import BoundError, WorkspaceError
from imgclf_core.jobs import events, queue, quotas, visits
from imgclf_core.runs import run_store
from imgclf_core.support import atomic_files, file_system
from imgclf_core.workspaces.workspace import Workspace, is_token, new_token

_GIVEN = "given.json"  # in a workspace: tokens of the copies of it
_DATASETS, _RUNS, _MODELS = "datasets", "runs", "models"
# Written once under another name, then only replaced as a whole.
_LINKED = (".npz", ".keras", ".tflite")
# Of jobs, and of work that can be asked for again.
_LEFT_OUT = frozenset(
    {
        ADDING_FOLDER,
        bundle_job.FOLDER,
        portable.FOLDER,
        events.STOP_FILE,
        queue.JOB_FILE,
        queue.LOG_FILE,
        queue.EXIT_FILE,
        queue.GAVE_WAY_FILE,
    }
)


def make(workspace: Workspace) -> str:
    """Copies what is finished in a workspace and returns the token of the copy.

    Raises:
        BoundError: There is no room left on the server.
        WorkspaceError: There is nothing to copy.
    """
    if not workspace.datasets() and not workspace.runs():
        raise WorkspaceError("There is nothing to copy yet. Bring photos in first.")
    quotas.check_disk(workspace.folder)
    token = new_token()
    # Before there is a copy, so that none is ever forgotten.
    atomic_files.write_json(workspace.folder / _GIVEN, [*_given(workspace), token])
    _copy(workspace.folder, config.copies() / token)
    return token


def take_back(workspace: Workspace) -> None:
    """Deletes all copies that were made of a workspace; what others opened is theirs."""
    for token in _given(workspace):
        file_system.remove_tree(config.copies() / token)


def _given(workspace: Workspace) -> list[str]:
    """Tokens of the copies that were made."""
    value = atomic_files.read_json(workspace.folder / _GIVEN)
    return [one for one in value if is_token(str(one))] if isinstance(value, list) else []


def open_copy(token: str) -> Workspace:
    """A new workspace with everything of a copy.

    Raises:
        WorkspaceError: There is no such copy, or it has expired.
        BoundError: There is no room left on the server.
    """
    source = config.copies() / token
    if not is_token(token) or not source.is_dir():
        raise WorkspaceError(
            "This copy is not there any more. Copies go a day after they were last opened; ask "
            "for a new link."
        )
    if quotas.used_by_all() >= (config.limits(config.SHARED).home_bytes or float("inf")):
        raise BoundError("This server has no room left for another copy. Try again tomorrow.")
    visits.note(source)
    made = Workspace(new_token())
    _copy(source, made.folder)
    return made


def _copy(source: Path, target: Path) -> None:
    """Copies finished data sets, runs and models; nothing is there unless all of it is."""
    arriving = target.with_name(f".{target.name}")
    try:
        for dataset in _finished(source, _DATASETS, store.is_dataset):
            made = arriving / _DATASETS / dataset.name
            _copy_tree(dataset, made)
            atomic_files.write_json(made / queue.JOB_FILE, {"kind": "ingest", "params": {}})
        for run in _finished(source, _RUNS, lambda one: (one / run_store.REPORT_FILE).is_file()):
            _copy_tree(run, arriving / _RUNS / run.name)
            _point_to(arriving / _RUNS / run.name, target)
        for model in _finished(source, _MODELS, lambda one: (one / "labels.json").is_file()):
            _copy_tree(model, arriving / _MODELS / model.name)
        if (source / "current.json").is_file():
            file_system.write(arriving / "current.json", file_system.read(source / "current.json"))
        visits.note(arriving)
        file_system.rename(arriving, target)
    except BaseException:
        file_system.remove_tree(arriving)
        raise


def _finished(source: Path, kind: str, is_whole) -> list[Path]:
    return [one for one in sorted((source / kind).glob("*")) if one.is_dir() and is_whole(one)]


def _point_to(run: Path, target: Path) -> None:
    """A run tells where its photos are; the copy's are in the copy."""
    record = run_store.load(run)
    run_store.save(replace(record, dataset=target / _DATASETS / record.dataset.name))


def _copy_tree(source: Path, target: Path) -> None:
    file_system.make_folder(target)
    for entry in sorted(source.iterdir()):
        unfinished = entry.name.startswith((".", "new-")) or entry.suffix in (".lock", ".part")
        if entry.name in _LEFT_OUT or unfinished or entry.is_symlink():
            continue
        if entry.is_dir():
            _copy_tree(entry, target / entry.name)
        elif entry.parent.name == IMAGES_FOLDER or entry.suffix in _LINKED:
            file_system.link(entry, target / entry.name)
        else:
            file_system.write(target / entry.name, file_system.read(entry))
