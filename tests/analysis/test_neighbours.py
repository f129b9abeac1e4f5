"""The nearest training photos, by features that are there already."""

import shutil
import time
from dataclasses import replace

import numpy as np
import pytest

from imgclf_core.analysis import neighbours
from imgclf_core.datasets import photo_files
from imgclf_core.datasets.dataset import Dataset, Photo, Receipt
from imgclf_core.datasets.split import TRAINING
from imgclf_core.networks import embeddings
from imgclf_core.networks.embeddings import Source
from tests.conftest import two_classes


@pytest.fixture
def made(make_dataset):
    """Two classes by colour, one photo of them twice, its features known."""
    entries = two_classes()
    dataset = make_dataset({**entries, "red/copy.jpg": entries["red/0.jpg"] + b" "})
    sources = [
        Source(photo.key, lambda p=photo: photo_files.read_photo(dataset, p))
        for photo in dataset.photos
    ]
    embeddings.compute(sources, embeddings.fixed_recipe())
    return dataset


def unit_rows(dataset: Dataset) -> np.ndarray:
    """Features of all photos (N, 1280), of length 1."""
    store = embeddings.fixed_recipe().store
    row_of, rows = store.positions(), store.rows()
    unit = np.stack([rows[row_of[photo.key]] for photo in dataset.photos]).astype(float)
    return unit / np.linalg.norm(unit, axis=1, keepdims=True)


def test_they_are_training_photos_in_order_of_likeness(made, monkeypatch):
    """As one would find them by all cosines, also when rows are read in several pieces."""
    monkeypatch.setattr(neighbours, "_ROWS", 4)
    own = int(made.indices("test")[0])
    found = neighbours.nearest(made, made.photos[own].file)
    unit = unit_rows(made)
    training = [
        i for i in made.indices(TRAINING).tolist() if made.photos[i].alike != made.photos[own].alike
    ]
    expected = sorted(training, key=lambda i: -float(unit[i] @ unit[own]))[:3]
    assert found.positions.tolist() == expected
    np.testing.assert_allclose(found.cosines, [unit[i] @ unit[own] for i in expected], atol=1e-5)


def test_another_side_may_be_asked_for(made):
    """And as many photos as it has."""
    found = neighbours.nearest(made, made.photos[0].file, count=99, side="test")
    assert set(found.positions) <= set(made.indices("test"))


def test_a_photo_is_not_its_own_neighbour_and_copies_stand_apart(made):
    """A near-identical photo says nothing new, wherever it is."""
    names = [photo.name.split("/")[-1] for photo in made.photos]
    one = names.index("copy.jpg")
    found = neighbours.nearest(made, made.photos[one].file, count=50)
    assert one not in found.positions
    assert [made.photos[i].name for i in found.near_identical] == ["red/0.jpg"]
    assert not set(found.near_identical) & set(found.positions)


def test_a_new_photo_is_asked_for_by_its_features(made):
    """Of any length; the photo they are of is then the nearest itself."""
    own = int(made.indices(TRAINING)[0])
    found = neighbours.nearest(made, (unit_rows(made)[own] * 7).astype(np.float32))
    assert found.cosines[0] == pytest.approx(1, abs=1e-5)
    alike = {i for i, photo in enumerate(made.photos) if photo.alike == made.photos[own].alike}
    assert found.positions[0] in alike
    assert not len(found.near_identical)


def test_a_photo_that_was_left_out_still_has_neighbours(made):
    """Its features are kept under its content."""
    without = replace(made, photos=made.photos[1:])
    found = neighbours.nearest(without, made.photos[0].file)
    assert len(found.positions) == 3


def test_without_features_nothing_is_said(make_dataset):
    """The store may have been swept; nothing is computed on a page."""
    made = make_dataset()
    assert neighbours.nearest(made, made.photos[0].file) is None
    assert neighbours.nearest(made, np.ones(1280, np.float32)) is None


def test_a_store_swept_meanwhile_says_nothing(made, monkeypatch):
    """Between the reading of keys and of rows."""
    store = embeddings.fixed_recipe().store
    kept = store.positions()
    monkeypatch.setattr(type(store), "positions", lambda self: kept)
    shutil.rmtree(store.folder)
    assert neighbours.nearest(made, made.photos[0].file) is None


def drawn(count: int) -> Dataset:
    """A data set of random features, whose photos are nowhere."""
    keys = [f"{i:064x}" for i in range(count)]
    generator = np.random.default_rng(0)
    embeddings.fixed_recipe().store.append(keys, generator.random((count, 1280), dtype=np.float32))
    photos = tuple(
        Photo(f"{key}.jpg", key, i % 2, TRAINING, "", 9, 9, "JPEG", 9, i)
        for i, key in enumerate(keys)
    )
    return Dataset(
        embeddings.fixed_recipe().store.folder, "drawn", ("a", "b"), photos, Receipt(0, 0)
    )


def test_two_thousand_photos_take_no_time():
    """A page waits for it; far below what is noticed, with room for a busy machine."""
    dataset = drawn(2000)
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        neighbours.nearest(dataset, dataset.photos[7].file)
        seconds.append(time.perf_counter() - started)
    assert min(seconds) < 0.1


def test_of_very_many_photos_an_even_sample_is_compared(monkeypatch):
    """As many as are allowed, from the first to the last."""
    monkeypatch.setattr(neighbours, "MOST_COMPARED", 10)
    dataset = drawn(100)
    found = neighbours.nearest(dataset, np.ones(1280, np.float32), count=100)
    assert sorted(found.positions.tolist()) == [0, 11, 22, 33, 44, 55, 66, 77, 88, 99]


def test_a_new_photo_finds_itself_among_the_training_photos(made):
    """The features of its bytes are those that were kept of the same photo."""
    first = int(made.indices("training")[0])

    found = neighbours.nearest(
        made, neighbours.vector_of(photo_files.read_photo(made, made.photos[first]))
    )

    assert found.positions[0] == first
    assert found.cosines[0] > 0.999
