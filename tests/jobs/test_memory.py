"""Free memory as the system and its control groups tell it, and an end to what takes too much."""

import threading

import numpy as np
import psutil
import pytest

from imgclf_core.jobs import memory
from imgclf_core.jobs.memory import Watch

MEGABYTE = 1024 * 1024


def test_a_control_group_bounds_what_is_free(tmp_path):
    """Version 2: pages of files can be let go of, so they count as free."""
    (tmp_path / "memory.max").write_text(f"{100 * MEGABYTE}\n")
    (tmp_path / "memory.current").write_text(f"{80 * MEGABYTE}\n")
    (tmp_path / "memory.stat").write_text(f"anon 1\ninactive_file {30 * MEGABYTE}\n")
    assert memory.available(tmp_path) == 50 * MEGABYTE


def test_the_older_control_groups_count_too(tmp_path):
    """Version 1 has other names."""
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory/memory.limit_in_bytes").write_text(str(70 * MEGABYTE))
    (tmp_path / "memory/memory.usage_in_bytes").write_text(str(90 * MEGABYTE))
    assert memory.available(tmp_path) == 0


@pytest.mark.parametrize("text", ["max\n", "", "nonsense"])
def test_without_a_limit_the_system_decides(tmp_path, text):
    """As on a laptop."""
    (tmp_path / "memory.max").write_text(text)
    assert memory.available(tmp_path) == pytest.approx(psutil.virtual_memory().available, rel=0.2)


def test_own_memory_grows_with_what_is_held():
    """Arrays count as soon as they are written to."""
    before = memory.anonymous()
    held = np.ones(60 * MEGABYTE, np.uint8)
    assert memory.anonymous() - before > 50 * MEGABYTE
    del held


def test_too_much_memory_is_told_once():
    """And the peak is known."""
    told, used = threading.Event(), []
    with Watch(1, lambda excess: (used.append(excess), told.set())) as watch:
        assert told.wait(20)
    assert used == [watch.peak]


def test_the_limit_can_be_set_from_outside(monkeypatch):
    """For small servers, and for trying."""
    monkeypatch.setenv(memory.LIMIT_VARIABLE, "64")
    assert memory.allowed() == 64 * MEGABYTE
    monkeypatch.setenv(memory.LIMIT_VARIABLE, "plenty")
    assert memory.allowed() > 64 * MEGABYTE
