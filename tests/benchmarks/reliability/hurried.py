"""The daemon as shipped, by a clock that a file sets: python -m ...hurried CLOCK SOCKET HOME.

Its command, loop, scheduler, lease and steps are those of `psdmon daemon`. Other are the clock, how
often the scheduler wakes it, and how the process of a step comes to be; a wake at a moment at which
it has already done all there was to do ends at once.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from monitor.clock import SystemClock
from monitor.wake import AGAIN, WakeRecord
from tests.benchmarks.reliability.hurrying import asked, hurried
from tests.benchmarks.reliability.warming import starting

WAKES = "wakes.jsonl"
_EVERY_SECONDS = 0.07  # as many wakes in 20 minutes as there are hours in two years


def main(clock: Path, place: Path, root: Path) -> None:
    """Serve a home until asked to stop."""
    from monitor.cli.main import shell
    from monitor.daemon import schedule, serving, watching

    hurried(clock)
    watching.subprocess = starting(clock, place)
    schedule.trigger = _often
    service: Any = serving.Service
    service.wake = _once(service.wake, clock)
    shipped: Any = serving
    shipped.Service = partial(service, monotonic=_seconds)
    os.umask(0o077)
    shell(["--home", str(root), "daemon"], prog_name="psdmon")


def _often(_: object) -> Any:
    from apscheduler.triggers.interval import IntervalTrigger

    return IntervalTrigger(seconds=_EVERY_SECONDS, timezone=UTC)


def _seconds() -> float:
    """Seconds that go with the clock: moving it on is not setting it."""
    return SystemClock().now().timestamp()


def _once(wake: Callable[[Any], WakeRecord], clock: Path) -> Callable[[Any], WakeRecord]:
    """A wake that does nothing where everything was done at this moment; each other is noted."""
    done = [datetime.min.replace(tzinfo=UTC)]

    def woken(service: Any) -> WakeRecord:
        at, _, _ = asked(clock)
        if done == [at]:
            return WakeRecord(began_at=at, ended_at=at, seconds=0.0, steps=())
        began = time.process_time()
        record = wake(service)
        left = any(one.well and one.facts.get(AGAIN) for one in record.steps)
        told = {
            "at": at.isoformat(),
            "done": not left,
            "seconds": time.process_time() - began,
            "troubles": [f"{one.name}: {one.trouble}" for one in record.steps if one.trouble],
        }
        with (clock.parent / WAKES).open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")
        if not left:
            done[0] = at
        return record

    return woken


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
