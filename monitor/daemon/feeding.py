"""The step that reads the feeds, each from where it was left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from monitor.settings import Settings
from monitor.wake import Wake
from monitor.wiring import Site


@dataclass(frozen=True, slots=True)
class Feed:
    """Reads every declared feed; the trouble of one is told, and stops no other."""

    name: str = "feeds"

    def deadline(self, settings: Settings) -> timedelta:
        """How long one part of a feed may take."""
        return timedelta(minutes=settings.daemon.step_minutes)

    def run(self, site: Site, wake: Wake) -> Mapping[str, Any]:
        """How many feeds were read, how many rows were new, and how many feeds are in trouble.

        Raises:
            Busy: another run reads the feeds.
            Misused: feeds.toml cannot be used.
        """
        from monitor.sources import declared_at, read_feeds

        def asked_to_stop() -> bool:
            wake.alive()
            return wake.stop.is_set()

        declared = declared_at(site.home.config)
        if not declared.feed:
            return {"feeds": 0}
        reports = read_feeds(site, declared.feed, declared=declared, stop=asked_to_stop)
        return {
            "feeds": len(reports),
            "stored": sum(report.counts["stored"] for report in reports),
            "quarantined": sum(report.counts["quarantined"] for report in reports),
            "in_trouble": sum(bool(report.problem) for report in reports),
            "findings": sum(len(report.findings) for report in reports),
        }
