"""The `look` job: finds photos unlike the rest of their class, before anything is trained.

Features come from the backbone that ships with the app, at its own size, and are kept; a
training on the same backbone finds them there.
"""

from pathlib import Path

import numpy as np

from imgclf_core.datasets import photo_files, store
from imgclf_core.datasets.checks import outliers
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.jobs.reporter import Reporter, progress_of
from imgclf_core.networks import embeddings
from imgclf_core.networks.embeddings import Source
from imgclf_core.training import time_estimate

FOLDER = "look"  # of the job, inside the data set


def run(folder: Path, params: dict, reporter: Reporter) -> dict:
    """Looks at every photo of the current version; `folder` lies in the data set's."""
    dataset = store.load(folder.parent)
    reporter.stage(time_estimate.FEATURES, len(dataset.photos))
    sources = [
        Source(photo.key, lambda p=photo: photo_files.read_photo(dataset, p))
        for photo in dataset.photos
    ]
    stored, positions = embeddings.compute(
        sources, embeddings.fixed_recipe(), on_progress=progress_of(reporter)
    )
    return {"found": outliers.save(dataset, np.asarray(stored[positions[:, 0]]))}


def seconds(dataset: Dataset) -> float:
    """What it is expected to take on two cores, with nothing kept yet."""
    return 1.0 + time_estimate.feature_seconds(len(dataset.photos))
