"""Each of the forty bad inputs gets its sentence, and everything else stays as it was."""

import ast
from pathlib import Path

import pytest

from imgclf_core import job_registry
from imgclf_core.jobs import events, queue, worker
from tests.hostile import cases
from tests.hostile.case import perform
from tests.hostile.threats import THREATS
from tests.hostile.visitor import Visitor

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    """Somebody with photos and a model, whose jobs are done in this process, to save time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queue, "_launch", lambda folder: job_registry.main([str(folder)]))
        patch.setattr(worker, "_end_with_folder", lambda reporter: None)
        patch.setattr(events, "_TRIES", 1)
        yield Visitor(tmp_path_factory.mktemp("visitor"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", [case for case in cases.ALL if case.attempt], ids=lambda case: f"{case.number}"
)
def test_a_bad_input_is_said_and_nothing_else_changes(visitor, case):
    """What, which file and what to do; photos, model, settings and a stranger's stay."""
    with visitor.at_home():
        outcome = perform(case, visitor)
    assert outcome.broken == (), outcome.said


def test_there_are_forty():
    """Each is tried here or by a test of its own."""
    assert [case.number for case in cases.ALL] == list(range(1, 41))
    assert all(case.attempt or case.beyond for case in cases.ALL)


def named() -> list[str]:
    """All tests that cases and threats name."""
    found = [name for case in cases.ALL for name in case.beyond]
    return sorted({*found, *(name for names in THREATS.values() for name in names)})


@pytest.mark.parametrize("name", named())
def test_what_is_named_exists(name):
    """A test that was renamed or deleted does not stand against anything."""
    file, _, test = name.partition("::")
    tree = ast.parse((PROJECT / file).read_text("utf-8"))
    tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert test in tests if test else any(one.startswith("test_") for one in tests)


def test_every_known_threat_has_a_test():
    """Of zips, pictures, models, text and sessions."""
    known = [("Z", 16), ("I", 14), ("K", 2), ("X", 4), ("S", 11)]
    assert set(THREATS) == {f"{kind}{i}" for kind, most in known for i in range(1, most + 1)}
    assert all(THREATS.values())
