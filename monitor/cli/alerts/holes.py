"""What was missing of the logs while an alert's accesses were made, in sentences."""

from datetime import UTC, datetime, timedelta

from alerts.model import Alert
from monitor.feeds import FINDING_OPENED
from monitor.wiring import Site


def holes_over(site: Site, alert: Alert) -> tuple[str, ...]:
    """Findings about feeds that reach into the span of an alert; none where none ever was."""
    if site.store.last_entry(FINDING_OPENED) is None:
        return ()
    from monitor.sources.keeping import record_of

    end = alert.last_event_at + timedelta(microseconds=1)
    return tuple(
        f"{hole.feed}, {hole.kind.replace('_', ' ')} from {_minute(hole.since)}"
        f" {_ending(hole.until)}: {'; '.join(hole.says)}"
        for hole in record_of(site.store).holes(alert.first_event_at, end)
    )


def _ending(until: datetime | None) -> str:
    return f"to {_minute(until)}" if until else "on"


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
