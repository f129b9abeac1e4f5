"""Accuracy that also counts second tags: a guess is right if the photo shows that class too."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from imgclf_core.datasets.dataset import Dataset
from imgclf_core.runs.predictions import Predictions


@dataclass(frozen=True)
class Tagged:
    """What second tags change.

    Attributes:
        n: Photos. right: Guessed right, by the label or a second tag.
        by_tag: int (m,), positions of photos that only a second tag makes right.
        tagged: Photos with a second tag.
    """

    n: int
    right: int
    by_tag: np.ndarray
    tagged: int


def of_dataset(dataset: Dataset) -> dict[str, tuple[str, ...]]:
    """Second tags by `Photo.file`, of photos that have some."""
    return {photo.file: photo.also for photo in dataset.photos if photo.also}


def count(
    answers: Predictions, class_names: tuple[str, ...], also: Mapping[str, tuple[str, ...]]
) -> Tagged:
    """Counts a guess as right where it is the label or one of the second tags.

    Args:
        answers: N photos.
        class_names: K names.
        also: Second tags by file; names the model does not know count for nothing.
    """
    guesses = answers.guesses
    right = guesses == answers.labels
    tagged = np.array([file in also for file in answers.files.tolist()], dtype=bool)
    by_tag = [
        i
        for i in np.flatnonzero(tagged & ~right)
        if class_names[guesses[i]] in also[str(answers.files[i])]
    ]
    return Tagged(
        len(answers),
        int(right.sum()) + len(by_tag),
        np.array(by_tag, dtype=np.int64),
        int(tagged.sum()),
    )
