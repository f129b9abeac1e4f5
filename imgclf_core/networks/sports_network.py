"""The sports network of a published write-up: two kinds of sport, from scratch.

Repeated as published: 224x224, same-padded convolutions, most of its six million numbers in one
dense layer on flattened places. Its activation maps come from gradients, see
`networks/gradient_maps.py`. Keras is imported inside the functions, so that a page can
describe the network without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgclf_core.networks.layers import LayerRow

if TYPE_CHECKING:
    import keras

NAME = "sports_network"
IMAGE_SIZES = (224,)
DEFAULT_IMAGE_SIZE = 224

CHANNELS = (32, 32, 64)
HIDDEN = 128


def build(image_size: int, class_count: int, dropout: float, seed: int) -> keras.Model:
    """Builds the network with fresh weights.

    Args:
        image_size: Side of the square input in pixels.
        class_count: K.
        dropout: Share of the features hidden at random; published 0.4.
        seed: Of the first weights and of the dropout.

    Returns:
        A model from `image`, float32 (n, s, s, 3), 0 to 255, to `scores` (n, K) summing to 1.
    """
    import keras

    layers, initial = keras.layers, keras.initializers.GlorotUniform
    inputs = keras.Input((image_size, image_size, 3), name="image")
    x = layers.Rescaling(1 / 255, name="to_zero_to_one")(inputs)
    for number, channels in enumerate(CHANNELS, start=1):
        x = layers.Conv2D(
            channels,
            3,
            padding="same",
            activation="relu",
            kernel_initializer=initial(seed + number),
            name="feature_map" if number == len(CHANNELS) else f"convolution_{number}",
        )(x)
        x = layers.MaxPooling2D(2, name=f"pooling_{number}")(x)
    x = layers.Dropout(dropout, seed=seed, name="dropout")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(HIDDEN, "relu", kernel_initializer=initial(seed + 4), name="embedding")(x)
    scores = layers.Dense(
        class_count, "softmax", kernel_initializer=initial(seed + 5), name="scores"
    )(x)
    return keras.Model(inputs, scores, name=NAME)


def describe(image_size: int, class_count: int) -> list[LayerRow]:
    """The network as a table, layer by layer, computed without Keras."""
    rows = [LayerRow("Photo, 0 to 255 scaled to 0 to 1", (image_size, image_size, 3), 0, False)]
    side, before = image_size, 3
    for channels in CHANNELS:
        parameters = (9 * before + 1) * channels
        rows.append(LayerRow("Convolution 3x3, ReLU", (side, side, channels), parameters, True))
        side //= 2
        rows.append(LayerRow("Max pooling 2x2", (side, side, channels), 0, False))
        before = channels
    flat = side * side * before
    rows.append(LayerRow("Dropout", (side, side, before), 0, False))
    rows.append(LayerRow("Flatten", (flat,), 0, False))
    rows.append(LayerRow("Dense, ReLU", (HIDDEN,), (flat + 1) * HIDDEN, True))
    head = (HIDDEN + 1) * class_count
    rows.append(LayerRow("Dense, softmax: one score a class", (class_count,), head, True))
    return rows
