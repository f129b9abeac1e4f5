"""Batches for Keras: repeatable, each photo once an epoch."""

import numpy as np
import pytest

from imgclf_core.images.augmentation import Augmentation

pytestmark = pytest.mark.slow  # importing it starts Keras

STILL = Augmentation(0.0, 0.0, 0.0, False)


def batches_of(augmentation: Augmentation | None, seed: int = 0, count: int = 7):
    """Batches of three over photos whose every pixel is their number."""
    from imgclf_core.training.batches import Batches, Rows

    stored = np.repeat(np.arange(20, dtype=np.uint8), 8 * 8 * 3).reshape(20, 8, 8, 3)
    positions = np.arange(10, 10 + count)
    targets = np.eye(count, dtype=np.float32)
    weights = np.arange(count, dtype=np.float32)
    rows = Rows(stored, positions, targets, weights)
    return Batches(rows, 3, seed if augmentation else None, augmentation)


def epoch(batches) -> list[int]:
    """Numbers of the photos of an epoch; checks that targets and weights belong to them."""
    numbers = []
    for i in range(len(batches)):
        images, targets, weights = batches[i]
        assert images.dtype == np.float32
        chosen = images[:, 0, 0, 0].astype(int) - 10
        assert targets.argmax(axis=1).tolist() == weights.astype(int).tolist() == chosen.tolist()
        numbers += chosen.tolist()
    return numbers


def test_without_variety_photos_come_in_their_order():
    """Validation and test are never shuffled, and the last batch is shorter."""
    batches = batches_of(None)
    assert len(batches) == 3
    assert epoch(batches) == list(range(7))
    batches.on_epoch_end()
    assert epoch(batches) == list(range(7))


def test_every_epoch_shows_each_photo_once_in_a_new_order():
    """The order depends on seed and epoch and nothing else."""
    batches = batches_of(STILL)
    first = epoch(batches)
    batches.on_epoch_end()
    second = epoch(batches)
    assert sorted(first) == sorted(second) == list(range(7))
    assert first != second
    batches.start_epoch(0)
    assert epoch(batches) == first
    assert epoch(batches_of(STILL, seed=1)) != first


def test_variety_is_new_every_epoch_and_repeatable():
    """The same photo is varied differently, yet alike for the same seed and epoch."""

    def images(number: int) -> np.ndarray:
        from imgclf_core.training.batches import Batches, Rows

        stored = np.random.default_rng(0).integers(0, 256, (20, 16, 16, 3), dtype=np.uint8)
        one = np.ones((1, 1), np.float32)
        batches = Batches(Rows(stored, np.array([3]), one, one[0]), 3, 0, Augmentation())
        batches.start_epoch(number)
        return batches[0][0]

    np.testing.assert_array_equal(images(1), images(1))
    assert not np.array_equal(images(1), images(2))
