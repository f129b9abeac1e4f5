"""Is the model looking at the right thing? Its answers for photos changed on purpose.

The photos of one side, never those it learnt from, are answered plain, with their border hidden,
with only their border shown, and in other light, focus and so on (`perturbations.py`); beside it
stands how well the classes can be told without looking (`metadata_probe.py`). Here is
the `shortcuts` job; the results are in `robustness_results.py`, what they mean in
`interpretation.py`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from imgclf_core.analysis.robustness import metadata_probe, perturbations, robustness_results
from imgclf_core.analysis.robustness.robustness_results import Shortcuts
from imgclf_core.datasets import photo_files, store
from imgclf_core.datasets.dataset import Dataset, Photo
from imgclf_core.datasets.split import TEST, TRAINING
from imgclf_core.errors import DatasetError, ImgclfError, OptionError
from imgclf_core.images import decode
from imgclf_core.inference import predictor
from imgclf_core.inference.predictor import Predictor
from imgclf_core.jobs.reporter import Reporter
from imgclf_core.runs import predictions, run_store
from imgclf_core.runs.run import Run
from imgclf_core.support.parallel_map import map_batches
from imgclf_core.training import time_estimate

FOLDER = "shortcuts"  # of the job, inside the run
MOST = 400  # photos; more would take minutes and tell little more
ANSWERING, CLUES = "answering changed photos", "guessing without looking"
# Photos a second on two cores, measured: changed in every way, and guessed without looking.
_CHANGED_A_SECOND, _GUESSED_A_SECOND = 100.0, 220.0
_FOREST_SECONDS = 1.5  # importing scikit-learn


def run_job(folder: Path, params: dict, reporter: Reporter) -> dict:
    """Measures the run that `folder` lies in, on the version it was trained on.

    Args:
        folder: Of the job.
        params: `side`, by default `test`.
        reporter: Told of the progress.

    Raises:
        ModelError, DatasetError, OptionError: As `compute`.
    """
    run = run_store.load(folder.parent)
    dataset = store.load(run.dataset, run.dataset_version)
    side = params.get("side", TEST)
    reporter.plan(_seconds_by_stage(run, int((dataset.sides == side).sum()), len(dataset.photos)))
    stages: list[str] = []

    def progress(stage: str, done: int, total: int) -> None:
        if stages[-1:] != [stage]:
            stages.append(stage)
            reporter.stage(stage, total)
        reporter.progress(done)
        reporter.raise_if_stopped()

    found = compute(run, dataset, side, progress)
    robustness_results.save(run, found)
    return {"side": side, "photos": found.plain.n, "skipped": found.skipped}


def seconds(run: Run, n: int) -> float:
    """What the job is expected to take on this machine, for a side of `n` photos."""
    # A side is about a seventh of the photos, whose clues are all read.
    return 1.0 + sum(_seconds_by_stage(run, n, 7 * n).values())


def compute(
    run: Run,
    dataset: Dataset,
    side: str = TEST,
    on_progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> Shortcuts:
    """Answers for the photos of one side, changed in every way.

    Args:
        run: Finished, and packed where it needs to be.
        dataset: The version it was trained on, or another one with its classes.
        side: `validation` or `test`.
        on_progress: Called with the stage in words, the photos done and their number; what it
            raises ends the work.

    Raises:
        OptionError: The side is that of training.
        ModelError: The run cannot answer yet.
        DatasetError: The side has no photo that can be used.
    """
    if side == TRAINING:
        raise OptionError(
            "A model knows the photos it was trained with by heart. Choose the test photos or the "
            "validation photos."
        )
    model = predictor.open_run(run)
    label_of = {name: k for k, name in enumerate(run.class_names)}
    photos = [photo for photo in dataset.photos if dataset.class_of(photo) in label_of]
    labels = np.array([label_of[dataset.class_of(photo)] for photo in photos], dtype=np.int64)
    learnt_from = _learnt_from(run)
    there = np.array(
        [photo.side == side and photo.file not in learnt_from for photo in photos], dtype=bool
    )
    rows = np.flatnonzero(there)
    asked = rows[sample(labels[rows], MOST)]
    answered, guesses, scores = _answers(
        model,
        dataset,
        [photos[i] for i in asked],
        labels[asked],
        lambda done: on_progress(ANSWERING, done, len(asked)),
    )
    if not len(answered):
        raise DatasetError(
            f"'{dataset.name}' has no {side} photos that can be read. Choose other photos."
        )
    chosen = sample(labels, metadata_probe.MOST)
    clues = metadata_probe.measure(
        dataset,
        [photos[i] for i in chosen],
        labels[chosen],
        lambda done: on_progress(CLUES, done, len(chosen)),
    )
    kept = asked[answered]
    return Shortcuts(
        side=side,
        class_names=run.class_names,
        files=np.array([photos[i].file for i in kept], dtype=str),
        of_side=len(rows),
        skipped=len(asked) - len(kept),
        variations=robustness_results.variations_of(labels[kept], guesses, scores),
        appearance=clues,
    )


def sample(labels: np.ndarray, most: int) -> np.ndarray:
    """int (m,): at most `most` positions in order, of every class about the same share."""
    if len(labels) <= most:
        return np.arange(len(labels))
    shuffled = np.random.default_rng(0).permutation(len(labels))
    ordered = shuffled[np.argsort(labels[shuffled], kind="stable")]
    counts = np.bincount(labels)
    starts = np.searchsorted(labels[ordered], labels[ordered])
    share = (np.arange(len(labels)) - starts + 0.5) / counts[labels[ordered]]
    return np.sort(ordered[np.argsort(share, kind="stable")[:most]])


def _answers(
    model: Predictor,
    dataset: Dataset,
    photos: Sequence[Photo],
    labels: np.ndarray,
    on_progress: Callable[[int], None],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions (n,) of the photos that can be read, guesses (V, n) and true scores (V, n)."""

    def answer(batch: list[int]) -> np.ndarray | None:
        try:
            pixels = decode.read_picture(
                photo_files.read_photo(dataset, photos[batch[0]]), model.image_size
            ).pixels
        except ImgclfError:
            return None
        return model.run(perturbations.views(pixels, model.image_size, model.fit)).scores

    read, guesses, scores = [], [], []
    answers = map_batches(answer, range(len(photos)), size=1)
    for done, ((i,), found) in enumerate(answers, 1):
        if found is not None:
            read.append(i)
            guesses.append(found.argmax(axis=1))
            scores.append(found[:, labels[i]])
        on_progress(done)
    count = len(perturbations.NAMES)
    return (
        np.array(read, dtype=np.int64),
        np.array(guesses, dtype=np.int64).reshape(-1, count).T,
        np.array(scores, dtype=np.float32).reshape(-1, count).T,
    )


def _learnt_from(run: Run) -> set[str]:
    """Files the run was trained with, whatever side another version has them on."""
    answers = predictions.load(run.folder / run_store.PREDICTIONS_FILE)
    return set(answers.of(TRAINING).files.tolist())


def _seconds_by_stage(run: Run, side: int, everyone: int) -> dict[str, float]:
    side, everyone = min(side, MOST), min(everyone, metadata_probe.MOST)
    work = (run.settings.image_size / 160) ** 2
    answering = time_estimate.feature_seconds(side * len(perturbations.NAMES)) * work
    return {
        ANSWERING: answering + side * work / _CHANGED_A_SECOND,
        CLUES: _FOREST_SECONDS + everyone / _GUESSED_A_SECOND,
    }
