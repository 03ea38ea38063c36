"""The step that judges: settled days that are owed, oldest first."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import TYPE_CHECKING, Any, Final

import structlog

from monitor.settings import Settings
from monitor.wake import AGAIN, Wake
from monitor.wiring import Site

if TYPE_CHECKING:  # the daemon itself stays small
    from monitor.cycle import Judging

MIDNIGHT: Final = time_of_day()

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges each settled day that is owed."""

    name: str = "judge"
    judging: "Judging | None" = None  # gives the outcome of each day; by default as everywhere

    def deadline(self, settings: Settings) -> timedelta:
        """How long one day may take, what is taught for it included."""
        return timedelta(minutes=settings.daemon.day_minutes)

    def run(self, site: Site, wake: Wake) -> Mapping[str, Any]:
        """The report of the scan.

        Raises:
            Busy: another scan is at work.
        """
        from monitor.cycle import scan
        from monitor.judgement import judged_days

        began = time.monotonic()
        most_seconds = site.settings.daemon.wake_minutes * 60

        def shown(day: date, done: int, total: int) -> None:
            wake.alive()
            log.info("day.judged", day=day.isoformat(), done=done, total=total)

        def over() -> bool:
            return wake.stop.is_set() or time.monotonic() - began > most_seconds

        report = scan(
            site,
            until=settled(site),
            actor=site.actor,
            progress=shown,
            patient=True,
            stop=over,
            judging=self.judging or judged_days,
        )
        again = report.left > 0 and bool(report.judged) and not wake.stop.is_set()
        return report.as_json() | {AGAIN: again}


def settled(site: Site) -> datetime:
    """The first moment of the day that may not be judged yet, because its logs still arrive."""
    waiting = timedelta(minutes=site.settings.judging.settle_minutes)
    return datetime.combine((site.clock.now() - waiting).date(), MIDNIGHT, tzinfo=UTC)
