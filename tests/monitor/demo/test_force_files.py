"""What a made-up force writes: the contract's columns, the same bytes, ids that all exist."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import csv, parquet

from monitor.demo import ForcePlan, MisuseCase, inject, make_force, write_force
from monitor.lake.shape import EVENT_INPUTS, TABLES

TINY = ForcePlan(staff=60, weeks=3, start=date(2026, 10, 12), seed=3)
# Which ids of which table must stand in which other.
REFERENCES = (
    ("events", "user_id", "staff", "user_id"),
    ("events", "requester_id", "staff", "user_id"),
    ("events", "case_ref", "cases", "case_ref"),
    ("staff", "supervisor_id", "staff", "user_id"),
    ("staff", "person_subject_id", "subjects", "subject_id"),
    ("staff", "address_subject_id", "subjects", "subject_id"),
    ("shifts", "user_id", "staff", "user_id"),
    ("taskings", "user_id", "staff", "user_id"),
    ("taskings", "team", "staff", "team"),
    ("taskings", "case_ref", "cases", "case_ref"),
    ("case_subjects", "case_ref", "cases", "case_ref"),
    ("case_subjects", "subject_id", "subjects", "subject_id"),
    ("subject_links", "subject_id", "subjects", "subject_id"),
    ("subject_links", "linked_subject_id", "subjects", "subject_id"),
    ("subject_identifiers", "subject_id", "subjects", "subject_id"),
    ("record_changes", "subject_id", "subjects", "subject_id"),
    ("declared_associations", "subject_id", "subjects", "subject_id"),
    ("watched_records", "subject_id", "subjects", "subject_id"),
    ("outcomes", "user_id", "staff", "user_id"),
)


def _digests(plan: ForcePlan, folder: Path) -> dict[str, str]:
    force = inject(make_force(plan), [MisuseCase(typology="drip")], 1)
    paths = write_force(force, folder)
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items()}


def _values(paths: Mapping[str, Path], table: str, column: str) -> pa.ChunkedArray:
    return parquet.read_table(paths[table], columns=[column]).column(column)


def test_the_same_seed_makes_the_same_bytes(tmp_path: Path) -> None:
    first = _digests(TINY, tmp_path / "first")

    assert _digests(TINY, tmp_path / "again") == first


def test_another_seed_makes_another_log(tmp_path: Path) -> None:
    first = _digests(TINY, tmp_path / "first")

    assert _digests(replace(TINY, seed=4), tmp_path / "other")["events"] != first["events"]


def test_every_file_has_the_columns_of_the_contract_in_its_order(tmp_path: Path) -> None:
    paths = write_force(make_force(TINY), tmp_path)

    headers = {name: csv.read_csv(paths[name]).column_names for name in ("events", *TABLES)}

    assert headers == {
        "events": list(EVENT_INPUTS),
        **{name: list(shape.columns) for name, shape in TABLES.items()},
    }


@pytest.mark.parametrize(("table", "column", "other", "key"), REFERENCES)
def test_every_id_stands_where_it_points_to(
    written: Mapping[str, Path], table: str, column: str, other: str, key: str
) -> None:
    named = _values(written, table, column).drop_null().unique()
    known = _values(written, other, key).unique()

    assert pc.all(pc.is_in(named, value_set=known)).as_py() in {True, None}


def test_a_looked_up_id_is_a_subject_or_an_id_of_one_in_that_system(
    written: Mapping[str, Path],
) -> None:
    events = parquet.read_table(written["events"], columns=["subject_id", "system"])
    seen = events.group_by(["subject_id", "system"]).aggregate([]).to_pylist()
    plain = {None, "***", *_values(written, "subjects", "subject_id").to_pylist()}
    local = parquet.read_table(written["subject_identifiers"]).to_pylist()
    known_there = {(row["local_id"], row["system"]) for row in local}

    strange = [
        row
        for row in seen
        if row["subject_id"] not in plain and (row["subject_id"], row["system"]) not in known_there
    ]

    assert strange == []


@pytest.mark.parametrize("table", TABLES)
def test_no_two_rows_of_a_table_share_its_natural_key(
    written: Mapping[str, Path], table: str
) -> None:
    rows = parquet.read_table(written[table])
    keys = rows.group_by(list(TABLES[table].key)).aggregate([])

    assert keys.num_rows == rows.num_rows


def test_times_carry_their_offset_and_both_clock_changes_are_in_the_log(
    written: Mapping[str, Path],
) -> None:
    times = _values(written, "events", "occurred_at")
    offsets = pc.utf8_slice_codeunits(times, start=-6)
    months = pc.utf8_slice_codeunits(times, start=0, stop=7)
    seen = pa.table({"month": months, "offset": offsets}).group_by(["month", "offset"])

    found = sorted((row["month"], row["offset"]) for row in seen.aggregate([]).to_pylist())

    assert found == [
        ("2025-10", "+00:00"),
        ("2025-10", "+01:00"),
        ("2025-11", "+00:00"),
        ("2025-12", "+00:00"),
        ("2026-01", "+00:00"),
        ("2026-02", "+00:00"),
        ("2026-03", "+00:00"),
        ("2026-03", "+01:00"),
        ("2026-04", "+01:00"),
    ]


def test_event_ids_run_on_in_order_of_time(written: Mapping[str, Path]) -> None:
    events = parquet.read_table(written["events"], columns=["event_id", "occurred_at"])
    moments = pc.cast(pc.strptime(events["occurred_at"], "%Y-%m-%dT%H:%M:%S%z", "s"), pa.int64())

    assert events["event_id"].to_pylist() == [f"E{n + 1:08d}" for n in range(events.num_rows)]
    assert pc.all(pc.greater_equal(moments[1:], moments[:-1])).as_py()


def test_taskings_that_arrive_late_lie_in_a_file_of_their_own(tmp_path: Path) -> None:
    all_at_once = write_force(make_force(TINY), tmp_path / "prompt")
    in_two = write_force(make_force(replace(TINY, late_taskings=0.3)), tmp_path / "late")

    prompt = csv.read_csv(all_at_once["taskings"]).num_rows
    kept, late = (csv.read_csv(in_two[name]).num_rows for name in ("taskings", "late_taskings"))

    assert (kept + late, late > 0.2 * prompt) == (prompt, True)


def test_the_truth_names_every_story_and_its_rows(written: Mapping[str, Path]) -> None:
    truth = [json.loads(line) for line in written["truth"].read_text("utf-8").splitlines()]
    known = set(_values(written, "events", "event_id").to_pylist())
    users = set(_values(written, "staff", "user_id").to_pylist())

    assert sum(row["kind"] == "misuse" for row in truth) == 32
    assert all(set(row["event_ids"]) <= known for row in truth)
    assert all(set(row["user_ids"]) <= users for row in truth)
    assert [row["case_id"] for row in truth if not row["event_ids"]] == []


def test_the_truth_lies_outside_the_folder_that_is_loaded(written: Mapping[str, Path]) -> None:
    assert written["truth"].parent != written["events"].parent
