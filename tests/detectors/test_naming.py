"""Ids of one person are one person; ids of two are two."""

import pytest

from tests.detectors.tables import a_frame, a_lake, kinds, shown

TWO_IDS = """
    occurred_at      | user_id | subject_id | system
    2026-03-02 09:00 | U1      | P1         | RMS
    2026-03-02 09:05 | U1      | 4711       | PNC
"""


def people(events: str, identifiers: str, **tables: str) -> list[tuple[object, ...]]:
    """Whom the visits are of."""
    lake = a_lake(events=events, subject_identifiers=identifiers, **tables)
    return shown(a_frame(lake, "2026-03-01", "2026-04-01"), "subject_id, started_at")


def test_a_persons_ids_in_two_systems_are_one_person() -> None:
    identifiers = """
        subject_id | system | local_id
        P1         | PNC    | 4711
    """

    assert people(TWO_IDS, identifiers) == [("P1", "2026-03-02 09:00")]


def test_the_same_id_in_another_system_is_somebody_else() -> None:
    identifiers = """
        subject_id | system | local_id
        P1         | ANPR   | 4711
    """

    assert people(TWO_IDS, identifiers) == [
        ("4711", "2026-03-02 09:05"),
        ("P1", "2026-03-02 09:00"),
    ]


def test_a_record_merged_later_is_one_person_before_the_merge_too() -> None:
    events = """
        occurred_at      | user_id | subject_id
        2026-03-02 09:00 | U1      | P2
        2026-03-20 09:00 | U1      | P2
    """
    identifiers = """
        subject_id | system | local_id | valid_from
        P1         | RMS    | P2       | 2026-03-10 00:00
    """

    assert people(events, identifiers) == [("P1", "2026-03-02 09:00"), ("P1", "2026-03-20 09:00")]


def test_an_id_given_to_somebody_else_is_each_ones_in_their_time() -> None:
    events = """
        occurred_at      | user_id | subject_id | system
        2026-03-02 09:00 | U1      | 4711       | PNC
        2026-03-20 09:00 | U1      | 4711       | PNC
    """
    identifiers = """
        subject_id | system | local_id | valid_from       | valid_to
        P1         | PNC    | 4711     | 2020-01-01 00:00 | 2026-03-10 00:00
        P2         | PNC    | 4711     | 2026-03-10 00:00 |
    """

    assert people(events, identifiers) == [("P1", "2026-03-02 09:00"), ("P2", "2026-03-20 09:00")]


def test_a_holding_without_an_end_on_file_passed_by_merging() -> None:
    events = """
        occurred_at      | user_id | subject_id | system
        2026-03-02 09:00 | U1      | 4711       | PNC
        2026-03-20 09:00 | U1      | P1         | RMS
    """
    identifiers = """
        subject_id | system | local_id | valid_from
        P1         | PNC    | 4711     | 2020-01-01 00:00
        P2         | PNC    | 4711     | 2026-03-10 00:00
    """

    assert people(events, identifiers) == [("P2", "2026-03-02 09:00"), ("P2", "2026-03-20 09:00")]


def test_the_same_identifier_told_twice_changes_nothing() -> None:
    identifiers = """
        subject_id | system | local_id | valid_from
        P1         | PNC    | 4711     |
        P1         | PNC    | 4711     |
        P1         | PNC    | 4711     | 2026-01-01 00:00
    """

    assert people(TWO_IDS, identifiers) == [("P1", "2026-03-02 09:00")]


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_people_with_one_id_and_no_dates_the_choice_is_the_same_each_time(
    *, turned: bool
) -> None:
    rows = ["        P1         | PNC    | 4711", "        P3         | PNC    | 4711"]
    identifiers = "\n".join(["subject_id | system | local_id", *(rows[::-1] if turned else rows)])

    assert people(TWO_IDS, identifiers) == [("P3", "2026-03-02 09:00")]


def test_a_case_that_names_a_merged_record_names_the_person() -> None:
    events = """
        occurred_at      | user_id | subject_id
        2026-03-02 09:00 | U1      | P1
    """
    lake = a_lake(
        events=events,
        subject_identifiers="""
            subject_id | system | local_id
            P1         | RMS    | P2
        """,
        case_subjects="""
            case_ref | subject_id
            C1       | P2
        """,
        taskings="""
            user_id | case_ref | starts_at
            U1      | C1       | 2026-03-01 08:00
        """,
    )

    assert kinds(a_frame(lake, "2026-03-01", "2026-04-01")) == [("U1", "P1", "tasking")]


def test_a_local_number_that_is_also_somebodys_own_id_stays_that_persons() -> None:
    """Person 17 has the custody number 5; custody number 17 is person 99's."""
    events = """
        occurred_at      | user_id | subject_id | system
        2026-03-02 09:00 | U1      | 17         | RMS
        2026-03-02 12:00 | U1      | 17         | CUSTODY
    """
    lake = a_lake(
        events=events,
        subject_identifiers="""
            subject_id | system  | local_id
            17         | CUSTODY | 5
            99         | CUSTODY | 17
        """,
        case_subjects="""
            case_ref | subject_id
            C1       | 17
        """,
        taskings="""
            user_id | case_ref | starts_at
            U1      | C1       | 2026-03-01 08:00
        """,
    )
    frame = a_frame(lake, "2026-03-01", "2026-04-01")

    assert shown(frame, "subject_id, started_at") == [
        ("17", "2026-03-02 09:00"),
        ("99", "2026-03-02 12:00"),
    ]
    assert kinds(frame) == [("U1", "17", "tasking")]


def test_a_record_is_of_the_kind_the_reference_table_says_or_else_the_log() -> None:
    lake = a_lake(
        events="""
            occurred_at      | user_id | subject_id | subject_type
            2026-03-02 09:00 | U1      | P1         | vehicle
            2026-03-02 10:00 | U1      | V1         | vehicle
            2026-03-02 11:00 | U1      | V1         | person
            2026-03-02 12:00 | U1      | V1         | vehicle
            2026-03-02 13:00 | U1      | X1         |
        """,
        subjects="""
            subject_id | subject_type
            P1         | person
        """,
    )
    frame = a_frame(lake, "2026-03-01", "2026-04-01")
    rows = frame.connection.execute("""
        select subject_id, subject_type from subject_code left join subject_kind using (subject_no)
        order by 1
    """).fetchall()

    assert rows == [("P1", "person"), ("V1", "vehicle"), ("X1", None)]


def test_a_record_merged_twice_is_the_last_persons_throughout() -> None:
    events = """
        occurred_at      | user_id | subject_id | system
        2026-03-02 09:00 | U1      | P1         | RMS
        2026-03-10 09:00 | U1      | P2         | RMS
        2026-03-20 09:00 | U1      | P3         | RMS
    """
    identifiers = """
        subject_id | system | local_id | valid_from
        P2         | RMS    | P1       | 2026-03-05 00:00
        P3         | RMS    | P1       | 2026-03-15 00:00
        P3         | RMS    | P2       | 2026-03-15 00:00
    """

    assert {person for person, _ in people(events, identifiers)} == {"P3"}
