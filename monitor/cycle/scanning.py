"""A scan: whatever has not been judged is judged, day by day, each in one transaction."""

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import Enum, auto

import structlog

from alerts.errors import Busy
from monitor.claiming import Claims, hand_back_orphans
from monitor.cycle.asked import Asked, Judging, Progress, Span
from monitor.cycle.planning import Plan, near_of, planned
from monitor.cycle.report import ScanReport, nothing_scanned, report_of
from monitor.cycle.storing import kept, recorded
from monitor.cycle.tally import Put, Tally
from monitor.faults import told_of
from monitor.home_records import rules_of
from monitor.judgement import DayOutcome, judged_days
from monitor.knowledge import Rules
from monitor.owing import first_judged_day
from monitor.shelf import BorrowingShelf, HomeShelf
from monitor.wiring import Site

log = structlog.get_logger()
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})  # no fault of the day
_MOST_IN_A_ROW = 5  # days that fail one after another, before the rest waits for the next scan
_MOST_OVERTAKEN = 3  # times that another run was quicker, before this one leaves it to that


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

    asked = Asked(
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
    asked: Asked
    tally: Tally = field(default_factory=Tally)
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
            self.site.store.days.mark_stale(
                [day for day in self.site.store.days.judged() if asked.span.holds(day)],
                reason="asked to be judged again",
                actor=asked.actor,
                at=self.site.clock.now(),
            )

    def _broken_off(self) -> bool:
        return self.in_a_row >= _MOST_IN_A_ROW or (bool(self.tally.days) and self.asked.stop())

    def _plan(self, rules: Rules) -> Plan | None:
        """What is owed now; nothing without any access."""
        plan = planned(self.site, self.asked, rules=rules, failed=self.failed)
        if plan is not None:
            self.judged_again |= plan.late
        return plan

    def _judge(self, plan: Plan, rules: Rules) -> _Ending:
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
            near=near_of(site, plan.days),
            shelf=shelf,
        )
        total = len(self.tally.days) + len(plan.days)
        for day in plan.days:
            if dry_run:
                self._count(next(outcomes), Put(raised=0, extended=0), total=total)
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
        plan: Plan,
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
            put = kept(self.site, outcome, plan=plan, rules=rules, began=began)
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

    def _filled(self, day: date, plan: Plan) -> _Ending:
        """Marks what was judged before a day that should have come first."""
        after = [later for later in plan.standing if later > day]
        if day not in plan.never or not after:
            return _Ending.DONE
        self.site.store.days.mark_stale(
            after,
            reason=f"{day.isoformat()} was judged after it",
            actor=self.asked.actor,
            at=self.site.clock.now(),
        )
        return _Ending.FILLED

    def _count(self, outcome: DayOutcome, put: Put, *, total: int) -> None:
        self.tally = self.tally.plus(outcome, put)
        if self.asked.progress is not None:
            self.asked.progress(outcome.day, len(self.tally.days), total)

    def _told(self, plan: Plan | None, rules: Rules) -> ScanReport:
        """The report; it is on the log, and on the chain unless nothing is stored."""
        if plan is None:
            report = nothing_scanned(self.asked.until)
        else:
            warm_up = rules.settings.judging.warm_up_days
            report = replace(
                report_of(
                    self.tally,
                    plan.records,
                    until=self.asked.until,
                    first=first_judged_day(plan.arrivals, warm_up_days=warm_up),
                    last=max(plan.arrivals.newest_load),
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
            recorded(self.site, report, actor=self.asked.actor)
        return report
