"""The `labels` job: ranks the labels of a data set's current version, and keeps the result.

How is in `analysis/label_issues/ranking.py`. The result keeps the labels it judged, so that it can
be worked through while decisions change the data set under it.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from imgclf_core.analysis.label_issues.ranking import LabelIssues, rank
from imgclf_core.analysis.renames import renames
from imgclf_core.datasets import photo_files, store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.errors import DatasetError
from imgclf_core.jobs.reporter import Reporter, progress_of
from imgclf_core.networks import embeddings
from imgclf_core.networks.embeddings import Source
from imgclf_core.support import atomic_files
from imgclf_core.training import time_estimate

FOLDER = "labels"  # of the job, inside the data set
FILE = "label_issues.npz"
JUDGING = "judging labels"
# Measured on two cores, fifteen fits: 1.8 s for 8,700 photos, beside other work.
_SECONDS_A_PHOTO = 0.0004


@dataclass(frozen=True)
class Judged:
    """The labels of N photos, and what was found.

    Attributes:
        files: N files of photos, see `Photo.file`.
        class_names: K names at that time.
        labels: int64 (N,), the labels that were judged.
        issues: What was found; positions are those of `files`.
    """

    files: tuple[str, ...]
    class_names: tuple[str, ...]
    labels: np.ndarray
    issues: LabelIssues

    def still_open(self, dataset: Dataset) -> list[int]:
        """Positions, most doubtful first, of photos nothing was decided about since.

        Left away are photos that are gone, have another label, or were found fair.
        """
        now = {photo.file: photo for photo in dataset.photos if not photo.hard}
        names = self.names_now(dataset)
        return [
            i
            for i in self.issues.order.tolist()
            if self.files[i] in now
            and dataset.class_of(now[self.files[i]]) == names[self.labels[i]]
        ]

    def names_now(self, dataset: Dataset) -> tuple[str, ...]:
        """`class_names`, where a class was only renamed with its present name."""
        before = zip(self.files, (self.class_names[k] for k in self.labels), strict=True)
        now = {photo.file: dataset.class_of(photo) for photo in dataset.photos}
        new = renames(dict(before), now, dataset.class_names)
        return tuple(new.get(name, name) for name in self.class_names)


def run(folder: Path, params: dict, reporter: Reporter) -> dict:
    """Ranks the current version; `folder` lies in the data set's.

    Raises:
        DatasetError: There is only one class.
    """
    dataset = store.load(folder.parent)
    count = len(dataset.photos)
    reporter.plan(
        {
            time_estimate.FEATURES: time_estimate.feature_seconds(count),
            JUDGING: count * _SECONDS_A_PHOTO,
        }
    )
    reporter.stage(time_estimate.FEATURES, count)
    report = progress_of(reporter)

    def judging() -> None:
        reporter.stage(JUDGING)
        reporter.raise_if_stopped()

    judged = compute(dataset, report, judging)
    save(dataset, judged)
    return {"flagged": int(judged.issues.flagged.sum())}


def compute(
    dataset: Dataset,
    on_progress: Callable[[int], None] = lambda done: None,
    on_features: Callable[[], None] = lambda: None,
) -> Judged:
    """Computes features where they are missing, and ranks.

    Args:
        dataset: Of at least two classes.
        on_progress: Told how many photos have their features.
        on_features: Called once all have.

    Raises:
        DatasetError: There is only one class.
    """
    if len(dataset.class_names) < 2:
        raise DatasetError("Labels can only be compared where there are two classes. Add another.")
    sources = [
        Source(photo.key, lambda p=photo: photo_files.read_photo(dataset, p))
        for photo in dataset.photos
    ]
    stored, positions = embeddings.compute(
        sources, embeddings.fixed_recipe(), on_progress=on_progress
    )
    on_features()
    names = dataset.class_names
    rows = np.asarray(stored[positions[:, 0]])
    return Judged(
        tuple(photo.file for photo in dataset.photos),
        names,
        dataset.labels,
        rank(rows, dataset.labels, dataset.groups, len(names)),
    )


def find(dataset: Dataset) -> Judged:
    """What was found for exactly these photos and labels, computed if need be.

    It is kept where these are the photos as they are now.
    """
    kept, files_now = load(dataset), tuple(photo.file for photo in dataset.photos)
    same = kept and (kept.files, kept.class_names) == (files_now, dataset.class_names)
    if same and np.array_equal(kept.labels, dataset.labels):
        return kept
    judged = compute(dataset)
    if store.history(dataset.folder).current == dataset.version:
        save(dataset, judged)
    return judged


def save(dataset: Dataset, judged: Judged) -> None:
    """Keeps what was found beside the data set."""
    arrays = {item.name: getattr(judged.issues, item.name) for item in fields(LabelIssues)}
    atomic_files.write_arrays(
        dataset.folder / FILE,
        files=np.array(judged.files),
        labels=judged.labels,
        class_names=np.array(judged.class_names),
        **arrays,
    )


def load(dataset: Dataset) -> Judged | None:
    """What was found last, or None; see `Judged.still_open` for what of it still holds."""
    try:
        stored = atomic_files.read_arrays(dataset.folder / FILE)
        own = tuple(stored.pop("files").tolist()), tuple(stored.pop("class_names").tolist())
        return Judged(*own, stored.pop("labels"), LabelIssues(**stored))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def seconds(dataset: Dataset) -> float:
    """What it is expected to take, with nothing kept yet."""
    count = len(dataset.photos)
    return 1.5 + time_estimate.feature_seconds(count) + count * _SECONDS_A_PHOTO
