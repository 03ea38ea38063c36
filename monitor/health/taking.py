"""The step that takes the signs of a home, last in each wake."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import disk_usage
from typing import TYPE_CHECKING, Any, Final

from alerts.model import Status
from monitor.access.desk import uncovered
from monitor.health.exposition import exposition
from monitor.health.signs import Signs, keep
from monitor.health.writing import written_for_all
from monitor.owing import settled
from monitor.settings import Settings
from monitor.utc_day import end_of
from monitor.wake import StepRecord, Wake
from monitor.wiring import Site

if TYPE_CHECKING:  # the daemon itself stays small
    from monitor.lateness import Lateness

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
    from monitor.gaps import days_owed, gaps
    from monitor.ingest import quarantined_rows
    from monitor.lateness import within

    now = site.clock.now()
    chance = site.settings.judging.chance_alerts_per_1000_user_weeks
    facts = {step.name: step.facts for step in before}
    nothing: Mapping[str, Any] = {}
    last = site.store.last_entry("scan.finished")
    events = _counted(site, now)
    alerts = uncovered(site)  # a count must not tell of what is closed
    root = site.home.root
    judged = next((step for step in before if step.name == "judge"), None)
    return Signs(
        at=now,
        last_success_at=last.moment if last else None,
        newest_event_at=events.newest,
        lag_seconds=_lag_seconds(site, events.newest),
        days_owed=len(days_owed(gaps(site, until=settled(site)))),
        days_failing=sum(day.failing for day in site.store.days.ledger()),
        late_rows=events.late,
        lateness=within(events.lateness),
        lateness_seconds=sum(one.seconds for one in events.lateness),
        quarantined_rows=len(quarantined_rows(site.home, settings=site.settings)),
        queue={str(status): 0 for status in Status} | Counter(str(a.status) for a in alerts),
        raised_in_week=sum(alert.raised_at > now - _WEEK for alert in alerts),
        budget_in_week=events.users * chance / 1000,
        run_seconds=judged.seconds if judged else None,
        run_memory_bytes=facts.get("judge", nothing).get("memory_bytes"),
        steps={step.name: step.well for step in before},
        findings=int(facts.get("feeds", nothing).get("findings", 0)),
        channels_in_trouble=int(facts.get("notify", nothing).get("in_trouble", 0)),
        home_bytes=sum(_size(path) for path in root.rglob("*")),
        free_bytes=disk_usage(root).free,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """What is counted where the events are."""

    newest: datetime | None = None
    late: int = 0  # rows of a week that came after their day had settled
    users: int = 0  # members of staff active in that week
    lateness: "tuple[Lateness, ...]" = ()


def _counted(site: Site, now: datetime) -> _Counted:
    """What is counted of the events now."""
    from monitor.lateness import lateness

    snapshot = site.lake.snapshot("events")
    if not snapshot.tables:
        return _Counted()
    connection = snapshot.connect(engine=site.settings.engine)
    try:
        told = {
            "week_ago": (now - _WEEK).replace(tzinfo=None),
            "settle": site.settings.judging.settle_minutes,
        }
        newest, late, users = connection.execute(_COUNTED, told).fetchall()[0]
        return _Counted(
            newest=newest.replace(tzinfo=UTC) if newest else None,
            late=int(late),
            users=int(users),
            lateness=lateness(connection, now=now),
        )
    finally:
        connection.close()


def _lag_seconds(site: Site, newest: datetime | None) -> float | None:
    judged = site.store.days.judged()
    if newest is None or not judged:
        return None
    end = end_of(max(judged))
    return max((newest - end).total_seconds(), 0.0)


def _size(path: Path) -> int:
    """Bytes of a file; 0 for a folder, or for one that was cleared away meanwhile."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
