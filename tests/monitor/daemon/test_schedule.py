"""What wakes the service knows UTC alone, and a clock that is set is noticed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from monitor.daemon.schedule import ClockWatch, trigger
from monitor.settings import Settings
from tests.factories import a_moment


@dataclass(slots=True)
class Hands:
    """A clock whose hands a test moves."""

    at: datetime
    seconds: float = 0.0

    def now(self) -> datetime:
        """Where they stand."""
        return self.at

    def pass_by(self, seconds: float, *, seen: float | None = None) -> None:
        """Let time pass, and the clock show more or less of it."""
        self.seconds += seconds
        self.at += timedelta(seconds=seconds if seen is None else seen)


@pytest.mark.parametrize(
    "first",
    ["2026-03-28T23:30:00Z", "2026-10-24T23:30:00Z", "2028-02-28T23:30:00Z"],
    ids=["the clocks go forward", "the clocks go back", "a leap day"],
)
def test_it_wakes_each_hour_once_whatever_the_calendar_does(first: str) -> None:
    wakes: Any = trigger(Settings())
    at = wakes.get_next_fire_time(None, a_moment(first))
    times = [at]
    for _ in range(48):
        at = wakes.get_next_fire_time(at, at)
        times.append(at)

    steps = {later - earlier for earlier, later in pairwise(times)}
    assert steps == {timedelta(hours=1)}


@pytest.mark.parametrize("set_by", [timedelta(days=1), timedelta(days=-1), timedelta(minutes=2)])
def test_a_clock_that_was_set_is_noticed_once(set_by: timedelta) -> None:
    hands = Hands(a_moment("2026-03-01T03:00:00Z"))
    watch = ClockWatch(clock=hands, monotonic=lambda: hands.seconds)
    hands.pass_by(3600)
    before = watch.moved()
    hands.pass_by(1, seen=1 + set_by.total_seconds())

    assert (before, watch.moved(), watch.moved()) == (None, set_by, None)


def test_a_clock_that_is_corrected_little_by_little_is_left_alone() -> None:
    hands = Hands(a_moment("2026-03-01T03:00:00Z"))
    watch = ClockWatch(clock=hands, monotonic=lambda: hands.seconds)
    hands.pass_by(3600, seen=3630)

    assert watch.moved() is None
