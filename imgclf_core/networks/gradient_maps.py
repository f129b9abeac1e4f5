"""Where a network looked, by gradients: Grad-CAM (R. Selvaraju et al., 2017).

Needed for networks that flatten their last feature map, and only possible with Keras, in the
worker. Networks that end in an average over places get the same map from one product, see
`inference/predictor.py`.
"""

from collections.abc import Iterable

import keras
import numpy as np
import tensorflow as tf


def maps(model: keras.Model, batches: Iterable[np.ndarray], classes: np.ndarray) -> np.ndarray:
    """How much each place spoke for a class.

    The sum before the softmax is differentiated, not the score: a score of nearly 1 has no slope.

    Args:
        model: With layers `feature_map`, `embedding` and, last, `scores`.
        batches: Photos, each float32 (n, s, s, 3), 0 to 255; together N.
        classes: int (N,), the class to ask about for each photo.

    Returns:
        float32 (N, h, w), not negative, no upper bound.
    """
    kernel, bias = model.get_layer("scores").get_weights()
    parts = keras.Model(
        model.input, [model.get_layer("feature_map").output, model.get_layer("embedding").output]
    )

    @tf.function(reduce_retracing=True)
    def look(images: tf.Tensor, chosen: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            feature_map, embedding = parts(images, training=False)
            tape.watch(feature_map)
            sums = tf.reduce_sum(embedding * tf.gather(kernel.T, chosen), axis=1)
            sums += tf.gather(bias, chosen)
        slopes = tape.gradient(sums, feature_map)
        importance = tf.reduce_mean(slopes, axis=(1, 2), keepdims=True)
        return tf.nn.relu(tf.reduce_sum(feature_map * importance, axis=3))

    found, start = [], 0
    for images in batches:
        chosen = classes[start : start + len(images)]
        found.append(look(tf.constant(images), tf.constant(chosen)).numpy())
        start += len(images)
    return np.concatenate(found)
