"""The step that judges: settled days that are owed, oldest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import structlog

from monitor.settings import Settings
from monitor.wake import Wake
from monitor.wiring import Site

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges each settled day that is owed."""

    name: str = "judge"

    def deadline(self, settings: Settings) -> timedelta:
        """How long one day may take, what is taught for it included."""
        return timedelta(minutes=settings.daemon.day_minutes)

    def run(self, site: Site, wake: Wake) -> Mapping[str, Any]:
        """The report of the scan.

        Raises:
            Busy: another scan is at work, or the daemon was asked to stop.
        """
        from alerts.errors import Busy
        from monitor.cycle import scan

        def shown(day: date, done: int, total: int) -> None:
            wake.alive()
            log.info("day.judged", day=day.isoformat(), done=done, total=total)
            if wake.stop.is_set():
                raise Busy(f"asked to stop after {day}; the other days wait for the next wake")

        return scan(site, until=settled(site), actor=site.actor, progress=shown).as_json()


def settled(site: Site) -> datetime:
    """The first moment of the day that may not be judged yet, because its logs still arrive."""
    waiting = timedelta(minutes=site.settings.judging.settle_minutes)
    return datetime.combine((site.clock.now() - waiting).date(), time(), tzinfo=UTC)
