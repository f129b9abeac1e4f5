"""Photos that look alike lie close together on the map."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from imgclf_core.data import decisions, storage
from imgclf_core.evaluation import projection


def test_neighbours_stay_neighbours():
    """Five clusters in many dimensions are five in two."""
    generator = np.random.default_rng(0)
    embedded = (generator.normal(size=(5, 64)) * 5)[np.repeat(np.arange(5), 30)]
    embedded = (embedded + generator.normal(size=embedded.shape)).astype(np.float32)
    xy = projection.place(embedded)
    assert xy.shape == (150, 2)
    assert xy.dtype == np.float32
    assert trustworthiness(embedded, xy, n_neighbors=10) > 0.9


@pytest.mark.parametrize("count", [1, 2, 4, 5, 6, 9])
@pytest.mark.parametrize("same", [False, True])
def test_few_photos_and_copies_of_one_have_a_place(count, same):
    """No number of photos and no likeness breaks it."""
    generator = np.random.default_rng(1)
    embedded = generator.normal(size=(count, 20)).astype(np.float32)
    xy = projection.place(np.repeat(embedded[:1], count, axis=0) if same else embedded)
    assert xy.shape == (count, 2)
    assert np.isfinite(xy).all()


def test_the_job_keeps_a_map_that_outlives_new_labels(make_dataset, reporter):
    """Labels play no part in it; many new photos do."""
    made = make_dataset()
    assert projection.load(made) is None
    projection.run(made.folder / projection.FOLDER, {}, reporter)
    change = decisions.move(made, [0], "red")
    after = storage.commit(change.dataset, change.sentence)
    found = projection.load(after)
    assert sorted(found.files) == sorted(photo.file for photo in made.photos)
    projection.save(made, projection.Projection(found.files[:12], found.xy[:12]))
    assert projection.load(made) is None


def test_of_very_many_photos_the_test_photos_come_first(make_dataset, monkeypatch, reporter):
    """Then validation photos, and as many training photos as there is room for."""
    made = make_dataset()
    monkeypatch.setattr(projection, "MOST_PHOTOS", 8)
    projection.run(made.folder / projection.FOLDER, {}, reporter)
    found = set(projection.load(made).files.tolist())
    tests = {made.photos[i].file for i in made.indices("test")}
    assert tests <= found
    assert len(found) == 8
