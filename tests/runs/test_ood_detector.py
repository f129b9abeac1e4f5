"""The gate that tells photos unlike everything a model was trained on."""

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from imgclf_core.errors import ModelError
from imgclf_core.runs import ood_detector
from imgclf_core.runs.ood_detector import Gate

SOME = st.integers(1, 12).flatmap(
    lambda width: st_numpy.arrays(
        np.float32,
        st.tuples(st.integers(1, 30), st.just(width)),
        elements=st.floats(-1e3, 1e3, width=32),
    )
)


def cloud(seed: int, count: int, direction: int, width: int = 40) -> np.ndarray:
    """Embeddings in which the same quarter of the numbers is large, as after ReLU."""
    rows = np.abs(np.random.default_rng(seed).normal(size=(count, width))).astype(np.float32)
    rows[:, direction * width // 4 : (direction + 1) * width // 4] += 4
    return rows


def made(count: int = 200, checked: int = 60, learnt_from: bool = False) -> Gate:
    """A gate of two kinds of photo, none of which belong together."""
    training = np.concatenate([cloud(1, count // 2, 0), cloud(2, count - count // 2, 1)])
    validation = np.concatenate([cloud(3, checked // 2, 0), cloud(4, checked - checked // 2, 1)])
    return ood_detector.fit(training, np.arange(count), validation, learnt_from)


@pytest.mark.parametrize("learnt_from", [False, True])
@pytest.mark.parametrize("checked", [0, 60])
def test_its_own_kind_passes_and_another_does_not(checked, learnt_from):
    """Nearly all new photos of the two kinds are within the limit, and none of a third."""
    one = made(checked=checked, learnt_from=learnt_from)
    own = np.concatenate([cloud(5, 200, 0), cloud(6, 200, 1)])
    assert (one.distances(own) <= one.limit).mean() >= 0.85
    assert (one.distances(cloud(7, 200, 2)) > one.limit).all()


def test_the_length_of_an_embedding_does_not_matter():
    """Where no ceiling cuts them off, only what a photo resembles counts, not how strongly."""
    one, photos = replace(made(), ceiling=np.inf), cloud(8, 10, 3)
    np.testing.assert_allclose(one.distances(photos), one.distances(7 * photos), atol=1e-6)


@given(SOME, SOME, st.booleans(), st.integers(1, 5))
def test_any_embeddings_make_a_gate_that_can_be_kept(rows, more, learnt_from, size):
    """Zeros, a single photo, one group: distances and limit stay from 0 to 2, and come back."""
    checked = np.resize(more, (len(more), rows.shape[1]))
    one = ood_detector.fit(rows, np.arange(len(rows)) // size, checked, learnt_from)
    again = ood_detector.of_arrays(
        {"rows": one.rows, "limit": one.limit, "neighbours": one.neighbours, "ceiling": one.ceiling}
    )
    distances = again.distances(checked)
    assert distances.shape == (len(checked),)
    assert distances.dtype == np.float32
    assert ((distances >= 0) & (distances <= 2)).all()
    assert 0 <= one.limit <= 2
    assert 1 <= one.neighbours <= len(rows)


def test_copies_of_a_photo_do_not_make_it_strict():
    """A photo is measured without those it belongs with, or every new photo would be unlike."""
    training = np.repeat(cloud(1, 40, 0), 6, axis=0)
    together = ood_detector.fit(training, np.arange(240) // 6, np.empty((0, 40)), learnt_from=False)
    apart = ood_detector.fit(training, np.arange(240), np.empty((0, 40)), learnt_from=False)
    new = cloud(9, 200, 0)
    assert (together.distances(new) <= together.limit).mean() >= 0.85
    assert (apart.distances(new) <= apart.limit).mean() < 0.1


def test_a_network_that_learnt_from_them_is_measured_by_validation_only():
    """Its training photos lie closer together than new ones ever will."""
    tight, wide = cloud(1, 100, 0) / 10, cloud(2, 60, 0)
    tight[:, 0] = 20
    seen = ood_detector.fit(tight, np.arange(100), wide, learnt_from=True)
    both = ood_detector.fit(tight, np.arange(100), wide, learnt_from=False)
    assert both.limit < seen.limit
    assert (seen.distances(cloud(3, 200, 0)) <= seen.limit).mean() >= 0.85


def test_nothing_to_measure_lets_everything_pass():
    """One photo, or one group and no validation, says nothing about limits."""
    one = ood_detector.fit(cloud(1, 4, 0), np.zeros(4, int), np.empty((0, 40)), learnt_from=False)
    assert (one.distances(cloud(2, 50, 1)) <= one.limit).all()


@given(st.lists(st.integers(0, 6), min_size=1, max_size=200), st.integers(7, 80))
def test_a_sample_has_a_like_part_of_every_class(labels, most):
    """None is lost, none is drawn twice, and no class stands for another."""
    labels = np.array(labels)
    drawn = ood_detector.sample(labels, seed=3, most=most)
    assert len(drawn) == len(set(drawn.tolist())) == min(most, len(labels))
    share = len(drawn) / len(labels)
    for k in np.unique(labels):
        count = (labels == k).sum()
        assert abs((labels[drawn] == k).sum() - share * count) <= 2
    assert set(labels[drawn]) == set(labels)
    assert (drawn == ood_detector.sample(labels, seed=3, most=most)).all()


def test_it_is_found_again_in_the_folder_of_the_run(tmp_path):
    """What was saved gives the same distances; where nothing was, or half of it, there is none."""
    one, photos = made(), cloud(8, 10, 3)
    assert ood_detector.load(tmp_path) is None
    ood_detector.save(tmp_path, one)
    again = ood_detector.load(tmp_path)
    np.testing.assert_array_equal(again.distances(photos), one.distances(photos))
    assert (again.limit, again.neighbours) == (np.float32(one.limit), one.neighbours)
    data = (tmp_path / ood_detector.FILE).read_bytes()
    (tmp_path / ood_detector.FILE).write_bytes(data[: len(data) // 2])
    assert ood_detector.load(tmp_path) is None


ROWS = np.eye(3, 4, dtype=np.float16)
FINE = {
    "rows": ROWS,
    "limit": np.float32(0.2),
    "neighbours": np.int64(2),
    "ceiling": np.float32(2),
}
WRONG = {
    "no rows": {"rows": ROWS[:0]},
    "too many rows": {"rows": np.zeros((2001, 4), np.float16)},
    "flat": {"rows": ROWS[0]},
    "deep": {"rows": ROWS[None]},
    "another type": {"rows": ROWS.astype(np.float64)},
    "text": {"rows": np.array([["a", "b"]])},
    "no numbers": {"rows": np.full((3, 4), np.nan, np.float16)},
    "too long": {"rows": ROWS * 9},
    "limit is none": {"limit": np.float32(np.nan)},
    "limit is below": {"limit": np.float32(-0.1)},
    "limit is many": {"limit": np.zeros(3)},
    "limit is text": {"limit": np.array("x")},
    "no ceiling": {"ceiling": np.float32(0)},
    "a ceiling that is no number": {"ceiling": np.float32(np.nan)},
    "no neighbours": {"neighbours": np.int64(0)},
    "more neighbours than rows": {"neighbours": np.int64(4)},
    "endless neighbours": {"neighbours": np.float64(np.inf)},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_impossible_arrays_are_refused(change):
    """They may come from a stranger."""
    assert ood_detector.of_arrays(FINE).neighbours == 2
    with pytest.raises(ModelError, match="damaged"):
        ood_detector.of_arrays({**FINE, **change})


def test_each_array_must_be_there():
    """A gate without a limit is none."""
    for name in FINE:
        with pytest.raises(ModelError, match="damaged"):
            ood_detector.of_arrays({key: value for key, value in FINE.items() if key != name})


def test_bytes_that_are_no_gate_are_refused():
    """Text, nothing, objects, and arrays that unpack to far more than they seem."""

    def packed(**arrays) -> bytes:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)
        return buffer.getvalue()

    assert ood_detector.of_bytes(packed(**FINE)).limit == np.float32(0.2)
    huge = {**FINE, "rows": np.zeros((2000, 50_000), np.float16)}
    objects = {**FINE, "rows": np.array([{}, []], dtype=object)}
    for data in (b"", b"text", packed(**FINE)[:200], packed(**huge), packed(**objects)):
        with pytest.raises(ModelError, match="damaged"):
            ood_detector.of_bytes(data)
