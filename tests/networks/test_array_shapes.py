"""The arrays of every network are known without building it."""

import pytest

from imgclf_core.networks import array_shapes, catalogue


def test_shapes_of_every_network_are_known_for_every_size():
    """The last two arrays are the last layer; every network that can be trained is there."""
    assert set(array_shapes.NETWORKS) == {*catalogue.FROM_PIXELS, *catalogue.ON_BACKBONE}
    for name in array_shapes.NETWORKS:
        for side in catalogue.image_sizes(name):
            found = array_shapes.whole(name, side, 7)
            assert found[-2:] == [(array_shapes.embedding(name), 7), (7,)]


@pytest.mark.slow
def test_shapes_are_those_that_keras_makes():
    """Array by array, in the order of get_weights."""
    from imgclf_core.networks import mobilenet_v2, weights

    for name, module in catalogue.FROM_PIXELS.items():
        for side in module.IMAGE_SIZES[:2]:
            made = [array.shape for array in module.build(side, 7, 0.2, 0).get_weights()]
            assert array_shapes.whole(name, side, 7) == made
    arrays = weights.arrays_of(weights.SHIPPED_WEIGHTS)
    made = mobilenet_v2.build_network(96, arrays).get_weights()
    assert array_shapes.whole("mobilenet_v2", 96, 7)[:-2] == [array.shape for array in made]
