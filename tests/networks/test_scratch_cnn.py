"""The small network: its table and itself."""

import numpy as np
import pytest

from imgclf_core.networks import scratch_cnn


@pytest.mark.slow
@pytest.mark.parametrize("size", [64, 96])
def test_the_table_shows_what_keras_builds(size):
    """Parameters and shapes of the table are those of the real network."""
    network = scratch_cnn.build(size, 5, 0.2, 0)
    rows = scratch_cnn.describe(size, 5)
    assert sum(row.parameters for row in rows) == network.count_params()
    built = {tuple(layer.output.shape[1:]) for layer in network.layers}
    assert {row.shape for row in rows} == built


def test_the_table_begins_with_the_photo_and_ends_with_the_scores():
    """A page can draw it without Keras."""
    rows = scratch_cnn.describe(96, 3)
    assert rows[0].shape == (96, 96, 3)
    assert rows[-1].shape == (3,)


@pytest.mark.slow
def test_the_seed_decides_the_first_weights():
    """The same seed builds the same network, another seed another one."""
    one, two, other = (scratch_cnn.build(64, 3, 0.2, seed).get_weights() for seed in (1, 1, 2))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(one[0], other[0])


@pytest.mark.slow
def test_it_answers_with_shares():
    """Scores of a photo sum to 1."""
    scores = scratch_cnn.build(64, 3, 0.2, 0)(np.zeros((2, 64, 64, 3), np.float32))
    np.testing.assert_allclose(np.sum(scores, axis=1), 1, rtol=1e-5)
