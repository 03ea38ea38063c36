"""A week of days judged against the weeks before it."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.fusing import Strand, measured
from alerts.judging import Judged, Unjudged, Week, judged, weeks
from detectors.catalogue import available
from detectors.model import Frame
from tests.alerts.judged_worlds import day_number
from tests.detectors.stories import (
    END,
    JUDGED,
    PERSON,
    REFERENCE,
    USER,
    a_force_with,
    every,
    looks,
    within_the_hour,
)
from tests.detectors.tables import Row, a_frame

MONDAY = day_number("2026-05-11")
WEEK = Week(
    reference_from=day_number(REFERENCE),
    reference_to=day_number(JUDGED),
    judged_from=day_number(JUDGED),
    judged_to=day_number(END),
)
PATTERN: list[Row] = [
    *looks(*every([1, 5, 9, 13, 17, 21, 25, 29], month="2026-04")),
    *looks(*every([3, 6, 9, 11, 12])),
    *looks(*within_the_hour(times=40)),
]


def a_verdict(frame: Frame, week: Week = WEEK) -> Judged | Unjudged:
    """The verdict of every detector on a week."""
    strands = [Strand(detector=kind(), weight=1.0) for kind in available()]
    return judged(frame, measured(frame, strands), week)


@pytest.fixture(scope="module")
def frame() -> Iterator[Frame]:
    """The ordinary force with one pattern in it."""
    with a_force_with(events=PATTERN) as lake:
        yield a_frame(lake, REFERENCE, END)


@pytest.fixture(scope="module")
def verdict(frame: Frame) -> Judged:
    """Its week judged."""
    found = a_verdict(frame)
    assert isinstance(found, Judged)
    return found


def test_the_pattern_is_the_rarest_pair_of_its_day(frame: Frame, verdict: Judged) -> None:
    places = verdict.on_day(frame, day_number("2026-05-13"), floor=19.2)

    assert pair_of(frame, int(places[0])) == (USER, PERSON)
    assert verdict.interval_at(int(places[0])) >= 10 * 19.2


def pair_of(frame: Frame, place: int) -> tuple[str, str]:
    """User and person of one row."""
    found: tuple[str, str] = frame.connection.execute(
        """select user_id, subject_id from active
           join user_code using (user_no) join subject_code using (subject_no)
           where row_no = ?""",
        [place],
    ).fetchall()[0]
    return found


def test_only_rows_of_the_judged_days_are_judged(frame: Frame, verdict: Judged) -> None:
    assert frame.day[verdict.rows].min() == WEEK.judged_from
    assert frame.day[verdict.rows].max() < WEEK.judged_to
    assert (verdict.rows == np.flatnonzero(frame.day >= WEEK.judged_from)).all()


def test_the_rows_of_a_day_come_rarest_first_and_reach_the_floor(
    frame: Frame, verdict: Judged
) -> None:
    places = verdict.on_day(frame, day_number("2026-05-13"), floor=0.01)
    intervals = [verdict.interval_at(place) for place in places.tolist()]

    assert len(intervals) > 5
    assert intervals == sorted(intervals, reverse=True)
    assert min(intervals) >= 0.01
    assert set(frame.day[places]) == {day_number("2026-05-13")}


def test_rows_whose_intervals_tie_come_by_their_evidence(frame: Frame, verdict: Judged) -> None:
    from dataclasses import replace

    tied = replace(verdict, interval=np.full(verdict.rows.size, 50.0))
    places = tied.on_day(frame, day_number("2026-05-13"), floor=19.2)
    evidence = verdict.fused.log_evidence[places]

    assert evidence.tolist() == sorted(evidence.tolist(), reverse=True)


def test_a_reference_too_short_is_declined_with_what_would_do(frame: Frame) -> None:
    short = Week(
        reference_from=MONDAY - 2, reference_to=MONDAY, judged_from=MONDAY, judged_to=MONDAY + 7
    )
    found = a_verdict(frame, short)

    assert isinstance(found, Unjudged)
    assert found.reason == (
        "the earlier period that expected figures are drawn from is too short; "
        "possible from 300 pair-days and 1 user-year"
    )


def test_days_on_which_nobody_looked_are_declined(frame: Frame) -> None:
    later = Week(
        reference_from=WEEK.reference_from,
        reference_to=WEEK.reference_to,
        judged_from=MONDAY + 60,
        judged_to=MONDAY + 67,
    )
    found = a_verdict(frame, later)

    assert isinstance(found, Unjudged)
    assert found.reason == "no access to a named record on these days"


def test_a_week_is_judged_alike_alone_and_in_a_longer_frame() -> None:
    """The live service frames a week, a replay four: what they say of a pair is the same."""
    with a_force_with(events=PATTERN) as lake:
        alone = a_frame(lake, REFERENCE, END)
        one = a_verdict(alone)
        longer = a_frame(lake, "2026-02-23", END)
        other = a_verdict(longer)

        assert isinstance(one, Judged)
        assert isinstance(other, Judged)
        assert one.interval.tolist() == other.interval.tolist()


def test_days_are_judged_with_their_week_against_the_eight_before_it() -> None:
    plan = weeks(
        range(MONDAY - 1, MONDAY + 2), first_day=MONDAY - 365, reference_days=56, settling_days=14
    )

    assert plan == (
        Week(
            reference_from=MONDAY - 63,
            reference_to=MONDAY - 7,
            judged_from=MONDAY - 1,
            judged_to=MONDAY,
        ),
        Week(
            reference_from=MONDAY - 56,
            reference_to=MONDAY,
            judged_from=MONDAY,
            judged_to=MONDAY + 2,
        ),
    )


def test_the_first_fortnight_of_a_history_is_no_reference() -> None:
    (plan,) = weeks([MONDAY], first_day=MONDAY - 40, reference_days=56, settling_days=14)

    assert plan.reference_from == MONDAY - 26


@settings(max_examples=60)
@given(st.sets(st.integers(20_000, 20_100), min_size=1))
def test_every_day_is_judged_in_one_week_and_never_against_itself(days: set[int]) -> None:
    plan = weeks(sorted(days), first_day=19_000, reference_days=56, settling_days=14)
    covered = [day for week in plan for day in range(week.judged_from, week.judged_to)]

    assert days <= set(covered)
    assert len(covered) == len(set(covered))
    assert all(week.reference_to <= week.judged_from for week in plan)
    assert all((week.reference_to + 3) % 7 == 0 for week in plan)


@settings(max_examples=30)
@given(st.integers(20_000, 20_100))
def test_a_day_has_the_same_reference_whichever_days_are_asked_with_it(day: int) -> None:
    def reference(days: list[int]) -> tuple[int, int]:
        plan = weeks(days, first_day=19_000, reference_days=56, settling_days=14)
        week = next(week for week in plan if week.judged_from <= day < week.judged_to)
        return week.reference_from, week.reference_to

    assert reference([day]) == reference(list(range(day - 20, day + 20)))
