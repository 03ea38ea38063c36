"""Which days are owed a judgement, and up to when: their logs have had time to arrive."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from monitor.settings import Settings
from monitor.utc_day import end_of, midnight
from monitor.wiring import Site

if TYPE_CHECKING:
    from alerts.records import JudgedDay


def settled(site: Site) -> datetime:
    """The first moment of the day that may not be judged yet, because its logs still arrive."""
    waiting = timedelta(minutes=site.settings.judging.settle_minutes)
    return midnight((site.clock.now() - waiting).date())


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """When each day's accesses came in, as the lake has it."""

    first_event_at: datetime
    newest_load: Mapping[date, int]  # highest load number of the day's accesses, by UTC day

    @property
    def last_load(self) -> int:
        """The highest load number there is."""
        return max(self.newest_load.values())


def days_to_judge(
    arrivals: Arrivals, *, ledger: Mapping[date, "JudgedDay"], until: datetime, warm_up_days: int
) -> tuple[date, ...]:
    """The days that are owed: never judged, judged before they were over, or reached by late rows.

    A late row changes what its own day and every later day looks back on, so that all of them
    are judged again.
    """
    first = first_judged_day(arrivals, warm_up_days=warm_up_days)
    held = [day for day in sorted(arrivals.newest_load) if midnight(day) < until and day >= first]
    late = _earliest_late(arrivals, ledger)
    return tuple(
        day
        for day in held
        if day not in ledger
        or ledger[day].until < min(end_of(day), until)
        or (late is not None and day >= late)
    )


def first_judged_day(arrivals: Arrivals, *, warm_up_days: int) -> date:
    """The first day with enough history behind it."""
    return arrivals.first_event_at.date() + timedelta(days=warm_up_days)


def _earliest_late(arrivals: Arrivals, ledger: Mapping[date, "JudgedDay"]) -> date | None:
    """The first day whose accesses came in after some day that looks back on it was judged."""
    oldest_judgement: int | None = None
    earliest = None
    for day in sorted({*arrivals.newest_load, *ledger}, reverse=True):
        if day in ledger:
            seen = ledger[day].loaded_seq
            oldest_judgement = seen if oldest_judgement is None else min(oldest_judgement, seen)
        if oldest_judgement is not None and arrivals.newest_load.get(day, 0) > oldest_judgement:
            earliest = day
    return earliest


def days_behind(day: date, *, at: datetime, settings: Settings) -> int:
    """Whole days from when a day could be judged to when it was; 0 for one that is in time."""
    ready = end_of(day) + timedelta(minutes=settings.judging.settle_minutes)
    return max((at - ready) // timedelta(days=1), 0)
