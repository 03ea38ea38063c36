"""Days judged one after another: frame, detect, fuse, raise; live, scan, replay and why alike."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from alerts.candidates import Candidate, PassedOver, Reason
from alerts.cases import (
    Case,
    case_of_user,
    cases_of_day,
    joined_on_duty_day,
    tied_to_focus,
)
from alerts.connections import connections
from alerts.evidence import Evidence, evidence, lay_evidence_rows
from alerts.fusing import Measurement, TestedStrand, measured
from alerts.judging import Judged, Unjudged, Week, judged, weeks
from alerts.model import Alert, Contribution, Status
from alerts.raising import (
    Circumstances,
    Earlier,
    Grounds,
    extended,
    matching,
    raised,
    reopened,
)
from alerts.records import PassedDay
from alerts.reference import turns_of_users
from alerts.scene import SCENE
from alerts.teaching import Taught
from detectors.framing import framed
from detectors.model import Abstention, Finding, Frame, Row, Window
from monitor.feeds import REFERENCE_TABLES
from monitor.knowledge import Records, Rules
from monitor.passing_over import (
    AT_ONCE,
    NOTHING_WAITS,
    PAIR_SHARE_OF_FLOOR,
    Beyond,
    Fate,
    chosen_of_day,
    draws,
    ledger_of_day,
    over_cap,
    used_of_week,
    waiting,
    waits,
)
from monitor.reference_folder import NoReferences
from monitor.references import Ground, ground_of
from monitor.settled import settled_by, unsettled
from monitor.teaching import OpenShelf, Shelf, model_of, term_start

_SETTLING_DAYS = 14  # first days of a history: their look-back is too short to serve as a reference
_CAPPED_DAYS = 7  # before a week, on which somebody over the cap may be raised in it
_SHOWN_CONTRIBUTION = 0.05  # log-odds, below which strands are added up
_SHOWN_BELOW = 0.05  # p-value of a strand that is worth a finding beside the strongest one
_CIRCLE_DAYS = 28  # that are looked back on where no strand says how far
_EPOCH = date(1970, 1, 1)
_NOTHING_BEFORE = "the weeks before hold nothing of the kind to compare with"
_BESIDE_STRANDS = {  # what the taught fusion sees besides strands, in words
    SCENE: "how much was looked up in all, and since when this person has been",
    "explained": "how well the lookups of this pair are explained",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOutcome:
    """One day judged."""

    day: date
    until: datetime  # accesses before this were judged; the day's end unless it was not over yet
    accesses: int
    pairs: int
    candidates: int  # pairs beyond the floor
    held_back: int  # alerts that suppressions in force kept from being raised
    passed: PassedOver  # beyond the lower floor, and no alert of their own
    alerts: tuple[Alert, ...]  # raised or extended, as they now stand
    abstentions: tuple[Abstention, ...]


def judged_days(  # noqa: PLR0913 what is known and how it is judged, each named
    records: Records,
    rules: Rules,
    *,
    days: Sequence[date],
    until: datetime,
    known: Iterable[Alert],
    near: Iterable[PassedDay] = (),
    shelf: Shelf | None = None,
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
    """
    bench = _Bench(
        shelf=shelf if shelf is not None else OpenShelf({}),
        records=records,
        rules=rules,
        until=until,
        wanted=frozenset(days),
        desk={alert.alert_id: alert for alert in known},
        capped={passed.day: over_cap(passed.candidates) for passed in near},
    )
    judging = rules.settings.judging
    plan = weeks(
        [_number(day) for day in days],
        first_day=_number(records.first_event_at.date()),
        reference_days=judging.reference_days,
        settling_days=_SETTLING_DAYS,
    )
    for week in plan:
        yield from _judged_week(bench, week)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bench:
    """What a stretch of days is judged with."""

    records: Records
    rules: Rules
    until: datetime  # accesses from here on do not count
    wanted: frozenset[date]
    shelf: Shelf  # of what drills taught
    desk: dict[str, Alert]  # every alert that stands, by id; brought up to date by each day
    capped: dict[date, tuple[Candidate, ...]]  # over the weekly cap, by day; likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sitting:
    """One day on the bench, with the week's verdict on every pair."""

    bench: _Bench
    frame: Frame
    verdict: Judged
    circumstances: Circumstances
    until: datetime
    draws: frozenset[int]  # places of the week that are drawn at random for audit
    apart: "_Apart | None" = None  # the same weeks without what closings answered

    @property
    def episode(self) -> timedelta:
        """How long a pair may be quiet before new evidence begins a new episode."""
        return timedelta(days=self.bench.rules.settings.judging.episode_days)


def _judged_week(bench: _Bench, week: Week) -> Iterator[DayOutcome]:
    model = _model(bench, week)  # first: teaching lays frames of its own
    reading = _reading(bench, week, model=model, records=bench.records)
    frame, verdict = reading.frame, reading.verdict
    drawn = _draws(bench, frame, week=week, verdict=verdict)
    _lay_rows_of_interest(bench, reading, week=week, drawn=drawn)
    tally = _accesses_by_day(frame)
    apart = _Apart(bench=bench, week=week, model=model, whole=frame)
    for number in range(week.judged_from, week.judged_to):
        if _date(number) in bench.wanted:
            outcome = _outcome(
                bench, frame, verdict=verdict, day=_date(number), drawn=drawn, apart=apart
            )
            _keep_capped(bench, outcome)
            yield replace(
                outcome,
                accesses=tally.get(number, 0),
                abstentions=tuple(
                    replace(item, pairs=outcome.pairs) for item in reading.measurement.abstentions
                )
                + _declined(reading.measurement, verdict, pairs=outcome.pairs),
            )
    apart.close()
    reading.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """The days of a week measured on a frame, and the verdict on them."""

    frame: Frame
    measurement: Measurement
    verdict: Judged | Unjudged
    ground: Ground

    def close(self) -> None:
        """Lets go of what the week before laid; the frame is of no use any more."""
        self.ground.close()


def _reading(bench: _Bench, week: Week, *, model: Taught | None, records: Records) -> _Reading:
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
    return _Reading(frame=frame, measurement=measurement, verdict=verdict, ground=ground)


def _window(bench: _Bench, week: Week, *, first: int) -> Window:
    end = min(_midnight(_date(week.judged_to)), bench.until)
    return Window(start=min(_midnight(_date(first)), end), end=end)


@dataclass(slots=True, kw_only=True)  # it keeps what it has read, for it is seldom asked
class _Apart:
    """The same week read without what closings have answered, once somebody looks again."""

    bench: _Bench
    week: Week
    model: Taught | None
    whole: Frame  # of all lookups
    readings: dict[bool, _Reading] = field(default_factory=dict)
    cases: dict[tuple[date, bool], tuple[Case, ...]] = field(default_factory=dict)

    def sitting(self, like: _Sitting, *, alone: bool) -> _Sitting | None:
        """A sitting over what is left of the same week; nothing where that cannot be judged."""
        if alone not in self.readings:
            self.readings[alone] = self._read(alone=alone)
        reading = self.readings[alone]
        if isinstance(reading.verdict, Unjudged):
            return None
        return replace(like, frame=reading.frame, verdict=reading.verdict, draws=frozenset())

    def cases_of(self, left: _Sitting, *, alone: bool) -> tuple[Case, ...]:
        """The cases beyond the floor of one day over what is left."""
        day, floor = left.circumstances.day, left.circumstances.floor
        if (day, alone) not in self.cases:
            places = left.verdict.on_day(left.frame, _number(day), floor=floor)
            self.cases[day, alone] = _cases(left, places, held=NOTHING_WAITS)
        return self.cases[day, alone]

    def _read(self, *, alone: bool) -> _Reading:
        bench = self.bench
        connection = unsettled(
            self.whole, bench.desk.values(), closings=bench.records.closings, alone=alone
        )
        # What is left has a reference of its own, which nobody will ask for again.
        left = replace(bench.records, connection=connection, references=NoReferences())
        reading = _reading(bench, self.week, model=self.model, records=left)
        _lay_rows_of_interest(bench, reading, week=self.week, drawn=frozenset())
        return reading

    def close(self) -> None:
        """Lets go of what was read."""
        for reading in self.readings.values():
            reading.close()
            reading.frame.connection.close()


def _model(bench: _Bench, week: Week) -> Taught | None:
    """What the days before the week's term teach; nothing where teaching is switched off."""
    rules, records = bench.rules, bench.records
    if rules.settings.teaching.budget_share == 0:
        return None
    first_day = _number(records.first_event_at.date())
    start = term_start(
        week.reference_to,
        first_judged=first_day + rules.settings.judging.warm_up_days,
        term_days=rules.settings.teaching.term_days,
    )
    learnt_from = max(start - rules.settings.judging.reference_days, first_day + _SETTLING_DAYS)
    return model_of(
        records, rules, start=start, reference=range(learnt_from, start), shelf=bench.shelf
    )


def _outcome(  # noqa: PLR0913 what a day is judged by, each named
    bench: _Bench,
    frame: Frame,
    *,
    verdict: Judged | Unjudged,
    day: date,
    drawn: frozenset[int],
    apart: _Apart,
) -> DayOutcome:
    """What became of one day's pairs; its accesses and abstentions are told by the caller."""
    number, until = _number(day), min(_day_end(day), bench.until)
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
    sitting = _Sitting(
        bench=bench,
        frame=frame,
        verdict=verdict,
        circumstances=_circumstances(bench, frame, day=day, until=until),
        until=until,
        draws=drawn,
        apart=apart,
    )
    near = verdict.on_day(frame, number, floor=bench.rules.ledger_floor)
    places = near[verdict.intervals(frame, near) >= bench.rules.floor]
    cases = _cases(sitting, places, held=_still_waiting(sitting))
    decided = _with_draws(sitting, _decided(sitting, cases), near=near)
    changed = decided.changed | _grown(sitting, done=decided.changed)
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


def _keep_capped(bench: _Bench, outcome: DayOutcome) -> None:
    """Notes who was over the cap on a day, in place of what an earlier judging noted."""
    bench.capped[outcome.day] = over_cap(outcome.passed.kept)


def _still_waiting(sitting: _Sitting) -> Beyond:
    """Rows of last week's pairs that were over the cap, and that no alert answers since."""
    bench, day = sitting.bench, sitting.circumstances.day
    if not bench.rules.settings.judging.weekly_most_alerts:
        return NOTHING_WAITS
    unanswered = {
        on: [
            one
            for one in found
            if matching(bench.desk.values(), one.user_id, (one.focus_subject_id,)) is None
        ]
        for on, found in bench.capped.items()
        if waits(on, day=day)
    }
    return waiting(sitting.frame, unanswered, day=_number(day))


def _cases(sitting: _Sitting, places: NDArray[np.int64], *, held: Beyond) -> tuple[Case, ...]:
    """The day's cases: around one person, and of members of staff alone.

    A pair that would be nothing without what is said of the user, whomever they looked up, is no
    case of its own: it belongs to the user's. The user's stands where no pair of theirs does.

    Args:
        sitting: of the day.
        places: rows of the day beyond the floor.
        held: rows of the days before that a cap held back and that still stand.
    """
    frame, verdict, floor = sitting.frame, sitting.verdict, sitting.circumstances.floor
    by_itself = verdict.interval_of_pairs(frame, places) >= floor * PAIR_SHARE_OF_FLOOR
    pairs = np.concatenate([places[by_itself], held.places])
    intervals = np.concatenate([verdict.intervals(frame, places[by_itself]), held.intervals])
    order = np.argsort(-intervals, kind="stable")
    number = _number(sitting.circumstances.day)
    around = cases_of_day(frame, pairs[order], intervals[order].tolist(), day=number)
    if sitting.bench.rules.settings.judging.joins_duty_day:
        around = _by_duty_day(sitting, around)
    carried = {case.user_no for case in around}
    strongest: dict[int, tuple[float, int]] = {}
    alone = verdict.users_on_day(frame, number, floor=floor)
    told = [
        *zip(verdict.interval_of_users(frame, alone).tolist(), alone.tolist(), strict=True),
        *zip(
            verdict.intervals(frame, places[~by_itself]).tolist(),
            places[~by_itself].tolist(),
            strict=True,
        ),
    ]
    for interval, place in told:
        user_no = int(frame.user_no[place])
        if user_no not in carried:
            strongest[user_no] = max(strongest.get(user_no, (0.0, 0)), (interval, place))
    of_users = [
        case_of_user(frame, place, interval=interval, days=_days_of_users(verdict, place))
        for _, (interval, place) in sorted(strongest.items())
    ]
    return (*around, *(case for case in of_users if case.subject_nos))


def _by_duty_day(sitting: _Sitting, cases: Sequence[Case]) -> tuple[Case, ...]:
    """The cases, those of one member of staff on one duty day together where none has an alert.

    What has an alert, open or closed, stays by itself: another person must not disappear in it.
    """
    frame, desk = sitting.frame, sitting.bench.desk
    new: list[Case] = []
    known: list[Case] = []
    for case in cases:
        named = _identities(frame, case)
        there = matching(desk.values(), named.user_id, named.subject_ids)
        (known if there else new).append(case)
    joined = joined_on_duty_day(frame, new, day=_number(sitting.circumstances.day))
    return tuple(
        sorted((*known, *joined), key=lambda one: (-one.interval, one.user_no, one.focus_no))
    )


def _days_of_users(verdict: Judged, place: int) -> int:
    """How far back the loudest strand about the user of a row looks, days."""
    tested = [verdict.fused.strands[turn].tested for turn in turns_of_users(verdict.fused)]
    spoken = [one for one in tested if not np.isnan(one.pvalue[place])]
    loudest = min(spoken, key=lambda one: float(one.pvalue[place]), default=None)
    return int(loudest.span[place]) if loudest is not None else _CIRCLE_DAYS


def _declined(
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


def _circumstances(bench: _Bench, frame: Frame, *, day: date, until: datetime) -> Circumstances:
    records, rules = bench.records, bench.rules
    settle = timedelta(minutes=rules.settings.judging.settle_minutes)
    reference = rules.settings.judging.reference_days + _SETTLING_DAYS
    history = (_midnight(day) - records.first_event_at) / timedelta(days=1)
    return Circumstances(
        at=until + settle if until == _day_end(day) else until,
        day=day,
        floor=rules.floor,
        feeds_missing=tuple(feed for feed in REFERENCE_TABLES if feed not in frame.feeds),
        pack=rules.pack,
        settings_fingerprint=rules.settings_fingerprint,
        code_version=rules.code_version,
        data_version=records.data_version,
        provisional=history < reference,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    """What the day's cases came to."""

    changed: dict[str, Alert]  # raised, extended or brought back, by id
    fates: tuple[Fate, ...]  # one for each case


def _decided(sitting: _Sitting, cases: Sequence[Case]) -> _Decided:
    """What the day's cases raise, extend or bring back; the desk is kept up."""
    desk = sitting.bench.desk
    stated = [(case, grounds) for case in cases if (grounds := _grounds(sitting, case)) is not None]
    let_through = _let_through(sitting, stated)
    changed: dict[str, Alert] = {}
    fates = []
    for case, grounds in stated:
        alert = _raised_or_grown(sitting, case, grounds)
        fate = _fate(sitting, case, grounds=grounds, alert=alert, let_through=let_through)
        fates.append(fate)
        if alert is None or fate.reason is not None or desk.get(alert.alert_id) == alert:
            continue
        desk[alert.alert_id] = changed[alert.alert_id] = alert
    return _Decided(changed=changed, fates=tuple(fates))


def _fate(
    sitting: _Sitting,
    case: Case,
    *,
    grounds: Grounds,
    alert: Alert | None,
    let_through: frozenset[Case] | None,
) -> Fate:
    """What becomes of a case that makes an alert, or that a closed one answers."""
    if alert is None:
        closed = matching(
            sitting.bench.desk.values(), grounds.user_id, grounds.subject_ids, alone=case.alone
        )
        return Fate(case=case, reason=Reason.CLOSED, ref=closed.alert_id if closed else "")
    if alert.alert_id in sitting.bench.desk:
        return Fate(case=case, reason=None, ref=alert.alert_id)
    if by := sitting.bench.records.held_back(alert, at=sitting.circumstances.at):
        return Fate(case=case, reason=Reason.SUPPRESSED, ref=",".join(str(one.seq) for one in by))
    if let_through is not None and case not in let_through:
        return Fate(case=case, reason=Reason.CAP)
    return Fate(case=case, reason=None, ref=alert.alert_id)


def _let_through(
    sitting: _Sitting, stated: Sequence[tuple[Case, Grounds]]
) -> frozenset[Case] | None:
    """The cases that the weekly cap lets through; nothing where there is no cap.

    What was raised on the earlier days of the week has used it, and what goes out at once today;
    what later days raised, when an earlier day is judged again, has not.
    """
    bench = sitting.bench
    how = bench.rules.settings.judging
    if not how.weekly_most_alerts:
        return None
    at_once = frozenset(
        case for case, _ in stated if case.interval >= sitting.circumstances.floor * AT_ONCE
    )
    new = [
        (case, alert)
        for case, grounds in stated
        if (alert := _raised_or_grown(sitting, case, grounds)) is not None
        and alert.alert_id not in bench.desk
        and not bench.records.held_back(alert, at=sitting.circumstances.at)
    ]
    used = used_of_week(bench.desk.values(), sitting.circumstances.day)
    used += sum(case in at_once for case, _ in new)
    return at_once | chosen_of_day(
        [case for case, _ in new if case not in at_once],
        sitting.verdict,
        left=how.weekly_most_alerts - used,
        single_share=how.weekly_single_share,
    )


def _with_draws(sitting: _Sitting, decided: _Decided, *, near: NDArray[np.int64]) -> _Decided:
    """The day with what is drawn at random from below the floor, where no alert answers it yet."""
    desk, frame = sitting.bench.desk, sitting.frame
    changed, fates = dict(decided.changed), list(decided.fates)
    day = _number(sitting.circumstances.day)
    for place in near[np.isin(near, list(sitting.draws))].tolist():
        interval = float(sitting.verdict.intervals(frame, np.array([place]))[0])
        [case] = cases_of_day(frame, np.array([place]), [interval], day=day)
        grounds = _grounds(sitting, case)
        if grounds is None or matching(desk.values(), grounds.user_id, grounds.subject_ids):
            continue
        alert = raised(replace(grounds, drawn=True), sitting.circumstances)
        fate = _fate(sitting, case, grounds=grounds, alert=alert, let_through=None)
        fates.append(fate)
        if fate.reason is None:
            desk[alert.alert_id] = changed[alert.alert_id] = alert
    return _Decided(changed=changed, fates=tuple(fates))


def _raised_or_grown(sitting: _Sitting, case: Case, grounds: Grounds) -> Alert | None:
    """The alert this case makes, or nothing where a closed alert already answers it."""
    circumstances = sitting.circumstances
    before = matching(
        sitting.bench.desk.values(), grounds.user_id, grounds.subject_ids, alone=case.alone
    )
    if before is None:
        return raised(grounds, circumstances)
    earlier = settled_by(before, sitting.bench.records.closings)
    anew = _anew(sitting, case, earlier=earlier) if earlier else None
    if before.status is Status.CLOSED:
        return _again(before, grounds, circumstances=circumstances, anew=anew)
    if earlier is not None:
        if anew is None:
            return before
        sitting, case, grounds = anew.sitting, anew.case, anew.grounds
    quiet = grounds.evidence.first_event_at - before.last_event_at
    if quiet > sitting.episode:
        return raised(grounds, circumstances, repeat=True)
    whole = _grounds(sitting, _widened(sitting.frame, case, before), earlier=earlier)
    return extended(before, whole or grounds, circumstances)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Anew:
    """What was looked up since a closing, which clears the floor by itself."""

    sitting: _Sitting  # over what is left
    case: Case
    grounds: Grounds


def _anew(sitting: _Sitting, case: Case, *, earlier: Earlier) -> _Anew | None:
    """The case that lookups since a closing make by themselves; nothing below the floor."""
    if sitting.apart is None or earlier.closed_at >= sitting.until:
        return None
    left = sitting.apart.sitting(sitting, alone=case.alone)
    if left is None:
        return None
    named = _identities(sitting.frame, case)
    for one in sitting.apart.cases_of(left, alone=case.alone):
        if one.alone is case.alone and _meet(named, _identities(left.frame, one), alone=one.alone):
            since = max(earlier.closed_at, one.since or earlier.closed_at)
            counted = replace(one, since=since)
            grounds = _grounds(left, counted, earlier=earlier)
            return _Anew(sitting=left, case=counted, grounds=grounds) if grounds else None
    return None


def _meet(one: "_Identities", other: "_Identities", *, alone: bool) -> bool:
    """Whether two cases are about the same member of staff, and people as an alert matches them."""
    around = other.subject_ids[0] in one.subject_ids or one.subject_ids[0] in other.subject_ids
    return one.user_id == other.user_id and (alone or around)


def _again(
    closed: Alert, grounds: Grounds, *, circumstances: Circumstances, anew: _Anew | None
) -> Alert | None:
    """What becomes of evidence that a closed alert is there for; nothing where that answers it.

    What clears the floor since the closing is an alert of its own, which names the closed one; else
    the closed one is open again where the evidence as a whole is ten times rarer than it was.
    """
    if anew is None:
        return reopened(closed, grounds, circumstances)
    fresh = raised(anew.grounds, circumstances, repeat=True)
    if fresh.alert_id != closed.alert_id:
        return fresh
    # Raised and closed on the day that is judged: its id is taken.
    return replace(extended(closed, grounds, circumstances), status=Status.OPEN)


def _widened(frame: Frame, case: Case, alert: Alert) -> Case:
    """The case with every record of an alert that it adds to, around that alert's own focus."""
    subjects = _names(frame, "subject")
    before = [subjects[name] for name in alert.subject_ids if name in subjects]
    numbers = tuple(dict.fromkeys((*before, *case.subject_nos)))
    if case.alone:
        since = min(case.since, alert.first_event_at) if case.since else None
        return replace(case, subject_nos=numbers, since=since)
    return replace(case, focus_no=numbers[0], subject_nos=numbers)


def _grown(sitting: _Sitting, *, done: Mapping[str, Alert]) -> dict[str, Alert]:
    """Alerts whose member of staff looked at the same records again that day, by id."""
    frame, circumstances, desk = sitting.frame, sitting.circumstances, sitting.bench.desk
    users, subjects = _names(frame, "user"), _names(frame, "subject")
    looked = _looked_on(frame, circumstances.day, until=sitting.until)
    changed: dict[str, Alert] = {}
    for alert in list(desk.values()):
        if alert.alert_id in done or alert.status is Status.CLOSED or not alert.focus_subject_id:
            continue
        user_no = users.get(alert.user_ids[0])
        numbers = [subjects[name] for name in alert.subject_ids if name in subjects]
        if user_no is None or not any((user_no, number) in looked for number in numbers):
            continue
        earlier = settled_by(alert, sitting.bench.records.closings)
        case = Case(
            user_no=user_no,
            focus_no=numbers[0],
            subject_nos=tuple(numbers),
            place=-1,
            interval=0.0,
            since=earlier.closed_at if earlier else None,
        )
        grounds = _grounds(sitting, case, earlier=earlier)
        quiet = circumstances.at - alert.last_event_at
        if grounds is None or quiet > sitting.episode + timedelta(days=1):
            continue
        grown = extended(alert, grounds, circumstances)
        if grown != alert:
            desk[alert.alert_id] = changed[alert.alert_id] = grown
    return changed


def _behind(sitting: _Sitting, case: Case) -> Evidence | None:
    """What lies behind a case: of many people all are counted, and the rows of those listed kept.

    The rows of somebody whom the alert does not list would show to a reader who is close to them.
    """

    def of(subject_nos: Sequence[int]) -> Evidence | None:
        return evidence(
            sitting.frame,
            user_no=case.user_no,
            subject_nos=subject_nos,
            until=sitting.until,
            quiet=sitting.episode,
            limits=sitting.bench.rules.limits,
            since=case.since,
        )

    listed = of(case.listed)
    if listed is None or case.listed == case.subject_nos:
        return listed
    every = of(case.subject_nos)
    return replace(every, event_ids=listed.event_ids) if every else listed


def _grounds(sitting: _Sitting, case: Case, *, earlier: Earlier | None = None) -> Grounds | None:
    frame, verdict = sitting.frame, sitting.verdict
    behind = _behind(sitting, case)
    if behind is None:
        return None
    role_no = int(frame.role_no[case.place]) if case.place >= 0 else 0
    named = _identities(frame, case)
    beside = _beside(frame, case, named)
    of_pair = case.place >= 0 and not case.alone
    channel = verdict.users if case.alone else None
    log_evidence = channel.score if channel else verdict.fused.log_evidence
    rarity = channel.rarity if channel else verdict.rarity
    return Grounds(
        user_id=named.user_id,
        subject_ids=named.subject_ids,
        focus_type=named.focus_type,
        role=frame.roles[role_no],
        interval=case.interval,
        log_evidence=float(log_evidence[case.place]) if case.place >= 0 else 0.0,
        limit_years=rarity.of_role(role_no).user_years,
        evidence=behind,
        connections=connections(
            frame,
            user_id=named.user_id,
            subject_ids=("", *named.subject_ids) if case.alone else named.subject_ids,
            start=behind.first_event_at,
            end=sitting.until,
            beside=beside,
        ),
        findings=_findings(sitting, case, named) if case.place >= 0 else (),
        contributions=_contributions(sitting, case.place) if of_pair else (),
        hinges_on=verdict.hinges_on(frame, case.place, floor=sitting.circumstances.floor)
        if of_pair
        else (),
        alone=case.alone,
        subjects_beyond=len(case.subject_nos) - len(case.listed),
        beside=len(beside),
        earlier=earlier,
    )


def _beside(frame: Frame, case: Case, named: "_Identities") -> tuple[str, ...]:
    """The records of a case that nothing links to its focus; of a user alone none is asked for."""
    if case.alone:
        return ()
    tied = set(tied_to_focus(frame, case.listed))
    told = zip(case.listed, named.subject_ids, strict=True)
    return tuple(name for number, name in told if number not in tied)


def _contributions(sitting: _Sitting, place: int) -> tuple[Contribution, ...]:
    """What each strand adds to the taught score of a row, the largest first, and the small rest."""
    frame, verdict = sitting.frame, sitting.verdict
    apart = verdict.taken_apart(frame, place)
    if apart is None:
        return ()
    words = {
        item.strand.detector.name: _words(sitting, item, place=place)
        for item in verdict.fused.strands
    }
    told = [
        Contribution(
            name=name,
            says=words.get(name, _BESIDE_STRANDS.get(name, "")),
            log_evidence=round(float(apart.added[0, turn]), 4),
        )
        for turn, name in enumerate(apart.strands)
    ]
    told.sort(key=lambda part: (-abs(part.log_evidence), part.name))
    shown = [part for part in told if abs(part.log_evidence) >= _SHOWN_CONTRIBUTION]
    rest = sum(part.log_evidence for part in told if abs(part.log_evidence) < _SHOWN_CONTRIBUTION)
    start = Contribution(
        name="start",
        says="a pair of which nothing is known",
        log_evidence=round(float(apart.start[0]), 4),
    )
    others = Contribution(
        name="others", says="all other strands together", log_evidence=round(rest, 4)
    )
    return (start, *shown, others)


def _words(sitting: _Sitting, item: TestedStrand, *, place: int) -> str:
    """What a strand says of a row, or that it says nothing."""
    if np.isnan(item.tested.pvalue[place]):
        return "had nothing to say"
    return item.strand.detector.words(_row(sitting.frame, item, place))


def _row(frame: Frame, item: TestedStrand, place: int) -> Row:
    tested = item.tested
    return Row(
        observed=float(tested.observed[place]),
        expected=float(tested.expected[place]),
        span=float(tested.span[place]),
        role=frame.roles[int(frame.role_no[place])],
        counts={name: float(column[place]) for name, column in item.measured.counts.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Identities:
    """Who a case is about, by their ids at the source."""

    user_id: str
    subject_ids: tuple[str, ...]  # the focus first
    focus_type: str


def _findings(sitting: _Sitting, case: Case, named: _Identities) -> tuple[Finding, ...]:
    """What each strand found on the case's strongest row, most surprising first."""
    frame, verdict = sitting.frame, sitting.verdict
    place = case.place
    found = []
    for item in verdict.fused.strands:
        tested = item.tested
        of_users = item.strand.detector.asks_of == "user"
        if np.isnan(tested.pvalue[place]) or (case.alone and not of_users):
            continue
        row = _row(frame, item, place)
        found.append(
            Finding(
                detector=item.strand.detector.name,
                version=item.strand.detector.version,
                user_id=named.user_id,
                focus_id="" if case.alone else named.subject_ids[0],
                observed=row.observed,
                expected=float(f"{row.expected:.4g}"),
                unit=item.strand.detector.unit,
                pvalue=float(f"{tested.pvalue[place]:.3g}"),
                evidence_value=float(f"{tested.evidence_value[place]:.4g}"),
                says=item.strand.detector.words(row),
            )
        )
    found.sort(key=lambda finding: (finding.pvalue, finding.detector))
    return tuple(
        finding
        for place, finding in enumerate(found)
        if place == 0 or finding.pvalue < _SHOWN_BELOW
    )


def _identities(frame: Frame, case: Case) -> _Identities:
    user = frame.connection.execute(
        "select user_id from user_code where user_no = $no", {"no": case.user_no}
    ).fetchall()[0][0]
    rows = frame.connection.execute(
        """select subject_no, subject_id, coalesce(subject_type, 'unknown')
           from subject_code left join subject_kind using (subject_no)
           where subject_no in (select unnest($nos::bigint[]))""",
        {"nos": list(case.listed)},
    ).fetchall()
    by_no = {int(no): (str(name), str(kind)) for no, name, kind in rows}
    return _Identities(
        user_id=str(user),
        subject_ids=tuple(by_no[no][0] for no in case.listed),
        focus_type="" if case.alone else by_no[case.focus_no][1],
    )


def _draws(
    bench: _Bench, frame: Frame, *, week: Week, verdict: Judged | Unjudged
) -> frozenset[int]:
    """The rows of a week that are drawn at random for audit."""
    if isinstance(verdict, Unjudged):
        return frozenset()
    return draws(frame, verdict, rules=bench.rules, days=range(week.judged_from, week.judged_to))


def _lay_rows_of_interest(
    bench: _Bench, reading: _Reading, *, week: Week, drawn: frozenset[int]
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


def _rows_beyond(bench: _Bench, frame: Frame, *, week: Week, verdict: Judged) -> NDArray[np.int64]:
    """Rows that reach the floor, as pairs or for their users."""
    floor = bench.rules.floor
    days = range(week.judged_from, week.judged_to)
    alone = [verdict.users_on_day(frame, day, floor=floor) for day in days]
    return np.concatenate([verdict.rows[verdict.interval >= floor], *alone])


def _names(frame: Frame, what: str) -> dict[str, int]:
    rows = frame.connection.execute(
        f"""select distinct c.{what}_id, c.{what}_no
            from {what}_code c semi join evidence_row using ({what}_no)"""
    ).fetchall()
    return {str(name): int(number) for name, number in rows}


def _looked_on(frame: Frame, day: date, *, until: datetime) -> frozenset[tuple[int, int]]:
    """Users and records of interest on a day, those included that a record has come to explain."""
    rows = frame.connection.execute(
        """select distinct user_no, subject_no from evidence_row
           where occurred_at >= $start and occurred_at < $end""",
        {"start": _midnight(day).replace(tzinfo=None), "end": until.replace(tzinfo=None)},
    ).fetchall()
    return frozenset((int(user_no), int(subject_no)) for user_no, subject_no in rows)


def _accesses_by_day(frame: Frame) -> dict[int, int]:
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


def _number(day: date) -> int:
    return (day - _EPOCH).days


def _date(number: int) -> date:
    return _EPOCH + timedelta(days=number)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _day_end(day: date) -> datetime:
    return _midnight(day + timedelta(days=1))
