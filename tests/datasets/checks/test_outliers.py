"""Photos unlike the rest of their class."""

import numpy as np
import pytest

from imgclf_core.datasets import store
from imgclf_core.datasets.checks import class_checks, outliers
from imgclf_core.datasets.edits import decisions
from tests.conftest import two_classes


def cloud(count: int, direction: int, seed: int) -> np.ndarray:
    """Features around one direction, a little apart."""
    generator = np.random.default_rng(seed)
    centre = np.zeros(64, np.float32)
    centre[direction] = 10
    return centre + generator.normal(0, 1, (count, 64)).astype(np.float32)


def test_a_stray_is_found_and_an_ordinary_class_has_none():
    """One photo of another kind among forty; the other class is left in peace."""
    features = np.concatenate([cloud(40, 0, 1), cloud(40, 1, 2)])
    labels = np.repeat([0, 1], 40)
    assert outliers.find(features, labels).tolist() == []
    features[7] = cloud(1, 1, 3)
    assert outliers.find(features, labels).tolist() == [7]


def test_at_most_one_in_twenty_is_unusual():
    """With more of them the class is simply varied; the strangest come first."""
    features = cloud(60, 0, 1)
    features[:10] = cloud(10, 1, 2)
    features[10:20] *= -1
    assert len(outliers.find(features, np.zeros(60, int))) <= 3


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_small_classes_say_nothing(count):
    """Nothing is usual among so few."""
    assert outliers.find(cloud(count, 0, 1), np.zeros(count, int)).tolist() == []


def test_photos_that_are_all_the_same_are_not_unusual():
    """No spread, no strays."""
    assert outliers.find(np.ones((30, 8), np.float32), np.zeros(30, int)).tolist() == []


def test_what_was_found_is_a_problem_of_the_data_set(make_dataset):
    """It is kept beside the data and gone once the photo is moved to where it belongs."""
    made = make_dataset(two_classes(20))
    assert not outliers.looked_at(made)
    features = np.concatenate([cloud(20, 0, 1), cloud(20, 1, 2)])
    features[3] = cloud(1, 1, 5)
    assert outliers.save(made, features) == 1
    assert outliers.looked_at(made)
    (problem,) = [p for p in class_checks.find_problems(made) if p.check == "unusual"]
    assert problem.photos == (3,)
    moved = decisions.move(made, [3], "red")
    after = store.commit(moved.dataset, moved.sentence)
    assert "unusual" not in {p.check for p in class_checks.find_problems(after)}
    assert not outliers.looked_at(after)  # its new class may find others strange


def test_a_damaged_file_means_nobody_looked(made_with_rubbish):
    """It is looked at again, not believed."""
    assert not outliers.looked_at(made_with_rubbish)
    assert "unusual" not in {p.check for p in class_checks.find_problems(made_with_rubbish)}


@pytest.fixture(params=["[]", "{}", "no json"])
def made_with_rubbish(request, make_dataset):
    """A data set whose file of unusual photos is damaged."""
    made = make_dataset(two_classes(4))
    (made.folder / outliers.FILE).write_text(request.param)
    return made
