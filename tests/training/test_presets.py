"""Presets: allowed for any number of photos, and in order; recipes as they were published."""

from itertools import pairwise

import pytest

from imgclf_core.errors import OptionError
from imgclf_core.runs import settings as settings_module
from imgclf_core.runs.settings import NETWORKS
from imgclf_core.training import presets, time_estimate
from imgclf_core.training.presets import PRESETS


@pytest.mark.parametrize("model", NETWORKS)
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("photos", [0, 3, 500, 200_000])
def test_every_default_is_allowed(model, preset, photos):
    """Nobody has to mend what the app proposes."""
    chosen = presets.settings(model, photos, preset)
    assert settings_module.checked(chosen) == chosen
    assert chosen.model == model


@pytest.mark.parametrize("model", ["mobilenet_v2", "scratch_cnn"])
@pytest.mark.parametrize("photos", [60, 1000, 9000])
def test_more_thorough_takes_longer(model, photos):
    """Quick, balanced and thorough stand in this order, by the estimate on screen too."""
    seconds = [
        time_estimate.seconds(presets.settings(model, photos, preset), photos) for preset in PRESETS
    ]
    assert all(a < b for a, b in pairwise(seconds))


def test_few_photos_are_shown_more_often():
    """The scratch network sees about as many pictures of a small set as of a large one."""
    few, many = (presets.settings("scratch_cnn", count).epochs for count in (300, 2000))
    assert few > many


def test_large_sets_take_larger_batches():
    """An epoch of the last layer stays around a hundred steps."""
    sizes = [presets.settings("mobilenet_v2", count).batch_size for count in (100, 1000, 9000)]
    assert sizes == sorted(sizes)
    assert 9000 * 2 / sizes[-1] <= 150


def test_recipes_are_as_published():
    """Size, epochs, rate, batch and optimiser of each write-up."""
    scene = presets.recipe("scene_network")
    assert (scene.image_size, scene.epochs, scene.batch_size) == (150, 30, 32)
    assert (scene.learning_rate, scene.weight_decay, scene.schedule) == (1e-3, 0, "constant")
    assert not scene.augmentation.active
    sports, transfer = presets.recipe("sports_network"), presets.recipe("sports_transfer")
    assert (sports.image_size, sports.epochs, sports.learning_rate) == (224, 500, 1e-6)
    assert (transfer.model, transfer.epochs, transfer.learning_rate) == ("mobilenet_v2", 500, 1e-5)
    for one in (sports, transfer):
        assert (one.rotation, one.zoom, one.shift, one.flip) == (30, 0.2, 0.1, True)


def test_an_unknown_recipe_is_refused_by_name():
    """The sentence lists those there are."""
    with pytest.raises(OptionError, match="no recipe 'pizza'; choose one of ours, scene_network"):
        presets.recipe("pizza")
