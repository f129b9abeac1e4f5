"""A model of ours brought in on another machine, or by another visitor.

Checked byte by byte, then built anew: nothing that a bundle carries is ever run or loaded as a
program, neither its `model.keras` nor its `model.tflite` nor its `predict.py`. Our own code
makes the network that the manifest names and fills it with the arrays, by shape. The sample
photos of the bundle must then get the scores that it tells, or it is refused.

What comes of it is laid out like a finished run without photos and history, so that what opens
runs opens it too. How a bundle is opened and judged, and how a model is made of it, is in
the modules beside this one; how it was written, in `bundles/writer/bundle.py`.
"""

from dataclasses import dataclass
from pathlib import Path

from imgclf_core import config
from imgclf_core.bundles.format import LABELS_FILE
from imgclf_core.bundles.reader import content, manifest, rebuild, sealed
from imgclf_core.bundles.reader.content import Content
from imgclf_core.bundles.reader.manifest import Manifest
from imgclf_core.config import Limits
from imgclf_core.errors import ImgclfError, ModelError
from imgclf_core.inference import predictor as predictors
from imgclf_core.inference.predictor import Predictor
from imgclf_core.jobs import queue
from imgclf_core.jobs.events import JobStatus
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.support import atomic_files, file_system, safe_text

JUDGING = "checking the model"
_SPOOL_FILE = "bundle.zip"


@dataclass(frozen=True)
class Imported:
    """A model that was brought in, or is on its way.

    Attributes:
        folder: Where it lies.
        name: For people.
        manifest: What it says of itself; None while it is not there.
    """

    folder: Path
    name: str
    manifest: Manifest | None

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def status(self) -> JobStatus | None:
        """Where its import stands, read anew at each access; None where no job made it."""
        return queue.read(self.folder)


def check(path: Path, limits: Limits, name: str | None = None) -> Manifest:
    """Judges a bundle to its last byte; builds and keeps nothing.

    Args:
        path: Of the file.
        limits: Of the profile.
        name: What people call it, where it was spooled under another name.

    Raises:
        ModelError: It is no model of ours, was changed, or is not what it says; the sentence
            tells which and what to do.
    """
    return read(path, limits, name).manifest


def read(path: Path, limits: Limits, name: str | None = None) -> Content:
    """Judges a bundle and gives what it holds; see `check`."""
    with sealed.opened(path, limits, name) as contents:
        return content.read(contents)


def new_folder(parent: Path, name: str) -> Path:
    """An empty folder for a model to be; the bundle is spooled into it, at `spool`."""
    folder = parent / safe_text.new_id(Path(name).stem)
    file_system.make_folder(folder, new=True)
    return folder


def spool(folder: Path) -> Path:
    """Where the bundle of a model to be lies; its job deletes it."""
    return folder / _SPOOL_FILE


def run(folder: Path, params: dict, reporter: Reporter) -> dict:
    """The `import` jobs: a model in `folder`, of the bundle at `params["bundle"]`."""
    path = Path(params["bundle"])
    reporter.stage(JUDGING, 1)
    try:
        found = read(path, config.limits(params["profile"]), params["name"])
        rebuild.build(folder, found, reporter)
    finally:
        file_system.remove(spool(folder))
    return {"name": found.manifest.name, "classes": len(found.manifest.class_names)}


def is_imported(folder: Path) -> bool:
    """Whether a whole model lies here."""
    return (folder / LABELS_FILE).is_file()


def load(folder: Path) -> Imported:
    """A model that was brought in, or is on its way.

    Raises:
        ModelError: There is neither.
    """
    if is_imported(folder):
        known = manifest.of_json(atomic_files.read_json(folder / LABELS_FILE), folder.name)
        return Imported(folder, known.name, known)
    job = atomic_files.read_json(folder / queue.JOB_FILE)
    if not isinstance(job, dict):
        raise ModelError(f"There is no model in '{folder.name}'. Bring it in again.")
    return Imported(folder, safe_text.clean(job["params"]["name"]), None)


def models_in(parent: Path) -> list[Imported]:
    """Models brought in below a folder, and those on their way, newest first."""
    found = []
    for folder in parent.glob("*"):
        try:
            found.append((folder.stat().st_mtime, load(folder)))
        except (ImgclfError, OSError):
            continue  # damaged, or deleted in another tab
    return [one for _, one in sorted(found, key=lambda pair: pair[0], reverse=True)]


def open_imported(folder: Path) -> Predictor:
    """Opens a model that was brought in.

    Raises:
        ModelError: It is not there, or not whole.
    """
    if not is_imported(folder):
        raise ModelError(f"The model in '{folder.name}' is not ready, or it was deleted.")
    return predictors.open_folder(folder)
