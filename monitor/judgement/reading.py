"""The days of a week measured on a frame, and the verdict on them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.evidence import lay_evidence_rows
from alerts.fusing import Measurement, measured
from alerts.judging import Judged, Unjudged, Week, judged
from alerts.teaching import Taught
from detectors.framing import framed
from detectors.model import Abstention, Frame, Window
from monitor.judgement.bench import SETTLING_DAYS, Bench
from monitor.knowledge import Records
from monitor.references import Ground, ground_of
from monitor.teaching import model_of, term_start
from monitor.utc_day import day_of, midnight, number_of

_CAPPED_DAYS = 7  # before a week, on which somebody over the cap may be raised in it
_NOTHING_BEFORE = "the weeks before hold nothing of the kind to compare with"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The days of a week measured on a frame, and the verdict on them."""

    frame: Frame
    measurement: Measurement
    verdict: Judged | Unjudged
    ground: Ground

    def close(self) -> None:
        """Lets go of what the week before laid; the frame is of no use any more."""
        self.ground.close()


def reading_of(bench: Bench, week: Week, *, model: Taught | None, records: Records) -> Reading:
    """A week read from the events that the records' connection shows, by its model."""
    rules = bench.rules
    ground = ground_of(records, rules, week=week, model=model)
    # Whoever was over a cap last week may be raised now, and is tested with the days of this one.
    tested_from = week.judged_from
    if rules.settings.judging.weekly_most_alerts:
        tested_from = week.reference_to - _CAPPED_DAYS
    frame = framed(
        records.connection,
        _window(bench, week, first=tested_from),
        limits=rules.limits,
        feeds=records.feeds,
        groundwork=ground.groundwork,
    )
    measurement = measured(frame, rules.strands)
    verdict = judged(
        frame,
        measurement,
        week,
        reference=ground.reference,
        tested_from=tested_from,
        model=model,
        taught_share=rules.settings.teaching.budget_share,
        users_share=rules.settings.judging.users_budget_share,
    )
    return Reading(frame=frame, measurement=measurement, verdict=verdict, ground=ground)


def _window(bench: Bench, week: Week, *, first: int) -> Window:
    end = min(midnight(day_of(week.judged_to)), bench.until)
    return Window(start=min(midnight(day_of(first)), end), end=end)


def model_of_week(bench: Bench, week: Week) -> Taught | None:
    """What the days before the week's term teach; nothing where teaching is switched off."""
    rules, records = bench.rules, bench.records
    if rules.settings.teaching.budget_share == 0:
        return None
    first_day = number_of(records.first_event_at.date())
    start = term_start(
        week.reference_to,
        first_judged=first_day + rules.settings.judging.warm_up_days,
        term_days=rules.settings.teaching.term_days,
    )
    learnt_from = max(start - rules.settings.judging.reference_days, first_day + SETTLING_DAYS)
    return model_of(
        records, rules, start=start, reference=range(learnt_from, start), shelf=bench.shelf
    )


def declined(
    measurement: Measurement, verdict: Judged | Unjudged, *, pairs: int
) -> tuple[Abstention, ...]:
    """The abstention of every detector that counted, and had nothing to compare a count with."""
    reason, spoke = _NOTHING_BEFORE, frozenset[str]()
    if isinstance(verdict, Judged):
        spoke = frozenset(item.strand.detector.name for item in verdict.fused.strands)
    else:
        reason = verdict.reason
    return tuple(
        Abstention(
            detector=item.strand.detector.name,
            version=item.strand.detector.version,
            pairs=pairs,
            reason=reason,
        )
        for item in measurement.strands
        if item.strand.detector.name not in spoke
    )


def accesses_by_day(frame: Frame) -> dict[int, int]:
    """Rows of each day of the frame's window, whatever their subject."""
    rows = frame.connection.execute(
        """select datediff('day', date '1970-01-01', occurred_at::date), count(*) from events
           where occurred_at >= $start and occurred_at < $end group by 1""",
        {
            "start": frame.window.start.replace(tzinfo=None),
            "end": frame.window.end.replace(tzinfo=None),
        },
    ).fetchall()
    return {int(day): int(count) for day, count in rows}


def lay_rows_of_interest(
    bench: Bench, reading: Reading, *, week: Week, drawn: frozenset[int]
) -> None:
    """Lays the evidence rows of everybody who may be in an alert of the week, or is in one."""
    frame, verdict = reading.frame, reading.verdict
    numbers = {int(frame.user_no[place]) for place in drawn}
    if isinstance(verdict, Judged):
        rows = _rows_beyond(bench, frame, week=week, verdict=verdict)
        numbers |= set(frame.user_no[rows].tolist())
    names = frame.connection.execute(
        "select user_id from user_code where user_no in (select unnest($nos::bigint[])) order by 1",
        {"nos": sorted(numbers)},
    ).fetchall()
    users = {str(name) for (name,) in names}
    users |= {user for alert in bench.desk.values() for user in alert.user_ids}
    users |= {one.user_id for found in bench.capped.values() for one in found}
    lay_evidence_rows(frame, sorted(users), limits=bench.rules.limits)


def _rows_beyond(bench: Bench, frame: Frame, *, week: Week, verdict: Judged) -> NDArray[np.int64]:
    """Rows that reach the floor, as pairs or for their users."""
    floor = bench.rules.floor
    days = range(week.judged_from, week.judged_to)
    alone = [verdict.users_on_day(frame, day, floor=floor) for day in days]
    return np.concatenate([verdict.rows[verdict.interval >= floor], *alone])
