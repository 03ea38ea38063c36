"""The day's cases: around one person, and of members of staff alone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from alerts.cases import Case, case_of_user, cases_of_day, joined_on_duty_day
from alerts.judging import Judged
from alerts.raising import matching
from alerts.reference import turns_of_users
from monitor.judgement.identities import identities_of
from monitor.judgement.sitting import Sitting
from monitor.passing_over import NOTHING_WAITS, PAIR_SHARE_OF_FLOOR, Beyond, waiting, waits
from monitor.utc_day import number_of

_CIRCLE_DAYS = 28  # that are looked back on where no strand says how far


def cases_of(sitting: Sitting, places: NDArray[np.int64], *, held: Beyond) -> tuple[Case, ...]:
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
    number = number_of(sitting.circumstances.day)
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


def still_waiting(sitting: Sitting) -> Beyond:
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
    return waiting(sitting.frame, unanswered, day=number_of(day))


def _by_duty_day(sitting: Sitting, cases: Sequence[Case]) -> tuple[Case, ...]:
    """The cases, those of one member of staff on one duty day together where none has an alert.

    What has an alert, open or closed, stays by itself: another person must not disappear in it.
    """
    frame, desk = sitting.frame, sitting.bench.desk
    new: list[Case] = []
    known: list[Case] = []
    for case in cases:
        named = identities_of(frame, case)
        there = matching(desk.values(), named.user_id, named.subject_ids)
        (known if there else new).append(case)
    joined = joined_on_duty_day(frame, new, day=number_of(sitting.circumstances.day))
    return tuple(
        sorted((*known, *joined), key=lambda one: (-one.interval, one.user_no, one.focus_no))
    )


def _days_of_users(verdict: Judged, place: int) -> int:
    """How far back the loudest strand about the user of a row looks, days."""
    tested = [verdict.fused.strands[turn].tested for turn in turns_of_users(verdict.fused)]
    spoken = [one for one in tested if not np.isnan(one.pvalue[place])]
    loudest = min(spoken, key=lambda one: float(one.pvalue[place]), default=None)
    return int(loudest.span[place]) if loudest is not None else _CIRCLE_DAYS
