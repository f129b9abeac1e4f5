"""Photos that look alike lie close together on the map."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from imgclf_core.analysis import embedding_map
from imgclf_core.datasets import store
from imgclf_core.datasets.edits import decisions
from tests.conftest import two_classes


def clusters(count: int, each: int) -> np.ndarray:
    """Clouds in 64 dimensions, one after another."""
    generator = np.random.default_rng(0)
    embedded = (generator.normal(size=(count, 64)) * 5)[np.repeat(np.arange(count), each)]
    return (embedded + generator.normal(size=embedded.shape)).astype(np.float32)


def test_neighbours_stay_neighbours():
    """Five clusters in many dimensions are five in two, and the same ones every time."""
    embedded = clusters(5, 30)
    xy = embedding_map.place(embedded)
    assert xy.shape == (150, 2)
    assert xy.dtype == np.float32
    assert trustworthiness(embedded, xy, n_neighbors=10) > 0.9
    np.testing.assert_array_equal(embedding_map.place(embedded), xy)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 6, 9, 40])
@pytest.mark.parametrize("same", [False, True])
def test_few_photos_and_copies_of_one_have_a_place(count, same):
    """No number of photos and no likeness breaks it, or warns."""
    embedded = np.random.default_rng(1).normal(size=(count, 20)).astype(np.float32)
    xy = embedding_map.place(np.repeat(embedded[:1], count, axis=0) if same else embedded)
    assert xy.shape == (count, 2)
    assert xy.dtype == np.float32
    assert np.isfinite(xy).all()


def test_few_photos_lie_by_likeness_too():
    """Of three, the two that are alike lie together."""
    embedded = np.zeros((3, 20), np.float32)
    embedded[2] = 9
    embedded[1, 0] = 0.1
    first, second, third = embedding_map.place(embedded)
    assert np.linalg.norm(first - second) < 0.1 * np.linalg.norm(first - third)


def test_many_copies_among_others_do_not_break_it():
    """Copies lie together."""
    embedded = clusters(3, 20)
    embedded[:20] = embedded[0]
    xy = embedding_map.place(embedded)
    assert np.isfinite(xy).all()
    assert np.ptp(xy[:20], axis=0).max() < np.ptp(xy, axis=0).max()


def test_the_job_keeps_a_map_that_outlives_new_labels(make_dataset, reporter):
    """Labels play no part in it; many new photos do."""
    made = make_dataset()
    assert embedding_map.load(made) is None
    assert embedding_map.run(made.folder / embedding_map.FOLDER, {}, reporter) == {"photos": 24}
    change = decisions.move(made, [0], "red")
    after = store.commit(change.dataset, change.sentence)
    found = embedding_map.load(after)
    assert sorted(found.files) == sorted(photo.file for photo in made.photos)
    embedding_map.save(made, embedding_map.Projection(found.files[:12], found.xy[:12]))
    assert embedding_map.load(made) is None


def test_of_very_many_photos_the_test_photos_come_first(make_dataset, monkeypatch, reporter):
    """Then validation photos, and as many training photos as there is room for."""
    made = make_dataset()
    monkeypatch.setattr(embedding_map, "MOST_PHOTOS", 12)
    embedding_map.run(made.folder / embedding_map.FOLDER, {}, reporter)
    found = set(embedding_map.load(made).files.tolist())
    for side in ("test", "validation"):
        assert {made.photos[i].file for i in made.indices(side)} <= found
    assert len(found) == 12


def test_the_sample_of_very_many_photos_outlives_new_labels(make_dataset, monkeypatch, reporter):
    """Labels change the order of the photos, not which of them are on the map."""
    made = make_dataset(two_classes(30))
    monkeypatch.setattr(embedding_map, "MOST_PHOTOS", 30)
    embedding_map.run(made.folder / embedding_map.FOLDER, {}, reporter)
    change = decisions.move(made, list(range(12)), "red")
    assert embedding_map.load(store.commit(change.dataset, change.sentence)) is not None


def test_a_damaged_map_is_none(make_dataset):
    """It is drawn again."""
    made = make_dataset()
    (made.folder / embedding_map.FILE).write_bytes(b"no map")
    assert embedding_map.load(made) is None
