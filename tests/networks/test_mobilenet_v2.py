"""MobileNetV2: the table on screen, the head in NumPy, and the network itself."""

import numpy as np
import pytest

from imgclf_core.networks import litert, mobilenet_v2, weights


def test_the_head_in_numpy_gives_shares():
    """Rows sum to 1, also for features that would overflow."""
    generator = np.random.default_rng(0)
    embedding = generator.normal(size=(5, 8)).astype(np.float32) * 500
    scores = mobilenet_v2.apply_head(embedding, generator.normal(size=(8, 3)), np.zeros(3))
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-5)


def test_the_table_ends_in_one_score_a_class():
    """Only the last layer learns, and it has a row for every class."""
    rows = mobilenet_v2.describe(160, 7)
    assert [row.trainable for row in rows[:-1]] == [False] * (len(rows) - 1)
    assert (rows[-1].shape, rows[-1].parameters, rows[-1].trainable) == ((7,), 1281 * 7, True)


@pytest.mark.parametrize("size", mobilenet_v2.IMAGE_SIZES)
def test_the_shipped_backbone_takes_every_size(size):
    """One file serves all sizes; the feature map's mean is the embedding."""
    images = np.random.default_rng(0).integers(0, 256, (2, size, size, 3), dtype=np.uint8)
    out = litert.pool(weights.SHIPPED_BACKBONE).run(images)
    assert out["embedding"].shape == (2, mobilenet_v2.FEATURES)
    assert out["feature_map"].shape == (2, size // 32, size // 32, mobilenet_v2.FEATURES)
    np.testing.assert_allclose(out["feature_map"].mean(axis=(1, 2)), out["embedding"], atol=1e-4)


@pytest.fixture(scope="module")
def network():
    """The backbone in Keras, with the shipped weights."""
    return mobilenet_v2.build_backbone(160, weights.arrays_of(weights.SHIPPED_WEIGHTS))


@pytest.mark.slow
def test_the_table_counts_what_keras_counts(network):
    """The parameters of the table are those of the real network, frozen and trainable."""
    rows, head = mobilenet_v2.describe(160, 5), mobilenet_v2.build_head(5, 0.2, 0)
    assert sum(r.parameters for r in rows) == network.count_params() + head.count_params()
    assert sum(r.parameters for r in rows if r.trainable) == head.count_params()
    assert not network.trainable_weights


@pytest.mark.slow
def test_the_shipped_conversion_is_of_the_shipped_weights(network):
    """LiteRT and Keras say the same of the same photo."""
    images = np.random.default_rng(0).integers(0, 256, (2, 160, 160, 3)).astype(np.float32)
    out = litert.pool(weights.SHIPPED_BACKBONE).run(images)
    for name, values in network(images).items():
        np.testing.assert_allclose(out[name], values, rtol=1e-4, atol=1e-4, err_msg=name)


@pytest.mark.slow
def test_the_head_in_numpy_is_the_head_of_keras():
    """The product by hand and the layer agree."""
    head = mobilenet_v2.build_head(4, 0.2, 0)
    embedding = np.random.default_rng(0).random((6, mobilenet_v2.FEATURES), np.float32)
    by_hand = mobilenet_v2.apply_head(embedding, *head.get_weights())
    np.testing.assert_allclose(by_hand, head(embedding), atol=1e-6)
