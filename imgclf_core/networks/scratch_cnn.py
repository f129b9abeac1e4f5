"""A small convolutional network that starts knowing nothing.

Four blocks of convolution, batch normalisation and ReLU, an average over all places, one dense
layer. Of what was tried it learns most for its time on two cores; the experiments are in
`tests/benchmarks/README.md`. It ends like MobileNetV2 does, so its activation map comes from the
same product. Keras is imported inside the functions, so that a page can describe the network
without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgclf_core.networks.layers import LayerRow

if TYPE_CHECKING:
    import keras

NAME = "scratch_cnn"
IMAGE_SIZES = (64, 80, 96, 128, 160, 224)
DEFAULT_IMAGE_SIZE = 80

# (channels, side of the kernel, stride of the convolution, pooling after it). The early stride
# and pooling leave a sixteenth of the places to everything behind them.
BLOCKS = ((32, 5, 2, 2), (64, 3, 1, 2), (128, 3, 1, 2), (256, 3, 1, 1))
FEATURES = BLOCKS[-1][0]


def build(image_size: int, class_count: int, dropout: float, seed: int) -> keras.Model:
    """Builds the network with fresh weights.

    Args:
        image_size: Side of the square input in pixels.
        class_count: K.
        dropout: Share of the features hidden at random while training.
        seed: Of the first weights and of the dropout.

    Returns:
        A model from `image`, float32 (n, s, s, 3), 0 to 255, to `scores` (n, K) summing to 1.
    """
    import keras

    initial = keras.initializers.HeNormal
    inputs = keras.Input((image_size, image_size, 3), name="image")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1, name="to_minus_one_to_one")(inputs)
    for number, (channels, side, stride, pooling) in enumerate(BLOCKS, start=1):
        x = keras.layers.Conv2D(
            channels,
            side,
            strides=stride,
            padding="same",
            use_bias=False,
            kernel_initializer=initial(seed=seed + number),
            name=f"convolution_{number}",
        )(x)
        x = keras.layers.BatchNormalization(momentum=0.9, name=f"normalisation_{number}")(x)
        x = keras.layers.ReLU(name="feature_map" if number == len(BLOCKS) else f"relu_{number}")(x)
        if pooling > 1:
            x = keras.layers.MaxPooling2D(pooling, name=f"pooling_{number}")(x)
    x = keras.layers.GlobalAveragePooling2D(name="average")(x)
    x = keras.layers.Dropout(dropout, seed=seed, name="dropout")(x)
    scores = keras.layers.Dense(
        class_count,
        activation="softmax",
        name="scores",
        kernel_initializer=keras.initializers.GlorotUniform(seed=seed),
    )(x)
    return keras.Model(inputs, scores, name=NAME)


def describe(image_size: int, class_count: int) -> list[LayerRow]:
    """The network as a table, layer by layer, computed without Keras."""
    rows = [LayerRow("Photo, 0 to 255 scaled to -1 to 1", (image_size, image_size, 3), 0, False)]
    side, before = image_size, 3
    for channels, kernel, stride, pooling in BLOCKS:
        side = -(-side // stride)  # "same" padding rounds up
        shape, parameters = (side, side, channels), kernel**2 * before * channels
        rows.append(LayerRow(f"Convolution {kernel}x{kernel}", shape, parameters, True))
        # Of the four numbers a channel, two are learnt and two are running averages.
        rows.append(LayerRow("Batch normalisation, ReLU", shape, 4 * channels, True))
        if pooling > 1:
            side //= pooling
            rows.append(LayerRow("Max pooling 2x2", (side, side, channels), 0, False))
        before = channels
    rows.append(LayerRow("Average over all places", (FEATURES,), 0, False))
    rows.append(LayerRow("Dropout", (FEATURES,), 0, False))
    head = (FEATURES + 1) * class_count
    rows.append(LayerRow("Dense, softmax: one score a class", (class_count,), head, True))
    return rows
