"""MobileNetV2: a network that has seen a million photos, with a new last layer.

Architecture of M. Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks"
(2018), as built by `keras.applications`. The backbone stays as it is; only the last layer
learns. Keras is imported inside the functions, so that a page can describe the network
without it. Where weights come from is in `networks/weights.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from imgclf_core.networks.layers import LayerRow

if TYPE_CHECKING:
    import keras

NAME = "mobilenet_v2"
FEATURES = 1280
IMAGE_SIZES = (96, 128, 160, 192, 224)
DEFAULT_IMAGE_SIZE = 160

# Table 2 of the paper: expansion, channels, repeats, stride of the first repeat.
_BLOCKS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
_STEM_CHANNELS = 32
# Fine-tuning leaves everything up to here as it is: three quarters of the work, a quarter of the
# weights, and what photos of all kinds have in common.
LAST_FROZEN = "block_12_add"


def build_backbone(image_size: int | None, arrays: Sequence[np.ndarray]) -> keras.Model:
    """The frozen part.

    Args:
        image_size: Side of the square input, a multiple of 32; None leaves it open.
        arrays: Weights in the order of `keras.Model.get_weights`.

    Returns:
        A model from `image`, float32 (n, s, s, 3), 0 to 255, to `embedding` (n, 1280) and
        `feature_map` (n, s/32, s/32, 1280), whose mean over the places is the embedding.
    """
    import keras

    network = build_network(image_size, arrays)
    network.trainable = False
    inputs, feature_map, embedding = around(network)
    outputs = {"embedding": embedding, "feature_map": feature_map}
    return keras.Model(inputs, outputs, name="backbone")


def build_network(image_size: int | None, arrays: Sequence[np.ndarray]) -> keras.Model:
    """The convolutions alone, from values of -1 to 1 to (n, s/32, s/32, 1280)."""
    import keras

    network = keras.applications.MobileNetV2(
        input_shape=(image_size, image_size, 3), include_top=False, weights=None, name=NAME
    )
    network.set_weights(arrays)
    return network


def around(network: keras.Model):
    """What surrounds the convolutions: the photo, 0 to 255, their feature map and its average."""
    import keras

    inputs = keras.Input(network.input.shape[1:], name="image")
    # training=False keeps the running averages of batch normalisation fixed.
    feature_map = network(_scaled(inputs), training=False)
    return inputs, feature_map, keras.layers.GlobalAveragePooling2D(name="average")(feature_map)


def split(network: keras.Model) -> tuple[keras.Model, keras.Model]:
    """Cuts the network for fine-tuning; both parts share its layers.

    Returns:
        From `image`, 0 to 255, to the last frozen block, (n, s/16, s/16, 96), and from there to
        (n, s/32, s/32, 1280).
    """
    import keras

    middle = network.get_layer(LAST_FROZEN).output
    upper = keras.Model(middle, network.output, name="upper")
    inputs = keras.Input(network.input.shape[1:], name="image")
    below = keras.Model(network.input, middle, name="below")
    return keras.Model(inputs, below(_scaled(inputs), training=False), name="lower"), upper


def _scaled(inputs):
    import keras

    return keras.layers.Rescaling(1 / 127.5, offset=-1, name="to_minus_one_to_one")(inputs)


def build_head(class_count: int, dropout: float, seed: int) -> keras.Model:
    """The part that learns: from features (n, 1280) to scores (n, K) that sum to 1."""
    import keras

    inputs = keras.Input((FEATURES,), name="embedding")
    hidden = keras.layers.Dropout(dropout, seed=seed, name="dropout")(inputs)
    scores = keras.layers.Dense(class_count, activation="softmax", name="scores")(hidden)
    return keras.Model(inputs, scores, name="head")


def apply_head(embedding: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """The trained head without Keras: softmax of one matrix product.

    Args:
        embedding: float32 (n, 1280). kernel: (1280, K). bias: (K,).

    Returns:
        float32 (n, K), rows summing to 1.
    """
    logits = embedding @ kernel + bias
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (shifted / shifted.sum(axis=1, keepdims=True)).astype(np.float32)


def describe(image_size: int, class_count: int) -> list[LayerRow]:
    """The network as a table, block by block, computed from the paper's table.

    Args:
        image_size: Side of the input in pixels.
        class_count: K.
    """
    side = image_size // 2
    stem = _STEM_CHANNELS
    rows = [
        LayerRow("Photo, 0 to 255 scaled to -1 to 1", (image_size, image_size, 3), 0, False),
        LayerRow("Convolution 3x3, ReLU6", (side, side, stem), 27 * stem + 4 * stem, False),
    ]
    channels, number = stem, 0
    for expansion, width, repeats, stride in _BLOCKS:
        for repeat in range(repeats):
            side = side // 2 if stride == 2 and repeat == 0 else side
            number += 1
            rows.append(
                LayerRow(
                    f"Inverted residual block {number}",
                    (side, side, width),
                    _block_parameters(channels, width, expansion),
                    False,
                )
            )
            channels = width
    last = channels * FEATURES + 4 * FEATURES
    rows.append(LayerRow("Convolution 1x1, ReLU6", (side, side, FEATURES), last, False))
    rows.append(LayerRow("Average over all places", (FEATURES,), 0, False))
    rows.append(LayerRow("Dropout", (FEATURES,), 0, False))
    head = (FEATURES + 1) * class_count
    rows.append(LayerRow("Dense, softmax: one score a class", (class_count,), head, True))
    return rows


def _block_parameters(channels: int, width: int, expansion: int) -> int:
    """Expand 1x1, depthwise 3x3, project 1x1, each with 4 numbers a channel to normalise."""
    inner = channels * expansion
    expand = channels * inner + 4 * inner if expansion > 1 else 0
    return expand + 9 * inner + 4 * inner + inner * width + 4 * width
