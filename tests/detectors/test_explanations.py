"""What explains a visit, and what comes near to it and does not."""

import pytest

from detectors import explanations
from tests.detectors.one_visit import NO_CASES, TABLES, a_tasking, explained
from tests.detectors.tables import a_frame, a_lake, kinds


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("2026-03-10 06:59", []),
        ("2026-03-10 07:00", ["tasking"]),
        ("2026-03-11 12:00", ["tasking"]),
        ("2026-03-14 08:59", ["tasking"]),
        ("2026-03-14 09:00", []),
    ],
)
def test_a_tasking_explains_from_two_hours_before_to_two_days_after(
    moment: str, found: list[str]
) -> None:
    assert explained(moment, taskings=a_tasking(), **NO_CASES) == found


def test_a_tasking_to_a_case_that_does_not_name_the_person_explains_nothing() -> None:
    assert explained("2026-03-11 12:00", of="P2", taskings=a_tasking(), **NO_CASES) == []


def test_another_teams_tasking_explains_nothing() -> None:
    assert "tasking" not in explained("2026-03-11 12:00", by="U3", taskings=a_tasking())


def test_a_tasking_without_an_end_lasts_as_long_as_its_case() -> None:
    tasking = a_tasking(ends_at="")

    assert explained("2026-03-14 08:59", taskings=tasking, staff="user_id") == ["tasking"]
    assert explained("2026-03-14 09:00", taskings=tasking, staff="user_id") == []


def test_a_tasking_without_an_end_to_an_open_case_still_explains() -> None:
    tasking = a_tasking(ends_at="", case="C2")

    assert explained("2026-07-20 12:00", taskings=tasking, staff="user_id") == ["tasking"]


def test_a_tasking_to_a_reopened_case_is_not_ended_by_its_first_closing() -> None:
    tasking = a_tasking(starts_at="2026-05-01 09:00", ends_at="")

    assert explained("2026-05-20 12:00", taskings=tasking, staff="user_id") == ["tasking"]


def test_a_tasking_without_a_start_begins_with_its_case() -> None:
    tasking = a_tasking(starts_at="")

    assert explained("2026-03-10 07:00", taskings=tasking, staff="user_id") == ["tasking"]
    assert explained("2026-03-10 06:59", taskings=tasking, staff="user_id") == []


def test_a_tasking_without_a_start_to_an_unknown_case_explains_nothing() -> None:
    assert explained("2026-03-10 12:00", taskings=a_tasking("", "", case="C3"), **NO_CASES) == []


def test_a_teams_tasking_explains_each_members_visit() -> None:
    assert "tasking" in explained(
        "2026-03-11 12:00", taskings=a_tasking(user="", team="T1"), cases="case_ref"
    )


def test_a_teams_tasking_explains_nothing_for_somebody_who_had_left_it() -> None:
    tasking = a_tasking(starts_at="2026-03-10 09:00", ends_at="", user="", team="T1", case="C2")

    assert explained("2026-05-31 12:00", taskings=tasking) == ["tasking"]
    assert explained("2026-06-01 12:00", taskings=tasking) == []


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("2026-03-07 08:59", []),
        ("2026-03-07 09:00", ["colleague"]),
        ("2026-03-15 08:59", ["colleague"]),
        ("2026-03-15 09:00", []),
    ],
)
def test_a_team_mates_tasking_partly_explains_three_days_either_side(
    moment: str, found: list[str]
) -> None:
    assert explained(moment, by="U2", taskings=a_tasking(), cases="case_ref") == found


def test_somebody_of_another_team_is_no_team_mate() -> None:
    assert explained("2026-03-11 12:00", by="U3", taskings=a_tasking(), cases="case_ref") == []


def test_a_former_team_mates_tasking_explains_nothing() -> None:
    tasking = a_tasking(starts_at="2026-06-09 09:00", ends_at="2026-06-12 09:00", user="U2")

    assert explained("2026-06-10 12:00", taskings=tasking, cases="case_ref") == []


@pytest.mark.parametrize(
    ("moment", "requester", "found"),
    [
        ("2026-03-11 12:00", "U1", ["requester"]),
        ("2026-03-14 09:00", "U1", []),
        ("2026-03-11 12:00", "U2", []),
        ("2026-03-11 12:00", "U3", []),
    ],
)
def test_a_request_by_somebody_tasked_explains_the_operators_visit(
    moment: str, requester: str, found: list[str]
) -> None:
    row = f"requester_id={requester}"

    assert explained(moment, by="U3", row=row, taskings=a_tasking(), cases="case_ref") == found


def test_naming_oneself_as_the_requester_explains_nothing() -> None:
    row = "requester_id=U3"

    assert explained("2026-03-11 12:00", by="U3", row=row, taskings=a_tasking(), **NO_CASES) == []


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("2026-03-10 06:59", []),
        ("2026-03-10 07:00", ["case_reference"]),
        ("2026-03-14 08:59", ["case_reference"]),
        ("2026-03-14 09:00", []),
    ],
)
def test_a_typed_reference_partly_explains_while_its_case_is_open(
    moment: str, found: list[str]
) -> None:
    assert explained(moment, row="case_ref=C1", staff="user_id") == found


def test_a_reference_to_a_case_that_does_not_name_the_person_explains_nothing() -> None:
    assert explained("2026-03-11 12:00", of="P2", row="case_ref=C1") == []


def test_a_reference_to_no_case_explains_nothing() -> None:
    assert explained("2026-03-11 12:00", row="case_ref=enq", staff="user_id") == []


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("2026-03-10 06:59", []),
        ("2026-03-10 07:00", ["dispatch"]),
        ("2026-03-11 08:59", ["dispatch"]),
        ("2026-03-11 09:00", []),
    ],
)
def test_an_incident_of_ones_area_partly_explains_its_first_day(
    moment: str, found: list[str]
) -> None:
    assert explained(moment) == found


def test_an_incident_that_was_closed_explains_no_longer() -> None:
    cases = """
        case_ref | area | opened_at        | closed_at
        C1       | N    | 2026-03-10 09:00 | 2026-03-10 12:00
    """

    assert explained("2026-03-10 11:59", cases=cases) == ["dispatch"]
    assert explained("2026-03-10 12:00", cases=cases) == []


def test_an_incident_of_another_area_explains_nothing() -> None:
    staff = """
        user_id | area
        U1      | E
    """

    assert explained("2026-03-10 10:00", staff=staff) == []


@pytest.mark.parametrize(
    ("kind", "found"),
    [("duty", ["dispatch"]), ("overtime", ["dispatch"]), ("leave", []), ("sick", [])],
)
def test_an_incident_explains_only_for_those_on_duty(kind: str, found: list[str]) -> None:
    shifts = f"""
        user_id | starts_at        | ends_at          | kind
        U1      | 2026-03-09 07:00 | 2026-03-09 15:00 | duty
        U1      | 2026-03-10 07:00 | 2026-03-10 15:00 | {kind}
        U1      | 2026-03-11 07:00 | 2026-03-11 15:00 | duty
    """

    assert explained("2026-03-10 10:00", shifts=shifts) == found


LINKS = """
    subject_id | linked_subject_id
    P1         | P2
    P3         | P2
"""


def test_a_tasking_partly_explains_a_look_at_somebody_linked() -> None:
    assert explained("2026-03-11 12:00", of="P2", taskings=a_tasking(), subject_links=LINKS) == [
        "tasked_circle"
    ]


def test_a_link_of_a_link_explains_nothing() -> None:
    assert explained("2026-03-11 12:00", of="P3", taskings=a_tasking(), subject_links=LINKS) == []


def test_the_strongest_explanation_is_the_visits() -> None:
    lake = a_lake(
        **TABLES,
        taskings=a_tasking(),
        events="""
            occurred_at      | user_id | subject_id | case_ref
            2026-03-10 10:00 | U1      | P1         | C1
        """,
    )
    frame = a_frame(lake, "2026-03-01", "2026-04-01")

    assert [kind for _, _, kind in kinds(frame)] == ["case_reference", "dispatch", "tasking"]
    assert frame.connection.execute("select kind, level from visit").fetchall() == [("tasking", 2)]


def test_of_two_explanations_as_strong_the_first_in_order_is_named() -> None:
    lake = a_lake(
        **TABLES,
        events="""
            occurred_at      | user_id | subject_id | case_ref
            2026-03-10 10:00 | U1      | P1         | C1
        """,
    )
    frame = a_frame(lake, "2026-03-01", "2026-04-01")

    assert frame.connection.execute("select kind, level from visit").fetchall() == [
        ("case_reference", 1)
    ]


def test_a_case_reference_typed_in_any_row_of_a_visit_speaks_for_the_visit() -> None:
    lake = a_lake(
        **{**TABLES, "staff": "user_id"},
        events="""
            occurred_at      | user_id | subject_id | case_ref
            2026-03-11 10:00 | U1      | P1         |
            2026-03-11 10:10 | U1      | P1         | C1
        """,
    )

    assert kinds(a_frame(lake, "2026-03-01", "2026-04-01")) == [("U1", "P1", "case_reference")]


def test_without_a_table_to_test_by_a_visit_is_neither_explained_nor_unexplained() -> None:
    lake = a_lake(events="occurred_at | user_id | subject_id\n2026-03-11 10:00 | U1 | P1")
    frame = a_frame(lake, "2026-03-01", "2026-04-01")

    assert frame.connection.execute("select level, kind from visit").fetchall() == [(None, None)]
    assert explanations.testable(frozenset()) == ()


def test_with_every_table_every_kind_can_be_tested() -> None:
    feeds = frozenset({"staff", "shifts", "taskings", "cases", "case_subjects", "subject_links"})

    assert explanations.testable(feeds) == explanations.TEMPLATES


def test_visits_that_a_tasking_explains_are_not_judged() -> None:
    lake = a_lake(
        **TABLES,
        taskings=a_tasking(),
        events="""
            occurred_at      | user_id | subject_id
            2026-03-10 10:00 | U1      | P1
            2026-03-20 10:00 | U1      | P1
        """,
    )
    frame = a_frame(lake, "2026-03-01", "2026-04-01")
    judged = frame.connection.execute("select day::varchar, context from active").fetchall()

    assert judged == [("2026-03-20", 2)]
