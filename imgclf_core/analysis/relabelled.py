"""Was it mended? Three scores, when labels were corrected between two trainings.

A corrected test set is another test: a new model may look better only because its test did. So
old and new model are compared on the same photos with the old labels, and the corrected labels
are a third figure of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from imgclf_core.analysis import comparison
from imgclf_core.analysis.comparison import Comparison
from imgclf_core.analysis.renames import renames
from imgclf_core.analysis.results import Result
from imgclf_core.metrics.classification import wilson_interval


@dataclass(frozen=True)
class Score:
    """Photos guessed right of those asked, with the 95 % interval (Wilson)."""

    right: int
    n: int

    @property
    def accuracy(self) -> float:
        return self.right / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        return wilson_interval(self.right, self.n)


@dataclass(frozen=True)
class Relabelled:
    """Three scores, and what changed.

    Attributes:
        old: The old model on its own test photos.
        new_same_labels: The new model on the same photos with the same labels.
        new_corrected: The new model on the test photos and labels of its own version.
        change: From old to new with the same labels; positions are those of the old answers.
        corrected: (file, name, old label, new label) of test photos whose label was changed.
        gone: Names of old test photos that are none in the new version.
        added: How many test photos the new version has besides.
        unanswered: Old test photos the new model could not be asked about any more, or whose
            class it does not have.
    """

    old: Score
    new_same_labels: Score
    new_corrected: Score
    change: Comparison
    corrected: tuple[tuple[str, str, str, str], ...]
    gone: tuple[str, ...]
    added: int
    unanswered: int


def compare(
    old: Result, new: Result, ask: Callable[[str, str], str | None] = lambda file, name: None
) -> Relabelled:
    """Compares two runs on versions of one data set.

    A class that only got another name is the same class. Photos of a class that the new model
    does not have, because it was merged with another, count for neither: its task is another.

    Args:
        old, new: Results for the same side.
        ask: Called with file and name of a photo that is no test photo of the new run; returns
            the class the new model guesses, or None where it cannot be asked fairly: the photo
            is gone, or it has learnt from it.
    """
    old_names, new_names = old.run.class_names, new.run.class_names
    new_name = {name: name for name in new_names} | renames(_classes(old), _classes(new), new_names)
    place = {file: i for i, file in enumerate(new.answers.files.tolist())}
    guesses = new.answers.guesses
    mended, broken, asked, right_before, right_now = [], [], 0, 0, 0
    corrected, gone = [], []
    for i, file in enumerate(old.answers.files.tolist()):
        name, before_name = str(old.answers.names[i]), old_names[old.answers.labels[i]]
        label, j = new_name.get(before_name), place.get(file)
        if j is None:
            gone.append(name)
        elif new_names[new.answers.labels[j]] != label:
            corrected.append((file, name, before_name, new_names[new.answers.labels[j]]))
        if label is None:
            continue
        guess = ask(file, name) if j is None else new_names[guesses[j]]
        if guess is None:
            continue
        before, now = old.answers.guesses[i] == old.answers.labels[i], guess == label
        asked, right_before, right_now = asked + 1, right_before + before, right_now + now
        if before != now:
            (mended if now else broken).append(i)
    return Relabelled(
        old=Score(right_before, asked),
        new_same_labels=Score(right_now, asked),
        new_corrected=Score(new.figures.right, new.figures.n),
        change=Comparison(
            asked,
            np.array(mended, dtype=np.int64),
            np.array(broken, dtype=np.int64),
            comparison.mcnemar(len(mended), len(broken)),
        ),
        corrected=tuple(corrected),
        gone=tuple(gone),
        added=len(set(place) - set(old.answers.files.tolist())),
        unanswered=len(old.answers) - asked,
    )


def _classes(result: Result) -> dict[str, str]:
    """Class by file."""
    names = result.run.class_names
    labels = result.answers.labels.tolist()
    return {f: names[k] for f, k in zip(result.answers.files.tolist(), labels, strict=True)}
