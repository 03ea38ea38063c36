"""Which judged days a reference row reaches that came in after they were judged."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from monitor.lake.shape import TABLES
from monitor.late_records import late_days
from tests.detectors.tables import LIMITS, a_lake

EVENTS = """
    occurred_at      | user_id | subject_id
    2026-03-01 09:00 | U1      | P1
    2026-03-08 09:00 | U1      | P1
    2026-03-10 09:00 | U1      | P1
    2026-03-20 09:00 | U2      | P1
    2026-03-21 09:00 | U2      | P9
    2026-03-22 09:00 | U2      | P2
"""
DAYS = [date(2026, 3, 1) + timedelta(days=number) for number in range(28)]
CASE = {
    "cases": "case_ref | opened_at | closed_at | loaded_seq\n"
    "C1 | 2026-03-09 08:00 | 2026-03-12 08:00 | 1",
    "case_subjects": "case_ref | subject_id | role | loaded_seq\n C1 | P1 | victim | 1",
}


def late(
    *, seen: int | None = 1, now: int = 2, old: Mapping[str, str] | None = None, **tables: str
) -> dict[str, tuple[str, ...]]:
    """Days of March to be judged again, by date, where every table was seen up to one load."""
    lake = a_lake(events=EVENTS, **{**CASE, **tables})
    for name in TABLES:
        superseded = (old or {}).get(name, "")
        lake.execute(f"create view {name}_told as from {name} {superseded}")
    feeds = None if seen is None else dict.fromkeys(TABLES, seen)
    found = late_days(
        lake, seen=dict.fromkeys(DAYS, feeds), now=dict.fromkeys(TABLES, now), limits=LIMITS
    )
    return {f"{day:%d}": feeds for day, feeds in found.items()}


def a_tasking(load: int = 2, ends_at: str = "2026-03-12 08:00") -> str:
    """U1 sent to the case of P1 on 9 March."""
    return (
        "user_id | case_ref | starts_at | ends_at | loaded_seq\n"
        f"U1 | C1 | 2026-03-09 08:00 | {ends_at} | {load}"
    )


def test_a_late_tasking_reaches_the_looks_near_it_and_the_same_persons_later_days() -> None:
    assert late(taskings=a_tasking()) == {
        "08": ("taskings",),  # a team-mate's look three days before would be explained
        "10": ("taskings",),
        "20": ("taskings",),  # looks back on them
    }


def test_what_was_known_when_a_day_was_judged_is_not_late() -> None:
    assert late(taskings=a_tasking(load=1)) == {}
    assert late(taskings=a_tasking(), now=1) == {}


def test_a_day_whose_judging_did_not_say_what_it_knew_stands() -> None:
    assert late(taskings=a_tasking(), seen=None) == {}


def test_a_tasking_to_a_case_of_nobody_who_was_looked_at_reaches_no_day() -> None:
    other = "case_ref | subject_id | loaded_seq\n C1 | P5 | 1"

    assert late(taskings=a_tasking(), case_subjects=other) == {}


def test_a_tasking_reaches_looks_at_those_linked_to_the_person() -> None:
    links = "subject_id | linked_subject_id | loaded_seq\n P2 | P1 | 1"
    ends = a_tasking(ends_at="2026-03-21 08:00")

    assert list(late(taskings=ends, subject_links=links)) == ["08", "10", "20", "22"]


def test_an_end_that_is_told_later_changes_nothing_before_it() -> None:
    open_before = "union all by name select * replace (1 as loaded_seq, null as ends_at)"
    told = {"taskings": f"{open_before} from taskings"}

    assert list(late(taskings=a_tasking(ends_at="2026-03-18 08:00"), old=told)) == ["20"]


def test_a_case_that_closes_changes_nothing_before_it() -> None:
    closed = "case_ref | opened_at | closed_at | loaded_seq\n"
    row = "C1 | 2026-03-01 08:00 | 2026-03-18 08:00 | 2"
    told = {"cases": "union all by name select * replace (1 as loaded_seq, null as closed_at)"}
    told = {"cases": f"{told['cases']} from cases"}

    assert list(late(cases=closed + row, old=told)) == ["20"]
    assert list(late(cases=closed + row)) == ["01", "08", "10", "20"]


@pytest.mark.parametrize(
    ("table", "row", "days"),
    [
        ("case_subjects", "case_ref | subject_id | loaded_seq\n C1 | P1 | 2", ["08", "10", "20"]),
        ("subject_links", "subject_id | linked_subject_id | loaded_seq\n P9 | P8 | 2", ["21"]),
        (
            "subject_identifiers",
            "subject_id | system | local_id | loaded_seq\n P9 | RMS | P2 | 2",
            ["21", "22"],
        ),
        (
            "record_changes",
            "subject_id | field | changed_at | loaded_seq\n P1 | address | 2026-03-10 08:00 | 2",
            ["08", "10", "20"],
        ),
        (
            "shifts",
            (
                "user_id | starts_at | ends_at | kind | loaded_seq\n"
                "U2 | 2026-03-20 08:00 | 2026-03-20 16:00 | duty | 2"
            ),
            ["20"],
        ),
        (
            "shifts",
            (
                "user_id | starts_at | ends_at | kind | loaded_seq\n"
                "U2 | 2026-03-20 08:00 | 2026-03-20 16:00 | court | 2"
            ),
            ["20", "21", "22"],
        ),
        (
            "staff",
            (
                "user_id | team | valid_from | valid_to | loaded_seq\n"
                "U1 | T1 | 2026-03-08 00:00 | 2026-03-09 00:00 | 2"
            ),
            ["08"],
        ),
        (
            "outcomes",
            "user_id | decision | decided_at | loaded_seq\n U2 | advice | 2026-03-21 08:00 | 2",
            ["21", "22"],
        ),
    ],
    ids=["party", "link", "merge", "change", "shift", "court", "post", "outcome"],
)
def test_a_late_row_of_any_feed_reaches_its_days_alone(
    table: str, row: str, days: list[str]
) -> None:
    found = late(**{table: row})

    assert list(found) == days
    assert set(found.values()) == {(table,)}


def test_days_further_back_than_any_detector_looks_stand() -> None:
    lake = a_lake(events=EVENTS, taskings=a_tasking(), **CASE)
    for name in TABLES:
        lake.execute(f"create view {name}_told as from {name}")
    feeds = dict.fromkeys(TABLES, 1)
    days = [*DAYS, date(2027, 3, 13)]  # 366 days after 12 March

    found = late_days(
        lake, seen=dict.fromkeys(days, feeds), now=dict.fromkeys(TABLES, 2), limits=LIMITS
    )

    assert list(found) == [date(2026, 3, 20)]
