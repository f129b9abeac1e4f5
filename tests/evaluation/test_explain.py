"""The activation map is Grad-CAM, and it is laid over the photo as it should be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.data import decode, storage
from imgclf_core.evaluation import explain
from imgclf_core.inference import predictor
from imgclf_core.training import run as runs


@pytest.mark.slow
@pytest.mark.parametrize("model", ["mobilenet_v2", "scratch_cnn", "fine_tuned"])
def test_the_map_is_grad_cam(trained, model):
    """By gradients in Keras, for both classes of some photos: correlation above 0.999."""
    import keras
    import tensorflow as tf

    run = trained(model)
    opened, dataset = predictor.open_run(run), storage.load(run.dataset)
    whole = keras.models.load_model(run.folder / runs.KERAS_FILE)
    average = next(
        la for la in _layers(whole) if isinstance(la, keras.layers.GlobalAveragePooling2D)
    )
    parts = keras.Model(whole.inputs, [average.input, whole.outputs[0]])
    for photo in dataset.photos[::6]:
        image = opened.load(dataset.read(photo))[None].astype(np.float32)
        cam = opened.run(image).cam[0]
        for label in range(2):
            with tf.GradientTape() as tape:
                feature_map, scores = parts(image)
                # The sum before the softmax, up to a number that is the same for all classes.
                logits = tf.math.log(scores[0] + 1e-30)
                wanted = logits[label] - logits[1 - label]
            slopes = tape.gradient(wanted, feature_map)
            weights = tf.reduce_mean(slopes, axis=(1, 2), keepdims=True)
            by_gradient = tf.reduce_sum(feature_map * weights, axis=3)[0].numpy()
            ours = cam[:, :, label] - cam[:, :, 1 - label]
            assert np.corrcoef(by_gradient.ravel(), ours.ravel())[0, 1] > 0.999


def _layers(model):
    for layer in model.layers:
        yield layer
        yield from _layers(layer) if hasattr(layer, "layers") else ()


@pytest.mark.slow
def test_a_network_that_flattens_shows_its_stored_maps(trained):
    """Made by gradients in the worker; for the guess, of photos it did not learn from."""
    run = trained("scene_network")
    dataset = storage.load(run.dataset)
    file = next(iter(run.maps()))
    photo = next(p for p in dataset.photos if p.file == file)
    found = explain.places(run, file, dataset.read(photo), (1, 0))
    assert list(found) == [1]
    learnt = dataset.photos[int(dataset.indices("training")[0])]
    assert explain.places(run, learnt.file, dataset.read(learnt), (0, 1)) == {}


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 99))
def test_heat_is_a_share_as_large_as_the_picture(height, width, seed):
    """From 0 to 1, whatever the numbers."""
    cam = np.random.default_rng(seed).normal(size=(height, width)) * 10
    found = explain.heat(cam, (40, 30))
    assert found.shape == (40, 30)
    assert found.min() >= 0
    assert found.max() == pytest.approx(1.0) if (cam > 0).any() else found.max() == 0


def test_heat_lies_where_the_map_is_high():
    """The upper left place of four is the upper left of the picture."""
    found = explain.heat(np.array([[5.0, 0.0], [-3.0, 0.0]]), (60, 60))
    assert found[5, 5] > 0.9
    assert found[55, 55] < 0.1


def test_without_strength_the_photo_is_untouched():
    """And with it, places with heat change most."""
    image = np.full((8, 8, 3), 120, np.uint8)
    heat = np.zeros((8, 8), np.float32)
    heat[0, 0] = 1
    np.testing.assert_array_equal(explain.overlay(image, heat, 0.0), image)
    over = explain.overlay(image, heat, 0.8).astype(int)
    assert np.abs(over[0, 0] - 120).sum() > np.abs(over[7, 7] - 120).sum()
    assert decode.to_jpeg(over.astype(np.uint8))
