"""The scene network of a published write-up: six kinds of landscape, from scratch.

Repeated as published: photos of 150x150 as they are, 0 to 255, unpadded convolutions, wide
pooling, a dense layer on flattened places. It does not end in an average over places, so its
activation maps come from gradients, see `networks/gradient_maps.py`. Keras is imported inside
the functions, so that a page can describe the network without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgclf_core.networks.layers import LayerRow

if TYPE_CHECKING:
    import keras

NAME = "scene_network"
IMAGE_SIZES = (150,)
DEFAULT_IMAGE_SIZE = 150

# (channels, pooling after it, L2 of the kernel)
CONVOLUTIONS = ((16, 1, 0.0), (32, 5, 0.0), (32, 1, 0.0), (64, 5, 0.01))
HIDDEN = 64
_FIRST_DROPOUT = 0.4


def build(image_size: int, class_count: int, dropout: float, seed: int) -> keras.Model:
    """Builds the network with fresh weights.

    Args:
        image_size: Side of the square input in pixels.
        class_count: K.
        dropout: Of the last dropout layer; published 0.2.
        seed: Of the first weights and of the dropout.

    Returns:
        A model from `image`, float32 (n, s, s, 3), 0 to 255, to `scores` (n, K) summing to 1.
    """
    import keras

    layers, initial = keras.layers, keras.initializers.GlorotUniform
    inputs = x = keras.Input((image_size, image_size, 3), name="image")
    for number, (channels, pooling, l2) in enumerate(CONVOLUTIONS, start=1):
        x = layers.Conv2D(
            channels,
            3,
            activation="relu",
            kernel_initializer=initial(seed + number),
            kernel_regularizer=keras.regularizers.L2(l2) if l2 else None,
            name="feature_map" if number == len(CONVOLUTIONS) else f"convolution_{number}",
        )(x)
        if pooling > 1:
            x = layers.MaxPooling2D(pooling, name=f"pooling_{number}")(x)
    x = layers.Dropout(_FIRST_DROPOUT, seed=seed, name="dropout_1")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(HIDDEN, "relu", kernel_initializer=initial(seed + 5), name="hidden")(x)
    x = layers.BatchNormalization(name="embedding")(x)
    x = layers.Dropout(dropout, seed=seed + 1, name="dropout_2")(x)
    scores = layers.Dense(
        class_count, "softmax", kernel_initializer=initial(seed + 6), name="scores"
    )(x)
    return keras.Model(inputs, scores, name=NAME)


def describe(image_size: int, class_count: int) -> list[LayerRow]:
    """The network as a table, layer by layer, computed without Keras."""
    rows = [LayerRow("Photo, 0 to 255", (image_size, image_size, 3), 0, False)]
    side, before = image_size, 3
    for channels, pooling, _ in CONVOLUTIONS:
        side -= 2  # unpadded
        parameters = (9 * before + 1) * channels
        rows.append(LayerRow("Convolution 3x3, ReLU", (side, side, channels), parameters, True))
        if pooling > 1:
            side //= pooling
            name = f"Max pooling {pooling}x{pooling}"
            rows.append(LayerRow(name, (side, side, channels), 0, False))
        before = channels
    flat = side * side * before
    rows.append(LayerRow("Dropout", (side, side, before), 0, False))
    rows.append(LayerRow("Flatten", (flat,), 0, False))
    rows.append(LayerRow("Dense, ReLU", (HIDDEN,), (flat + 1) * HIDDEN, True))
    rows.append(LayerRow("Batch normalisation", (HIDDEN,), 4 * HIDDEN, True))
    rows.append(LayerRow("Dropout", (HIDDEN,), 0, False))
    head = (HIDDEN + 1) * class_count
    rows.append(LayerRow("Dense, softmax: one score a class", (class_count,), head, True))
    return rows
