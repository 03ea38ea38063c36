"""What wakes the service, in UTC: it holds no state, and says nothing of what is owed."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any, Final

from monitor.clock import Clock
from monitor.settings import Settings

_DRIFT: Final = timedelta(seconds=60)  # by which a clock may be corrected without a word
_JOB: Final = "wake"


def trigger(settings: Settings) -> Any:
    """When to wake: every schedule.every_minutes, whatever the clocks of a country do."""
    from apscheduler.triggers.interval import IntervalTrigger

    return IntervalTrigger(minutes=settings.schedule.every_minutes, timezone=UTC)


@dataclass(slots=True, kw_only=True)  # it holds a thread that waits
class Schedule:
    """APScheduler with one job: it sets an event."""

    due: Event
    settings: Settings
    scheduler: Any = field(init=False)

    def start(self) -> None:
        """Wait for the first time; the event is not set before."""
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.schedulers.background import BackgroundScheduler

        logging.getLogger("apscheduler").addHandler(logging.NullHandler())
        self.scheduler = BackgroundScheduler(
            timezone=UTC, executors={"default": ThreadPoolExecutor(1)}
        )
        self.scheduler.start()
        self.rebuild(self.settings)

    def rebuild(self, settings: Settings) -> None:
        """Wait by these settings from here on."""
        self.settings = settings
        self.scheduler.add_job(
            self.due.set,
            trigger(settings),
            id=_JOB,
            replace_existing=True,
            misfire_grace_time=None,  # the default of one second drops a late run
            coalesce=True,
            max_instances=1,
        )

    def stop(self) -> None:
        """Wait no more."""
        self.scheduler.shutdown(wait=True)


@dataclass(slots=True, kw_only=True)  # it remembers when it last looked
class ClockWatch:
    """Notices that the clock of the machine was set, by seconds that nobody can set."""

    clock: Clock
    monotonic: Callable[[], float] = time.monotonic
    _seen: tuple[datetime, float] = field(init=False)

    def __post_init__(self) -> None:
        """Look at both for the first time."""
        self._seen = (self.clock.now(), self.monotonic())

    def moved(self) -> timedelta | None:
        """How far the clock was set since it was last seen to be; nothing where it was not."""
        at, seconds = self.clock.now(), self.monotonic()
        then, before = self._seen
        moved = (at - then) - timedelta(seconds=seconds - before)
        if abs(moved) <= _DRIFT:
            return None
        self._seen = (at, seconds)
        return moved
