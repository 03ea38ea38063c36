"""What was never covered, and why: days never judged, failing, overtaken by late rows, or empty."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from alerts.records import JudgedDay, LedgerDay
from monitor.home_records import records_of, rules_of
from monitor.late_records import late_to
from monitor.owing import Arrivals, days_to_judge, first_judged_day
from monitor.wiring import Site

_DAY = timedelta(days=1)
_LATE_ACCESSES = "accesses of this day or an earlier one came in after it was judged"


class Kind(StrEnum):
    """Why a span is not covered."""

    NEVER = "never judged"
    FAILING = "failing"
    LATE = "judged before late rows came"
    PART = "judged before it was over"
    NO_ACCESS = "no access"  # a hole in the log, or a day on which nobody worked
    WARM_UP = "history"  # days that are only drawn on; never judged, by settings


OWED = frozenset({Kind.NEVER, Kind.FAILING, Kind.LATE, Kind.PART})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Days one after another that are not covered for one reason."""

    first: date
    end: date  # the first day after it
    kind: Kind
    reason: str  # without identities

    @property
    def days(self) -> int:
        """How many."""
        return (self.end - self.first).days

    @property
    def owed(self) -> bool:
        """Whether a scan or a backfill covers it."""
        return self.kind in OWED

    def as_json(self) -> dict[str, object]:
        """The gap as JSON has it."""
        return {
            "from": self.first.isoformat(),
            "to": self.end.isoformat(),
            "days": self.days,
            "kind": str(self.kind),
            "reason": self.reason,
            "owed": self.owed,
        }


def gaps(site: Site, *, until: datetime) -> tuple[Gap, ...]:
    """Every gap up to a moment, oldest first; none where no access was ever loaded.

    Args:
        site: the home.
        until: days from here on have not settled, and are not looked at.
    """
    found = records_of(site, engine=site.settings.engine)
    if found is None:
        return ()
    records, arrivals = found
    rules = rules_of(site)
    try:
        standing = site.store.days.judged()
        late = late_to(records, rules, ledger=standing, until=until)
    finally:
        records.connection.close()
    return tuple(
        _joined(
            (
                *_owed(site, arrivals, until=until, standing=standing, late=late),
                *_empty(arrivals, until=until),
                *_history(arrivals, until=until, days=rules.settings.judging.warm_up_days),
            )
        )
    )


def days_owed(found: Iterable[Gap]) -> tuple[date, ...]:
    """The days that a scan would judge, oldest first."""
    return tuple(
        sorted(
            gap.first + timedelta(days=number)
            for gap in found
            if gap.owed
            for number in range(gap.days)
        )
    )


def _owed(
    site: Site,
    arrivals: Arrivals,
    *,
    until: datetime,
    standing: Mapping[date, JudgedDay],
    late: Mapping[date, tuple[str, ...]],
) -> Iterator[Gap]:
    ledger = {day.day: day for day in site.store.days.ledger()}
    days = days_to_judge(
        arrivals,
        ledger={day: judged for day, judged in standing.items() if day not in late},
        until=until,
        warm_up_days=site.settings.judging.warm_up_days,
    )
    for day in days:
        kind, reason = _why(ledger.get(day), feeds=late.get(day, ()), day=day)
        yield Gap(first=day, end=day + _DAY, kind=kind, reason=reason)


def _why(entry: LedgerDay | None, *, feeds: tuple[str, ...], day: date) -> tuple[Kind, str]:
    """Why a day is owed, by what the ledger says of it."""
    if entry is not None and entry.failing:
        return Kind.FAILING, _failing(entry)
    if entry is not None and entry.owner:
        kind = Kind.NEVER if entry.judged is None else Kind.LATE
        return kind, f"being judged by {entry.owner}"
    if entry is None or entry.judged is None:
        return Kind.NEVER, entry.released if entry and entry.released else "not judged yet"
    if entry.judged.until.date() <= day:
        return Kind.PART, f"judged up to {entry.judged.until:%Y-%m-%dT%H:%MZ}"
    late = f"late rows of {', '.join(feeds)}" if feeds else ""
    return Kind.LATE, entry.stale or late or _LATE_ACCESSES


def _failing(entry: LedgerDay) -> str:
    times = "once" if entry.failures == 1 else f"{entry.failures} times"
    now = f"being judged by {entry.owner}" if entry.owner else entry.released
    again = entry.next_try_at
    tried = f", next try {again:%Y-%m-%dT%H:%MZ}" if again and not entry.owner else ""
    return f"failed {times}{tried}: {now}"


def _empty(arrivals: Arrivals, *, until: datetime) -> Iterator[Gap]:
    """Days without any access between days that have some."""
    days = [day for day in sorted(arrivals.newest_load) if day < until.date()]
    for before, after in pairwise(days):
        if after - before > _DAY:
            reason = "no access was loaded, and there are some before and after"
            yield Gap(first=before + _DAY, end=after, kind=Kind.NO_ACCESS, reason=reason)


def _history(arrivals: Arrivals, *, until: datetime, days: int) -> Iterator[Gap]:
    first, end = arrivals.first_event_at.date(), first_judged_day(arrivals, warm_up_days=days)
    end = min(end, until.date())
    if first < end:
        reason = f"the first {days} days are only drawn on (judging.warm_up_days)"
        yield Gap(first=first, end=end, kind=Kind.WARM_UP, reason=reason)


def _joined(found: Iterable[Gap]) -> Iterator[Gap]:
    """The gaps in order, those that follow on one another for one reason put together."""
    standing: Gap | None = None
    for gap in sorted(found, key=lambda one: (one.first, one.end)):
        if standing is not None and (standing.kind, standing.reason, standing.end) == (
            gap.kind,
            gap.reason,
            gap.first,
        ):
            standing = replace(standing, end=gap.end)
            continue
        if standing is not None:
            yield standing
        standing = gap
    if standing is not None:
        yield standing
