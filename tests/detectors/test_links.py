"""The circle of a person: links both ways, once each, and no institution in it."""

from tests.detectors.tables import a_frame, a_lake

ONE_LOOK = """
    occurred_at      | user_id | subject_id
    2026-03-02 09:00 | U1      | P1
"""


def links(table: str, **tables: str) -> list[tuple[str, str]]:
    """Who is linked to whom."""
    frame = a_frame(
        a_lake(events=ONE_LOOK, subject_links=table, **tables), "2026-03-01", "2026-04-01"
    )
    return frame.connection.execute("""
        select a.subject_id, b.subject_id from link
        join subject_code a using (subject_no) join subject_code b on b.subject_no = linked_no
        order by all
    """).fetchall()


def test_a_link_goes_both_ways_whichever_way_it_was_written() -> None:
    table = """
        subject_id | linked_subject_id | relation
        P1         | P2                | sister
        A1         | P1                | address
    """

    assert links(table) == [("A1", "P1"), ("P1", "A1"), ("P1", "P2"), ("P2", "P1")]


def test_two_relations_and_two_periods_are_one_link() -> None:
    table = """
        subject_id | linked_subject_id | relation | valid_from
        P1         | P2                | partner  | 2024-01-01 00:00
        P1         | P2                | partner  | 2025-01-01 00:00
        P2         | P1                | cohabits | 2024-01-01 00:00
    """

    assert links(table) == [("P1", "P2"), ("P2", "P1")]


def test_nobody_is_linked_to_themselves_by_a_merged_record_either() -> None:
    table = """
        subject_id | linked_subject_id
        P1         | P1
        P1         | P9
    """
    merged = """
        subject_id | system | local_id
        P1         | RMS    | P9
    """

    assert links(table, subject_identifiers=merged) == []


def test_sixty_links_are_a_circle() -> None:
    assert len(links(hub_of(60))) == 120


def test_sixty_one_links_are_an_institution_and_join_nobody() -> None:
    assert links(hub_of(61) + "    P001 | P002") == [("P001", "P002"), ("P002", "P001")]


def hub_of(size: int) -> str:
    """An address with so many people."""
    rows = "".join(f"    A1 | P{number:03d}\n" for number in range(1, size + 1))
    return "    subject_id | linked_subject_id\n" + rows
