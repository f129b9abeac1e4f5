"""The activation map is Grad-CAM, and it is laid over the photo as it should be."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.analysis import explanations
from imgclf_core.datasets import photo_files, store
from imgclf_core.inference import predictor
from imgclf_core.inference.predictor import Outputs, Predictor
from imgclf_core.runs import run_store
from tests.conftest import picture


def by_gradients(network, image: np.ndarray, label: int) -> np.ndarray:
    """Grad-CAM (h, w) as in the paper, before negative places are left away.

    The network is the packed one, whose last layer has lost its softmax.
    """
    import keras
    import tensorflow as tf

    before_average = network.get_layer("average").input
    parts = keras.Model(network.input, [before_average, network.output])
    with tf.GradientTape() as tape:
        feature_map, sums = parts(image)
        wanted = sums[0, label]
    weights = tf.reduce_mean(tape.gradient(wanted, feature_map), axis=(1, 2), keepdims=True)
    return tf.reduce_sum(feature_map * weights, axis=3)[0].numpy()


def without_softmax(run):
    """The packed network of a run, answering sums."""
    import keras

    network = keras.models.load_model(run.folder / run_store.KERAS_FILE)
    names = [layer.name for layer in network.layers]
    owner = network if "scores" in names else network.get_layer("head")
    owner.get_layer("scores").activation = keras.activations.linear
    return network


@pytest.mark.slow
@pytest.mark.parametrize("model", ["mobilenet_v2", "scratch_cnn"])
def test_the_map_is_grad_cam(trained, model):
    """By gradients in Keras, for both classes of several photos: correlation above 0.999."""
    run = trained(model)
    opened, dataset = predictor.open_run(run), store.load(run.dataset)
    network = without_softmax(run)
    for photo in dataset.photos[::6]:
        image = opened.load(photo_files.read_photo(dataset, photo))[None].astype(np.float32)
        cam = opened.run(image).cam[0]
        for label in range(len(run.class_names)):
            expected = by_gradients(network, image, label)
            assert np.corrcoef(expected.ravel(), cam[:, :, label].ravel())[0, 1] > 0.999
            if expected.max() > 0 and cam[:, :, label].max() > 0:
                seen = (explanations.heat(each, (32, 32)) for each in (expected, cam[:, :, label]))
                np.testing.assert_allclose(*seen, atol=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["mobilenet_v2", "scratch_cnn"])
def test_every_class_that_was_asked_for_has_a_map(trained, model):
    """As large as what the network sees, also where it was converted for one size."""
    run = trained(model)
    dataset, side = store.load(run.dataset), run.settings.image_size
    photo = dataset.photos[0]
    found = explanations.places(run, photo.file, photo_files.read_photo(dataset, photo), (1, 0, 1))
    assert list(found) == [1, 0]
    assert all(cam.shape == (side, side) and np.isfinite(cam).all() for cam in found.values())
    again = predictor.open_run(run).answer(photo_files.read_photo(dataset, photo))
    assert again.scores.sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.slow
def test_a_network_that_flattens_shows_its_stored_maps(trained):
    """Made by gradients in the worker; for the guess, of photos it did not learn from."""
    run = trained("scene_network")
    dataset = store.load(run.dataset)
    file = next(iter(run_store.maps(run)))
    photo = next(p for p in dataset.photos if p.file == file)
    found = explanations.places(run, file, photo_files.read_photo(dataset, photo), (1, 0))
    assert list(found) == [1]
    learnt = dataset.photos[int(dataset.indices("training")[0])]
    assert (
        explanations.places(run, learnt.file, photo_files.read_photo(dataset, learnt), (0, 1)) == {}
    )


def test_a_run_that_cannot_answer_yet_has_no_map(monkeypatch, tmp_path):
    """Nothing is raised on a page while a model is being packed."""
    monkeypatch.setattr(predictor, "can_answer", lambda run: False)
    run = SimpleNamespace(folder=tmp_path)
    assert explanations.places(run, "a.jpg", b"", (0,)) == {}


def brightness_model(scores=(0.5, 0.5)) -> Predictor:
    """Two classes, of which the first is spoken for by light and the second by darkness."""

    def run(images: np.ndarray) -> Outputs:
        count, side = images.shape[:2]
        cells = images.reshape(count, side // 32, 32, side // 32, 32, 3).mean(axis=(2, 4, 5))
        cam = np.stack([cells, 255 - cells], axis=3).astype(np.float32)
        return Outputs(np.tile(np.float32(scores), (count, 1)), np.zeros((count, 4)), cam)

    return Predictor("light", ("light", "dark"), 64, "stretch", run)


def test_copies_of_the_photo_are_laid_where_they_belong():
    """Enlarged and mirrored copies agree on which half of the photo is light."""
    import io

    from PIL import Image

    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, :32] = 255
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    found = explanations.of_photo(brightness_model(), buffer.getvalue(), (0, 1))
    light, dark = found[0], found[1]
    assert light[:, :16].min() > light[:, 48:].max()
    assert dark[:, 48:].min() > dark[:, :16].max()


def test_a_class_without_any_score_has_a_map_of_nothing():
    """No copy counts, and nothing is divided by nothing."""
    found = explanations.of_photo(brightness_model((1.0, 0.0)), picture(1), (1,))
    assert not explanations.heat(found[1], (20, 20)).any()


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 99), st.floats(-20, 20))
def test_heat_is_a_share_as_large_as_the_picture(height, width, seed, level):
    """From 0 to 1, whatever the numbers, and 0 everywhere where nothing speaks for the class."""
    cam = np.random.default_rng(seed).normal(size=(height, width)) * 10 + level
    found = explanations.heat(cam, (40, 30))
    assert found.shape == (40, 30)
    assert found.dtype == np.float32
    assert found.min() >= 0
    assert found.max() <= 1 + 1e-6
    if not (cam > 0).any() or cam.size == 1:
        assert not found.any()


@given(st.integers(2, 12), st.integers(0, 99), st.floats(0.01, 1000))
def test_the_unit_of_a_map_means_nothing(places, seed, unit):
    """Heat is scaled by its peak."""
    cam = np.abs(np.random.default_rng(seed).normal(size=(places, places)))
    found = explanations.heat(cam, (40, 30))
    assert found.max() == pytest.approx(1)
    np.testing.assert_allclose(explanations.heat(cam * unit, (40, 30)), found, atol=1e-3)


def test_heat_lies_where_the_map_is_high():
    """The upper left place of four is the upper left of the picture; the rest is without."""
    found = explanations.heat(np.array([[5.0, 0.0], [-3.0, 0.0]]), (60, 60))
    assert found[5, 5] > 0.9
    assert found[55, 55] == 0


def test_what_speaks_everywhere_is_no_heat():
    """Only what rises above the middle between the mean and the peak is shown."""
    cam = np.full((5, 5), 3.0)
    assert not explanations.heat(cam, (50, 50)).any()
    cam[2, 2] = 4.0
    found = explanations.heat(cam, (50, 50))
    assert found[25, 25] > 0.9
    assert found[20:30, 20:30].sum() > 0.8 * found.sum()


def test_places_without_heat_keep_the_photo():
    """And without strength all of it stays; with it, places with heat become yellow."""
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    heat = np.zeros((8, 8), np.float32)
    heat[0, 0] = 1
    np.testing.assert_array_equal(explanations.overlay(image, heat, 0.0), image)
    over = explanations.overlay(image, heat, 1.0)
    assert over.dtype == np.uint8
    np.testing.assert_array_equal(over[1:], image[1:])
    assert over[0, 0].tolist() == [254, 232, 56]
