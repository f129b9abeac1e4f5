"""The nearest training photos, by features that are there already."""

import numpy as np
import pytest

from imgclf_core.data.layout import TRAINING
from imgclf_core.evaluation import neighbours
from imgclf_core.training import features, look
from imgclf_core.training.features import Source
from tests.conftest import two_classes


@pytest.fixture
def made(make_dataset):
    """Two classes by colour, one photo of them twice, its features known."""
    entries = two_classes()
    dataset = make_dataset({**entries, "red/copy.jpg": entries["red/0.jpg"] + b" "})
    sources = [Source(photo.key, lambda p=photo: dataset.read(p)) for photo in dataset.photos]
    features.compute(sources, look.fixed_recipe())
    return dataset


def test_they_are_training_photos_in_order_of_likeness(made):
    """As one would find them by all cosines."""
    own = int(made.indices("test")[0])
    found = neighbours.nearest(made, made.photos[own].file)
    store = look.fixed_recipe().store
    place, rows = store.positions(), store.rows()
    unit = np.stack([rows[place[photo.key]] for photo in made.photos]).astype(float)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    training = [i for i in made.indices(TRAINING).tolist()
                if made.photos[i].alike != made.photos[own].alike]  # fmt: skip
    expected = sorted(training, key=lambda i: -float(unit[i] @ unit[own]))[:3]
    assert found.positions.tolist() == expected
    np.testing.assert_allclose(found.cosines, [unit[i] @ unit[own] for i in expected], atol=1e-5)


def test_a_photo_is_not_its_own_neighbour_and_copies_stand_apart(made):
    """A near-identical photo says nothing new, wherever it is."""
    names = [photo.name.split("/")[-1] for photo in made.photos]
    one = names.index("copy.jpg")
    found = neighbours.nearest(made, made.photos[one].file, count=50)
    assert one not in found.positions
    assert [made.photos[i].name for i in found.near_identical] == ["red/0.jpg"]
    assert not set(found.near_identical) & set(found.positions)


def test_without_features_nothing_is_said(make_dataset):
    """The store may have been swept; nothing is computed on a page."""
    made = make_dataset()
    assert neighbours.nearest(made, made.photos[0].file) is None
