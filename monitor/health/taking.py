"""The step that takes the signs of a home, last in each wake."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from shutil import disk_usage
from typing import Any, Final

from alerts.model import Status
from monitor.access.desk import uncovered
from monitor.health.exposition import exposition
from monitor.health.signs import Signs, keep
from monitor.health.writing import written_for_all
from monitor.owing import owed
from monitor.settings import Settings
from monitor.wake import StepRecord, Wake
from monitor.wiring import Site

_WEEK: Final = timedelta(days=7)
# What a home is filled with on its first day is history, and not late.
_COUNTED = """
    select max(occurred_at),
           count(*) filter (where loaded_at >= $week_ago
                            and loaded_at > (select min(loaded_at) from events) + interval 1 day
                            and loaded_at > occurred_at::date + interval 1 day
                                            + to_minutes($settle)),
           count(distinct user_id) filter (where occurred_at >= $week_ago)
    from events
"""


@dataclass(frozen=True, slots=True)
class TakeSigns:
    """Takes the signs, keeps them in the home, and writes them where a collector reads them."""

    name: str = "take signs"

    def deadline(self, settings: Settings) -> timedelta:
        """How long it may take."""
        return timedelta(minutes=settings.daemon.step_minutes)

    def run(self, site: Site, wake: Wake) -> Mapping[str, Any]:
        """How many signs say that something is owed; they are kept in the home.

        Raises:
            OSError: home or text file cannot be written.
        """
        signs = taken(site, before=wake.before)
        keep(signs, site.home.root)
        textfile = site.settings.health.textfile
        if textfile:
            written_for_all(Path(textfile), exposition(signs, now=signs.at))
        return {"days_owed": signs.days_owed, "days_failing": signs.days_failing}


def taken(site: Site, *, before: Sequence[StepRecord]) -> Signs:
    """The signs of a home now.

    Args:
        site: the home.
        before: the steps of this wake that have ended.
    """
    from monitor.ingest import quarantined_rows

    now = site.clock.now()
    facts = {step.name: step.facts for step in before}
    nothing: Mapping[str, Any] = {}
    last = site.store.last_entry("scan.finished")
    newest, late, users = _counted(site, now)
    alerts = uncovered(site)  # a count must not tell of what is closed
    root = site.home.root
    judged = next((step for step in before if step.name == "judge"), None)
    return Signs(
        at=now,
        last_success_at=last.moment if last else None,
        newest_event_at=newest,
        lag_seconds=_lag_seconds(site, newest),
        days_owed=len(owed(site)),
        days_failing=sum(day.failing for day in site.store.ledger()),
        late_rows=late,
        quarantined_rows=len(quarantined_rows(site.home, settings=site.settings)),
        queue={str(status): 0 for status in Status} | Counter(str(a.status) for a in alerts),
        raised_in_week=sum(alert.raised_at > now - _WEEK for alert in alerts),
        budget_in_week=users * site.settings.judging.chance_alerts_per_1000_user_weeks / 1000,
        run_seconds=judged.seconds if judged else None,
        run_memory_bytes=facts.get("judge", nothing).get("memory_bytes"),
        steps={step.name: step.well for step in before},
        findings=int(facts.get("feeds", nothing).get("findings", 0)),
        channels_in_trouble=int(facts.get("notify", nothing).get("in_trouble", 0)),
        home_bytes=sum(_size(path) for path in root.rglob("*")),
        free_bytes=disk_usage(root).free,
    )


def _counted(site: Site, now: datetime) -> tuple[datetime | None, int, int]:
    """The newest event, rows that came late in a week, and members of staff active in it."""
    snapshot = site.lake.snapshot("events")
    if not snapshot.tables:
        return None, 0, 0
    connection = snapshot.connect(engine=site.settings.engine)
    try:
        told = {
            "week_ago": (now - _WEEK).replace(tzinfo=None),
            "settle": site.settings.judging.settle_minutes,
        }
        newest, late, users = connection.execute(_COUNTED, told).fetchall()[0]
    finally:
        connection.close()
    return newest.replace(tzinfo=UTC) if newest else None, int(late), int(users)


def _lag_seconds(site: Site, newest: datetime | None) -> float | None:
    judged = site.store.judged_days()
    if newest is None or not judged:
        return None
    end = datetime.combine(max(judged) + timedelta(days=1), time(), tzinfo=UTC)
    return max((newest - end).total_seconds(), 0.0)


def _size(path: Path) -> int:
    """Bytes of a file; 0 for a folder, or for one that was cleared away meanwhile."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
