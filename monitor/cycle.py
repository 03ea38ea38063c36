"""A scan: whatever has not been judged is judged, day by day, each in one transaction."""

import errno
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING

import duckdb
import structlog

from alerts.errors import Busy
from detectors.model import Abstention
from monitor.claiming import Claims, hand_back_orphans, waiting
from monitor.faults import told_of
from monitor.feeds import REFERENCE_TABLES
from monitor.judgement import DayOutcome, judged_days
from monitor.knowledge import Records, Rules, lay_allowances
from monitor.late_records import late_days
from monitor.reference_folder import FolderOfReferences
from monitor.running import running_at, strands
from monitor.settings import Engine, Settings
from monitor.shelf import BorrowingShelf, HomeShelf
from monitor.wiring import Site

if TYPE_CHECKING:
    from alerts.records import PassedDay, Upheld
    from alerts.store import JudgedDay

log = structlog.get_logger()

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})  # no fault of the day
_MOST_IN_A_ROW = 5  # days that fail one after another, before the rest waits for the next scan
_MOST_OVERTAKEN = 3  # times that another run was quicker, before this one leaves it to that
Progress = Callable[[date, int, int], None]  # day just judged, days done, days in all
Judging = Callable[..., Iterator[DayOutcome]]  # as `judged_days`


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """What one scan covered and what came of it."""

    until: datetime
    judged: tuple[date, ...]
    accesses: int
    candidates: int
    raised: int
    extended: int
    held_back: int  # by suppressions in force
    passed_over: Mapping[str, int]  # beyond the lower floor and no alert, by reason
    drawn: int  # at random for audit, of the raised
    abstentions: tuple[Abstention, ...]
    feeds_missing: tuple[str, ...]
    warming_up_until: date | None  # first day that can be judged, while the history is too short
    judged_again: Mapping[date, tuple[str, ...]] = field(default_factory=dict)  # feeds, by day
    failed: Mapping[date, str] = field(default_factory=dict)  # why, without identities, by day
    waiting: tuple[date, ...] = ()  # days that failed before, whose next try has not come
    left: int = 0  # days that are owed still, since the scan was broken off
    trouble: Exception | None = None  # the first that a day met

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
            "held_back": self.held_back,
            "passed_over": dict(self.passed_over),
            "drawn_at_random": self.drawn,
            "abstentions": [_said(item) for item in self.abstentions],
            "feeds_missing": list(self.feeds_missing),
            "warming_up_until": self.warming_up_until.isoformat()
            if self.warming_up_until
            else None,
            "judged_again": len(self.judged_again),
            "late_feeds": sorted({feed for feeds in self.judged_again.values() for feed in feeds}),
            "failed": {day.isoformat(): why for day, why in sorted(self.failed.items())},
            "waiting_days": len(self.waiting),
            "left_days": self.left,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days from one up to another, that one left out."""

    first: date
    end: date

    def holds(self, day: date) -> bool:
        """Whether a day is one of them."""
        return self.first <= day < self.end


def scan(  # noqa: PLR0913 what is judged, by whom and for how long, each named
    site: Site,
    *,
    until: datetime,
    actor: str,
    progress: Progress | None = None,
    dry_run: bool = False,
    span: Span | None = None,
    again: bool = False,
    patient: bool = False,
    stop: Callable[[], bool] = lambda: False,
    judging: Judging = judged_days,
) -> ScanReport:
    """Judges what is not yet judged up to a moment; with a dry run nothing is stored.

    Each day is claimed, judged and stored by itself, so that a scan may be broken off anywhere.
    A day that fails is handed back and told in the report; the days after it are judged.

    Args:
        site: the home.
        until: accesses from here on do not count.
        actor: who asked for it.
        progress: told of each day that is done.
        dry_run: nothing is stored.
        span: days that are judged; without one, all.
        again: days of the span that were judged are judged again.
        patient: days that failed are left alone until their next try.
        stop: asked after each day whether to break off.
        judging: gives the outcome of each day, oldest first.

    Raises:
        Busy: another scan is at work, in this home or on this store.
    """
    from filelock import FileLock, Timeout

    asked = _Asked(
        until=until.astimezone(UTC),
        actor=actor,
        progress=progress,
        dry_run=dry_run,
        span=span,
        again=again,
        patient=patient,
        stop=stop,
        judging=judging,
    )
    lock = FileLock(site.home.scan_lock)
    try:
        with lock.acquire(timeout=0):
            return _Scan(site=site, asked=asked).report()
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
        draw_key=site.draw_key,
    )


def records_of(
    site: Site,
    *,
    engine: Engine,
    known_at: datetime | None = None,
    whole: bool = False,
    keeping: bool = False,
) -> tuple[Records, Arrivals] | None:
    """What the lake knows, or nothing where no access was ever loaded.

    Args:
        site: whose lake.
        engine: what may be used of the machine.
        known_at: what was loaded later is not seen.
        whole: whether to see what is held back of a time that was erased, too; nobody is judged by
            it, for it stands alone.
        keeping: whether references that are worked out anew are kept in the home.
    """
    snapshot = site.lake.snapshot()
    erased = None if whole else site.lake.erased
    since = erased.until if erased else None
    connection = snapshot.connect(engine=engine, known_at=known_at, since=since)
    arrivals = arrivals_in(connection)
    if arrivals is None:
        return None
    lay_allowances(connection, site.store.allowances(known_at=known_at))
    if since is not None:  # the history begins anew where what was before it is gone
        arrivals = replace(arrivals, first_event_at=max(since, arrivals.first_event_at))
    feeds = frozenset(
        feed
        for feed in REFERENCE_TABLES
        if connection.execute(f"select count(*) from (select 1 from {feed} limit 1)").fetchall()[0][
            0
        ]
    )
    versions = (
        {name: number for name, number in snapshot.versions.items() if name != "quarantine"}
        if known_at is None
        else _loads_in(connection)
    )
    return Records(
        connection=connection,
        feeds=feeds,
        first_event_at=arrivals.first_event_at,
        data_version=versions,
        suppressions=site.store.suppressions(),
        upheld=upheld(site),
        closings=site.store.closings(),
        references=FolderOfReferences(folder=site.home.references, read_only=not keeping),
    ), arrivals


def upheld(site: Site) -> tuple["Upheld", ...]:
    """The cases that people upheld, each from the moment of the decision."""
    from alerts.lifecycle import Disposition
    from alerts.model import Status
    from alerts.records import Upheld

    upholding = {Disposition.CONDUCT_MATTER, Disposition.SUSPECTED_CRIME}
    return tuple(
        Upheld(user_ids=alert.user_ids, subject_ids=alert.subject_ids, at=note.at)
        for alert in site.store.alerts(statuses={Status.CLOSED})
        for note in site.store.notes(alert.alert_id)
        if note.disposition in upholding
    )


def _loads_in(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The newest load of each table among the rows that are seen, by name."""
    tables = " union all ".join(
        f"select '{name}' as name, max(loaded_seq) as seq from {view}"
        for name, view in (("events", "events"), *((t, f"{t}_told") for t in REFERENCE_TABLES))
    )
    rows = connection.execute(f"select name, seq from ({tables}) where seq is not null").fetchall()
    return {str(name): int(seq) for name, seq in rows}


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


def late_to(
    records: Records, rules: Rules, *, ledger: Mapping[date, "JudgedDay"], until: datetime
) -> Mapping[date, tuple[str, ...]]:
    """Judged days that later reference rows reach, each with the feeds they are of."""
    seen = {day: judged.feeds_seq for day, judged in ledger.items() if _starts(day) < until}
    return late_days(records.connection, seen=seen, now=records.data_version, limits=rules.limits)


def _mark(site: Site, late: Mapping[date, tuple[str, ...]], *, actor: str) -> None:
    """Writes down which days must be judged again, and why, before any of them is."""
    for feeds in sorted(set(late.values())):
        site.store.mark_stale(
            [day for day in late if late[day] == feeds],
            reason=f"late rows of {', '.join(feeds)}",
            actor=actor,
            at=site.clock.now(),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a scan was asked for."""

    until: datetime
    actor: str
    progress: Progress | None
    dry_run: bool
    span: Span | None
    again: bool
    patient: bool
    stop: Callable[[], bool]
    judging: Judging


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is owed at one moment, and what was known then."""

    known_seq: int  # entry up to which the store was known when it was read
    records: Records
    arrivals: Arrivals
    days: tuple[date, ...]  # to be judged, oldest first
    waiting: tuple[date, ...]  # failing, and left alone for now
    standing: tuple[date, ...]  # judged, and not to be judged again
    never: frozenset[date]  # of the days, those that were never judged
    late: Mapping[date, tuple[str, ...]]


class _Ending(Enum):
    """Why a stretch of days came to its end."""

    DONE = auto()
    STOPPED = auto()  # asked to break off
    FAILED = auto()  # a day met trouble; the rest is planned anew
    OVERTAKEN = auto()  # another run has judged meanwhile; the rest is planned anew
    FILLED = auto()  # a hole was filled, and what came after it is to be judged again


@dataclass(slots=True, kw_only=True)  # it keeps count of what it has done
class _Scan:
    """One scan at work."""

    site: Site
    asked: _Asked
    tally: "_Tally" = field(default_factory=lambda: _Tally())  # noqa: PLW0108 defined below
    judged_again: dict[date, tuple[str, ...]] = field(default_factory=dict)
    failed: dict[date, str] = field(default_factory=dict)
    trouble: Exception | None = None
    in_a_row: int = 0  # days that failed one after another
    overtaken: int = 0  # times, since a day was last judged

    def report(self) -> ScanReport:
        """Judges what is owed, and returns what came of it."""
        if not self.asked.dry_run:
            hand_back_orphans(self.site)
            self._mark_asked_for_again()
        rules = rules_of(self.site)
        plan = self._plan(rules)
        while plan is not None and plan.days and not self._broken_off():
            ending = self._judge(plan, rules)
            if ending is _Ending.DONE or self.asked.dry_run:
                break
            plan.records.connection.close()
            plan = self._plan(rules)
        return self._told(plan, rules)

    def _mark_asked_for_again(self) -> None:
        """Writes down which judged days somebody asked to have judged again."""
        asked = self.asked
        if asked.again and asked.span is not None:
            self.site.store.mark_stale(
                [day for day in self.site.store.judged_days() if asked.span.holds(day)],
                reason="asked to be judged again",
                actor=asked.actor,
                at=self.site.clock.now(),
            )

    def _broken_off(self) -> bool:
        return self.in_a_row >= _MOST_IN_A_ROW or (bool(self.tally.days) and self.asked.stop())

    def _plan(self, rules: Rules) -> _Plan | None:
        """What is owed now, and what of it is left alone; nothing without any access."""
        known_seq = self.site.store.head().seq
        found = records_of(
            self.site, engine=self.site.settings.engine, keeping=not self.asked.dry_run
        )
        if found is None:
            return None
        records, arrivals = found
        until = self.asked.until
        ledger = self.site.store.judged_days()
        late = late_to(records, rules, ledger=ledger, until=until)
        if not self.asked.dry_run:
            _mark(self.site, late, actor=self.asked.actor)
        self.judged_again |= late
        span = self.asked.span
        anew = self.asked.again and self.asked.dry_run  # else they were marked
        standing = {
            day: judged
            for day, judged in ledger.items()
            if day not in late and not (anew and span is not None and span.holds(day))
        }
        warm_up = rules.settings.judging.warm_up_days
        owed = days_to_judge(arrivals, ledger=standing, until=until, warm_up_days=warm_up)
        alone = self._left_alone()
        wanted = [day for day in owed if span is None or span.holds(day)]
        ever = {day.day for day in self.site.store.ledger() if day.judged is not None}
        return _Plan(
            known_seq=known_seq,
            records=records,
            arrivals=arrivals,
            days=tuple(day for day in wanted if day not in alone and day not in self.failed),
            waiting=tuple(day for day in wanted if day in alone and day not in self.failed),
            standing=tuple(day for day in standing if day not in owed),
            never=frozenset(owed) - ever,
            late=late,
        )

    def _left_alone(self) -> frozenset[date]:
        if not self.asked.patient:
            return frozenset()
        at, settings = self.site.clock.now(), self.site.settings.daemon
        failing = (day for day in self.site.store.ledger() if day.failing)
        return frozenset(day.day for day in failing if waiting(day, at=at, settings=settings))

    def _judge(self, plan: _Plan, rules: Rules) -> _Ending:
        """Judges the days of a plan one after another, as far as it goes."""
        dry_run = self.asked.dry_run
        site, records = self.site, plan.records
        shelf = BorrowingShelf(site) if dry_run else HomeShelf(site, self.asked.actor)
        outcomes = self.asked.judging(
            records,
            rules,
            days=plan.days,
            until=self.asked.until,
            known=site.store.alerts(),
            near=_near(site, plan.days),
            shelf=shelf,
        )
        total = len(self.tally.days) + len(plan.days)
        for day in plan.days:
            if dry_run:
                self._count(next(outcomes), _Put(raised=0, extended=0), total=total)
                continue
            ending = self._judge_day(day, plan, outcomes=outcomes, rules=rules, total=total)
            if ending is not _Ending.DONE:
                return ending
            if self.asked.stop():
                return _Ending.STOPPED
        return _Ending.DONE

    def _judge_day(
        self,
        day: date,
        plan: _Plan,
        *,
        outcomes: Iterator[DayOutcome],
        rules: Rules,
        total: int,
    ) -> _Ending:
        """Judges one day that is claimed for it, and stores what came of it."""
        claims = Claims(site=self.site, owner=self.site.run_owner)
        if not claims.hold(day, known_seq=plan.known_seq):
            return self._overtaken(day)
        began = self.site.clock.now()
        try:
            with claims.at_work(day):
                outcome = next(outcomes)
            put = _kept(self.site, outcome, plan=plan, rules=rules, began=began)
        except Busy as trouble:
            claims.give_back(day, str(trouble))
            return self._overtaken(day, because=trouble)
        except Exception as trouble:
            if isinstance(trouble, OSError) and trouble.errno in _NO_ROOM:
                claims.give_back(day, told_of(trouble, self.site.home.root))
                raise
            self._note_failure(day, trouble, claims=claims)
            return _Ending.FAILED
        except BaseException:
            claims.give_back(day, "it was broken off")
            raise
        self.in_a_row = self.overtaken = 0
        self._count(outcome, put, total=total)
        return self._filled(day, plan)

    def _note_failure(self, day: date, trouble: Exception, *, claims: Claims) -> None:
        reason = told_of(trouble, self.site.home.root)
        next_try_at = claims.failed(day, reason)
        log.error(
            "day.failed", day=day.isoformat(), trouble=reason, next_try_at=next_try_at.isoformat()
        )
        self.failed[day] = reason
        self.trouble = self.trouble or trouble
        self.in_a_row += 1

    def _overtaken(self, day: date, *, because: Busy | None = None) -> _Ending:
        """Another run was quicker; the rest is planned anew, but not for ever.

        Raises:
            Busy: it was quicker each time.
        """
        self.overtaken += 1
        if self.overtaken < _MOST_OVERTAKEN:
            return _Ending.OVERTAKEN
        raise because or Busy(
            f"scan: {day.isoformat()} was judged by another run; possible: try again later"
        )

    def _filled(self, day: date, plan: _Plan) -> _Ending:
        """Marks what was judged before a day that should have come first."""
        after = [later for later in plan.standing if later > day]
        if day not in plan.never or not after:
            return _Ending.DONE
        self.site.store.mark_stale(
            after,
            reason=f"{day.isoformat()} was judged after it",
            actor=self.asked.actor,
            at=self.site.clock.now(),
        )
        return _Ending.FILLED

    def _count(self, outcome: DayOutcome, put: "_Put", *, total: int) -> None:
        self.tally = self.tally.plus(outcome, put)
        if self.asked.progress is not None:
            self.asked.progress(outcome.day, len(self.tally.days), total)

    def _told(self, plan: _Plan | None, rules: Rules) -> ScanReport:
        """The report; it is on the log, and on the chain unless nothing is stored."""
        if plan is None:
            report = _nothing(self.asked.until)
        else:
            warm_up = rules.settings.judging.warm_up_days
            report = replace(
                _report(
                    self.tally,
                    plan.records,
                    until=self.asked.until,
                    first=first_judged_day(plan.arrivals, warm_up_days=warm_up),
                ),
                judged_again=self.judged_again,
                failed=self.failed,
                waiting=plan.waiting,
                left=len(set(plan.days) - set(self.tally.days)),
                trouble=self.trouble,
            )
        if plan is not None:
            # No count of alerts: whoever reads the log may know of none.
            log.info("scan.finished", days=len(report.judged), accesses=report.accesses)
        if not self.asked.dry_run:
            _record(self.site, report, actor=self.asked.actor)
        return report


def _near(site: Site, days: Sequence[date]) -> tuple["PassedDay", ...]:
    """What came near an alert in the week before some days and on them, as the ledger has it."""
    if not days or not site.settings.judging.weekly_most_alerts:
        return ()
    return site.store.candidates(first=min(days) - timedelta(days=7), last=max(days))


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
    drawn: int = 0  # of the raised


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tally:
    """Totals of a scan so far."""

    days: tuple[date, ...] = ()
    accesses: int = 0
    candidates: int = 0
    raised: int = 0
    extended: int = 0
    held_back: int = 0
    passed_over: Mapping[str, int] = field(default_factory=dict)
    drawn: int = 0
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
            held_back=self.held_back + outcome.held_back,
            passed_over=dict(Counter(self.passed_over) + Counter(outcome.passed.counts or {})),
            drawn=self.drawn + put.drawn,
            abstentions=declined,
        )


def _added(item: Abstention, before: Abstention | None) -> Abstention:
    """One day's abstention with those before it for the same reason."""
    if before is None:
        return item
    return replace(item, pairs=before.pairs + item.pairs, days=before.days + item.days)


def _kept(site: Site, outcome: DayOutcome, *, plan: _Plan, rules: Rules, began: datetime) -> _Put:
    """Writes one day: ledger, alerts and chain in one transaction."""
    from alerts.store import JudgedDay

    at = site.clock.now()
    judged = JudgedDay(
        feeds_seq=dict(plan.records.data_version),
        day=outcome.day,
        until=outcome.until,
        loaded_seq=plan.arrivals.last_load,
        events=outcome.accesses,
        pairs=outcome.pairs,
        candidates=outcome.candidates,
        abstentions=[_said(item) for item in outcome.abstentions],
        seconds=max((at - began).total_seconds(), 0.0),  # a clock may be set back meanwhile
        settings_fingerprint=rules.settings_fingerprint,
        code_version=rules.code_version,
    )
    stored = site.store.finish_day(
        judged,
        alerts=outcome.alerts,
        owner=site.run_owner,
        at=at,
        known_seq=plan.known_seq,
        days_behind=days_behind(outcome.day, at=at, settings=rules.settings),
        candidates=outcome.passed,
    )
    drawn = {alert.alert_id for alert in outcome.alerts if alert.drawn_at_random}
    return _Put(
        raised=len(stored.raised),
        extended=len(stored.extended),
        drawn=len(drawn.intersection(stored.raised)),
    )


def days_behind(day: date, *, at: datetime, settings: Settings) -> int:
    """Whole days from when a day could be judged to when it was; 0 for one that is in time."""
    ready = _ends(day) + timedelta(minutes=settings.judging.settle_minutes)
    return max((at - ready) // timedelta(days=1), 0)


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
        held_back=tally.held_back,
        passed_over=dict(sorted(tally.passed_over.items())),
        drawn=tally.drawn,
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
        held_back=0,
        passed_over={},
        drawn=0,
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
