"""One function over many items: in order, bounded, and honest about errors."""

import itertools
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.support.parallel_map import batches, map_batches


@given(st.lists(st.integers(), max_size=50), st.integers(1, 9))
def test_every_item_is_in_one_batch_in_order(items, size):
    """All batches but the last are full."""
    cut = list(batches(items, size))
    assert list(itertools.chain(*cut)) == items
    assert all(len(batch) == size for batch in cut[:-1])
    assert all(0 < len(batch) <= size for batch in cut)


@given(st.integers(0, 60), st.integers(1, 9), st.integers(1, 4))
def test_results_come_in_the_order_of_the_items(count, size, threads):
    """Each batch with its own result, whichever thread was first."""
    got = list(map_batches(sum, range(count), size, threads))
    assert got == [(batch, sum(batch)) for batch in batches(range(count), size)]


def test_an_error_comes_out_where_it_belongs():
    """Results before the failing batch are given, those after it are not."""

    def reciprocal(batch: list[int]) -> float:
        return 1 / batch[0]

    got = map_batches(reciprocal, [2, 1, 0, 4], size=1)
    assert [next(got)[1], next(got)[1]] == [0.5, 1.0]
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        next(got)


def test_endless_input_is_taken_only_a_little_ahead():
    """Memory does not grow with the number of photos."""
    taken = itertools.count()
    got = map_batches(lambda batch: batch[0], taken, size=1, threads=2)
    assert [next(got)[1] for _ in range(10)] == list(range(10))
    got.close()
    assert next(taken) <= 10 + 2 * 2 + 2


def test_work_is_shared_between_threads():
    """Two batches are worked on at the same time: each waits for the other."""
    together = threading.Barrier(2, timeout=20)
    got = list(map_batches(lambda batch: together.wait() in (0, 1), range(2), size=1, threads=2))
    assert [result for _, result in got] == [True, True]


def test_nobody_is_asked_for_nothing():
    """No items, no results."""
    assert list(map_batches(len, [])) == []
