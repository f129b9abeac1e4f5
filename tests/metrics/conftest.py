"""Answers of made-up models, for the tests of figures."""

import numpy as np
from hypothesis import strategies as st


@st.composite
def answers(draw) -> tuple[np.ndarray, np.ndarray, int]:
    """Labels (N,), scores (N, K) summing to 1, and K; often some classes have no photo."""
    count = draw(st.integers(1, 40))
    classes = draw(st.integers(2, 6))
    occurring = draw(st.integers(1, classes))
    generator = np.random.default_rng(draw(st.integers(0, 10**6)))
    labels = generator.integers(0, occurring, count)
    scores = generator.random((count, classes)) ** draw(st.sampled_from([1, 3, 9])) + 1e-6
    scores = np.round(scores, draw(st.sampled_from([1, 2, 9]))) + 1e-3  # some are tied
    return labels, scores / scores.sum(axis=1, keepdims=True), classes
