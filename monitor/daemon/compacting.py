"""The step that keeps the files of the lake few."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from monitor.settings import Settings
from monitor.wake import Wake
from monitor.wiring import Site


@dataclass(frozen=True, slots=True)
class Compact:
    """Puts small files together where a table has too many."""

    name: str = "compact"

    def deadline(self, settings: Settings) -> timedelta:
        """How long it may take."""
        return timedelta(minutes=settings.daemon.day_minutes)

    def run(self, site: Site, wake: Wake) -> Mapping[str, Any]:
        """How many files were replaced by fewer; the entry of the chain says of which tables.

        Raises:
            Busy: something is being loaded.
        """
        from monitor.ingest.compacting import compacted

        wake.alive()
        replaced = compacted(site.home, settings=site.settings).replaced
        if replaced:
            site.store.record(
                "lake.compacted",
                actor=site.actor,
                at=site.clock.now(),
                facts={"replaced": replaced},
            )
        return {"replaced": sum(replaced.values())}
