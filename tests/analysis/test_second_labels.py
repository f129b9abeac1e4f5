"""A photo that shows two things may be called by either."""

import numpy as np

from imgclf_core.analysis import second_labels
from imgclf_core.runs.predictions import Predictions


def test_a_guess_that_is_a_second_tag_counts_as_right():
    """Only the photo whose tag is the guess; unknown tags and right guesses change nothing."""
    files = np.array(["a", "b", "c", "d"])
    scores = np.eye(3)[[1, 1, 2, 0]]
    answers = Predictions(files, files, np.array([0, 0, 0, 0]), np.full(4, "test"), scores)
    also = {"a": ("dog",), "c": ("dog", "whale"), "d": ("dog",)}

    found = second_labels.count(answers, ("cat", "dog", "emu"), also)

    assert (found.n, found.right, found.tagged) == (4, 2, 3)
    assert found.by_tag.tolist() == [0]
