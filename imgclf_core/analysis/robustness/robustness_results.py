"""Answers of a run for changed photos: the values, and the file beside the run that keeps them.

They are made in `robustness_job.py` and put into words in `interpretation.py`.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from imgclf_core.analysis import comparison
from imgclf_core.analysis.robustness import perturbations
from imgclf_core.analysis.robustness.metadata_probe import Appearance, Clue
from imgclf_core.metrics.classification import wilson_interval
from imgclf_core.runs import run_store
from imgclf_core.runs.run import Run
from imgclf_core.support import atomic_files, file_system


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


def variations_of(
    labels: np.ndarray, guesses: np.ndarray, scores: np.ndarray
) -> tuple[Variation, ...]:
    """Variations in the order of `perturbations.NAMES`.

    Args:
        labels: int (n,).
        guesses, scores: int and float (V, n), for each change and photo; scores of the true class.
    """
    return tuple(
        Variation(name, labels, guesses[0], guesses[v], scores[v])
        for v, name in enumerate(perturbations.NAMES)
    )


def save(run: Run, found: Shortcuts) -> None:
    """Keeps the results of a side beside the run, in place of earlier ones."""
    table = found.appearance
    atomic_files.write_arrays(
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
        stored = atomic_files.read_arrays(_path(run, side))
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
            variations=variations_of(stored["labels"], stored["guesses"], stored["scores"]),
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


def _path(run: Run, side: str) -> Path:
    return run.folder / f"shortcuts-{side}.npz"


def _digest(run: Run) -> str:
    """Changes when the run is trained on; a temperature or threshold is no such change."""
    data = file_system.read(run.folder / run_store.PREDICTIONS_FILE)
    return hashlib.sha256(data).hexdigest()
