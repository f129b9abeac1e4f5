"""Two runs on the same photos, and whether their difference is more than chance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from imgclf_core.analysis import comparison, results
from tests.analysis.test_results import run_with


def results_of(tmp_path, labels, *guesses):
    """A result a list of guesses."""
    sides = ["test"] * len(labels)
    runs = [run_with(tmp_path, labels, own, sides, f"run{i}") for i, own in enumerate(guesses)]
    return [results.open_result(run) for run in runs]


def test_mended_and_broken_photos_are_named(tmp_path):
    """Right for both or wrong for both is neither."""
    first, second = results_of(tmp_path, [0, 0, 1, 1], [0, 1, 1, 0], [0, 0, 0, 0])

    found = comparison.compare(first, second)

    assert (found.n, found.mended.tolist(), found.broken.tolist()) == (4, [1], [2])
    assert "no clear difference" in found.sentence


def test_a_clear_difference_is_said(tmp_path):
    """Eight mended and none broken happens by chance once in 128."""
    first, second = results_of(tmp_path, [0] * 8, [1] * 8, [0] * 8)

    found = comparison.compare(first, second)

    assert found.chance == pytest.approx(2 / 2**8)
    assert "second is better" in found.sentence


def test_equal_answers_are_said_to_be_equal(tmp_path):
    """Nothing changed, nothing to test."""
    first, second = results_of(tmp_path, [0, 1], [0, 1], [0, 1])
    assert comparison.compare(first, second).chance == 1
    assert comparison.compare(first, second).sentence.startswith("Both guessed")


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_test_is_the_exact_one(mended, broken):
    """The two-sided binomial test, which SciPy has."""
    expected = binomtest(mended, mended + broken).pvalue if mended + broken else 1.0
    assert comparison.mcnemar(mended, broken) == pytest.approx(expected)


def test_other_photos_cannot_be_compared(tmp_path):
    """Runs with other labels answer another test."""
    one = results_of(tmp_path / "a", [0, 1], [0, 1])[0]
    other = results_of(tmp_path / "b", [0, 0], [0, 1])[0]
    assert comparison.comparable(one, one)
    assert not comparison.comparable(one, other)
