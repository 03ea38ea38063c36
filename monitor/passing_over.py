"""What of a judged day is no alert of its own: drawn at random, over the cap, or passed over.

Each answer follows from the day's rows, the rules and the alerts that stand, and from nothing else:
not from which run judged the day, nor from days that come after it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alerts.candidates import Candidate, PassedOver, Reason, drawn, passed_over
from alerts.cases import Case
from alerts.judging import Judged
from alerts.model import Alert, Status
from alerts.raising import raised_on
from detectors.model import Frame
from monitor.knowledge import Rules
from monitor.utc_day import day_of, number_of

Codes = NDArray[np.int64]
Pair = tuple[int, int]  # numbers of a user and of a focus

PAIR_SHARE_OF_FLOOR: Final = 0.25  # that a pair reaches by itself to be a case of its own
AT_ONCE: Final = 10.0  # times the floor, from which no cap holds anything back (METHODS 3.1)
_WAITS_DAYS: Final = 7  # for which what was over the cap may still be raised
_OF_LATE_DAYS: Final = 28  # in which an explanation of visits is named


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a case: an alert, or the reason why it is none."""

    case: Case
    reason: Reason | None  # nothing where it was raised, or added to an alert
    ref: str = ""


def draws(frame: Frame, verdict: Judged, *, rules: Rules, days: Iterable[int]) -> frozenset[int]:
    """Places of the rows between the two floors that are drawn for audit, on some days."""
    chance = rules.audit_chance
    if not chance:
        return frozenset()
    between = (verdict.interval >= rules.ledger_floor) & (verdict.interval < rules.floor)
    rows = verdict.rows[between & np.isin(frame.day[verdict.rows], list(days))]
    names = names_of(frame, rows)
    return frozenset(
        place
        for place in rows.tolist()
        if drawn(
            rules.draw_key,
            seed=rules.settings.judging.audit_seed,
            day=day_of(int(frame.day[place])),
            user_id=names.users[int(frame.user_no[place])],
            focus_id=names.subjects[int(frame.focus_no[place])],
            chance=chance,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """Rows beyond the floor, each with the recurrence interval that its own week gave it."""

    places: Codes  # shape (rows,)
    intervals: NDArray[np.float64]  # user-years, shape (rows,)


NOTHING_WAITS: Final = Beyond(places=np.zeros(0, dtype=np.int64), intervals=np.zeros(0))


def over_cap(found: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The pairs of a day that were over the weekly cap; users alone have no row to wait with."""
    return tuple(one for one in found if one.reason is Reason.CAP and one.focus_subject_id)


def waits(on: date, *, day: date) -> bool:
    """Whether what was over the cap on one day may be raised on another: in the week after."""
    monday = day - timedelta(days=day.weekday())
    return on < monday and (day - on).days <= _WAITS_DAYS


def waiting(frame: Frame, found: Mapping[date, Sequence[Candidate]], *, day: int) -> Beyond:
    """The newest row of each waiting pair; none where a record has come to explain its visits.

    A pair that is looked at again on the day itself is judged by that.

    Args:
        frame: of the rows.
        found: who waits, by the day on which they were over the cap.
        day: since 1970-01-01.
    """
    asked = [(one, number_of(on)) for on in sorted(found) for one in found[on]]
    if not asked:
        return NOTHING_WAITS
    rows = frame.connection.execute(
        """
        with asked as (
            select unnest($users::varchar[]) as user_id, unnest($subjects::varchar[]) as subject_id,
                   unnest($days::int[]) as on_day, unnest($intervals::double[]) as told
        )
        select max(row_no), arg_max(told, row_no)
        from asked join user_code using (user_id) join subject_code using (subject_id)
        join active using (user_no, subject_no)
        where active.day = date '1970-01-01' + on_day
          and not exists (from active a where a.user_no = active.user_no
                          and a.subject_no = active.subject_no
                          and a.day = date '1970-01-01' + $day::int)
        group by user_no, subject_no order by 1
        """,
        {
            "users": [one.user_id for one, _ in asked],
            "subjects": [one.focus_subject_id for one, _ in asked],
            "days": [on for _, on in asked],
            "intervals": [one.interval for one, _ in asked],
            "day": day,
        },
    ).fetchall()
    return Beyond(
        places=np.array([int(place) for place, _ in rows], dtype=np.int64),
        intervals=np.array([float(interval) for _, interval in rows]),
    )


def used_of_week(alerts: Iterable[Alert], day: date) -> int:
    """How many alerts of the week, up to and with a day, have used the cap: draws do not."""
    monday = day - timedelta(days=day.weekday())
    days = [monday + timedelta(days=turn) for turn in range(day.weekday() + 1)]
    return sum(
        any(raised_on(alert, one) for one in days)
        for alert in alerts
        if not alert.drawn_at_random and 0 <= (alert.raised_at.date() - monday).days <= 9
    )


def chosen_of_day(
    cases: Sequence[Case], verdict: Judged, *, left: int, single_share: float
) -> frozenset[Case]:
    """The new cases that a cap lets through: most by rarity, the others by their strongest strand.

    Args:
        cases: that would be raised and may wait, the rarest first.
        verdict: on their rows.
        left: of the week's cap.
        single_share: of what is left, for the strongest by one strand alone, 0 to 1.
    """
    left = max(left, 0)
    by_rarity = min(left, round(left * (1.0 - single_share)) or left)
    first, others = list(cases[:by_rarity]), list(cases[by_rarity:])
    values = verdict.fused.values
    others.sort(key=lambda case: (-float(np.nanmax(values[case.place], initial=0.0)), case.user_no))
    return frozenset([*first, *others[: left - len(first)]])


def ledger_of_day(  # noqa: PLR0913 what a day's ledger hangs on, each named
    frame: Frame,
    verdict: Judged,
    *,
    places: Codes,
    fates: Sequence[Fate],
    alerts: Iterable[Alert],
    users: Codes,
) -> PassedOver:
    """Why each row of a day beyond the lower floor is no alert of its own.

    Args:
        frame: of the rows.
        verdict: on them.
        places: rows of pairs beyond the lower floor.
        fates: of the day's cases.
        alerts: that stand once the day is judged.
        users: a row for each user who is beyond the lower floor alone.
    """
    names = names_of(frame, np.concatenate([places, users]))
    explained = _explained(frame, places)
    standing: dict[str, list[Alert]] = {}
    for alert in alerts:
        for user_id in alert.user_ids:
            standing.setdefault(user_id, []).append(alert)
    found = []
    for place, interval in zip(
        places.tolist(), verdict.intervals(frame, places).tolist(), strict=True
    ):
        pair = (int(frame.user_no[place]), int(frame.focus_no[place]))
        user_id, focus_id = names.users[pair[0]], names.subjects[pair[1]]
        told = _why(
            standing.get(user_id, ()), focus_id, pair=pair, fates=fates, explained=explained
        )
        if told is not None:
            found.append(_candidate(user_id, focus_id, interval=interval, why=told))
    for place, interval in zip(
        users.tolist(), verdict.interval_of_users(frame, users).tolist(), strict=True
    ):
        user_no = int(frame.user_no[place])
        user_id = names.users[user_no]
        told = _why_alone(standing.get(user_id, ()), user_no, fates=fates)
        if told is not None:
            found.append(_candidate(user_id, "", interval=interval, why=told))
    return passed_over(found)


_Why = tuple[Reason, str]


def _why(
    alerts: Sequence[Alert],
    focus_id: str,
    *,
    pair: Pair,
    fates: Sequence[Fate],
    explained: Mapping[Pair, str],
) -> _Why | None:
    """Why a pair is no alert of its own; nothing where it is one."""
    near = [alert for alert in alerts if alert.focus_subject_id]
    own = [alert for alert in near if alert.focus_subject_id == focus_id]
    if any(alert.status is not Status.CLOSED for alert in own):
        return None
    held = [alert for alert in near if focus_id in alert.subject_ids]
    if held:
        newest = max(held, key=lambda alert: (alert.raised_at, alert.alert_id))
        closed = newest.status is Status.CLOSED
        return (Reason.CLOSED if closed else Reason.PART, newest.alert_id)
    for fate in fates:
        if fate.reason and fate.case.user_no == pair[0] and pair[1] in fate.case.subject_nos:
            return fate.reason, fate.ref
    alone = [alert for alert in alerts if not alert.focus_subject_id]
    listed = [alert for alert in alone if focus_id in alert.subject_ids]
    if listed:
        return Reason.PART, max(listed, key=lambda alert: alert.raised_at).alert_id
    if kind := explained.get(pair):
        return Reason.EXPLAINED, kind
    return Reason.FLOOR, ""


def _why_alone(alerts: Sequence[Alert], user_no: int, *, fates: Sequence[Fate]) -> _Why | None:
    """Why a user is no alert alone; nothing where there is one."""
    alone = [alert for alert in alerts if not alert.focus_subject_id]
    if any(alert.status is not Status.CLOSED for alert in alone):
        return None
    theirs = [fate for fate in fates if fate.case.user_no == user_no]
    for fate in theirs:
        if fate.reason and fate.case.alone:
            return fate.reason, fate.ref
    if alone:
        return Reason.CLOSED, max(alone, key=lambda alert: alert.raised_at).alert_id
    carried = [fate.ref for fate in theirs if not fate.reason]
    return (Reason.PART, carried[0]) if carried else (Reason.FLOOR, "")


def _candidate(user_id: str, focus_id: str, *, interval: float, why: _Why) -> Candidate:
    reason, ref = why
    return Candidate(
        user_id=user_id,
        focus_subject_id=focus_id,
        interval=float(f"{interval:.4g}"),
        reason=reason,
        ref=ref,
    )


def _explained(frame: Frame, places: Codes) -> Mapping[Pair, str]:
    """The kind of record that explains visits of late of each pair of some rows that has one."""
    if not places.size:
        return {}
    rows = frame.connection.execute(
        f"""
        with asked as (
            select unnest($users::bigint[]) as user_no, unnest($subjects::bigint[]) as subject_no,
                   date '1970-01-01' + unnest($days::int[]) as on_day
        )
        select user_no, subject_no, max(kind) from asked join visit using (user_no, subject_no)
        where level = 2 and day <= on_day and day > on_day - {_OF_LATE_DAYS} group by all
        """,
        {
            "users": frame.user_no[places].tolist(),
            "subjects": frame.focus_no[places].tolist(),
            "days": frame.day[places].tolist(),
        },
    ).fetchall()
    return {(int(user), int(subject)): str(kind) for user, subject, kind in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Ids at the source, by number."""

    users: Mapping[int, str]
    subjects: Mapping[int, str]


def names_of(frame: Frame, places: Codes) -> Names:
    """The ids of the users and foci of some rows."""
    return Names(
        users=_named(frame, "user", numbers=frame.user_no[places]),
        subjects=_named(frame, "subject", numbers=frame.focus_no[places]),
    )


def _named(frame: Frame, what: str, *, numbers: Codes) -> Mapping[int, str]:
    rows = frame.connection.execute(
        f"""select {what}_no, {what}_id from {what}_code
            where {what}_no in (select unnest($nos::bigint[]))""",
        {"nos": np.unique(numbers).tolist()},
    ).fetchall()
    return {int(number): str(name) for number, name in rows}
