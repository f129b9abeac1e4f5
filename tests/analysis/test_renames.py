"""A class with another name is the same class."""

from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.analysis.renames import renames

BEFORE = {"1": "cat", "2": "cat", "3": "dog", "4": "fox"}


def test_a_renamed_class_is_found():
    """All its photos have the new name, also where some are gone."""
    after = {"1": "kitten", "3": "dog", "4": "fox", "9": "kitten"}
    assert renames(BEFORE, after) == {"cat": "kitten"}


def test_merged_split_and_relabelled_classes_are_none():
    """Into one that was there, two into one new, one into two, and a single photo moved."""
    assert renames(BEFORE, {"1": "dog", "2": "dog", "3": "dog", "4": "fox"}) == {}
    assert renames(BEFORE, {"1": "pet", "2": "pet", "3": "pet", "4": "fox"}) == {}
    assert renames(BEFORE, {"1": "a", "2": "b", "3": "dog", "4": "fox"}) == {}
    assert renames(BEFORE, {"1": "fox", "2": "cat", "3": "dog", "4": "fox"}) == {}


def test_a_class_that_is_merely_without_photos_here_was_not_renamed():
    """Its name is still known."""
    after = {"1": "kitten", "2": "kitten", "3": "dog", "4": "fox"}
    assert renames(BEFORE, after, names_after=("cat",)) == {}


@given(st.dictionaries(st.text(max_size=2), st.sampled_from("abc"), min_size=1))
def test_new_names_for_all_are_found_one_to_one(before):
    """Whatever the photos, a renaming of all classes is read back."""
    new = {name: name.upper() for name in "abc"}
    found = renames(before, {file: new[name] for file, name in before.items()})
    assert found == {name: new[name] for name in set(before.values())}
