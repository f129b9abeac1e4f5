"""The stages of the work as jobs that can be asked for again and again, each from the same start.

A stage knows how to put everything back, how to ask for its job, and what must hold once the job
has ended, however it did. What makes it fail, or kills it, is in `failing.py` and `forking.py`.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from imgclf_core.analysis import embedding_map
from imgclf_core.analysis.label_issues import label_job
from imgclf_core.bundles.reader import imported
from imgclf_core.bundles.writer import bundle_job
from imgclf_core.datasets import photo_files, store
from imgclf_core.datasets.ingest import ingestion, portable
from imgclf_core.inference import sort_job, sorted_photos
from imgclf_core.jobs import events, queue
from imgclf_core.jobs.events import JobStatus
from imgclf_core.runs import predictions, run_store
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.support import atomic_files
from imgclf_core.workspaces.workspace import Workspace
from tests.conftest import make_zip, two_classes
from tests.faults.failing import content, run_job
from tests.pages.conftest import add_photos

NAMES = (
    "ingest",
    "adding",
    "taking along",
    "training",
    "labels",
    "map",
    "packing",
    "bundling",
    "sorting",
    "copies",
    "import",
)
SETTINGS = TrainingSettings(model="scratch_cnn", epochs=3, image_size=64, batch_size=8, seed=1)


@dataclass(frozen=True)
class Stage:
    """A job in a world that can be put back.

    Attributes:
        name: In words.
        folder: Of the job.
        kind, params: What is asked for.
        world: Everything that it may touch; put back before each try.
        whole: Whether its result counts as being there; it raises where half of one counts.
        own: Names below `world` that the job makes or changes, by their beginning.
    """

    name: str
    folder: Path
    kind: str
    params: dict
    world: Path
    whole: Callable[[], bool]
    own: tuple[str, ...]

    def keep(self, at: Path) -> None:
        """Remembers the world as it is."""
        shutil.copytree(self.world, at)

    def back(self, at: Path) -> None:
        """Puts the world back as it was remembered."""
        shutil.rmtree(self.world, ignore_errors=True)
        shutil.copytree(at, self.world)

    def ask(self) -> None:
        """Asks for the job, long ago: one that says nothing counts as dead."""
        ask(self.folder, self.kind, self.params)

    def check(self, at: Path) -> bool:
        """Whether the result is there, whole; all that was there before is as it was.

        Args:
            at: Where the world is remembered.
        """
        sentence(self.folder)
        now = content(self.world)
        before = {k: v for k, v in content(at).items() if not k.startswith(self.own)}
        assert {name: now.get(name) for name in before} == before
        return self.whole()


def ask(folder: Path, kind: str, params: dict) -> None:
    """Writes what a page would, long ago."""
    for name in (events.STOP_FILE, events.STATUS_FILE, queue.EXIT_FILE):
        (folder / name).unlink(missing_ok=True)
    atomic_files.write_json(folder / queue.JOB_FILE, {"kind": kind, "params": params})
    events.write_status(folder, JobStatus(created=time.time() - 1000))


def sentence(folder: Path) -> str:
    """What the page says of the job: it has ended, with a sentence or with its result."""
    status = queue.read(folder)
    assert status is not None
    assert status.ended, status
    assert status.state == events.DONE or status.message.endswith("."), status
    assert "Traceback" not in status.message
    assert status.error != "bug", status.message
    return status.message


def all_of(mine: Workspace, tmp_path: Path) -> dict[str, Stage]:
    """All stages of one visitor, by name, in a workspace with photos, a run and its model."""
    add_photos(mine, tmp_path, two_classes(3))
    return {
        stage.name: stage
        for stage in (
            _ingest(mine, tmp_path),
            _adding(mine, tmp_path),
            _along(mine),
            _training(mine),
            *_judging(mine),
            _packing(mine),
            _bundling(mine),
            *_sorting(mine, tmp_path),
        )
    }


def importing(mine: Workspace, bundle: Path) -> Stage:
    """The import of a bundle of somebody else."""
    folder = mine.folder / "models" / "theirs"
    params = {"bundle": str(bundle), "name": "model.zip", "profile": "shared"}

    def whole() -> bool:
        known = imported.models_in(folder.parent)[0].manifest
        return known is not None and len(run_store.learnt(run_store.load(folder))) == 2

    return Stage("import", folder, "import", params, mine.folder, whole, ("models/",))


def trained(mine: Workspace) -> Run:
    """A run that was trained and packed in this process."""
    folder = mine.folder / "runs" / "before"
    dataset = mine.datasets()[0]
    run_store.save(Run(folder, "Before", 1.0, dataset.folder, dataset.name, SETTINGS))
    ask(folder, "train", {"profile": "shared"})
    run_job(folder)
    ask(folder / "pack", "pack", {"run": str(folder)})
    run_job(folder / "pack")
    return run_store.load(folder)


def _ingest(mine: Workspace, tmp_path: Path) -> Stage:
    folder = mine.folder / "datasets" / "new"
    source = make_zip(tmp_path / "new.zip", two_classes(4))

    def whole() -> bool:
        return store.is_dataset(folder) and _photos(folder) == 8

    params = {"source": str(source), "name": "new.zip"}
    return Stage("ingest", folder, "ingest", params, mine.folder, whole, ("datasets/new/",))


def _adding(mine: Workspace, tmp_path: Path) -> Stage:
    kept = mine.folder / "datasets" / "photos"
    source = make_zip(tmp_path / "more.zip", two_classes(5))
    params = {"source": str(source), "name": "more", "into": str(kept)}

    def whole() -> bool:
        version = store.load(kept).version
        # One whose last word failed has added its photos all the same; asked again it adds copies.
        assert _photos(kept) == 6 + 10 * (version - 1)
        return version > 1

    names = (f"{ingestion.ADDING_FOLDER}/", "dataset.json", "fingerprints")
    own = tuple(f"datasets/photos/{name}" for name in names)
    return Stage(
        "adding", kept / ingestion.ADDING_FOLDER, "ingest", params, mine.folder, whole, own
    )


def _along(mine: Workspace) -> Stage:
    folder = mine.folder / "datasets" / "photos" / portable.FOLDER
    return Stage(
        "taking along",
        folder,
        "take along",
        {},
        mine.folder,
        lambda: len(list(folder.glob("*.zip"))) == 1,
        (f"datasets/photos/{portable.FOLDER}/",),
    )


def _training(mine: Workspace) -> Stage:
    before = trained(mine)
    folder = mine.folder / "runs" / "new"
    run_store.save(Run(folder, "New", 2.0, before.dataset, before.dataset_name, SETTINGS))

    def whole() -> bool:
        run = run_store.load(folder)
        if not run.finished:
            return False
        answers = predictions.load(folder / run_store.PREDICTIONS_FILE)
        return (
            len(answers) == 6 and len(run_store.learnt(run)) == 2 and run.report["epochs_run"] == 3
        )

    return Stage(
        "training",
        folder,
        "train",
        {"profile": "shared"},
        mine.folder,
        whole,
        ("runs/new/", "cache/"),
    )


def _judging(mine: Workspace) -> list[Stage]:
    dataset = mine.folder / "datasets" / "photos"
    known = store.load(dataset)
    labels, places = dataset / label_job.FOLDER, dataset / embedding_map.FOLDER

    def judged() -> bool:
        found = label_job.load(known)
        return found is not None and len(found.files) == 6

    def placed() -> bool:
        found = embedding_map.load(known)
        return found is not None and found.xy.shape == (6, 2)

    return [
        Stage(
            "labels",
            labels,
            "labels",
            {},
            mine.folder,
            judged,
            ("datasets/photos/labels/", f"datasets/photos/{label_job.FILE}"),
        ),
        Stage(
            "map",
            places,
            "map",
            {},
            mine.folder,
            placed,
            ("datasets/photos/map/", f"datasets/photos/{embedding_map.FILE}"),
        ),
    ]


def _packing(mine: Workspace) -> Stage:
    run = mine.folder / "runs" / "before"

    def whole() -> bool:
        sizes = {
            (run / name).stat().st_size for name in (run_store.KERAS_FILE, run_store.LITERT_FILE)
        }
        return sizes == {30000, 35000}

    own = (
        "runs/before/pack/",
        f"runs/before/{run_store.KERAS_FILE}",
        f"runs/before/{run_store.LITERT_FILE}",
    )
    return Stage(
        "packing", run / run_store.PACK_FOLDER, "pack", {"run": str(run)}, mine.folder, whole, own
    )


def _bundling(mine: Workspace) -> Stage:
    run = run_store.load(mine.folder / "runs" / "before")

    def whole() -> bool:
        found = bundle_job.load(run)
        if found is None:
            return False
        made = found.path.read_bytes()
        assert made == _BUNDLES.setdefault(run.folder, made)
        return found.stamp == bundle_job.stamp(run_store.load(run.folder))

    return Stage(
        "bundling",
        run.folder / bundle_job.FOLDER,
        "bundle",
        {"run": str(run.folder)},
        mine.folder,
        whole,
        (f"runs/before/{bundle_job.FOLDER}/",),
    )


def _sorting(mine: Workspace, tmp_path: Path) -> list[Stage]:
    source = make_zip(tmp_path / "sorted.zip", two_classes(4))
    params = {"model": "m", "sources": [str(source)], "profile": "shared"}
    new, done = mine.folder / "sorted" / "new", mine.folder / "sorted" / "done"
    ask(done, "sort", params)
    run_job(done)

    def whole() -> bool:
        found = sorted_photos.load(new)
        assert found is None or len(found.names) == 8
        return found is not None

    return [
        Stage("sorting", new, "sort", params, mine.folder, whole, ("sorted/new/",)),
        Stage(
            "copies",
            done / sort_job.COPIES_FOLDER,
            "sorted copies",
            {"model": "m", "layout": "folders", "profile": "shared", "chosen": {}},
            mine.folder,
            sort_job.zip_path(done, "folders").is_file,
            (f"sorted/done/{sort_job.COPIES_FOLDER}/",),
        ),
    ]


_BUNDLES: dict[Path, bytes] = {}


def _photos(folder: Path) -> int:
    """How many photos a data set has, all of which can be read."""
    dataset = store.load(folder)
    assert all(photo_files.read_photo(dataset, photo) for photo in dataset.photos)
    return len(dataset.photos)
