"""Homes made up for tests: initialised, with a queue, at a moment that stands still."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from alerts.model import Alert
from alerts.records import JudgedDay
from monitor.cli.init import make_home
from monitor.clock import FixedClock
from monitor.wiring import Site, open_site
from tests.factories import a_moment

NOW = a_moment("2026-03-05T03:00:00Z")
JUDGED = date(2026, 3, 4)


def a_home(root: Path, *, alerts: Sequence[Alert] = (), judged: bool = True) -> Site:
    """A home whose last judged day raised these alerts."""
    site = open_site(root, clock=FixedClock(NOW))
    make_home(site)
    if judged:
        claimed = site.store.claim_day(JUDGED, owner="tests", at=NOW, lease=timedelta(hours=1))
        assert claimed
        site.store.finish_day(a_judged_day(), alerts=list(alerts), owner="tests", at=NOW)
    return site


def a_judged_day() -> JudgedDay:
    """The fourth of March, judged whole."""
    return JudgedDay(
        day=JUDGED,
        until=a_moment("2026-03-05T00:00:00Z"),
        loaded_seq=1,
        events=20_100,
        pairs=9_000,
        candidates=1,
        abstentions=(),
        seconds=1.5,
        settings_fingerprint="sha256:" + "0" * 64,
        code_version="0.1.0",
    )
