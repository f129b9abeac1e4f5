"""Is the model looking at the right thing? Its answers for photos changed on purpose.

The photos of one side, never those it learnt from, are answered plain, with their border hidden,
with only their border shown, and in other light, focus and so on (`perturbations.py`); beside it
stands how well the classes can be told without looking (`appearance.py`). Here are the results,
the `shortcuts` job that makes them, and the file beside the run that keeps them. What they mean
is in `shortcut_words.py`.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from imgclf_core import files
from imgclf_core.data import decode, storage
from imgclf_core.data.dataset import Dataset, Photo
from imgclf_core.data.layout import TEST, TRAINING
from imgclf_core.errors import DatasetError, ImgclfError, OptionError
from imgclf_core.evaluation import appearance, comparison, perturbations, predictions
from imgclf_core.evaluation.appearance import Appearance, Clue
from imgclf_core.evaluation.metrics import wilson_interval
from imgclf_core.inference import predictor
from imgclf_core.inference.batch import map_batches
from imgclf_core.inference.predictor import Predictor
from imgclf_core.jobs.events import Reporter
from imgclf_core.training import estimate
from imgclf_core.training import run as runs
from imgclf_core.training.run import Run

FOLDER = "shortcuts"  # of the job, inside the run
MOST = 400  # photos; more would take minutes and tell little more
ANSWERING, CLUES = "answering changed photos", "guessing without looking"
# Photos a second on two cores, measured: changed in every way, and guessed without looking.
_CHANGED_A_SECOND, _GUESSED_A_SECOND = 100.0, 220.0
_FOREST_SECONDS = 1.5  # importing scikit-learn


@dataclass(frozen=True)
class Variation:
    """Answers for photos changed in one way.

    Attributes:
        name: In `perturbations.NAMES`.
        labels: int64 (n,), true classes.
        before: int64 (n,), guesses for the unchanged photos.
        guesses: int64 (n,), for the changed ones.
        scores: float32 (n,), of the true class, 0 to 1.
    """

    name: str
    labels: np.ndarray
    before: np.ndarray
    guesses: np.ndarray
    scores: np.ndarray

    @property
    def n(self) -> int:
        """Photos answered."""
        return len(self.labels)

    @cached_property
    def right(self) -> int:
        """Photos guessed right."""
        return int((self.guesses == self.labels).sum())

    @property
    def accuracy(self) -> float:
        """Share guessed right; 0 for no photos."""
        return self.right / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the accuracy (Wilson)."""
        return wilson_interval(self.right, self.n)

    @cached_property
    def newly_wrong(self) -> np.ndarray:
        """int (w,): positions of photos that were right before and are wrong now."""
        return np.flatnonzero((self.before == self.labels) & (self.guesses != self.labels))

    @cached_property
    def newly_right(self) -> np.ndarray:
        """int (r,): positions of photos that were wrong before and are right now."""
        return np.flatnonzero((self.before != self.labels) & (self.guesses == self.labels))

    @property
    def loss(self) -> float:
        """Accuracy before less accuracy now."""
        return (len(self.newly_wrong) - len(self.newly_right)) / self.n if self.n else 0.0

    @cached_property
    def chance(self) -> float:
        """Probability of so large a difference if the change meant nothing (McNemar, exact)."""
        return comparison.mcnemar(len(self.newly_right), len(self.newly_wrong))

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return {
            "n": self.n,
            "right": self.right,
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "newly_wrong": len(self.newly_wrong),
            "newly_right": len(self.newly_right),
            "chance": self.chance,
        }


@dataclass(frozen=True)
class Shortcuts:
    """What one run answers for changed photos of one side.

    Attributes:
        side: `validation` or `test`.
        class_names: K names of the run.
        files: str (n,), `Photo.file` of each photo answered, in the order of all positions.
        of_side: Photos of the side, of which these are a fair sample or all.
        skipped: Photos that could not be read.
        variations: Answers in the order of `perturbations.NAMES`, the plain ones first.
        appearance: How well the classes can be told without looking.
    """

    side: str
    class_names: tuple[str, ...]
    files: np.ndarray
    of_side: int
    skipped: int
    variations: tuple[Variation, ...]
    appearance: Appearance

    @property
    def plain(self) -> Variation:
        """Answers for the unchanged photos."""
        return self.variations[0]

    @property
    def labels(self) -> np.ndarray:
        """int64 (n,): true classes, index into `class_names`."""
        return self.plain.labels

    @cached_property
    def baseline(self) -> float:
        """Share that always guessing the largest class of these photos would get right."""
        return float(np.bincount(self.labels).max() / len(self.labels))

    def of(self, name: str) -> Variation:
        """The answers for one change."""
        return self.variations[perturbations.NAMES.index(name)]

    def to_json(self) -> dict[str, Any]:
        """JSON values, in the words of the command line."""
        return {
            "side": self.side,
            "n": self.plain.n,
            "of": self.of_side,
            "skipped": self.skipped,
            "baseline": self.baseline,
            "variations": {one.name: one.to_json() for one in self.variations},
            "clues": {clue.name: clue.to_json() for clue in self.appearance.clues},
        }


def run_job(folder: Path, params: dict, reporter: Reporter) -> dict:
    """Measures the run that `folder` lies in, on the version it was trained on.

    Args:
        folder: Of the job.
        params: `side`, by default `test`.
        reporter: Told of the progress.

    Raises:
        ModelError, DatasetError, OptionError: As `compute`.
    """
    run = runs.load(folder.parent)
    dataset = storage.load(run.dataset, run.dataset_version)
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
    save(run, found)
    return {"side": side, "photos": found.plain.n, "skipped": found.skipped}


def seconds(run: Run, n: int) -> float:
    """What the job is expected to take on this machine, for a side of `n` photos."""
    # A side is about a seventh of the photos, whose clues are all read.
    return 1.0 + sum(_seconds_by_stage(run, n, 7 * n).values())


def compute(
    run: Run, dataset: Dataset, side: str = TEST,
    on_progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> Shortcuts:  # fmt: skip
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
        model, dataset, [photos[i] for i in asked], labels[asked],
        lambda done: on_progress(ANSWERING, done, len(asked)),
    )  # fmt: skip
    if not len(answered):
        raise DatasetError(
            f"'{dataset.name}' has no {side} photos that can be read. Choose other photos."
        )
    chosen = sample(labels, appearance.MOST)
    clues = appearance.measure(
        dataset, [photos[i] for i in chosen], labels[chosen],
        lambda done: on_progress(CLUES, done, len(chosen)),
    )  # fmt: skip
    kept = asked[answered]
    return Shortcuts(
        side=side,
        class_names=run.class_names,
        files=np.array([photos[i].file for i in kept], dtype=str),
        of_side=len(rows),
        skipped=len(asked) - len(kept),
        variations=_variations(labels[kept], guesses, scores),
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


def save(run: Run, found: Shortcuts) -> None:
    """Keeps the results of a side beside the run, in place of earlier ones."""
    table = found.appearance
    files.write_arrays(
        _path(run, found.side),
        made_by=np.array(_digest(run)),
        class_names=np.array(found.class_names),
        files=found.files,
        counts=np.array([found.of_side, found.skipped, table.skipped]),
        names=np.array([one.name for one in found.variations]),
        labels=found.labels,
        guesses=np.stack([one.guesses for one in found.variations]),
        scores=np.stack([one.scores for one in found.variations]),
        clue_files=table.files,
        clue_names=np.array([clue.name for clue in table.clues]),
        clue_labels=table.clues[0].labels,
        clue_guesses=np.concatenate([clue.guesses for clue in table.clues]),
        clue_counts=np.array([[clue.n, clue.known, clue.weight] for clue in table.clues]),
    )


def load(run: Run, side: str) -> Shortcuts | None:
    """The results of a side.

    Returns:
        None where it was not measured, the run was trained on since, or the file is damaged.
    """
    try:
        stored = files.read_arrays(_path(run, side))
        if str(stored["made_by"]) != _digest(run):
            return None
        if tuple(stored["names"].tolist()) != perturbations.NAMES:
            return None  # of an earlier program, with other changes
        of_side, skipped, unread = stored["counts"].tolist()
        return Shortcuts(
            side=side,
            class_names=tuple(stored["class_names"].tolist()),
            files=stored["files"],
            of_side=of_side,
            skipped=skipped,
            variations=_variations(stored["labels"], stored["guesses"], stored["scores"]),
            appearance=Appearance(stored["clue_files"], _clues(stored), unread),
        )
    except (OSError, ValueError, KeyError, IndexError):
        return None


def _clues(stored: dict[str, np.ndarray]) -> tuple[Clue, ...]:
    counts = stored["clue_counts"]
    guesses = np.split(stored["clue_guesses"], np.cumsum(counts[:-1, 0]).astype(int))
    return tuple(
        Clue(str(name), stored["clue_labels"], own, int(known), float(weight))
        for name, own, (_, known, weight) in zip(stored["clue_names"], guesses, counts, strict=True)
    )


def _variations(
    labels: np.ndarray, guesses: np.ndarray, scores: np.ndarray
) -> tuple[Variation, ...]:
    """From guesses and scores (V, n), in the order of `perturbations.NAMES`."""
    return tuple(
        Variation(name, labels, guesses[0], guesses[v], scores[v])
        for v, name in enumerate(perturbations.NAMES)
    )


def _answers(
    model: Predictor, dataset: Dataset, photos: Sequence[Photo], labels: np.ndarray,
    on_progress: Callable[[int], None],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Positions (n,) of the photos that can be read, guesses (V, n) and true scores (V, n)."""

    def answer(batch: list[int]) -> np.ndarray | None:
        try:
            pixels = decode.read_picture(dataset.read(photos[batch[0]]), model.image_size).pixels
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
    answers = predictions.load(run.folder / runs.PREDICTIONS_FILE)
    return set(answers.of(TRAINING).files.tolist())


def _seconds_by_stage(run: Run, side: int, everyone: int) -> dict[str, float]:
    side, everyone = min(side, MOST), min(everyone, appearance.MOST)
    work = (run.settings.image_size / 160) ** 2
    answering = estimate.feature_seconds(side * len(perturbations.NAMES)) * work
    return {
        ANSWERING: answering + side * work / _CHANGED_A_SECOND,
        CLUES: _FOREST_SECONDS + everyone / _GUESSED_A_SECOND,
    }


def _path(run: Run, side: str) -> Path:
    return run.folder / f"shortcuts-{side}.npz"


def _digest(run: Run) -> str:
    """Changes when the run is trained on; a temperature or threshold is no such change."""
    data = (run.folder / runs.PREDICTIONS_FILE).read_bytes()
    return hashlib.sha256(data).hexdigest()
