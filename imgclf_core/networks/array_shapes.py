"""The arrays that each of our networks has, known without building it.

In the order of `keras.Model.get_weights` of the model that our code builds, the last layer's
kernel and bias at the end. Arrays from elsewhere are compared with these before anything is
made of them.
"""

from functools import cache

import numpy as np

from imgclf_core.networks import catalogue, mobilenet_v2, scene_network, scratch_cnn, sports_network
from imgclf_core.networks.weights import SHIPPED_WEIGHTS

Shape = tuple[int, ...]

_EMBEDDINGS = {
    scratch_cnn.NAME: scratch_cnn.FEATURES,
    scene_network.NAME: scene_network.HIDDEN,
    sports_network.NAME: sports_network.HIDDEN,
    **dict.fromkeys(catalogue.ON_BACKBONE, mobilenet_v2.FEATURES),
}
NETWORKS = tuple(_EMBEDDINGS)


def embedding(network: str) -> int:
    """How many numbers the last layer of a network in `NETWORKS` sees."""
    return _EMBEDDINGS[network]


def last_layer(network: str, class_count: int) -> list[Shape]:
    """Kernel and bias of the last layer, for K classes."""
    return [(embedding(network), class_count), (class_count,)]


def whole(network: str, image_size: int, class_count: int) -> list[Shape]:
    """All arrays of a network in `NETWORKS` for photos of that side in pixels and K classes."""
    if network in catalogue.ON_BACKBONE:
        before = list(_mobilenet_v2())
    elif network == scratch_cnn.NAME:
        before = _scratch_cnn()
    elif network == scene_network.NAME:
        before = _scene_network(image_size)
    else:
        before = _sports_network(image_size)
    return [*before, *last_layer(network, class_count)]


@cache
def _mobilenet_v2() -> tuple[Shape, ...]:
    with np.load(SHIPPED_WEIGHTS, allow_pickle=False) as stored:
        return tuple(stored[name].shape for name in sorted(stored.files))


def _scratch_cnn() -> list[Shape]:
    shapes, before = [], 3
    for channels, side, _, _ in scratch_cnn.BLOCKS:
        shapes += [(side, side, before, channels), *[(channels,)] * 4]  # no bias; normalisation
        before = channels
    return shapes


def _scene_network(side: int) -> list[Shape]:
    shapes, before = [], 3
    for channels, pooling, _ in scene_network.CONVOLUTIONS:
        shapes += [(3, 3, before, channels), (channels,)]
        side, before = (side - 2) // pooling, channels  # unpadded
    hidden = scene_network.HIDDEN
    return [*shapes, (side * side * before, hidden), (hidden,), *[(hidden,)] * 4]


def _sports_network(side: int) -> list[Shape]:
    shapes, before = [], 3
    for channels in sports_network.CHANNELS:
        shapes += [(3, 3, before, channels), (channels,)]
        side, before = side // 2, channels
    hidden = sports_network.HIDDEN
    return [*shapes, (side * side * before, hidden), (hidden,)]
