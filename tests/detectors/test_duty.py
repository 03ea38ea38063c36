"""Whether somebody was at work at a visit, and on which day that duty began."""

import pytest

from tests.detectors.tables import LONDON, Row, a_frame, a_lake, shown

NIGHT = """
    user_id | starts_at        | ends_at          | kind
    U1      | 2026-03-02 22:00 | 2026-03-03 07:00 | duty
"""


def duty(
    *moments: str, shifts: str = "", zone: str = LONDON, end: str = "2026-12-01"
) -> list[tuple[object, ...]]:
    """On duty or not, and the duty day, of one visit at each local moment."""
    events: list[Row] = [
        {"occurred_at": moment, "user_id": "U1", "subject_id": f"P{number:02d}"}
        for number, moment in enumerate(moments)
    ]
    lake = a_lake(zone=zone, events=events, shifts=shifts or [])
    frame = a_frame(lake, "2026-01-01", end)
    return [row[1:] for row in shown(frame, "subject_id, on_duty, duty_day::varchar")]


def test_a_night_shift_belongs_to_the_day_it_began() -> None:
    assert duty("2026-03-02 23:30", "2026-03-03 00:30", "2026-03-03 06:50", shifts=NIGHT) == [
        (True, "2026-03-02"),
        (True, "2026-03-02"),
        (True, "2026-03-02"),
    ]


def test_without_a_roster_a_night_of_work_belongs_to_the_day_it_began() -> None:
    assert duty("2026-03-02 23:30", "2026-03-03 02:30", "2026-03-03 06:00") == [
        (None, "2026-03-02"),
        (None, "2026-03-02"),
        (None, "2026-03-02"),
    ]


def test_six_quiet_hours_end_an_unrostered_night() -> None:
    assert duty("2026-03-02 23:30", "2026-03-03 05:29", "2026-03-03 11:29") == [
        (None, "2026-03-02"),
        (None, "2026-03-02"),
        (None, "2026-03-03"),
    ]


def test_activity_longer_than_any_shift_is_told_by_calendar_days() -> None:
    hourly = [f"2026-03-0{2 + hour // 24} {hour % 24:02d}:00" for hour in range(30)]

    days = [day for _, day in duty(*hourly)]

    assert days == ["2026-03-02"] * 24 + ["2026-03-03"] * 6


@pytest.mark.parametrize(
    ("moment", "on_duty"),
    [
        ("2026-03-02 21:29", False),
        ("2026-03-02 21:30", True),
        ("2026-03-03 07:29", True),
        ("2026-03-03 07:30", False),
    ],
)
def test_half_an_hour_either_side_of_a_shift_is_duty(moment: str, *, on_duty: bool) -> None:
    anchors = """
        user_id | starts_at        | ends_at          | kind
        U1      | 2026-03-01 08:00 | 2026-03-01 16:00 | duty
        U1      | 2026-03-02 22:00 | 2026-03-03 07:00 | duty
        U1      | 2026-03-04 08:00 | 2026-03-04 16:00 | duty
    """

    assert duty(moment, shifts=anchors)[0][0] is on_duty


@pytest.mark.parametrize(
    ("kind", "on_duty"),
    [
        ("duty", True),
        ("overtime", True),
        ("training", True),
        ("court", True),
        ("leave", False),
        ("sick", False),
        ("suspended", False),
    ],
)
def test_leave_sickness_and_suspension_are_not_duty(kind: str, *, on_duty: bool) -> None:
    shifts = f"""
        user_id | starts_at        | ends_at          | kind
        U1      | 2026-03-01 08:00 | 2026-03-01 16:00 | duty
        U1      | 2026-03-02 08:00 | 2026-03-02 16:00 | {kind}
        U1      | 2026-03-03 08:00 | 2026-03-03 16:00 | duty
    """

    assert duty("2026-03-02 12:00", shifts=shifts) == [(on_duty, "2026-03-02")]


@pytest.mark.parametrize(("kind", "on_duty"), [("duty", False), ("overtime", True)])
def test_leave_outdoes_a_planned_shift_and_a_call_in_outdoes_leave(
    kind: str, *, on_duty: bool
) -> None:
    shifts = f"""
        user_id | starts_at        | ends_at          | kind
        U1      | 2026-03-01 08:00 | 2026-03-01 16:00 | duty
        U1      | 2026-03-02 00:00 | 2026-03-09 00:00 | leave
        U1      | 2026-03-03 08:00 | 2026-03-03 16:00 | {kind}
        U1      | 2026-03-10 08:00 | 2026-03-10 16:00 | duty
    """

    assert duty("2026-03-03 12:00", shifts=shifts) == [(on_duty, "2026-03-03")]


def test_overtime_after_a_night_belongs_to_the_day_the_night_began() -> None:
    shifts = NIGHT + "    U1 | 2026-03-03 07:00 | 2026-03-03 09:00 | overtime"

    assert duty("2026-03-03 08:30", shifts=shifts) == [(True, "2026-03-02")]


def test_a_shift_whose_end_was_never_written_lasts_twelve_hours() -> None:
    shifts = """
        user_id | starts_at        | ends_at          | kind
        U1      | 2026-03-01 08:00 | 2026-03-01 16:00 | duty
        U1      | 2026-03-02 08:00 |                  | duty
        U1      | 2026-03-04 08:00 | 2026-03-04 16:00 | duty
    """

    assert duty("2026-03-02 20:29", "2026-03-02 20:31", shifts=shifts) == [
        (True, "2026-03-02"),
        (False, "2026-03-02"),
    ]


def test_an_on_call_week_does_not_make_one_duty_of_seven_days() -> None:
    shifts = """
        user_id | starts_at        | ends_at          | kind
        U1      | 2026-03-02 00:00 | 2026-03-09 00:00 | duty
    """

    assert duty("2026-03-02 12:00", "2026-03-03 12:00", "2026-03-05 12:00", shifts=shifts) == [
        (True, "2026-03-02"),
        (True, "2026-03-03"),
        (True, "2026-03-05"),
    ]


def test_nobody_is_called_off_duty_where_no_roster_covers_the_day() -> None:
    assert duty("2026-02-20 12:00", "2026-03-20 12:00", shifts=NIGHT) == [
        (None, "2026-02-20"),
        (None, "2026-03-20"),
    ]


def test_somebody_without_a_rostered_shift_is_neither_on_nor_off_duty() -> None:
    shifts = """
        user_id | starts_at        | ends_at          | kind
        U2      | 2026-03-02 08:00 | 2026-03-02 16:00 | duty
    """

    assert duty("2026-03-02 12:00", shifts=shifts) == [(None, "2026-03-02")]


def test_the_night_the_clocks_go_forward_is_one_duty() -> None:
    shifts = """
        user_id | starts_at        | ends_at          | kind
        U1      | 2026-03-28 22:00 | 2026-03-29 07:00 | duty
    """

    assert duty("2026-03-29 00:59", "2026-03-29 02:01", "2026-03-29 07:29", shifts=shifts) == [
        (True, "2026-03-28"),
        (True, "2026-03-28"),
        (True, "2026-03-28"),
    ]


def test_the_night_the_clocks_go_back_is_one_duty_with_its_hour_twice() -> None:
    shifts = """
        user_id | starts_at        | ends_at          | kind
        U1      | 2026-10-24 22:00 | 2026-10-25 07:00 | duty
    """

    assert duty("2026-10-25 01:30", "2026-10-25 01:30*", "2026-10-25 07:29", shifts=shifts) == [
        (True, "2026-10-24"),
        (True, "2026-10-24"),
        (True, "2026-10-24"),
    ]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-03-29 00:30", "2026-03-29"),
        ("2026-03-29 23:30", "2026-03-29"),
        ("2026-03-30 00:30", "2026-03-30"),
        ("2026-10-24 23:30", "2026-10-24"),
        ("2026-10-25 23:30", "2026-10-25"),
    ],
)
def test_a_duty_day_is_local_on_both_sides_of_a_clock_change(moment: str, day: str) -> None:
    assert duty(moment) == [(None, day)]


def test_one_duty_is_counted_once_though_it_spans_midnight() -> None:
    events = """
        occurred_at      | user_id | subject_id
        2026-03-02 23:30 | U1      | P1
        2026-03-03 01:30 | U1      | P1
        2026-03-03 23:30 | U1      | P1
    """
    frame = a_frame(a_lake(events=events, shifts=NIGHT), "2026-03-01", "2026-04-01")

    assert shown(frame, "day::varchar, visits, duty_days", table="pair_day") == [
        ("2026-03-02", 1, 1),
        ("2026-03-03", 2, 1),
    ]
