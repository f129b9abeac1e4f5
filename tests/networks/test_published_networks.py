"""The networks of two write-ups, number by number."""

import numpy as np
import pytest

from imgclf_core.networks import scene_network, sports_network

PUBLISHED = [(scene_network, 6, 135_942), (sports_network, 2, 6_451_554)]


@pytest.mark.parametrize(("module", "classes", "parameters"), PUBLISHED)
def test_they_have_as_many_numbers_as_published(module, classes, parameters):
    """Counted without Keras, for the page."""
    rows = module.describe(module.DEFAULT_IMAGE_SIZE, classes)
    assert sum(row.parameters for row in rows) == parameters


@pytest.mark.slow
@pytest.mark.parametrize(("module", "classes", "parameters"), PUBLISHED)
def test_keras_builds_what_the_table_shows(module, classes, parameters):
    """Parameters and shapes, and the same weights for the same seed."""
    size = module.DEFAULT_IMAGE_SIZE
    network = module.build(size, classes, 0.2, 3)
    assert network.count_params() == parameters
    built = {tuple(layer.output.shape[1:]) for layer in network.layers}
    assert {row.shape for row in module.describe(size, classes)} == built
    again = module.build(size, classes, 0.2, 3)
    for one, two in zip(network.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.slow
@pytest.mark.parametrize("module", [scene_network, sports_network])
def test_they_answer_with_shares(module):
    """Scores of a photo sum to 1."""
    size = module.DEFAULT_IMAGE_SIZE
    scores = module.build(size, 3, 0.2, 0)(np.zeros((2, size, size, 3), np.float32))
    np.testing.assert_allclose(np.sum(scores, axis=1), 1, rtol=1e-5)
