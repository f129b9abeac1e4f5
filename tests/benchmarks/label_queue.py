"""How many labels that were flipped on purpose stand in the first tenth of the queue.

    python -m tests.benchmarks.label_queue signs.zip heroes.zip --seeds 5 --zips

For each data set and seed one in twenty labels becomes a random other one. One line each: share
of the flipped in the first tenth of the queue, share of them flagged, share whose suggestion is
right, how many are flagged in all, and the seconds of the ranking alone. With `--zips` the flips
are also made in a zip that is brought in anew, in another order and so in other folds; its
seconds are those of the whole job, whose features were kept.
"""

import argparse
import os
import tempfile
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from imgclf_core.analysis.label_issues import label_job, ranking
from imgclf_core.analysis.label_issues.ranking import LabelIssues
from imgclf_core.datasets import photo_files, store
from imgclf_core.datasets.dataset import Dataset
from imgclf_core.datasets.ingest import ingestion
from imgclf_core.jobs import events
from imgclf_core.jobs.events import JobStatus
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.networks import embeddings
from imgclf_core.networks.embeddings import Source

_FLIPPED, _FIRST = 0.05, 0.1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, nargs="+")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--zips", action="store_true", help="also flip in zips brought in anew")
    options = parser.parse_args()
    print("data          flips      seed  photos  in first tenth  flagged  right  in all  seconds")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["IMGCLF_HOME"] = str(Path(folder) / "home")
        for source in options.data:
            _one(source, Path(folder) / source.stem, options)


def _one(source: Path, folder: Path, options: argparse.Namespace) -> None:
    """All seeds of a data set."""
    dataset = _brought_in(source, folder / "set")
    sources = [
        Source(photo.key, lambda p=photo: photo_files.read_photo(dataset, p))
        for photo in dataset.photos
    ]
    stored, positions = embeddings.compute(sources, embeddings.fixed_recipe())
    rows, names = np.asarray(stored[positions[:, 0]]), dataset.class_names
    ranking.rank(rows[:40], dataset.labels[:40], np.arange(40), len(names))  # imports
    shares: dict[str, list[float]] = {"in memory": [], "in a zip": []}
    for seed in range(options.seeds):
        labels, wrong = _flipped(dataset.labels, len(names), seed)
        began = time.perf_counter()
        found = ranking.rank(rows, labels, dataset.groups, len(names))
        seconds, truth = time.perf_counter() - began, dataset.labels
        shares["in memory"].append(_line(source, "in memory", seed, found, truth, wrong, seconds))
        if options.zips:
            changed = _flipped_zip(dataset, labels, folder / f"{seed}.zip", seed)
            again = _brought_in(changed, folder / f"set-{seed}")
            truth, wrong = _truth(dataset, again)
            began = time.perf_counter()
            found = label_job.compute(again).issues
            seconds = time.perf_counter() - began
            shares["in a zip"].append(_line(source, "in a zip", seed, found, truth, wrong, seconds))
    for kind, values in shares.items():
        if values:
            print(
                f"{source.name:12s}  {kind:9s}  mean          {np.mean(values):14.3f}", flush=True
            )


def _line(
    source: Path,
    kind: str,
    seed: int,
    found: LabelIssues,
    truth: np.ndarray,
    wrong: np.ndarray,
    seconds: float,
) -> float:
    """Prints a line, and gives the share of the flipped in the first tenth."""
    share = float(np.isin(wrong, found.order[: round(_FIRST * len(truth))]).mean())
    right = (found.suggestions[wrong] == truth[wrong]).mean()
    print(
        f"{source.name:12s}  {kind:9s}  {seed:4d}  {len(truth):6d}  {share:14.3f}  "
        f"{found.flagged[wrong].mean():7.2f}  {right:5.2f}  {found.flagged.sum():6d}  "
        f"{seconds:7.2f}",
        flush=True,
    )
    return share


def _flipped(labels: np.ndarray, classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels of which some are any other class, each as likely, and which these are."""
    generator = np.random.default_rng(seed)
    wrong = generator.choice(len(labels), round(_FLIPPED * len(labels)), replace=False)
    changed = labels.copy()
    changed[wrong] = (labels[wrong] + generator.integers(1, classes, len(wrong))) % classes
    return changed, wrong


def _flipped_zip(dataset: Dataset, labels: np.ndarray, path: Path, seed: int) -> Path:
    """A zip of the photos in folders of their new labels, named otherwise than they came."""
    # Numbers in the old order would give the folds of the flips in memory once more.
    numbers = np.random.default_rng(seed).permutation(len(labels))
    with zipfile.ZipFile(path, "w") as archive:
        for i, photo in enumerate(dataset.photos):
            folder, ending = dataset.class_names[labels[i]], photo.file.split(".")[-1]
            archive.writestr(
                f"kind {folder}/{numbers[i]:05d}.{ending}", photo_files.read_photo(dataset, photo)
            )
    return path


def _truth(before: Dataset, after: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Labels, in classes of `after`, that its photos had before, and which have another now."""
    had = {photo.key: f"kind {before.class_of(photo)}" for photo in before.photos}
    truth = np.array([after.class_names.index(had[photo.key]) for photo in after.photos])
    return truth, np.flatnonzero(truth != after.labels)


def _brought_in(source: Path, folder: Path) -> Dataset:
    """Photos of a zip in a data set."""
    job = folder.with_name(f"{folder.name}-job")
    job.mkdir(parents=True)
    events.write_status(job, JobStatus())
    ingestion.run(folder, {"source": str(source), "name": source.name, "seed": 0}, Reporter(job))
    dataset = store.load(folder)
    return replace(dataset, name=source.name)


if __name__ == "__main__":
    main()
