"""Rows become visits: by whom, of whom, and where one ends and the next begins."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.detectors.tables import LONDON, Row, a_day, a_frame, a_lake, rows_of, shown


def visits(events: str | Sequence[Row], **tables: str) -> list[tuple[object, ...]]:
    """Who looked at whom, and when each visit began."""
    return shown(a_frame(a_lake(events=events, **tables), "2026-03-01", "2026-04-01"))


@pytest.mark.parametrize(
    ("second", "began"),
    [
        ("09:29:59", ["2026-03-02 09:00"]),
        ("09:30:00", ["2026-03-02 09:00", "2026-03-02 09:30"]),
    ],
)
def test_a_visit_ends_with_the_thirtieth_quiet_minute(second: str, began: list[str]) -> None:
    events = f"""
        occurred_at         | user_id | subject_id
        2026-03-02 09:00:00 | U1      | P1
        2026-03-02 {second} | U1      | P1
    """

    assert visits(events) == [("U1", "P1", moment) for moment in began]


def test_a_visit_goes_on_as_long_as_no_gap_is_thirty_minutes() -> None:
    events = """
        occurred_at      | user_id | subject_id
        2026-03-02 09:00 | U1      | P1
        2026-03-02 09:20 | U1      | P1
        2026-03-02 09:40 | U1      | P1
        2026-03-02 10:00 | U1      | P1
    """

    assert visits(events) == [("U1", "P1", "2026-03-02 09:00")]


def test_one_visit_spans_several_systems_and_kinds_of_row() -> None:
    events = """
        occurred_at      | user_id | subject_id | system | action
        2026-03-02 09:00 | U1      | P1         | RMS    | search
        2026-03-02 09:05 | U1      | P1         | PNC    | view
        2026-03-02 09:10 | U1      | P1         | ANPR   | print
    """

    assert visits(events) == [("U1", "P1", "2026-03-02 09:00")]


def test_another_user_or_another_person_is_another_visit() -> None:
    events = """
        occurred_at      | user_id | subject_id
        2026-03-02 09:00 | U1      | P1
        2026-03-02 09:01 | U1      | P2
        2026-03-02 09:02 | U2      | P1
    """

    assert visits(events) == [
        ("U1", "P1", "2026-03-02 09:00"),
        ("U1", "P2", "2026-03-02 09:01"),
        ("U2", "P1", "2026-03-02 09:02"),
    ]


def test_machines_logins_and_nameless_records_are_not_visits() -> None:
    events = """
        occurred_at      | user_id | subject_id | action | is_machine
        2026-03-02 09:00 | U1      | P1         | view   | true
        2026-03-02 09:00 | U1      | P1         | login  | false
        2026-03-02 09:00 | U1      | P1         | logout | false
        2026-03-02 09:00 | U1      |            | search | false
        2026-03-02 11:00 | U2      | P2         | view   |
    """

    assert visits(events) == [("U2", "P2", "2026-03-02 11:00")]


def test_accesses_without_a_named_record_are_counted() -> None:
    events = """
        occurred_at      | user_id | subject_id | action | subject_state
        2026-03-02 09:00 | U1      |            | search | blank
        2026-03-02 09:01 | U1      |            | view   | masked
        2026-03-02 09:02 | U1      | P1         | view   | resolved
        2026-03-02 09:03 | U1      |            | login  | blank
    """

    frame = a_frame(a_lake(events=events), "2026-03-01", "2026-04-01")

    assert (frame.accesses, frame.unresolved, frame.rows) == (3, 2, 1)


def test_what_came_before_the_window_is_seen_and_not_judged() -> None:
    events = """
        occurred_at      | user_id | subject_id
        2026-02-27 09:00 | U1      | P1
        2026-03-02 09:00 | U1      | P1
    """

    frame = a_frame(a_lake(events=events), "2026-03-01", "2026-04-01")

    assert shown(frame, "day::varchar", table="active") == [("2026-03-02",)]
    assert shown(frame, "day::varchar", table="pair_day") == [("2026-02-27",), ("2026-03-02",)]


@settings(max_examples=8)
@given(
    minutes=st.lists(st.integers(0, 3 * 24 * 60), min_size=1, max_size=40),
    cut=st.integers(1, 2),
)
def test_a_frame_cut_earlier_tells_the_same_visits_before_the_cut(
    minutes: list[int], cut: int
) -> None:
    events = [
        {
            "occurred_at": f"{a_day('2026-03-02') + timedelta(minutes=minute):%Y-%m-%d %H:%M}",
            "user_id": f"U{minute % 2}",
            "subject_id": "P1",
        }
        for minute in minutes
    ]
    lake, end = a_lake(events=events), f"2026-03-{2 + cut:02d}"

    whole = shown(a_frame(lake, "2026-03-01", "2026-04-01"), WHAT_A_DAY_ADDS, table="pair_day")
    cut_off = shown(a_frame(lake, "2026-03-01", end), WHAT_A_DAY_ADDS, table="pair_day")

    assert cut_off == [row for row in whole if str(row[2]) < end]


WHAT_A_DAY_ADDS = "user_id, subject_id, day::varchar, visits, duty_days, open_days, level"


@pytest.mark.parametrize("first", range(6))
def test_rows_of_one_instant_are_one_visit_whichever_was_loaded_first(first: int) -> None:
    rows = rows_of(SAME_INSTANTS)

    assert visits(rows[first:] + rows[:first]) == [
        ("U1", "P1", "2026-03-02 09:00"),
        ("U1", "P1", "2026-03-02 12:00"),
        ("U1", "P2", "2026-03-02 09:00"),
    ]


SAME_INSTANTS = """
    occurred_at      | user_id | subject_id
    2026-03-02 09:00 | U1      | P1
    2026-03-02 09:00 | U1      | P1
    2026-03-02 09:00 | U1      | P2
    2026-03-02 12:00 | U1      | P1
    2026-03-02 12:00 | U1      | P1
    2026-03-02 12:00 | U1      | P1
"""


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-29 00:59", "2026-03-29 00:59"),
        ("2026-03-29 02:01", "2026-03-29 01:01"),
        ("2026-10-25 01:30", "2026-10-25 00:30"),
        ("2026-10-25 01:30*", "2026-10-25 01:30"),
    ],
)
def test_a_written_local_time_is_kept_in_utc(text: str, utc: str) -> None:
    lake = a_lake(
        zone=LONDON,
        events=[{"occurred_at": text, "user_id": "U1", "subject_id": "P1"}],
    )

    assert shown(a_frame(lake, "2026-03-01", "2026-11-01"))[0][2] == utc
