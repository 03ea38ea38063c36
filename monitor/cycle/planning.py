"""What is owed at one moment, and what of it is left alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from monitor.claiming import waiting
from monitor.cycle.asked import Asked
from monitor.home_records import records_of
from monitor.knowledge import Records, Rules
from monitor.late_records import late_to
from monitor.owing import Arrivals, days_to_judge
from monitor.wiring import Site

if TYPE_CHECKING:
    from alerts.records import PassedDay


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is owed at one moment, and what was known then."""

    known_seq: int  # entry up to which the store was known when it was read
    records: Records
    arrivals: Arrivals
    days: tuple[date, ...]  # to be judged, oldest first
    waiting: tuple[date, ...]  # failing, and left alone for now
    standing: tuple[date, ...]  # judged, and not to be judged again
    never: frozenset[date]  # of the days, those that were never judged
    late: Mapping[date, tuple[str, ...]]


def planned(site: Site, asked: Asked, *, rules: Rules, failed: Collection[date]) -> Plan | None:
    """What is owed now, and what of it is left alone; nothing without any access.

    Judged days that late records reach are marked to be judged again, unless nothing is stored.

    Args:
        site: the home.
        asked: what the scan was asked for.
        rules: how days are judged.
        failed: days that failed in this scan.
    """
    known_seq = site.store.head().seq
    found = records_of(site, engine=site.settings.engine, keeping=not asked.dry_run)
    if found is None:
        return None
    records, arrivals = found
    ledger = site.store.days.judged()
    late = late_to(records, rules, ledger=ledger, until=asked.until)
    if not asked.dry_run:
        _mark(site, late, actor=asked.actor)
    span = asked.span
    anew = asked.again and asked.dry_run  # else they were marked
    standing = {
        day: judged
        for day, judged in ledger.items()
        if day not in late and not (anew and span is not None and span.holds(day))
    }
    warm_up = rules.settings.judging.warm_up_days
    owed = days_to_judge(arrivals, ledger=standing, until=asked.until, warm_up_days=warm_up)
    alone = _left_alone(site) if asked.patient else frozenset[date]()
    wanted = [day for day in owed if span is None or span.holds(day)]
    ever = {day.day for day in site.store.days.ledger() if day.judged is not None}
    return Plan(
        known_seq=known_seq,
        records=records,
        arrivals=arrivals,
        days=tuple(day for day in wanted if day not in alone and day not in failed),
        waiting=tuple(day for day in wanted if day in alone and day not in failed),
        standing=tuple(day for day in standing if day not in owed),
        never=frozenset(owed) - ever,
        late=late,
    )


def near_of(site: Site, days: Sequence[date]) -> tuple["PassedDay", ...]:
    """What came near an alert in the week before some days and on them, as the ledger has it."""
    if not days or not site.settings.judging.weekly_most_alerts:
        return ()
    return site.store.days.candidates(first=min(days) - timedelta(days=7), last=max(days))


def _mark(site: Site, late: Mapping[date, tuple[str, ...]], *, actor: str) -> None:
    """Writes down which days must be judged again, and why, before any of them is."""
    for feeds in sorted(set(late.values())):
        site.store.days.mark_stale(
            [day for day in late if late[day] == feeds],
            reason=f"late rows of {', '.join(feeds)}",
            actor=actor,
            at=site.clock.now(),
        )


def _left_alone(site: Site) -> frozenset[date]:
    """Days that failed before, whose next try has not come."""
    at, settings = site.clock.now(), site.settings.daemon
    failing = (day for day in site.store.days.ledger() if day.failing)
    return frozenset(day.day for day in failing if waiting(day, at=at, settings=settings))
