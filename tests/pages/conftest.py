"""A workspace with photos and a finished run, made without TensorFlow."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from imgclf_core.datasets import photo_files
from imgclf_core.datasets.ingest import ingestion
from imgclf_core.datasets.split import SIDES
from imgclf_core.jobs import events
from imgclf_core.jobs.events import JobStatus
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.metrics import classification
from imgclf_core.networks import embeddings, mobilenet_v2, weights
from imgclf_core.networks.embeddings import Recipe, Source
from imgclf_core.runs import predictions, run_store
from imgclf_core.runs.predictions import Predictions
from imgclf_core.runs.run import Run
from imgclf_core.support import atomic_files
from imgclf_core.training import presets
from imgclf_core.workspaces import auto_start
from imgclf_core.workspaces.workspace import PERSONAL_TOKEN, Workspace
from tests.conftest import make_zip, two_classes

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def workspace(home, monkeypatch) -> Workspace:
    """The owner's workspace, empty."""
    monkeypatch.setenv("IMGCLF_PROFILE", "personal")
    return Workspace(PERSONAL_TOKEN)


@pytest.fixture
def with_photos(workspace, tmp_path) -> Workspace:
    """The same with a data set of two classes."""
    add_photos(workspace, tmp_path, two_classes(20))
    return workspace


@pytest.fixture(autouse=True)
def no_first_answer(monkeypatch):
    """Opening a page starts no process here; that it does is tested in `test_auto_start.py`."""
    monkeypatch.setattr(auto_start, "begin_first_answer", lambda *arguments: None)


@pytest.fixture
def with_run(with_photos) -> Workspace:
    """The same with a finished run of the pretrained network."""
    add_run(with_photos, "first")
    return with_photos


def add_photos(workspace: Workspace, tmp_path, entries: dict[str, bytes], name="photos") -> None:
    """Brings entries in, in this process."""
    folder = workspace.folder / "datasets" / name
    folder.mkdir(parents=True)
    events.write_status(folder, JobStatus())
    atomic_files.write_json(folder / "job.json", {"kind": "ingest", "params": {}})
    source = make_zip(tmp_path / f"{name}.zip", entries)
    params = {"source": str(source), "name": source.name}
    ingestion.run(folder, params, Reporter(folder))
    Reporter(folder).finish(events.DONE)


def _rows(stored: np.ndarray, positions: np.ndarray) -> np.ndarray:
    return np.asarray(stored[positions[:, 0]])


def add_run(workspace: Workspace, name: str) -> None:
    """A run whose last layer is fitted by least squares on the real features."""
    dataset = workspace.datasets()[0]
    shipped = weights.resolve(weights.SHIPPED, 160)
    chosen = presets.settings(mobilenet_v2.NAME, len(dataset.photos))
    recipe = Recipe(weights.backbone(shipped), shipped.sha256, 160, chosen.fit, chosen.augmentation)
    sources = [
        Source(p.key, lambda p=p: photo_files.read_photo(dataset, p)) for p in dataset.photos
    ]
    x = _rows(*embeddings.compute(sources, recipe))
    y = np.eye(len(dataset.class_names))[dataset.labels] * 8
    kernel = np.linalg.lstsq(x, y, rcond=1e-3)[0].astype(np.float32)
    bias = np.zeros(len(dataset.class_names), np.float32)
    scores = mobilenet_v2.apply_head(x, kernel, bias)
    folder = workspace.folder / "runs" / name
    folder.mkdir(parents=True)
    run_store.save(
        Run(
            folder,
            f"Run {name}",
            time.time(),
            dataset.folder,
            dataset.name,
            chosen,
            dataset.class_names,
            {"source": "shipped", "sha256": shipped.sha256, "note": ""},
        )
    )
    run_store.save_learnt(folder, [kernel, bias])
    answers = Predictions(
        np.array([p.file for p in dataset.photos]),
        np.array([p.name for p in dataset.photos]),
        dataset.labels,
        dataset.sides,
        scores,
    )
    predictions.save(folder / run_store.PREDICTIONS_FILE, answers)
    report = {
        side: classification.evaluate(part.labels, part.scores, dataset.class_names).to_json()
        for side in SIDES
        if len(part := answers.of(side))
    }
    report |= {"epochs_run": 3, "best_epoch": 3, "stopped": "", "seconds": {"total": 1.0}}
    atomic_files.write_json(folder / run_store.REPORT_FILE, report)
    events.write_status(folder, JobStatus())
    reporter = Reporter(folder)
    for epoch in (1, 2, 3):
        reporter.record(
            "epoch",
            epoch=epoch,
            loss=1 / epoch,
            accuracy=0.5 + epoch / 10,
            val_loss=1 / epoch,
            val_accuracy=0.5 + epoch / 10,
            best=True,
            seconds=0.1,
            learning_rate=0.001,
        )
    reporter.finish(events.DONE)


@pytest.fixture
def open_page():
    """Opens a page in Streamlit's test harness."""

    def open_one(name: str = "Home") -> AppTest:
        app = AppTest.from_file(PROJECT / "app.py", default_timeout=30).run()
        if name != "Home":
            number = ("Data", "Train", "Evaluate", "Classify", "Share").index(name) + 1
            app.switch_page(f"pages/{number}_{name}.py").run()
        assert not app.exception
        return app

    return open_one


def grids(app) -> dict[str, dict]:
    """The photo grids on the page: what each was given, by its key."""
    found = {}
    for element in _every(app.main):
        proto = getattr(element, "proto", None)
        if getattr(proto, "component_name", "") == "imgclf_photo_grid":
            found[element.key] = json.loads(proto.json)
    return found


def tick(app, *numbers: int) -> None:
    """Ticks photos of the first grid that takes ticks, by their place in it."""
    key, data = next((key, data) for key, data in grids(app).items() if data["ticks"])
    chosen = [data["photos"][i]["id"] for i in numbers]
    app.session_state[key] = {"ticked": chosen, "opened": None}
    app.run()


def open_photo(app, number: int = 0) -> None:
    """Opens a photo of the first grid whose photos open."""
    key, data = next((key, data) for key, data in grids(app).items() if data["opens"])
    app.session_state[key] = {"ticked": [], "opened": data["photos"][number]["id"]}
    app.run()


def _every(block):
    for child in block.children.values():
        yield child
        if hasattr(child, "children"):
            yield from _every(child)
