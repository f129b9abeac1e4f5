"""The one door to every job: in which folder it works, and what it is told.

Pages ask here or through a `Workspace`; the command line, whose data sets and runs lie anywhere,
asks here. What may be asked for is bounded in `jobs/quotas.py`. Every function raises a
`BoundError` where its owner, or all together, have as many jobs as they may.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imgclf_core import config
from imgclf_core.analysis import embedding_map, outlier_job
from imgclf_core.analysis.label_issues import label_job
from imgclf_core.analysis.learning_curves import learning_curve_job
from imgclf_core.analysis.robustness import robustness_job
from imgclf_core.bundles.reader import imported, rebuild
from imgclf_core.bundles.reader.manifest import Manifest
from imgclf_core.bundles.writer import bundle_job
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.ingest import ingestion, portable
from imgclf_core.inference import sort_job
from imgclf_core.jobs import queue
from imgclf_core.jobs.kinds import JobKind
from imgclf_core.networks import catalogue
from imgclf_core.runs import run_store
from imgclf_core.runs.run import Run


def ingest(folder: Path, params: dict[str, Any]) -> None:
    """Brings photos in as a new data set.

    Args:
        folder: Of the data set to be.
        params: See `datasets/ingest/ingestion.py`.
    """
    queue.submit(folder, JobKind.INGEST, params)


def add_photos(dataset: Dataset, params: dict[str, Any]) -> None:
    """Adds photos to a data set; until the job ends nothing changes.

    Raises:
        JobError: Photos are being added already.
    """
    params = {**params, "into": str(dataset.folder.resolve())}
    queue.submit(dataset.folder / ingestion.ADDING_FOLDER, JobKind.INGEST, params)


def export_dataset(dataset: Dataset) -> None:
    """Writes a data set as one zip."""
    queue.submit_once(dataset.folder / portable.FOLDER, JobKind.EXPORT_DATASET, {})


def find_outliers(dataset: Dataset) -> None:
    """Finds photos unlike the rest of their class."""
    queue.submit_once(dataset.folder / outlier_job.FOLDER, JobKind.FIND_OUTLIERS, {})


def rank_labels(dataset: Dataset) -> None:
    """Ranks labels by how wrong they look."""
    queue.submit_once(dataset.folder / label_job.FOLDER, JobKind.RANK_LABELS, {})


def map_embeddings(dataset: Dataset) -> None:
    """Lays photos out by what a fixed network sees in them."""
    queue.submit_once(dataset.folder / embedding_map.FOLDER, JobKind.MAP_EMBEDDINGS, {})


def measure_learning_curves(dataset: Dataset) -> None:
    """Measures what more photos would bring."""
    folder = dataset.folder / learning_curve_job.FOLDER
    queue.submit_once(folder, JobKind.MEASURE_LEARNING_CURVES, {})


def train(run: Run, params: dict[str, Any]) -> None:
    """Trains a run whose configuration is written, or goes on with it.

    Args:
        run: Which; the baseline is a light job of its own.
        params: See `training/trainer.py`.
    """
    baseline = run.settings.model == catalogue.FIRST_ANSWER
    queue.submit(run.folder, JobKind.BASELINE if baseline else JobKind.TRAIN, params)


def package(run: Run) -> None:
    """Makes the downloadable model of a run."""
    params = {"run": str(run.folder)}
    queue.submit_once(run.folder / run_store.PACK_FOLDER, JobKind.PACKAGE, params)


def check_robustness(run: Run, side: str) -> None:
    """Asks a run again with changed photos of one side."""
    folder = run.folder / robustness_job.FOLDER
    queue.submit_once(folder, JobKind.CHECK_ROBUSTNESS, {"side": side})


def write_report(run: Run, side: str) -> None:
    """Writes the report of a run on the photos of one side."""
    queue.submit_once(run.folder / run_store.REPORT_FOLDER, JobKind.WRITE_REPORT, {"side": side})


def bundle(run: Run) -> None:
    """Writes and verifies the bundle of a run; light where the model itself was verified before."""
    kind = JobKind.BUNDLE_AGAIN if bundle_job.is_verified(run) else JobKind.BUNDLE
    params = {"run": str(run.folder.resolve())}
    queue.submit_once(run.folder / bundle_job.FOLDER, kind, params)


def import_bundle(folder: Path, path: Path, name: str, profile: str) -> Manifest:
    """Checks a bundle, then has a model made of it in `folder`.

    Args:
        folder: Of the model to be.
        path: Of the bundle; deleted by the job where it is `imported.spool(folder)`.
        name: What people call it.
        profile: Whose limits hold.

    Raises:
        ModelError: See `imported.check`.
    """
    known = imported.check(path, config.limits(profile), name)
    kind = JobKind.IMPORT_NETWORK if rebuild.needs_keras(known) else JobKind.IMPORT
    params = {"bundle": str(path.resolve()), "name": name, "profile": profile}
    queue.submit_once(folder, kind, params)
    return known


def sort(folder: Path, params: dict[str, Any]) -> None:
    """Answers all photos of a collection.

    Args:
        folder: From `Workspace.new_sorting`, or of a job that is asked for again.
        params: See `inference/sort_job.py`; the model is named by its folder.
    """
    queue.submit_once(folder, JobKind.SORT, params)


def copy_sorted(
    folder: Path, model: Path, layout: str, profile: str, chosen: Mapping[int, int]
) -> None:
    """Copies photos that were sorted into a zip.

    Args:
        folder: Of the job that sorted them.
        model: Path of the model that answered.
        layout: See `inference/copies.py`.
        profile: Whose limits hold.
        chosen: Class by position, where the person said it.
    """
    params = {
        "model": str(model),
        "layout": layout,
        "profile": profile,
        "chosen": {str(i): k for i, k in chosen.items()},
    }
    queue.submit_once(folder / sort_job.COPIES_FOLDER, JobKind.COPY_SORTED, params)
