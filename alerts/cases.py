"""Pairs of one member of staff around one person become one case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from detectors.model import Frame

Codes = NDArray[np.int64]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOBODY = -1  # the focus of a case that has none
MOST_LISTED = 100  # records that an alert on a user alone names; the rest are counted
_CIRCLE_DAYS = 28  # how far back a linked record still belongs to the case


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One member of staff, the focus, and the records around it that they looked at."""

    user_no: int
    focus_no: int  # NOBODY where it is about the member of staff alone
    subject_nos: tuple[int, ...]  # the focus first
    place: int  # row of the frame with the strongest evidence
    interval: float  # its recurrence interval in user-years
    since: datetime | None = None  # looked back to; the whole episode without it

    @property
    def alone(self) -> bool:
        """Whether it is about a member of staff, whomever they looked up."""
        return self.focus_no == NOBODY

    @property
    def listed(self) -> tuple[int, ...]:
        """The records that an alert names: all, but for many people only so many."""
        return self.subject_nos[:MOST_LISTED] if self.alone else self.subject_nos


def cases_of_day(
    frame: Frame, places: Codes, intervals: Sequence[float], *, day: int
) -> tuple[Case, ...]:
    """The cases of one day, strongest first.

    Args:
        frame: in which the rows lie.
        places: rows beyond the floor, strongest first.
        intervals: recurrence interval of each, user-years.
        day: since 1970-01-01 UTC.
    """
    if places.size == 0:
        return ()
    links = _links(frame, places)
    by_user: dict[int, list[_Candidate]] = {}
    for rank, (place, interval) in enumerate(zip(places.tolist(), intervals, strict=True)):
        candidate = _Candidate(
            rank=rank, place=place, subject_no=int(frame.focus_no[place]), interval=interval
        )
        by_user.setdefault(int(frame.user_no[place]), []).append(candidate)
    cases = [
        _case(frame, group, day=day)
        for candidates in by_user.values()
        for group in _joined(candidates, links)
    ]
    return tuple(sorted(cases, key=lambda case: (-case.interval, case.user_no, case.focus_no)))


def joined_on_duty_day(frame: Frame, cases: Sequence[Case], *, day: int) -> tuple[Case, ...]:
    """The same cases, those of one member of staff on one duty day together, strongest first.

    Nothing links their people: what they have in common is the shift on which each stood out. A
    case that waits from an earlier day stays by itself.

    Args:
        frame: in which the rows lie.
        cases: around people, strongest first, which no alert is there for yet.
        day: since 1970-01-01 UTC.
    """
    today = [case for case in cases if int(frame.day[case.place]) == day]
    duty_days = _duty_days(frame, [case.place for case in today], day=day)
    groups: list[list[Case]] = []
    reach: list[set[tuple[int, int]]] = []
    for case in today:
        near = {(case.user_no, on) for on in duty_days.get(case.place, ())}
        touching = [place for place, known in enumerate(reach) if known & near]
        merged: list[Case] = []
        merged_reach = near
        for place in reversed(touching):
            merged = groups.pop(place) + merged
            merged_reach = merged_reach | reach.pop(place)
        groups.append([*merged, case])
        reach.append(merged_reach)
    waiting = [case for case in cases if case not in today]
    found = [*waiting, *(_as_one(group) for group in groups)]
    return tuple(sorted(found, key=lambda case: (-case.interval, case.user_no, case.focus_no)))


def _as_one(group: Sequence[Case]) -> Case:
    """One case around the strongest's focus, with the records of all."""
    strongest = min(group, key=lambda case: (-case.interval, case.focus_no))
    others = {number for case in group for number in case.subject_nos} - {strongest.focus_no}
    return replace(strongest, subject_nos=(strongest.focus_no, *sorted(others)))


def _duty_days(frame: Frame, places: Sequence[int], *, day: int) -> Mapping[int, tuple[int, ...]]:
    """The duty days of the visits that each row stands for, by place, as days since 1970-01-01."""
    rows = frame.connection.execute(
        """
        select a.row_no, datediff('day', date '1970-01-01', v.duty_day)
        from active a join visit v using (user_no, subject_no)
        where a.row_no in (select unnest($places::bigint[]))
          and v.day = date '1970-01-01' + $day::int and coalesce(v.level, 0) < 2
        group by all order by all
        """,
        {"places": list(places), "day": day},
    ).fetchall()
    found: dict[int, tuple[int, ...]] = {}
    for place, on in rows:
        found[int(place)] = (*found.get(int(place), ()), int(on))
    return found


def tied_to_focus(frame: Frame, subject_nos: Sequence[int]) -> tuple[int, ...]:
    """Of some records, the first of which is the focus, those that links tie to it, it included."""
    if len(subject_nos) <= 1:
        return tuple(subject_nos)
    links = _linked(frame, subject_nos)
    near = {number: {number} | links.get(number, frozenset()) for number in subject_nos}
    tied, left = [subject_nos[0]], list(subject_nos[1:])
    reach = set(near[subject_nos[0]])
    while more := [number for number in left if near[number] & reach]:
        tied += more
        left = [number for number in left if number not in more]
        reach = reach.union(*(near[number] for number in more))
    return tuple(number for number in subject_nos if number in tied)


def case_of_user(frame: Frame, place: int, *, interval: float, days: int) -> Case:
    """The case of one user alone: everybody they looked up of late without an explanation.

    Args:
        frame: in which the row lies.
        place: a row of the user's day.
        interval: user-years.
        days: that are looked back on, the row's own included.
    """
    user, day = int(frame.user_no[place]), int(frame.day[place])
    return Case(
        user_no=user,
        focus_no=NOBODY,
        subject_nos=_looked_up(frame, user, day=day, days=days),
        place=place,
        interval=interval,
        since=_EPOCH + timedelta(days=day - days + 1),
    )


def _looked_up(frame: Frame, user: int, *, day: int, days: int) -> tuple[int, ...]:
    """Records that a user looked up unexplained in some days, the latest first; else any."""
    rows = frame.connection.execute(
        """
        with theirs as (
            select subject_no, max(started_at) as latest,
                   bool_or(coalesce(level, 0) = 0) as unexplained
            from visit where user_no = $user and day <= date '1970-01-01' + $day::int
             and day > date '1970-01-01' + ($day::int - $days::int) group by subject_no
        )
        select subject_no from theirs
        where unexplained or not (select bool_or(unexplained) from theirs)
        order by latest desc, subject_no
        """,
        {"user": user, "day": day, "days": days},
    ).fetchall()
    return tuple(int(no) for (no,) in rows)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class _Candidate:
    """One row beyond the floor."""

    rank: int  # among the day's rows, the strongest first: intervals may tie, ranks do not
    place: int
    subject_no: int
    interval: float


def _links(frame: Frame, places: Codes) -> Mapping[int, frozenset[int]]:
    """Records linked to each of the given rows' subjects, by number."""
    return _linked(frame, sorted({int(no) for no in frame.focus_no[places]}))


def _linked(frame: Frame, subject_nos: Sequence[int]) -> Mapping[int, frozenset[int]]:
    """Records linked to each of some records, by number."""
    found: dict[int, set[int]] = {}
    rows = frame.connection.execute(
        """select subject_no, linked_no from link
           where subject_no in (select unnest($wanted::bigint[]))""",
        {"wanted": list(subject_nos)},
    ).fetchall()
    for subject, linked in rows:
        found.setdefault(int(subject), set()).add(int(linked))
    return {subject: frozenset(linked) for subject, linked in found.items()}


def _joined(
    candidates: Sequence[_Candidate], links: Mapping[int, frozenset[int]]
) -> list[list[_Candidate]]:
    """One user's rows; those of linked subjects, or of subjects that share a link, together."""
    groups: list[list[_Candidate]] = []
    reach: list[set[int]] = []
    for candidate in candidates:
        near = {candidate.subject_no} | links.get(candidate.subject_no, frozenset())
        touching = [place for place, known in enumerate(reach) if known & near]
        merged, merged_reach = [candidate], set(near)
        for place in reversed(touching):
            merged += groups.pop(place)
            merged_reach |= reach.pop(place)
        groups.append(sorted(merged))
        reach.append(merged_reach)
    return groups


def _case(frame: Frame, candidates: Sequence[_Candidate], *, day: int) -> Case:
    strongest = candidates[0]
    subjects = [candidate.subject_no for candidate in candidates]
    persons = _persons(frame, subjects)
    focus = next((subject for subject in subjects if subject in persons), subjects[0])
    user = int(frame.user_no[strongest.place])
    others = {*subjects, *_circle(frame, user, focus, day=day)} - {focus}
    return Case(
        user_no=user,
        focus_no=focus,
        subject_nos=(focus, *sorted(others)),
        place=strongest.place,
        interval=strongest.interval,
    )


def _persons(frame: Frame, subjects: list[int]) -> frozenset[int]:
    """Those of the subjects that are people, or of a kind nobody recorded."""
    rows = frame.connection.execute(
        """
        select s.subject_no from subject_code s left join subject_kind k using (subject_no)
        where s.subject_no in (select unnest($subjects::bigint[]))
          and coalesce(k.subject_type, 'unknown') in ('person', 'unknown', 'staff')
        """,
        {"subjects": subjects},
    ).fetchall()
    return frozenset(int(no) for (no,) in rows)


def _circle(frame: Frame, user: int, focus: int, *, day: int) -> tuple[int, ...]:
    """Records linked to the focus that the user looked at of late without an explanation."""
    rows = frame.connection.execute(
        f"""
        select distinct p.subject_no from link l join pair_day p on p.subject_no = l.linked_no
        where l.subject_no = $focus and p.user_no = $user and coalesce(p.level, 0) = 0
          and p.day <= date '1970-01-01' + $day::int
          and p.day > date '1970-01-01' + ($day::int - {_CIRCLE_DAYS})
        order by 1
        """,
        {"focus": focus, "user": user, "day": day},
    ).fetchall()
    return tuple(int(no) for (no,) in rows)
