"""What all tests share: a home of their own, and small pictures made on the spot."""

import io
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

from imgclf_core.datasets import store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.ingest import ingestion
from imgclf_core.jobs import events, queue
from imgclf_core.jobs.events import JobStatus
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.runs import run_store
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings
from imgclf_core.training import presets
from imgclf_core.workspaces.workspace import Workspace, new_token

# Small enough to train in a second or two.
QUICK = {
    "mobilenet_v2": TrainingSettings(
        epochs=3,
        image_size=96,
        batch_size=4,
        learning_rate=0.01,
        views=0,
        weights="shipped",
        seed=1,
    ),
    "scratch_cnn": TrainingSettings(
        model="scratch_cnn", epochs=2, image_size=64, batch_size=8, seed=1
    ),
}

# Networks that few tests need: one whose upper blocks learnt too, for the last layer alone learns
# next to nothing in its one epoch, and one that flattens.
ALSO = {
    "fine_tuned": replace(
        QUICK["mobilenet_v2"],
        epochs=1,
        learning_rate=1e-5,
        fine_tune=True,
        fine_tune_epochs=4,
        fine_tune_rate=1e-4,
    ),
    "scene_network": replace(presets.recipe("scene_network"), epochs=1),
}

# The same examples every time, and no clock: a slow machine is no bug.
settings.register_profile("imgclf", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("imgclf")


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch) -> Path:
    """An empty home, so that no test sees the developer's."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("IMGCLF_HOME", str(folder))
    monkeypatch.delenv("IMGCLF_PROFILE", raising=False)
    return folder


def picture(seed: int, size: tuple[int, int] = (48, 40), tint: int | None = None) -> bytes:
    """A JPEG of blurred noise, different for every seed; `tint` 0 to 2 makes one channel strong."""
    generator = np.random.default_rng(seed)
    coarse = generator.integers(0, 160, size=(6, 6, 3), dtype=np.uint8)
    if tint is not None:
        coarse[..., tint] = generator.integers(200, 256, size=(6, 6))
    image = Image.fromarray(coarse).resize((size[1], size[0]), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def make_zip(path: Path, entries: dict[str, bytes]) -> Path:
    """A zip of names and bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def two_classes(count: int = 12) -> dict[str, bytes]:
    """Entries of two classes that a network tells apart by colour."""
    return {
        f"{name}/{i}.jpg": picture(1000 * tint + i, tint=tint)
        for tint, name in ((0, "red"), (2, "blue"))
        for i in range(count)
    }


@pytest.fixture
def reporter(tmp_path) -> Reporter:
    """A reporter with a folder of its own."""
    folder = tmp_path / "job"
    folder.mkdir()
    events.write_status(folder, JobStatus())
    return Reporter(folder)


@pytest.fixture
def make_dataset(tmp_path, reporter) -> Callable[..., Dataset]:
    """Brings entries in, in this process, and gives the data set."""

    def make(entries: dict[str, bytes] | None = None, name: str = "photos.zip", seed: int = 0):
        source = make_zip(tmp_path / name, entries or two_classes())
        folder = tmp_path / f"dataset-{name}"
        ingestion.run(folder, {"source": str(source), "name": name, "seed": seed}, reporter)
        return store.load(folder)

    return make


@pytest.fixture
def mine() -> Workspace:
    """A visitor's workspace."""
    return Workspace(new_token())


def bring_in(mine: Workspace, source: Path, **params) -> Path:
    """Starts bringing a zip in and gives the folder of the data set to be."""
    folder = mine.new_dataset(source.name)
    mine.bring_in(
        folder, {"source": str(source), "name": source.name, "profile": "shared", **params}
    )
    return folder


@pytest.fixture
def bring(mine, tmp_path):
    """Brings a small zip into the workspace and waits for it."""

    def add(name: str = "photos.zip", count: int = 3) -> Dataset:
        source = make_zip(tmp_path / name, two_classes(count))
        folder = bring_in(mine, source)
        assert queue.follow(folder).state == "done"
        return mine.dataset(folder.name)

    return add


def first_answer(mine: Workspace, dataset: Dataset) -> Run | None:
    """The first answer of a version, on its way or there."""
    folder = mine.first_answer_folder(dataset)
    return run_store.load(folder) if run_store.is_run(folder) else None


def train_here(
    folder: Path, dataset: Dataset, settings: TrainingSettings, reporter: Reporter | None = None
) -> Run:
    """Trains a run in this process."""
    from imgclf_core.training import trainer

    run_store.save(Run(folder, "Test run", time.time(), dataset.folder, dataset.name, settings))
    reporter = reporter or Reporter(folder)
    reporter.start()
    reporter.finish(events.DONE, result=trainer.run_job(folder, {}, reporter))
    return run_store.load(folder)


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> Callable[[str], Run]:
    """Gives a trained and packed run of a network; each is made once for all tests."""
    made: dict[str, Run] = {}

    def give(model: str) -> Run:
        if model not in made:
            from imgclf_core.training import packaging

            folder = tmp_path_factory.mktemp(model)
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("IMGCLF_HOME", str(folder / "home"))
                source = make_zip(folder / "photos.zip", two_classes())
                ingestion.run(folder / "set", {"source": str(source)}, Reporter(folder))
                run = train_here(
                    folder / "run", store.load(folder / "set"), {**QUICK, **ALSO}[model]
                )
                packaging.run(folder, {"run": str(run.folder)}, Reporter(folder))
            made[model] = run_store.load(run.folder)
        return made[model]

    return give
