"""Opens a model by its path, whatever it is: the folder of a run, or an exported bundle.

A bundle is opened where it lies, as the command line and exhibitions do: what was made of it is
kept on this machine, under its seal.
"""

import os
from pathlib import Path

from filelock import FileLock

from imgclf_core import config
from imgclf_core.bundles.reader import imported, rebuild, sealed
from imgclf_core.bundles.reader.content import Content
from imgclf_core.errors import JobError, ModelError
from imgclf_core.inference import predictor
from imgclf_core.inference.predictor import Predictor
from imgclf_core.jobs import queue
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.runs import run_store
from imgclf_core.support import file_system
from imgclf_core.workspaces import job_requests

# Of bundles that are opened where they lie; at most 60 MB each.
_MOST_KEPT = 8


def open_model(path: Path) -> Predictor:
    """Opens a run, a model that was brought in, or a bundle where it lies.

    Raises:
        ModelError: It is none of these, not finished, damaged or changed.
    """
    if run_store.is_run(path):
        return predictor.open_folder(path)
    if path.is_file():
        return open_bundle(path)
    raise ModelError(f"'{path}' is neither the folder of a run nor an exported model.")


def kept_folder(path: Path) -> Path:
    """Where this machine keeps what it made of a bundle: under the seal of the bundle.

    Raises:
        ModelError: The file has no seal, so it is no model of ours; or it cannot be read.
    """
    seal = sealed.seal_of(path)
    if seal is None:
        imported.check(path, config.limits(config.PERSONAL))  # raises with the reason
        raise ModelError(f"'{path.name}' is no model exported from imgclf.")
    return config.home() / "cache" / "imported" / seal[:32]


def open_bundle(path: Path) -> Predictor:
    """Opens a bundle where it lies, as the command line and exhibitions do.

    It is checked each time. What was made of it is kept on this machine; a network other than
    the shipped one is built and converted the first time, by a job that is waited for, so that
    the process that answers never loads Keras.

    Raises:
        ModelError: See `imported.check`.
        JobError: The job ended without a model.
    """
    found = imported.read(path, config.limits(config.PERSONAL))
    folder = kept_folder(path)
    file_system.make_folder(folder)
    with FileLock(folder / "building.lock"):  # two commands may want the same
        if not imported.is_imported(folder):
            _make_of(found, folder, path)
    os.utime(folder)  # used last
    _keep_few(folder.parent)
    return imported.open_imported(folder)


def _make_of(found: Content, folder: Path, path: Path) -> None:
    if not rebuild.needs_keras(found.manifest):
        rebuild.build(folder, found, Reporter(folder))
        return
    job_requests.import_bundle(folder, path, path.name, config.PERSONAL)
    status = queue.follow(folder)
    if not imported.is_imported(folder):
        kind = ModelError if status.error == "input" else JobError
        raise kind(status.message or f"'{path.name}' could not be made ready. Try again.")


def _keep_few(parent: Path) -> None:
    """Models made of bundles that were used long ago are thrown away; they can be made again."""
    folders = sorted(parent.glob("*"), key=lambda one: one.stat().st_mtime, reverse=True)
    for folder in folders[_MOST_KEPT:]:
        file_system.remove_tree(folder)
