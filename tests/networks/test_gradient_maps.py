"""Maps from gradients, beside the product that gives the same where both are possible."""

import numpy as np
import pytest

from imgclf_core.networks import scene_network, scratch_cnn, sports_network

pytestmark = pytest.mark.slow  # importing it starts Keras


def photos(count: int, side: int) -> np.ndarray:
    """Noise."""
    generator = np.random.default_rng(0)
    return generator.integers(0, 256, (count, side, side, 3)).astype(np.float32)


def test_where_both_are_possible_they_agree():
    """For a network that ends in an average the gradient is the kernel over the places."""
    import keras

    from imgclf_core.networks import gradient_maps

    network = scratch_cnn.build(64, 3, 0.2, 0)
    images, classes = photos(5, 64), np.array([0, 1, 2, 1, 0])
    embedding = network.get_layer("average").output
    named = keras.layers.Identity(name="embedding")(embedding)
    network = keras.Model(network.input, network.get_layer("scores")(named))
    found = gradient_maps.maps(network, [images[:3], images[3:]], classes)
    feature_map = keras.Model(network.input, network.get_layer("feature_map").output)
    values = np.asarray(feature_map.predict(images, verbose=0))
    kernel = network.get_layer("scores").get_weights()[0]
    places = values.shape[1] * values.shape[2]
    expected = np.maximum(np.einsum("nhwd,dn->nhw", values, kernel[:, classes]), 0) / places
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize(("module", "side"), [(scene_network, 25), (sports_network, 56)])
def test_networks_that_flatten_have_maps(module, side):
    """One value a place, none negative, and another class another map."""
    from imgclf_core.networks import gradient_maps

    size = module.DEFAULT_IMAGE_SIZE
    network = module.build(size, 2, 0.2, 0)
    images = photos(2, size)
    first, second = (gradient_maps.maps(network, [images], np.array([k, k])) for k in (0, 1))
    assert first.shape[0] == 2
    assert first.shape[1] >= side
    assert min(first.min(), second.min()) >= 0
    assert not np.array_equal(first, second)
