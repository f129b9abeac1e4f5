"""Names that would do something, were they taken for more than text, and a workspace full of them.

Classes, files, the data set and its runs are called so; everything that can be computed is there.
"""

import numpy as np

from imgclf_core.analysis import embedding_map
from imgclf_core.analysis.embedding_map import Projection
from imgclf_core.analysis.label_issues import label_job
from imgclf_core.analysis.learning_curves import learning_curve, learning_curve_job
from imgclf_core.datasets import store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.edits import decisions, remedies
from imgclf_core.datasets.ingest import ingestion
from imgclf_core.jobs import events
from imgclf_core.jobs.events import JobStatus
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.support import atomic_files
from imgclf_core.workspaces import trainings
from imgclf_core.workspaces.workspace import Workspace
from tests.conftest import make_zip, picture
from tests.pages.conftest import add_run

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "![](http://evil.example/p.png)",
    "=cmd|'/c calc'!A1",
    ":red[x]",
    "$x^2$",
    ":material/skull:",
    "gpj\u202e.exe",
    "W" * 300,
    "nan",
    "NaN",
    "001",
    "2020-01-01",
    "%{y} and %{customdata}",
    "\x1b[31mred",
    "**b** `c` ~~d~~",
    "www.evil.example",
    "a\n# title\n- b",
    "<b>&amp;</b>",
)
# Classes with enough photos to be learnt from for learning curves, and the others.
_LARGE, _MANY, _FEW = 3, 16, 5


def fill(workspace: Workspace, tmp_path) -> None:
    """Photos that were mended, doubted and left out; two runs; every result there is."""
    dataset = _bring_in(workspace, tmp_path)
    change = remedies.leave_out(dataset, [0])
    dataset = store.commit(change.dataset, change.sentence)
    change = decisions.also_shows(dataset, [1], dataset.class_names[-1])
    dataset = store.commit(change.dataset, change.sentence)
    for name in ("first", "second"):
        add_run(workspace, name)
        trainings.rename(workspace.run(name), HOSTILE[0])
    _draw_map(dataset)
    change = decisions.move(dataset, [2, 3], dataset.class_names[5])
    dataset = store.commit(change.dataset, change.sentence)
    _draw_map(dataset)
    label_job.save(dataset, label_job.compute(dataset))
    rows = np.random.default_rng(0).normal(size=(len(dataset.photos), 16)).astype(np.float32)
    curves = learning_curve.measure(
        rows, dataset.labels, dataset.sides, dataset.groups, dataset.class_names
    )
    learning_curve_job.save(dataset, curves)


def _draw_map(dataset: Dataset) -> None:
    places = np.array([photo.file for photo in dataset.photos])
    xy = np.random.default_rng(0).normal(size=(len(places), 2)).astype(np.float32)
    embedding_map.save(dataset, Projection(places, xy))


def _bring_in(workspace: Workspace, tmp_path) -> Dataset:
    told = {
        f"{k:02d}/{i} {name.replace('/', '_')[:120]}.jpg": name
        for k, name in enumerate(HOSTILE)
        for i in range(_MANY if k < _LARGE else _FEW)
    }
    entries = {name: picture(i) for i, name in enumerate(told)}
    entries["00/torn <img src=x onerror=alert(1)>.jpg"] = b"no picture"
    first, elsewhere = next(iter(told)), list(told)[_MANY]
    entries[elsewhere] = entries[first]  # the same photo in two classes
    folder = workspace.folder / "datasets" / "photos"
    folder.mkdir(parents=True)
    events.write_status(folder, JobStatus())
    atomic_files.write_json(folder / "job.json", {"kind": "ingest", "params": {}})
    source = make_zip(tmp_path / "photos.zip", entries)
    params = {"source": str(source), "name": f"{HOSTILE[2]} {HOSTILE[0]}.zip", "classes": told}
    ingestion.run(folder, params, Reporter(folder))
    Reporter(folder).finish(events.DONE)
    return workspace.datasets()[0]
