"""Up to when days may be judged: their logs have had time to arrive."""

from datetime import UTC, datetime, time, timedelta

from monitor.wiring import Site


def settled(site: Site) -> datetime:
    """The first moment of the day that may not be judged yet, because its logs still arrive."""
    waiting = timedelta(minutes=site.settings.judging.settle_minutes)
    return datetime.combine((site.clock.now() - waiting).date(), time(), tzinfo=UTC)
