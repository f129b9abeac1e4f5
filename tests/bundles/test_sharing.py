"""What the person says of a model that is given away."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgclf_core.bundles import sharing
from imgclf_core.bundles.sharing import Sharing
from imgclf_core.errors import OptionError
from imgclf_core.runs import run_store
from imgclf_core.runs.run import Run
from imgclf_core.runs.settings import TrainingSettings


@pytest.fixture
def run(tmp_path) -> Run:
    """A run of three classes."""
    made = Run(
        tmp_path / "run", "R", time.time(), tmp_path, "set", TrainingSettings(), ("a", "b", "c")
    )
    run_store.save(made)
    return made


def test_names_and_notes_are_kept_with_the_run(run):
    """Before anything was said, its own names and what is known of the photos."""
    assert sharing.load(run, "the attic", "mine") == Sharing(
        ("a", "b", "c"), "", "the attic", "mine"
    )
    said = Sharing(("x", "b", "=1+1"), "for school", "attic", "mine", photos=False)
    sharing.save(run, said)
    assert sharing.load(run, "other", "other") == said


def test_some_names_are_changed(run):
    """One that is not there is said."""
    assert sharing.renamed(run.class_names, {"b": "z"}) == ("a", "z", "c")
    with pytest.raises(OptionError, match="no class 'q' here"):
        sharing.renamed(run.class_names, {"q": "z"})


@pytest.mark.parametrize("names", [("a", "", "c"), ("a", "b", "b"), ("a", "b"), (" a", "a", "c")])
def test_names_that_cannot_be_told_apart_are_refused(run, names):
    """Nothing is kept then."""
    with pytest.raises(OptionError):
        sharing.save(run, Sharing(names))
    assert sharing.load(run).class_names == ("a", "b", "c")


@given(st.lists(st.text(max_size=30), min_size=3, max_size=3))
def test_whatever_is_typed_gives_usable_names_or_a_sentence(names):
    """One line each, none empty, no two alike."""
    try:
        kept = sharing.checked_names(names, 3)
    except OptionError:
        return
    assert len(set(kept)) == 3
    assert all(name.strip() == name and name and "\n" not in name for name in kept)
