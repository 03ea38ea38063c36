"""The step that judges: settled days that are owed, oldest first."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from resource import RUSAGE_SELF, getrusage
from typing import TYPE_CHECKING, Any, Final

import structlog

from monitor.owing import settled
from monitor.settings import Settings
from monitor.wake import AGAIN, Wake
from monitor.wiring import Site

if TYPE_CHECKING:  # the daemon itself stays small
    from monitor.cycle import Judging

_KIBIBYTE: Final = 1024  # the unit of ru_maxrss on Linux, getrusage(2)

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
        most = getrusage(RUSAGE_SELF).ru_maxrss * _KIBIBYTE
        return report.as_json() | {AGAIN: again, "memory_bytes": most}
