"""Free memory as the system and its control groups tell it, and an end to what takes too much."""

import subprocess
import sys
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
    assert memory.available(tmp_path, tmp_path / "none") == 50 * MEGABYTE


def test_the_older_control_groups_count_too(tmp_path):
    """Version 1 has other names."""
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory/memory.limit_in_bytes").write_text(str(70 * MEGABYTE))
    (tmp_path / "memory/memory.usage_in_bytes").write_text(str(90 * MEGABYTE))
    assert memory.available(tmp_path, tmp_path / "none") == 0


@pytest.mark.parametrize("old", [True, False])
def test_the_group_of_this_process_counts_and_all_above_it(tmp_path, old):
    """A service has a group of its own, further down."""
    own, groups = tmp_path / "own", tmp_path / "groups"
    own.write_text("4:memory:/services/ours\n" if old else "0::/services/ours\n")
    names = (
        ("memory.limit_in_bytes", "memory.usage_in_bytes")
        if old
        else ("memory.max", "memory.current")
    )
    root = groups / "memory" if old else groups
    for folder, limit in ((root / "services" / "ours", 900), (root / "services", 300)):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / names[0]).write_text(str(limit * MEGABYTE))
        (folder / names[1]).write_text(str(200 * MEGABYTE))
    (root / "services" / "ours" / "memory.stat").write_text("active_file 5\n")

    assert memory.available(groups, own) == 100 * MEGABYTE


@pytest.mark.parametrize("text", ["max\n", "", "nonsense"])
def test_without_a_limit_the_system_decides(tmp_path, text):
    """As on a laptop."""
    (tmp_path / "memory.max").write_text(text)
    assert memory.available(tmp_path, tmp_path / "none") == pytest.approx(
        psutil.virtual_memory().available, rel=0.2
    )


def test_own_memory_grows_with_what_is_held():
    """Arrays count as soon as they are written to."""
    before = memory.anonymous()
    held = np.ones(60 * MEGABYTE, np.uint8)
    assert memory.anonymous() - before > 50 * MEGABYTE
    del held


def test_too_much_memory_is_told_once():
    """And the peak is known."""
    told, used = threading.Event(), []
    with Watch(lambda: 1, lambda excess: (used.append(excess), told.set())) as watch:
        assert told.wait(20)
    assert used == [watch.peak]


def test_memory_that_another_process_freed_may_be_used():
    """The limit is asked for again before anything is ended."""
    limits = iter([1, 10**15])
    with Watch(lambda: next(limits), lambda used: pytest.fail("ended")) as watch:
        while watch.limit == 1:
            pass
    assert watch.limit == 10**15


def test_a_peak_is_known_after_the_shortest_work():
    """And once it is over nothing is too much any more."""
    with Watch(lambda: 10**15, lambda used: None) as watch:
        pass
    assert watch.peak > MEGABYTE


@pytest.mark.parametrize(
    ("set_from_outside", "megabytes"), [("64", 64), ("5000", 2350), ("plenty", 2350), ("", 2350)]
)
def test_the_limit_can_be_lowered_from_outside(monkeypatch, set_from_outside, megabytes):
    """Never raised above what is free, less what the server needs."""
    monkeypatch.setattr(memory, "anonymous", lambda: 500 * MEGABYTE)
    monkeypatch.setattr(memory, "available", lambda: 2000 * MEGABYTE)
    monkeypatch.setenv(memory.LIMIT_VARIABLE, set_from_outside)
    assert memory.allowed() == megabytes * MEGABYTE


def test_a_job_that_was_let_in_may_use_something(monkeypatch):
    """With little free the reserve is half of it, so that no job dies of its first look."""
    monkeypatch.setattr(memory, "anonymous", lambda: 40 * MEGABYTE)
    monkeypatch.setattr(memory, "available", lambda: 80 * MEGABYTE)
    assert memory.allowed() == 80 * MEGABYTE


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can be asked")
def test_the_system_ends_the_worker_before_the_server():
    """Told from what the kernel was told."""
    code = (
        "from imgclf_core.jobs import memory\n"
        "memory.offer_as_first_victim()\n"
        "print(open('/proc/self/oom_score_adj').read())\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "1000"
