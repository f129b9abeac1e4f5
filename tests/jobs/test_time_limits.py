"""A training that takes too long, or that nobody looks at any more."""

import pytest

from imgclf_core import config
from imgclf_core.config import SHARED
from imgclf_core.jobs import events, queue, visits
from imgclf_core.jobs.time_limits import Watch


class Clock:
    """Seconds that pass when told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watched(tmp_path):
    """A training, its owner's workspace, a clock and the watch over it."""
    owner, clock = tmp_path / "workspace", Clock()
    folder = owner / "runs" / "one"
    folder.mkdir(parents=True)
    return folder, owner, clock, Watch(folder, owner, config.limits(SHARED), clock)


def test_nobody_looks_for_ten_minutes(watched):
    """Then it stops; every visit begins them anew."""
    _, owner, clock, watch = watched
    clock.now = 599
    assert watch.too_much() == ""
    visits.note(owner)
    assert watch.too_much() == ""
    clock.now = 599 + 601

    assert watch.too_much() == events.UNWATCHED


def test_it_may_take_thirty_minutes(watched):
    """Also while somebody looks."""
    folder, owner, clock, watch = watched
    for clock.now in range(0, 1801, 300):
        (owner / visits.FILE).unlink(missing_ok=True)
        visits.note(owner)
        assert watch.too_much() == ""
    clock.now = 1801

    assert watch.too_much() == events.TOO_LONG
    queue.stop(folder, why=events.TOO_LONG)
    assert events.stop_reason(folder) == events.TOO_LONG
    assert queue.stopping(folder) == events.STOP
    assert watch.too_much() == ""
