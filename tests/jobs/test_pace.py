"""Rate and time to go, on a clock of the test's own."""

import pytest

from imgclf_core.jobs.pace import Pace


class Clock:
    """Seconds that pass when told to."""

    def __init__(self):
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def run(seconds: list[float], total: int, already: int = 0) -> tuple[Pace, Clock]:
    """A stage whose steps took so long."""
    clock = Clock()
    pace = Pace(total, already, clock)
    for done, spent in enumerate(seconds, start=already + 1):
        clock.now += spent
        pace.step(done)
    return pace, clock


def test_nothing_is_said_before_a_step_is_done():
    """A guess would be a lie."""
    pace, _ = run([], 10)
    assert (pace.rate, pace.seconds_left()) == (None, None)


@pytest.mark.parametrize("first", [2.0, 8.0, 20.0])
def test_a_slow_first_step_is_forgotten_after_a_quarter(first):
    """Forty steps of two seconds, the first much longer: right within a quarter from ten on."""
    seconds = [first] + [2.0] * 39
    for done in range(10, 40):
        pace, _ = run(seconds[:done], 40)
        assert pace.seconds_left() == pytest.approx(2.0 * (40 - done), rel=0.25)


def test_time_goes_down_between_steps():
    """A long epoch does not stand still on screen."""
    pace, clock = run([4.0] * 5, 10)
    before = pace.seconds_left()
    clock.now += 3.0
    assert pace.seconds_left() == before - 3.0


def test_steps_that_were_there_say_nothing_about_the_speed():
    """Half the photos came from the cache."""
    pace, _ = run([1.0] * 10, 100, already=50)
    assert pace.rate == pytest.approx(1.0)
    assert pace.seconds_left() == pytest.approx(40.0)


def test_quick_steps_are_counted_right():
    """A hundred a second, of which not each is remembered."""
    pace, _ = run([0.01] * 1000, 2000)
    assert pace.rate == pytest.approx(100.0)
    assert pace.seconds_left() == pytest.approx(10.0)


def test_uncounted_stages_have_no_time_to_go():
    """A total of nought means that steps cannot be counted."""
    pace, _ = run([1.0] * 3, 0)
    assert pace.seconds_left() is None
