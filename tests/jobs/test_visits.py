"""When somebody last looked into a workspace."""

import math

import pytest

from imgclf_core.jobs import visits
from imgclf_core.support import atomic_files


@pytest.fixture
def clock(monkeypatch):
    """A machine whose clock and running time are set by hand."""
    now = {"start": "first", "running": 1000.0, "clock": 5e8}
    monkeypatch.setattr(visits, "_now", lambda: dict(now))
    return now


def test_time_is_counted_from_the_last_visit(tmp_path, clock):
    """By the running machine."""
    visits.note(tmp_path)
    clock["running"] += 90

    assert visits.seconds_since(tmp_path) == 90


@pytest.mark.parametrize("jump", [-1e7, 1e7])
def test_a_clock_that_jumps_changes_nothing(tmp_path, clock, jump):
    """Nobody's photos expire because somebody set the clock."""
    visits.note(tmp_path)
    clock["running"] += 5
    clock["clock"] += jump

    assert visits.seconds_since(tmp_path) == 5


def test_across_a_restart_the_clock_counts_and_never_backwards(tmp_path, clock):
    """The running time begins anew with the machine."""
    visits.note(tmp_path)
    clock.update(start="second", running=1.0, clock=5e8 + 3600)
    assert visits.seconds_since(tmp_path) == 3600
    clock["clock"] = 4e8
    assert visits.seconds_since(tmp_path) == 0


def test_no_folder_is_made_for_a_visit(tmp_path):
    """Who only looks at the app leaves nothing behind."""
    visits.note(tmp_path / "nobody")

    assert not (tmp_path / "nobody").exists()
    assert visits.seconds_since(tmp_path / "nobody") == math.inf


def test_a_damaged_note_is_none(tmp_path):
    """It is as if nobody had ever come."""
    atomic_files.write_json(tmp_path / visits.FILE, {"clock": 3})

    assert visits.seconds_since(tmp_path) == math.inf
