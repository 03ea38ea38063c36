"""Days judged one after another: frame, detect, fuse, raise; live, scan, replay and why alike."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from alerts.candidates import PassedOver, Reason
from alerts.judging import Judged, Unjudged, Week, weeks
from alerts.model import Alert
from alerts.records import PassedDay, Settlement
from detectors.model import Frame
from monitor.judgement.bench import SETTLING_DAYS, Bench
from monitor.judgement.cases import cases_of, still_waiting
from monitor.judgement.deciding import decided_on, with_draws
from monitor.judgement.outcome import DayOutcome
from monitor.judgement.raising import grown
from monitor.judgement.reading import (
    accesses_by_day,
    declined,
    lay_rows_of_interest,
    model_of_week,
    reading_of,
)
from monitor.judgement.since_closing import Apart
from monitor.judgement.sitting import Sitting, circumstances_of
from monitor.knowledge import Records, Rules
from monitor.passing_over import draws, ledger_of_day, over_cap
from monitor.teaching import OpenShelf, Shelf
from monitor.utc_day import day_of, end_of, number_of


def judged_days(  # noqa: PLR0913 what is known and how it is judged, each named
    records: Records,
    rules: Rules,
    *,
    days: Sequence[date],
    until: datetime,
    known: Iterable[Alert],
    near: Iterable[PassedDay] = (),
    shelf: Shelf | None = None,
    settled: Iterable[Settlement] | None = None,
) -> Iterator[DayOutcome]:
    """The outcome of each day, oldest first.

    Args:
        records: what is known.
        rules: how it is judged.
        days: to be judged, UTC.
        until: accesses from here on do not count.
        known: alerts that already stand; later evidence extends them.
        near: candidates of the week before these days; who was over the cap may be raised now.
        shelf: where taught fusion is kept; without one it is taught for these days alone.
        settled: what people settled of what these days raise, oldest first, each known from the
            first day that is due after it; without it, what the records say was known throughout.
    """
    bench = Bench(
        shelf=shelf if shelf is not None else OpenShelf({}),
        records=records,
        rules=rules,
        until=until,
        wanted=frozenset(days),
        desk={alert.alert_id: alert for alert in known},
        capped={passed.day: over_cap(passed.candidates) for passed in near},
        closings=dict(records.closings) if settled is None else {},
        to_come=deque(settled or ()),
    )
    judging = rules.settings.judging
    plan = weeks(
        [number_of(day) for day in days],
        first_day=number_of(records.first_event_at.date()),
        reference_days=judging.reference_days,
        settling_days=SETTLING_DAYS,
    )
    for week in plan:
        yield from _judged_week(bench, week)


def _judged_week(bench: Bench, week: Week) -> Iterator[DayOutcome]:
    model = model_of_week(bench, week)  # first: teaching lays frames of its own
    reading = reading_of(bench, week, model=model, records=bench.records)
    frame, verdict = reading.frame, reading.verdict
    drawn = _draws(bench, frame, week=week, verdict=verdict)
    lay_rows_of_interest(bench, reading, week=week, drawn=drawn)
    tally = accesses_by_day(frame)
    apart = Apart(bench=bench, week=week, model=model, whole=frame)
    for number in range(week.judged_from, week.judged_to):
        if day_of(number) in bench.wanted:
            day = day_of(number)
            if bench.settled_by(bench.due_at(day, until=min(end_of(day), bench.until))):
                apart.close()  # what was read without the lookups answered until now
                apart = Apart(bench=bench, week=week, model=model, whole=frame)
            outcome = _outcome(bench, frame, verdict=verdict, day=day, drawn=drawn, apart=apart)
            _keep_capped(bench, outcome)
            yield replace(
                outcome,
                accesses=tally.get(number, 0),
                abstentions=tuple(
                    replace(item, pairs=outcome.pairs) for item in reading.measurement.abstentions
                )
                + declined(reading.measurement, verdict, pairs=outcome.pairs),
            )
    apart.close()
    reading.close()


def _outcome(  # noqa: PLR0913 what a day is judged by, each named
    bench: Bench,
    frame: Frame,
    *,
    verdict: Judged | Unjudged,
    day: date,
    drawn: frozenset[int],
    apart: Apart,
) -> DayOutcome:
    """What became of one day's pairs; its accesses and abstentions are told by the caller."""
    number, until = number_of(day), min(end_of(day), bench.until)
    told = DayOutcome(
        day=day,
        until=until,
        accesses=0,
        pairs=int((frame.day == number).sum()),
        candidates=0,
        held_back=0,
        passed=PassedOver(),
        alerts=(),
        abstentions=(),
    )
    if isinstance(verdict, Unjudged):
        return told
    sitting = Sitting(
        bench=bench,
        frame=frame,
        verdict=verdict,
        circumstances=circumstances_of(bench, frame, day=day, until=until),
        until=until,
        draws=drawn,
    )
    near = verdict.on_day(frame, number, floor=bench.rules.ledger_floor)
    places = near[verdict.intervals(frame, near) >= bench.rules.floor]
    cases = cases_of(sitting, places, held=still_waiting(sitting))
    decided = with_draws(sitting, decided_on(sitting, cases, apart=apart), near=near)
    changed = decided.changed | grown(sitting, done=decided.changed)
    return replace(
        told,
        candidates=len(places) + sum(case.alone for case in cases),
        held_back=sum(fate.reason is Reason.SUPPRESSED for fate in decided.fates),
        alerts=tuple(changed[key] for key in sorted(changed)),
        passed=ledger_of_day(
            frame,
            verdict,
            places=near,
            fates=decided.fates,
            alerts=bench.desk.values(),
            users=verdict.users_on_day(frame, number, floor=bench.rules.ledger_floor),
        ),
    )


def _keep_capped(bench: Bench, outcome: DayOutcome) -> None:
    """Notes who was over the cap on a day, in place of what an earlier judging noted."""
    bench.capped[outcome.day] = over_cap(outcome.passed.kept)


def _draws(bench: Bench, frame: Frame, *, week: Week, verdict: Judged | Unjudged) -> frozenset[int]:
    """The rows of a week that are drawn at random for audit."""
    if isinstance(verdict, Unjudged):
        return frozenset()
    return draws(frame, verdict, rules=bench.rules, days=range(week.judged_from, week.judged_to))
