"""What the monitor would have raised in a span, without touching the live store."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from alerts.errors import Misused
from alerts.model import Alert, in_queue_order
from alerts.records import Settlement
from detectors.model import Window
from monitor.drilling import Answer, Plan, Woven, answers, drilled, refuse_plan, untaught
from monitor.home_records import records_of, rules_of
from monitor.judgement import DayOutcome, judged_days
from monitor.knowledge import Records, Rules
from monitor.lake.erased import ErasedUntil
from monitor.owing import first_judged_day
from monitor.prompts import pack_at
from monitor.running import running_at, strands
from monitor.settings import LOOK_BACK_DAYS, fingerprint, settings_at
from monitor.shelf import BorrowingShelf
from monitor.utc_day import midnight
from monitor.wiring import Site

Progress = Callable[[date, int, int], None]
Mask = Callable[[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """What a replay covered and raised."""

    start: datetime
    end: datetime
    judged: tuple[date, ...]
    alerts: tuple[Alert, ...]  # as they stood at the end, most pressing first
    passed_over: Mapping[str, int]  # candidates that became no alert, by reason
    settings_fingerprint: str
    # Where the span, or what detectors would look back on, was erased: how far, and when.
    erased: ErasedUntil | None = None
    judged_from: date | None = None  # the first day that can be judged, where some cannot
    drills: tuple[Answer, ...] = ()  # what became of made-up misuse, where any was woven

    def unjudged(self) -> str:
        """What cannot be said of the span, and why; empty where nothing was erased of it."""
        if self.erased is None:
            return ""
        if self.judged_from is None:
            return (
                f"{self.erased.says()}: what is judged here is judged by what was left, which is"
                " less than detectors look back on."
            )
        return (
            f"Days before {self.judged_from} cannot be judged: {self.erased.says()}, and a history"
            " must come first. That is not clearance of anybody."
        )

    def as_json(self) -> dict[str, object]:
        """The report as one JSON document, without identities."""
        return {
            "format": 1,
            "from": self.start.isoformat().replace("+00:00", "Z"),
            "to": self.end.isoformat().replace("+00:00", "Z"),
            "judged_days": len(self.judged),
            "alerts": len(self.alerts),
            "drawn_at_random": sum(alert.drawn_at_random for alert in self.alerts),
            "passed_over": dict(self.passed_over),
            "settings_fingerprint": self.settings_fingerprint,
            **self._erased_as_json(),
        }

    def _erased_as_json(self) -> dict[str, object]:
        if self.erased is None:
            return {}
        return {
            "erased": {
                "until": self.erased.until.isoformat().replace("+00:00", "Z"),
                "on": self.erased.on.isoformat().replace("+00:00", "Z"),
                "entry": self.erased.entry,
                "judged_from": self.judged_from.isoformat() if self.judged_from else None,
            }
        }


def replay(  # noqa: PLR0913 each argument is a circumstance of the past that the caller may choose
    site: Site,
    *,
    start: datetime,
    end: datetime,
    known_at: datetime | None = None,
    config: Path | None = None,
    progress: Progress | None = None,
    drills: Plan | None = None,
) -> ReplayReport:
    """What would have been raised in [start, end).

    Args:
        site: whose lake is read; nothing is written.
        start: first moment judged; alerts raised before it are not known. What people closed of
            those raised since is known from the first day that is due after the closing.
        end: accesses from here on do not count.
        known_at: what was loaded later is not seen.
        config: a folder of settings, detectors and prompts other than the home's own.
        progress: told of each day that is done.
        drills: made-up misuse to be woven into this replay's copy of the log.
    """
    if end <= start:
        raise Misused(f"replay: --to {end.isoformat()} is not after --from {start.isoformat()}")
    rules = rules_of(site) if config is None else _other_rules(site, config)
    found = records_of(site, known_at=known_at, engine=rules.settings.engine)
    if found is None:
        nothing = _report((), (), start=start, end=end, rules=rules)
        return _with_erased(site, nothing, first=None)
    records, arrivals = found
    if drills is not None:
        refuse_plan(drills)
        rules = untaught(rules, drills.shapes)
    first = max(
        start.astimezone(UTC).date(),
        first_judged_day(arrivals, warm_up_days=rules.settings.judging.warm_up_days),
    )
    days = [
        day
        for day in sorted(arrivals.newest_load)
        if first <= day <= (end - timedelta(microseconds=1)).date()
    ]
    woven: tuple[Woven, ...] = ()
    if drills is not None and days:
        window = Window(start=midnight(days[0]), end=end.astimezone(UTC))
        woven = drilled(records, rules, window=window, plan=drills)
    shelf = BorrowingShelf(site)
    outcomes = _outcomes(
        records, rules, shelf=shelf, days=days, end=end, progress=progress,
        settled=_settled(site, known_at=known_at),
    )  # fmt: skip
    report = _report(tuple(days), outcomes, start=start, end=end, rules=rules)
    report = replace(report, drills=answers(woven, outcomes))
    return _with_erased(site, report, first=first)


def _settled(site: Site, *, known_at: datetime | None) -> tuple[Settlement, ...]:
    """What people settled of the home's alerts, as known at a moment, or now.

    An alert of a replay bears the id that the live one bears, so that its closing is found by it.
    """
    return tuple(one for one in site.store.settlements() if known_at is None or one.at <= known_at)


def _with_erased(site: Site, report: ReplayReport, *, first: date | None) -> ReplayReport:
    """The report, and what was erased of its span or of what its first days look back on."""
    erased = site.lake.erased
    if erased is None:
        return report
    start = report.start.astimezone(UTC)
    if start - timedelta(days=LOOK_BACK_DAYS) >= erased.until:
        return report
    unjudged = first is None or first > start.date()
    from_ = (first or erased.until.date()) if unjudged else None
    return replace(report, erased=erased, judged_from=from_)


def _outcomes(  # noqa: PLR0913 what is judged and by what, each named
    records: Records,
    rules: Rules,
    *,
    shelf: BorrowingShelf,
    days: Sequence[date],
    end: datetime,
    progress: Progress | None,
    settled: Sequence[Settlement],
) -> tuple[DayOutcome, ...]:
    done = []
    for outcome in judged_days(
        records, rules, days=days, until=end, known=(), shelf=shelf, settled=settled
    ):
        done.append(outcome)
        if progress is not None:
            progress(outcome.day, len(done), len(days))
    return tuple(done)


def _report(
    days: tuple[date, ...],
    outcomes: Sequence[DayOutcome],
    *,
    start: datetime,
    end: datetime,
    rules: Rules,
) -> ReplayReport:
    passed: Counter[str] = Counter()
    for outcome in outcomes:
        passed.update(outcome.passed.counts or {})
    standing = {alert.alert_id: alert for outcome in outcomes for alert in outcome.alerts}
    return ReplayReport(
        start=start,
        end=end,
        judged=days,
        alerts=in_queue_order(standing.values()),
        passed_over=dict(sorted(passed.items())),
        settings_fingerprint=rules.settings_fingerprint,
    )


def _other_rules(site: Site, config: Path) -> Rules:
    settings = settings_at(config)
    return replace(
        rules_of(site),
        settings=settings,
        strands=strands(running_at(config)),
        pack=pack_at(config / "prompts", settings.force.jurisdiction),
        settings_fingerprint=fingerprint(config),
    )
