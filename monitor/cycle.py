"""A scan: whatever has not been judged is judged, day by day, each in one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import duckdb
import structlog

from alerts.errors import Busy
from detectors.model import Abstention
from monitor.feeds import REFERENCE_TABLES
from monitor.judgement import DayOutcome, judged_days
from monitor.knowledge import Records, Rules
from monitor.running import running_at, strands
from monitor.settings import Engine
from monitor.shelf import BorrowingShelf, HomeShelf
from monitor.wiring import Site

if TYPE_CHECKING:
    from alerts.store import JudgedDay

log = structlog.get_logger()

_LEASE = timedelta(hours=2)  # a claim whose owner has been silent for longer may be taken over
Progress = Callable[[date, int, int], None]  # day just judged, days done, days in all


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """What one scan covered and what came of it."""

    until: datetime
    judged: tuple[date, ...]
    accesses: int
    candidates: int
    raised: int
    extended: int
    abstentions: tuple[Abstention, ...]
    feeds_missing: tuple[str, ...]
    warming_up_until: date | None  # first day that can be judged, while the history is too short

    def as_json(self) -> dict[str, object]:
        """The report as one JSON document."""
        return {
            "format": 1,
            "until": _stamp(self.until),
            "judged_days": len(self.judged),
            "first": self.judged[0].isoformat() if self.judged else None,
            "last": self.judged[-1].isoformat() if self.judged else None,
            "accesses": self.accesses,
            "candidates": self.candidates,
            "raised": self.raised,
            "extended": self.extended,
            "abstentions": [_said(item) for item in self.abstentions],
            "feeds_missing": list(self.feeds_missing),
            "warming_up_until": self.warming_up_until.isoformat()
            if self.warming_up_until
            else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """When each day's accesses came in, as the lake has it."""

    first_event_at: datetime
    newest_load: Mapping[date, int]  # highest load number of the day's accesses, by UTC day

    @property
    def last_load(self) -> int:
        """The highest load number there is."""
        return max(self.newest_load.values())


def scan(
    site: Site,
    *,
    until: datetime,
    actor: str,
    progress: Progress | None = None,
    dry_run: bool = False,
) -> ScanReport:
    """Judges what is not yet judged up to a moment; with a dry run nothing is stored.

    Raises:
        Busy: another scan is at work in this home.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(site.home.scan_lock)
    try:
        with lock.acquire(timeout=0):
            return _scan(
                site, until=until.astimezone(UTC), actor=actor, progress=progress, dry_run=dry_run
            )
    except Timeout:
        raise Busy(
            f"scan: {site.home.scan_lock} is held by another scan; possible: try again later"
        ) from None


def rules_of(site: Site) -> Rules:
    """The rules of a home."""
    return Rules(
        settings=site.settings,
        strands=strands(running_at(site.home.config)),
        pack=site.prompt_pack,
        settings_fingerprint=site.config_fingerprint,
        code_version=site.code_version,
    )


def records_of(
    site: Site, *, engine: Engine, known_at: datetime | None = None
) -> tuple[Records, Arrivals] | None:
    """What the lake knows, or nothing where no access was ever loaded."""
    snapshot = site.lake.snapshot()
    connection = snapshot.connect(engine=engine, known_at=known_at)
    arrivals = arrivals_in(connection)
    if arrivals is None:
        return None
    feeds = frozenset(
        feed
        for feed in REFERENCE_TABLES
        if connection.execute(f"select count(*) from (select 1 from {feed} limit 1)").fetchall()[0][
            0
        ]
    )
    versions = {name: number for name, number in snapshot.versions.items() if name != "quarantine"}
    return Records(
        connection=connection,
        feeds=feeds,
        first_event_at=arrivals.first_event_at,
        data_version=versions,
    ), arrivals


def arrivals_in(connection: duckdb.DuckDBPyConnection) -> Arrivals | None:
    """When each day's accesses came in, or nothing where there are none."""
    rows = connection.execute("""
        select occurred_at::date as day, max(loaded_seq), min(occurred_at)
        from events group by 1 order by 1
    """).fetchall()
    if not rows:
        return None
    return Arrivals(
        first_event_at=rows[0][2].replace(tzinfo=UTC),
        newest_load={day: int(load) for day, load, _ in rows},
    )


def days_to_judge(
    arrivals: Arrivals, *, ledger: Mapping[date, "JudgedDay"], until: datetime, warm_up_days: int
) -> tuple[date, ...]:
    """The days that are owed: never judged, judged before they were over, or reached by late rows.

    A late row changes what its own day and every later day looks back on, so that all of them
    are judged again.
    """
    first = first_judged_day(arrivals, warm_up_days=warm_up_days)
    held = [day for day in sorted(arrivals.newest_load) if _starts(day) < until and day >= first]
    late = _earliest_late(arrivals, ledger)
    return tuple(
        day
        for day in held
        if day not in ledger
        or ledger[day].until < min(_ends(day), until)
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


def _scan(
    site: Site, *, until: datetime, actor: str, progress: Progress | None, dry_run: bool
) -> ScanReport:
    found = records_of(site, engine=site.settings.engine)
    if found is None:
        empty = _nothing(until)
        if not dry_run:
            _record(site, empty, actor=actor)
        return empty
    records, arrivals = found
    rules = rules_of(site)
    warm_up = rules.settings.judging.warm_up_days
    days = days_to_judge(
        arrivals, ledger=site.store.judged_days(), until=until, warm_up_days=warm_up
    )
    known = site.store.alerts()
    shelf = BorrowingShelf(site) if dry_run else HomeShelf(site, actor)
    outcomes = judged_days(records, rules, days=days, until=until, known=known, shelf=shelf)
    tally = _Tally()
    for done, outcome in enumerate(outcomes, start=1):
        stored = _Put(raised=0, extended=0) if dry_run else _kept(site, outcome, arrivals, rules)
        tally = tally.plus(outcome, stored)
        if progress is not None:
            progress(outcome.day, done, len(days))
    report = _report(
        tally, records, until=until, first=first_judged_day(arrivals, warm_up_days=warm_up)
    )
    log.info(
        "scan.finished",
        days=len(report.judged),
        accesses=report.accesses,
        candidates=report.candidates,
        raised=report.raised,
        extended=report.extended,
    )
    if not dry_run:
        _record(site, report, actor=actor)
    return report


def _record(site: Site, report: ScanReport, *, actor: str) -> None:
    """Writes the scan onto the chain: what it covered and by which settings."""
    facts = {
        name: value
        for name, value in report.as_json().items()
        if name not in {"format", "abstentions"}
    }
    site.store.record(
        "scan.finished",
        actor=actor,
        at=site.clock.now(),
        facts={
            **facts,
            "settings_fingerprint": site.config_fingerprint,
            "code_version": site.code_version,
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Put:
    """What one day's transaction did to the queue."""

    raised: int
    extended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tally:
    """Totals of a scan so far."""

    days: tuple[date, ...] = ()
    accesses: int = 0
    candidates: int = 0
    raised: int = 0
    extended: int = 0
    abstentions: Mapping[tuple[str, int, str], Abstention] = field(default_factory=dict)

    def plus(self, outcome: DayOutcome, put: _Put) -> "_Tally":
        """The totals with one more day; abstentions for one reason are added up."""
        declined = dict(self.abstentions)
        for item in outcome.abstentions:
            before = declined.get((item.detector, item.version, item.reason))
            declined[item.detector, item.version, item.reason] = _added(item, before)
        return _Tally(
            days=(*self.days, outcome.day),
            accesses=self.accesses + outcome.accesses,
            candidates=self.candidates + outcome.candidates,
            raised=self.raised + put.raised,
            extended=self.extended + put.extended,
            abstentions=declined,
        )


def _added(item: Abstention, before: Abstention | None) -> Abstention:
    """One day's abstention with those before it for the same reason."""
    if before is None:
        return item
    return replace(item, pairs=before.pairs + item.pairs, days=before.days + item.days)


def _kept(site: Site, outcome: DayOutcome, arrivals: Arrivals, rules: Rules) -> _Put:
    """Writes one day: ledger, alerts and chain in one transaction."""
    from alerts.store import JudgedDay

    at = site.clock.now()
    owner = site.run_owner
    if not site.store.claim_day(outcome.day, owner=owner, at=at, lease=_LEASE):
        raise Busy(f"scan: {outcome.day} is being judged by another run; possible: try again later")
    stored = site.store.finish_day(
        JudgedDay(
            day=outcome.day,
            until=outcome.until,
            loaded_seq=arrivals.last_load,
            events=outcome.accesses,
            pairs=outcome.pairs,
            candidates=outcome.candidates,
            abstentions=[_said(item) for item in outcome.abstentions],
            seconds=0.0,
            settings_fingerprint=rules.settings_fingerprint,
            code_version=rules.code_version,
        ),
        alerts=outcome.alerts,
        owner=owner,
        at=at,
    )
    return _Put(raised=len(stored.raised), extended=len(stored.extended))


def _said(item: Abstention) -> dict[str, object]:
    return {
        "detector": item.detector,
        "version": item.version,
        "reason": item.reason,
        "pairs": item.pairs,
        "days": item.days,
        "needs": list(item.needs),
    }


def _report(tally: _Tally, records: Records, *, until: datetime, first: date) -> ScanReport:
    return ScanReport(
        until=until,
        judged=tally.days,
        accesses=tally.accesses,
        candidates=tally.candidates,
        raised=tally.raised,
        extended=tally.extended,
        abstentions=tuple(tally.abstentions[key] for key in sorted(tally.abstentions)),
        feeds_missing=tuple(feed for feed in REFERENCE_TABLES if feed not in records.feeds),
        warming_up_until=first if _starts(first) >= until else None,
    )


def _nothing(until: datetime) -> ScanReport:
    return ScanReport(
        until=until,
        judged=(),
        accesses=0,
        candidates=0,
        raised=0,
        extended=0,
        abstentions=(),
        feeds_missing=REFERENCE_TABLES,
        warming_up_until=None,
    )


def _starts(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _ends(day: date) -> datetime:
    return _starts(day + timedelta(days=1))


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
