"""A frame that goes on from an earlier one says what one frame of all days says."""

from collections.abc import Iterator
from datetime import timedelta

import duckdb
import numpy as np
import pytest

from alerts.fusing import Measurement, Strand, measured
from detectors.catalogue import available
from detectors.framing import Groundwork, framed, keep, known_at, settled
from detectors.model import Frame, Window
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
from tests.detectors.tables import LIMITS, a_day, a_frame, a_lake, feeds_of

UNTIL = settled(a_day(JUDGED), LIMITS)
# Visits that go on over the midnight up to which visits are taken over, and over that of the week.
OVER_MIDNIGHT = [
    f"{midnight + timedelta(minutes=minute):%Y-%m-%d %H:%M}"
    for midnight in (UNTIL, a_day(JUDGED))
    for minute in (-25, -5, 10, 30, 70)
]
TABLES = ("pair_day", "visit", "look", "torn_day", "spell", "subject_kind", "link", "subject_fact")


@pytest.fixture(scope="module")
def lake() -> Iterator[duckdb.DuckDBPyConnection]:
    """The ordinary force, and one who returns to a person, over two midnights too."""
    often = looks(*every([1, 5, 9, 13, 17, 21, 25, 29], month="2026-04"), *OVER_MIDNIGHT)
    with a_force_with(events=[*often, *looks(*within_the_hour(times=12))]) as lake:
        lake.execute("create schema before")
        yield lake


def test_what_goes_on_from_an_earlier_frame_is_what_one_frame_of_all_days_tells(
    lake: duckdb.DuckDBPyConnection,
) -> None:
    whole = a_frame(lake, REFERENCE, END)
    rows, counts = told(whole), counted(whole)
    shown = {table: held(lake, table) for table in TABLES}
    a_frame(lake, REFERENCE, JUDGED)
    keep(lake, schema="before", until=UNTIL)
    ground = Groundwork(schema="before", until=UNTIL, known_to=a_day(JUDGED))
    window = Window(start=a_day(JUDGED), end=a_day(END))
    later = framed(lake, window, limits=LIMITS, feeds=feeds_of(lake), groundwork=ground)
    place = {row: number for number, row in enumerate(rows)}
    at = np.array([place[row] for row in told(later)])

    assert (USER, PERSON) in {row[:2] for row in told(later)}
    assert {table: held(lake, table) for table in TABLES} == shown
    for name, column in counted(later).items():
        np.testing.assert_array_equal(column, counts[name][at], err_msg=name)


def told(frame: Frame) -> list[tuple[str, str, str]]:
    """Each row of a frame by ids and day, in its order."""
    return frame.connection.execute("""
        select user_id, subject_id, day::varchar from active
        join user_code using (user_no) join subject_code using (subject_no) order by row_no
    """).fetchall()


def counted(frame: Frame) -> dict[str, np.ndarray]:
    """Every count of every detector, and of the scene, with what cells are made of."""
    found: Measurement = measured(frame, [Strand(detector=d(), weight=1.0) for d in available()])
    counts = {
        f"{item.strand.detector.name}.{name}": column
        for item in found.strands
        for name, column in item.measured.counts.items()
        if name != "requester"  # a number that stands for somebody
    }
    return {**counts, **found.scene, "role": frame.role_no, "context": frame.context}


def held(lake: duckdb.DuckDBPyConnection, table: str) -> list[tuple[object, ...]]:
    """The rows of a table by ids; numbers that stand for visits are left out."""
    names = [str(column[0]) for column in lake.execute(f"from {table} limit 0").description]
    joined = " ".join(
        f"join {what}_code {name} on {name}.{what}_no = t.{name}"
        for name in names
        for what in ("user", "subject")
        if name == f"{what}_no"
    )
    chosen = [
        f"{name}.{name.removesuffix('_no')}_id"
        if name in {"user_no", "subject_no"}
        else f"t.{name}"
        for name in names
        if name not in {"visit_no", "linked_no"}
    ]
    return lake.execute(
        f"select {', '.join(chosen)} from {table} t {joined} order by all"
    ).fetchall()


def test_a_case_of_later_and_an_end_still_to_come_are_not_known_yet() -> None:
    lake = a_lake(
        cases="""
            case_ref | opened_at        | closed_at
            C-SHUT   | 2026-03-01 09:00 | 2026-03-02 09:00
            C-OPEN   | 2026-03-01 09:00 | 2026-04-02 09:00
            C-LATER  | 2026-04-01 00:00 |
        """,
        case_subjects="""
            case_ref | subject_id
            C-OPEN   | P1
            C-LATER  | P2
        """,
        taskings="""
            case_ref | user_id | starts_at        | ends_at
            C-SHUT   | U1      | 2026-03-01 09:00 | 2026-05-01 09:00
            C-OPEN   | U1      | 2026-03-01 09:00 | 2026-05-01 09:00
            C-OPEN   | U2      |                  | 2026-03-05 09:00
            C-LATER  | U1      |                  |
        """,
    )
    whole = lake.execute("select count(*) from cases").fetchall()
    with known_at(lake, a_day("2026-04-01")):
        cases = lake.execute("select case_ref, closed_at::varchar from cases order by 1").fetchall()
        people = lake.execute("select subject_id from case_subjects").fetchall()
        sent = lake.execute(
            "select case_ref, user_id, ends_at::varchar from taskings order by all"
        ).fetchall()

    assert cases == [("C-OPEN", None), ("C-SHUT", "2026-03-02 09:00:00")]
    assert people == [("P1",)]
    assert sent == [  # a tasking that outlives its case goes on, whatever became of the case
        ("C-OPEN", "U1", None),
        ("C-OPEN", "U2", "2026-03-05 09:00:00"),
        ("C-SHUT", "U1", "9000-01-01 00:00:00"),
    ]
    assert lake.execute("select count(*) from cases").fetchall() == whole
