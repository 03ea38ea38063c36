"""What the day's cases come to: an alert, or the reason why it is none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from alerts.candidates import Reason
from alerts.cases import Case, cases_of_day
from alerts.model import Alert
from alerts.raising import Grounds, matching, raised
from monitor.judgement.grounds import grounds_of
from monitor.judgement.raising import raised_or_grown
from monitor.judgement.since_closing import Apart
from monitor.judgement.sitting import Sitting
from monitor.passing_over import AT_ONCE, Fate, chosen_of_day, used_of_week
from monitor.utc_day import number_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the day's cases came to."""

    changed: dict[str, Alert]  # raised, extended or brought back, by id
    fates: tuple[Fate, ...]  # one for each case


def decided_on(sitting: Sitting, cases: Sequence[Case], *, apart: Apart) -> Decided:
    """What the day's cases raise, extend or bring back; the desk is kept up."""
    desk = sitting.bench.desk
    stated = [
        (case, grounds) for case in cases if (grounds := grounds_of(sitting, case)) is not None
    ]
    let_through = _let_through(sitting, stated, apart=apart)
    changed: dict[str, Alert] = {}
    fates = []
    for case, grounds in stated:
        alert = raised_or_grown(sitting, case, grounds=grounds, apart=apart)
        fate = _fate(sitting, case, grounds=grounds, alert=alert, let_through=let_through)
        fates.append(fate)
        if alert is None or fate.reason is not None or desk.get(alert.alert_id) == alert:
            continue
        desk[alert.alert_id] = changed[alert.alert_id] = alert
    return Decided(changed=changed, fates=tuple(fates))


def with_draws(sitting: Sitting, decided: Decided, *, near: NDArray[np.int64]) -> Decided:
    """The day with what is drawn at random from below the floor, where no alert answers it yet."""
    desk, frame = sitting.bench.desk, sitting.frame
    changed, fates = dict(decided.changed), list(decided.fates)
    day = number_of(sitting.circumstances.day)
    for place in near[np.isin(near, list(sitting.draws))].tolist():
        interval = float(sitting.verdict.intervals(frame, np.array([place]))[0])
        [case] = cases_of_day(frame, np.array([place]), [interval], day=day)
        grounds = grounds_of(sitting, case)
        if grounds is None or matching(desk.values(), grounds.user_id, grounds.subject_ids):
            continue
        alert = raised(replace(grounds, drawn=True), sitting.circumstances)
        fate = _fate(sitting, case, grounds=grounds, alert=alert, let_through=None)
        fates.append(fate)
        if fate.reason is None:
            desk[alert.alert_id] = changed[alert.alert_id] = alert
    return Decided(changed=changed, fates=tuple(fates))


def _fate(
    sitting: Sitting,
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
    sitting: Sitting, stated: Sequence[tuple[Case, Grounds]], *, apart: Apart
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
        if (alert := raised_or_grown(sitting, case, grounds=grounds, apart=apart)) is not None
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
