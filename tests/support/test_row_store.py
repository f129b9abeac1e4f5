"""Rows found by content, safe against crashes."""

import hashlib
import os
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.support import row_store
from imgclf_core.support.row_store import RowStore


def key(number: int) -> str:
    """The SHA-256 of a number."""
    return hashlib.sha256(str(number).encode()).hexdigest()


def row(number: int) -> np.ndarray:
    """A row that tells which one it is."""
    return np.full((2, 3), number, np.float32)


def add(store: RowStore, *numbers: int) -> None:
    """Appends rows."""
    store.append([key(n) for n in numbers], np.stack([row(n) for n in numbers]))


def check(store: RowStore, *numbers: int) -> None:
    """All these rows are there and right."""
    rows, positions = store.rows(), store.positions()
    for number in numbers:
        np.testing.assert_array_equal(rows[positions[key(number)]], row(number))


@pytest.fixture
def store() -> RowStore:
    """An empty store."""
    return RowStore(row_store.shared("test/rows"), (2, 3), "float32")


def test_an_empty_store_has_no_rows(store):
    """Nothing is there, and everything is missing."""
    assert store.positions() == {}
    assert store.rows().shape == (0, 2, 3)
    assert store.missing([key(1), key(2), key(1)]) == [key(1), key(2)]


def test_rows_are_found_by_key_also_by_another_process(store):
    """What one store object wrote, another one of the same name reads."""
    add(store, 1, 2)
    add(store, 3)
    other = RowStore(row_store.shared("test/rows"), (2, 3), "float32")
    check(other, 1, 2, 3)
    assert other.missing([key(4), key(2)]) == [key(4)]


def test_rows_cannot_be_changed_by_readers(store):
    """The map of the file is read-only."""
    add(store, 1)
    with pytest.raises(ValueError, match="read-only"):
        store.rows()[0] = 0


@pytest.mark.parametrize("lost", [1, 40, 65])
def test_a_crash_between_rows_and_keys_loses_only_what_was_being_written(store, lost):
    """A torn end is cut off by the next writer."""
    add(store, 1, 2)
    keys = store.folder / "keys.txt"
    keys.write_bytes(keys.read_bytes()[:-lost])
    assert store.missing([key(1), key(2)]) == [key(2)]
    add(store, 3, 2)
    check(store, 1, 2, 3)


def test_rows_cut_short_are_not_believed(store):
    """Keys without their row count as missing."""
    add(store, 1, 2)
    with open(store.folder / "rows.bin", "r+b") as file:
        file.truncate(30)
    assert store.missing([key(1), key(2)]) == [key(2)]


@given(st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=4), max_size=5))
def test_a_key_that_comes_twice_does_no_harm(tmp_path_factory, batches):
    """Two jobs that compute the same photo leave all rows right."""
    name = tmp_path_factory.mktemp("x").name
    store = RowStore(row_store.shared(f"test/{name}"), (2, 3), "float32")
    for batch in batches:
        add(store, *batch)
    check(store, *{number for batch in batches for number in batch})


def test_the_sweep_throws_away_what_was_used_longest_ago():
    """Oldest first, only until the cache fits, and nothing used within the hour."""
    for age, name in ((9000, "old"), (8000, "middle"), (0, "new")):
        store = RowStore(row_store.shared(f"test/{name}"), (100,), "uint8")
        store.append([key(1)], np.zeros((1, 100), np.uint8))
        os.utime(store.folder / "used", (time.time() - age,) * 2)
    root = store.folder.parent
    assert row_store.sweep(limit_bytes=400) == 165
    assert sorted(path.name for path in root.iterdir()) == ["middle", "new"]
    assert row_store.sweep(limit_bytes=0) == 165
    assert [path.name for path in root.iterdir()] == ["new"]


def test_the_sweep_of_no_cache_is_nothing():
    """A home without a cache is no error."""
    assert row_store.sweep(limit_bytes=0) == 0
