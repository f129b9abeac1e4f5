"""Somebody with photos and a model already, who brings something bad, and what they find after.

Everything goes through the doors of the app: pages in Streamlit's test harness, or the workspace
and the worker behind them. A stranger's workspace lies beside and must never change.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from imgclf_core.bundles.reader import imported
from imgclf_core.config import PERSONAL
from imgclf_core.datasets import store
from imgclf_core.datasets.checks import class_checks
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.errors import ImgclfError
from imgclf_core.inference import predictor
from imgclf_core.jobs import queue
from imgclf_core.jobs.events import JobStatus
from imgclf_core.jobs.kinds import JobKind
from imgclf_core.support import atomic_files
from imgclf_core.workspaces import auto_start, job_requests
from imgclf_core.workspaces.workspace import PERSONAL_TOKEN, Workspace, new_token
from tests.conftest import first_answer, make_zip, picture, two_classes
from tests.hostile.watching import Workers
from tests.pages.conftest import PROJECT
from tests.pages.test_pages import run_until, words

_KINDS = ("datasets", "runs", "models")
# What a job leaves behind while it works, and nobody may find after it.
_LEFTOVERS = ("*.tmp", "upload.zip", "bundle.zip", "*.part", "new-*", "*.ticket", "arriving-*")
_PHOTO = picture(5, tint=2)


@dataclass(frozen=True)
class Arrival:
    """What became of photos that were brought in.

    Attributes:
        status: Last one of the job.
        dataset: None where none could be made.
    """

    status: JobStatus
    dataset: Dataset | None

    @property
    def said(self) -> str:
        """The sentence of the job, or what the receipt says of each file that was skipped."""
        if self.dataset is None:
            return self.status.message
        skipped = self.dataset.receipt.skipped
        told = [f"'{name}' was skipped because {reason}." for name, reason in skipped]
        return " ".join([*told, *self.dataset.receipt.notes])

    @property
    def names(self) -> set[str]:
        """Of the photos that were taken."""
        return {photo.name for photo in self.dataset.photos} if self.dataset else set()

    @property
    def problems(self) -> str:
        """What the Data page has to say of them."""
        return " ".join(one.sentence for one in class_checks.find_problems(self.dataset))


class Visitor:
    """Tries cases one after another, each time with the same things at home.

    Args:
        root: An empty folder; the home and the temporary files of all processes lie in it.
    """

    def __init__(self, root: Path):
        self._root, self.temporary = root, root / "temporary"
        self.temporary.mkdir()
        self.workspace = Workspace(PERSONAL_TOKEN)
        self.intact: list[str] = []
        self.broken: list[str] = []
        with self.at_home():
            self._move_in()

    @property
    def worker_peak(self) -> int:
        """Bytes of memory of all child processes, at their peak since `begin`."""
        return self._workers.peak

    @contextlib.contextmanager
    def at_home(self) -> Iterator[None]:
        """Home, profile and temporary folder of this process and its children."""
        given = {
            "IMGCLF_HOME": str(self._root / "home"),
            "IMGCLF_PROFILE": PERSONAL,
            "TMPDIR": str(self.temporary),
        }
        before = {name: os.environ.get(name) for name in given}
        os.environ.update(given)
        tempfile.tempdir = None
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
            tempfile.tempdir = None

    def begin(self) -> None:
        """Notes what is there before a case."""
        self.intact, self.broken = [], []
        self._before = self._everything()
        self._workers = Workers()

    def end(self) -> None:
        """Looks whether all that was there is there, and throws away what the case made."""
        left = [path for one in _LEFTOVERS for path in self._root.rglob(one)]
        self.holds("no half file", not left, left)
        strays = sorted(path.name for path in self.temporary.iterdir())
        self.holds("temporary folder empty", not strays, strays)
        same = np.array_equal(self._answer(), self._scores)
        self.holds("the earlier model answers the same", same)
        self._throw_away()
        after = self._everything()
        changed = {k for k in {*self._before, *after} if self._before.get(k) != after.get(k)}
        words = "earlier photos, model, settings and a stranger's: every byte"
        self.holds(words, not changed, sorted(changed))
        self._workers.end()

    def holds(self, words: str, condition: object, found: object = "") -> None:
        """Notes something that must hold, or that it does not."""
        if condition:
            self.intact.append(words)
        else:
            self.broken.append(f"not: {words} {found or ''}".strip())

    def brings(
        self,
        make: Callable[[Path], object],
        name: str = "a.zip",
        good: Iterable[str] = (),
        **params,
    ) -> Arrival:
        """Brings a zip in through a job, spooled as an upload is.

        Args:
            make: Writes it to the path it is given.
            name: What the visitor calls it.
            good: Names of photos that must all arrive.
            params: Of the job.
        """
        folder = self.workspace.new_dataset(name)
        make(folder / "upload.zip")
        given = {"source": str(folder / "upload.zip"), "name": name, "delete_source": True}
        queue.submit(folder, JobKind.INGEST, {**given, **params})
        status = queue.follow(folder)
        queue.wait_until_free(folder)
        arrival = Arrival(status, store.load(folder) if store.is_dataset(folder) else None)
        if arrival.dataset is None:
            left = [one for one in folder.rglob("*") if one.parent != folder]
            self.holds("no photo of it was stored", not left, left)
        if missing := set(good) - arrival.names:
            self.holds("all good photos taken", False, missing)
        elif good:
            self.intact.append("all good photos taken")
        return arrival

    def brings_photos(self, entries: dict[str, bytes], **options) -> Arrival:
        """Brings a plain zip of these files in."""
        return self.brings(lambda path: make_zip(path, entries), **options)

    def page(self, name: str = "", **parameters: str) -> AppTest:
        """Opens a page as a new tab would."""
        app = AppTest.from_file(PROJECT / "app.py", default_timeout=60)
        app.query_params.update(parameters)
        app.run()
        if name:
            number = ("Data", "Train", "Evaluate", "Classify", "Share").index(name) + 1
            app.switch_page(f"pages/{number}_{name}.py").run()
        self.holds("no traceback on the page", not app.exception, app.exception)
        return app

    def uploads(self, name: str, data: bytes) -> str:
        """Uploads a file on the start page; what the page then says in red."""
        app = self.page()
        app.file_uploader[0].set_value([(name, data, "application/zip")]).run()
        run_until(app, lambda: app.error or app.exception)
        self.holds("no traceback on the page", not app.exception, app.exception)
        shown = words(app)
        self.holds("the photos from before are on the page", "24 photos in 2 classes" in shown)
        return " ".join(element.value for element in app.error).replace("\\", "")

    def brings_model(self, data: bytes, name: str = "model.zip") -> str:
        """Brings a model in as the page does; what is said of it."""
        parent = self.workspace.folder / "models"
        folder = imported.new_folder(parent, name)
        imported.spool(folder).write_bytes(data)
        try:
            job_requests.import_bundle(folder, imported.spool(folder), name, PERSONAL)
        except ImgclfError as error:
            shutil.rmtree(folder)  # as the page does
            return str(error)
        status = queue.follow(folder)
        queue.wait_until_free(folder)
        return status.message or f"'{name}' is in."

    def _move_in(self) -> None:
        """Photos and a model of their own, a stranger's beside, and pages opened once."""
        folder = self.workspace.new_dataset("earlier.zip")
        make_zip(folder / "upload.zip", two_classes(12))
        given = {"source": str(folder / "upload.zip"), "name": "earlier.zip"}
        self.workspace.bring_in(folder, {**given, "delete_source": True})
        queue.follow(folder)
        auto_start.settle(self.workspace, PERSONAL)
        self.dataset = self.workspace.dataset(folder.name)
        self.run = first_answer(self.workspace, self.dataset)
        queue.follow(self.run.folder)
        self.workspace.remember(run=self.run.id)
        Workers.wait()
        shutil.copytree(self.workspace.folder, Workspace(new_token()).folder)
        self._scores = self._answer()
        self.page("Data")

    def _answer(self) -> np.ndarray:
        run = self.workspace.run(self.run.id)
        return predictor.open_run(run).answer(_PHOTO).scores

    def _everything(self) -> dict[str, str]:
        """All files and folders but caches and locks, with the hashes of their bytes."""
        found = {}
        for path in self._root.rglob("*"):
            name = path.relative_to(self._root).as_posix()
            if name.startswith(("home/cache", "home/lanes")) or path.suffix == ".lock":
                continue
            if path.name == "current.json":
                value = atomic_files.read_json(path)
                found[name] = str({key: value.get(key) for key in ("dataset", "run")})
            elif path.is_file():
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
            elif path.parent.parent.name != "workspaces":  # folders of kinds come with the first
                found[name] = "folder"
        return found

    def _throw_away(self) -> None:
        """What the case made, as the visitor would."""
        Workers.wait()
        for kind in _KINDS:
            for folder in (self.workspace.folder / kind).glob("*"):
                if folder.name in (self.dataset.id, self.run.id):
                    continue
                if kind == "models":
                    queue.discard(folder)
                elif kind == "runs":
                    self.workspace.delete_run(folder.name)
                else:
                    self.workspace.delete_dataset(folder.name)
        self.workspace.remember(dataset=self.dataset.id, run=self.run.id, coming=None)
