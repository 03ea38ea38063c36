"""Stories: reference tables, of which the latest row of each thing counts and none is lost."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.lake import TABLES, Lake
from tests.monitor.ingest.loaded import NOW, Loads, counts, csv

FULL = {
    "staff": ("U1,PC,T1,North,U9,Smith,A1,P1,2026-01-01,", 10),
    "shifts": ("U1,2026-03-01T07:00:00Z,2026-03-01T15:00:00Z,Duty", 4),
    "taskings": ("U1,,C1,2026-03-01T07:00:00Z,,investigating", 6),
    "cases": ("C1,theft,North,2026-03-01T07:00:00Z,", 5),
    "case_subjects": ("C1,P1,victim", 3),
    "subjects": ("P1,person,North,F,34,Jones,vulnerable;missing", 7),
    "subject_identifiers": ("P1,PNC,N1,2026-01-01,", 5),
    "subject_links": ("P1,A1,lives at,2026-01-01,2026-02-01", 5),
    "record_changes": ("P1,address,2026-03-01T07:00:00Z", 3),
    "declared_associations": ("U1,P1,sibling,2026-01-01,", 5),
    "watched_records": (",C1,high_profile,2026-01-01,", 5),
    "outcomes": ("U1,no case to answer,2026-03-01T07:00:00Z", 3),
}


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_table_of_the_contract_is_loaded_once(loads: Loads, table: str) -> None:
    row, width = FULL[table]
    content = csv(row, header=",".join(TABLES[table].columns))

    assert len(TABLES[table].columns) == width
    assert counts(loads.table(table, content)) == (1, 1, 0, 0)
    assert counts(loads.table(table, content, "again.csv")) == (1, 0, 1, 0)
    assert Lake(loads.home.lake).feeds() == {table}


def test_columns_that_a_file_does_not_have_are_null(loads: Loads) -> None:
    loads.table("staff", b"USER_ID,role,Hobby\nU1,PC,chess\n")

    assert loads.rows("user_id, role, team, valid_from, extra", "staff") == [
        ("U1", "PC", None, None, '{"Hobby": "chess"}')
    ]


def test_a_later_row_of_the_same_key_supersedes_and_the_earlier_was_known(loads: Loads) -> None:
    header = "user_id,role,valid_from,valid_to"
    first, second = (datetime(2026, 3, day, tzinfo=UTC) for day in (2, 4))
    loads.table("staff", csv("U1,PC,2026-01-01,", header=header), at=first)

    loads.table("staff", csv("U1,PC,2026-01-01,2026-03-03", header=header), at=second)

    facts = "user_id, valid_to::VARCHAR"
    assert loads.rows(facts, "staff") == [("U1", "2026-03-03 00:00:00")]
    before = second - timedelta(seconds=1)
    assert loads.rows(facts, "staff", known_at=before) == [("U1", None)]


def test_what_was_put_back_is_new_again(loads: Loads) -> None:
    files = [csv(f"C1,{kind}", header="case_ref,type") for kind in ("theft", "fraud", "theft")]

    assert [counts(loads.table("cases", f))[1] for f in files] == [1, 1, 1]
    assert loads.rows("case_ref, type", "cases") == [("C1", "theft")]


def test_a_file_with_several_rows_of_one_key_changes_nothing_the_second_time(loads: Loads) -> None:
    content = csv("C1,theft", "C2,fraud", "C1,theft", "C1,murder", header="case_ref,type")

    assert [counts(loads.table("cases", content)) for _ in range(2)] == [(4, 3, 1, 0), (4, 0, 4, 0)]
    assert loads.rows("case_ref, type", "cases") == [("C1", "murder"), ("C2", "fraud")]


def test_plain_dates_are_midnight_in_the_zone_of_the_force(loads: Loads) -> None:
    loads.table("staff", csv("U1,2026-07-01,2026-12-01", header="user_id,valid_from,valid_to"))

    assert loads.rows("valid_from::VARCHAR, valid_to::VARCHAR", "staff") == [
        ("2026-06-30 23:00:00", "2026-12-01 00:00:00")
    ]


def test_other_times_need_an_offset(loads: Loads) -> None:
    header = "user_id,starts_at,ends_at"
    report = loads.table(
        "shifts",
        csv(
            "U1,2026-03-01,2026-03-01T15:00:00Z",
            "U1,2026-03-01T07:00:00,2026-03-01T15:00:00Z",
            "U1,2026-03-01T07:00:00+00:00,2026-03-01T15:00:00Z",
            header=header,
        ),
    )

    assert counts(report) == (3, 1, 0, 2)
    assert [row.reason for row in loads.waiting()] == [
        "starts_at: '2026-03-01' has no time of day",
        "starts_at: '2026-03-01T07:00:00' has no offset and the profile names no zone",
    ]
    assert loads.rows("kind", "shifts") == [("duty",)]


@pytest.mark.parametrize(
    ("table", "row", "reason"),
    [
        ("staff", ",PC,T1,North,U9,Smith,A1,P1,2026-01-01,", "user_id is blank"),
        ("taskings", ",,C1,,,", "user_id and team are both blank"),
        ("watched_records", ",,staff,,", "subject_id and case_ref are both blank"),
        ("case_subjects", "C1,***,victim", "subject_id is masked at the source"),
        ("staff", "U1,,,,,,,,2026-02-01,2026-01-01", "valid_to is before valid_from"),
        ("subjects", "P1,person,,,old,,", "age: 'old' is no whole number"),
    ],
)
def test_a_row_that_says_nothing_of_use_is_quarantined(
    loads: Loads, table: str, row: str, reason: str
) -> None:
    report = loads.table(table, csv(row, header=",".join(TABLES[table].columns)))

    assert counts(report) == (1, 0, 0, 1)
    assert [waiting.reason for waiting in loads.waiting()] == [reason]


def test_codes_outside_the_contract_are_kept_and_reported(loads: Loads) -> None:
    header = "user_id,starts_at,ends_at,kind"
    times = "2026-03-01T07:00:00Z,2026-03-01T15:00:00Z"

    report = loads.table("shifts", csv(f"U1,{times},LEAVE", f"U2,{times},Rest day", header=header))

    assert report.files[0].unknown_codes == {"kind": ("Rest day",)}
    assert loads.rows("user_id, kind", "shifts") == [("U1", "leave"), ("U2", "Rest day")]


def test_a_missing_id_refuses_the_file(loads: Loads) -> None:
    report = loads.table("taskings", b"case_ref,role\nC1,investigating\n")

    assert report.files[0].problem.endswith(
        "columns are missing: user_id or team; found: case_ref, role"
    )


def test_loads_of_several_days_are_told_apart(loads: Loads) -> None:
    for day in range(3):
        at = NOW + timedelta(days=day)
        loads.table("cases", csv(f"C{day},theft", header="case_ref,type"), at=at)

    assert loads.rows("loaded_seq, case_ref", "cases") == [(1, "C0"), (2, "C1"), (3, "C2")]
