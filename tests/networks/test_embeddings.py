"""Features are computed once, and only once."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from imgclf_core.images import decode
from imgclf_core.images.augmentation import Augmentation
from imgclf_core.networks import embeddings, litert, weights
from imgclf_core.networks.embeddings import Recipe, Source
from tests.conftest import picture


class Photos:
    """Sources that count how often they are read."""

    def __init__(self, *seeds: int):
        self.read = 0
        self.data = [picture(seed) for seed in seeds]
        self.sources = [
            Source(hashlib.sha256(data).hexdigest(), lambda data=data: self._give(data))
            for data in self.data
        ]

    def _give(self, data: bytes) -> bytes:
        self.read += 1
        return data


@pytest.fixture
def recipe() -> Recipe:
    """The shipped backbone at its smallest size."""
    digest = weights.resolve("shipped", 96).sha256
    return Recipe(weights.SHIPPED_BACKBONE, digest, 96, "crop", Augmentation())


def compute(*arguments, **options) -> np.ndarray:
    """Features as one array, (N, 1 + views, 1280)."""
    stored, positions = embeddings.compute(*arguments, **options)
    return np.asarray(stored[positions])


def test_features_are_what_the_backbone_says(recipe):
    """In the order of the photos, the same numbers as photo by photo."""
    photos = Photos(*range(11))
    got = compute(photos.sources, recipe)
    assert (got.shape, got.dtype) == ((11, 1, 1280), np.float32)
    pool = litert.pool(weights.SHIPPED_BACKBONE)
    for row, data in zip(got[:, 0], photos.data, strict=True):
        alone = pool.run(decode.load(data, (96, 96))[None])["embedding"][0]
        np.testing.assert_allclose(row, alone, atol=1e-4)


def test_a_second_time_no_photo_is_read(recipe):
    """Ten photos more compute ten."""
    first = compute(Photos(1, 2, 3).sources, recipe)
    photos = Photos(1, 2, 3, 4, 5)
    second = compute(photos.sources, recipe)
    assert photos.read == 2
    np.testing.assert_array_equal(second[:3], first)


def test_the_same_photo_twice_is_computed_once(recipe):
    """Copies share their features."""
    photos = Photos(1, 1, 2, 1)
    got = compute(photos.sources, recipe)
    assert photos.read == 2
    np.testing.assert_array_equal(got[0], got[1])


def test_views_are_varied_and_always_the_same(recipe):
    """View 0 is the photo itself; the others differ, and come out alike on every machine."""
    plain = compute(Photos(1, 2).sources, recipe)
    got = compute(Photos(1, 2).sources, recipe, views=2)
    assert got.shape == (2, 3, 1280)
    np.testing.assert_array_equal(got[:, :1], plain)
    assert not np.allclose(got[:, 0], got[:, 1])
    assert not np.allclose(got[:, 1], got[:, 2])
    recipe.store.folder.joinpath("keys.txt").unlink()
    again = compute(Photos(1, 2).sources, recipe, views=2)
    np.testing.assert_allclose(again, got, atol=1e-4)


@pytest.mark.parametrize("change", [{"fit": "pad"}, {"image_size": 128}, {"weights_sha256": "x"}])
def test_what_features_depend_on_names_their_store(recipe, change):
    """Another size, fit or backbone never meets the features of this one."""
    assert replace(recipe, **change).store.folder != recipe.store.folder


def test_other_ranges_are_other_views(recipe):
    """Views of another augmentation have other keys, the photo itself the same."""
    other = replace(recipe, augmentation=Augmentation(rotation=45))
    assert recipe.view_key("a", 0) == other.view_key("a", 0) == "a"
    assert recipe.view_key("a", 1) != other.view_key("a", 1)


def test_progress_counts_photos_up_to_all(recipe):
    """Also those that were there before."""
    compute(Photos(1, 2).sources, recipe)
    seen = []
    compute(Photos(*range(20)).sources, recipe, on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 20


def test_a_stop_keeps_what_was_computed(recipe):
    """The next training goes on where this one was stopped."""

    def stop(done: int) -> None:
        raise InterruptedError("stopped")

    with pytest.raises(InterruptedError, match="stopped"):
        compute(Photos(*range(30)).sources, recipe, on_progress=stop)
    photos = Photos(*range(30))
    assert compute(photos.sources, recipe).shape == (30, 1, 1280)
    assert 0 < photos.read < 30
