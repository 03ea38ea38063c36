"""The reference of a week is drawn once; a kept one and one drawn anew say the same."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from alerts.contract import contract_line
from alerts.judging import Week
from alerts.records import Upheld
from detectors.framing import known_at
from monitor.judgement import DayOutcome, judged_days
from monitor.knowledge import Records, Rules
from monitor.reference_folder import FolderOfReferences, NoReferences, References
from monitor.references import ground_of, key_of
from tests.detectors.force import OrdinaryForce, an_ordinary_force
from tests.detectors.tables import Row, feeds_of, fill
from tests.monitor.test_teaching import FIRST, rules

DAY = date(2026, 4, 15)  # a Wednesday
MONDAY = datetime(2026, 4, 13, tzinfo=UTC)
END = datetime(2026, 4, 16, tzinfo=UTC)
BEGINS = (MONDAY - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(days=1)
WEEK = Week(
    reference_from=BEGINS - 56, reference_to=BEGINS, judged_from=BEGINS + 2, judged_to=BEGINS + 3
)


@pytest.fixture(scope="module")
def records() -> Iterator[Records]:
    """What an ordinary force's lake says."""
    lake = an_ordinary_force(OrdinaryForce(users=90, days=110))
    yield Records(connection=lake, feeds=feeds_of(lake), first_event_at=FIRST, data_version={})
    lake.close()


@pytest.fixture(scope="module")
def easy() -> Rules:
    """Rules by which somebody is beyond the floor on most days; nothing is taught."""
    low = rules(budget_share=0.0)
    judging = low.settings.judging.model_copy(update={"chance_alerts_per_1000_user_weeks": 300.0})
    return replace(low, settings=low.settings.model_copy(update={"judging": judging}))


def outcome(records: Records, how: Rules, references: References) -> DayOutcome:
    """The day judged with references kept in a place."""
    kept = replace(records, references=references)
    [told] = judged_days(kept, how, days=[DAY], until=END, known=())
    return told


def test_a_day_is_the_same_with_a_kept_reference_a_damaged_one_and_one_drawn_anew(
    records: Records, easy: Rules, tmp_path: Path
) -> None:
    folder = FolderOfReferences(folder=tmp_path / "references")
    anew = outcome(records, easy, NoReferences())
    first = outcome(records, easy, folder)
    [path] = folder.folder.glob("*.duckdb")
    written = path.read_bytes()
    kept = outcome(records, easy, folder)
    untouched = path.read_bytes() == written
    path.write_bytes(written[: len(written) // 2] + b"\0" + written[len(written) // 2 + 1 :])
    damaged = outcome(records, easy, folder)

    assert untouched
    assert anew.alerts
    assert [first, kept, damaged] == [anew] * 3
    assert [contract_line(alert) for alert in kept.alerts] == [
        contract_line(alert) for alert in anew.alerts
    ]


@pytest.mark.parametrize("harm", ["cut", "emptied", "no digest", "gone"])
def test_a_file_that_is_not_what_was_written_is_not_found(harm: str, tmp_path: Path) -> None:
    folder = FolderOfReferences(folder=tmp_path / "references")
    room = folder.room("a-key")
    assert room is not None
    room.write_bytes(b"whole")
    path = folder.put("a-key", room)
    assert path is not None
    found = folder.found("a-key")
    if harm == "cut":
        path.write_bytes(b"who")
    elif harm == "emptied":
        path.write_bytes(b"")
    elif harm == "no digest":
        path.with_suffix(".sha256").unlink()
    else:
        path.unlink()

    assert found == path
    assert folder.found("a-key") is None


def test_the_latest_six_are_kept_and_a_reader_writes_none(tmp_path: Path) -> None:
    folder = FolderOfReferences(folder=tmp_path / "references")
    for key in "abcdefgh":
        room = folder.room(key)
        assert room is not None
        room.write_bytes(key.encode())
        folder.put(key, room)

    assert "".join(key for key in "abcdefgh" if folder.found(key)) == "cdefgh"
    assert replace(folder, read_only=True).room("four") is None


def test_a_folder_that_cannot_be_written_keeps_nothing_and_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "references").write_text("a file where a folder should be")

    assert FolderOfReferences(folder=tmp_path / "references").room("a-key") is None


LATER: dict[str, Row] = {
    "events": {"occurred_at": "2026-04-13 00:00", "user_id": "U0001", "subject_id": "P-NEW"},
    "cases": {"case_ref": "C-NEW", "opened_at": "2026-04-13 00:00", "type": "burglary"},
    "taskings": {"case_ref": "C-NEW", "user_id": "U0001", "starts_at": "2026-04-14 09:00"},
    "shifts": {"user_id": "U0001", "starts_at": "2026-04-14 09:00", "kind": "duty"},
    "staff": {"user_id": "U0001", "role": "response", "valid_from": "2026-04-14 00:00"},
    "record_changes": {"subject_id": "P-NEW", "field": "address", "changed_at": "2026-04-14 09:00"},
    "watched_records": {"subject_id": "P-NEW", "kind": "staff", "valid_from": "2026-04-14 00:00"},
    "outcomes": {"user_id": "U0001", "decision": "moved", "decided_at": "2026-04-14 00:00"},
}


@pytest.mark.parametrize("table", sorted(LATER))
def test_what_happened_after_a_week_began_leaves_its_key_and_what_came_in_late_does_not(
    records: Records, easy: Rules, table: str
) -> None:
    later = LATER[table]
    late: Row = {
        name: (cell or "").replace("2026-04-1", "2026-04-0") for name, cell in later.items()
    }
    with_later = key_with(records, easy, table, later)

    assert with_later == key_with(records, easy, table)
    assert key_with(records, easy, table, late) != with_later


def test_an_end_of_later_is_no_end_yet_and_leaves_the_key(records: Records, easy: Rules) -> None:
    case: Row = {"case_ref": "C-OPEN", "opened_at": "2026-03-02 09:00", "type": "burglary"}
    told: Row = {"case_ref": "C-OPEN", "user_id": "U0001", "starts_at": "2026-03-02 09:00"}
    open_still = key_with(records, easy, "cases", case)
    closed_since = key_with(records, easy, "cases", {**case, "closed_at": "2026-04-14 09:00"})
    going_on = key_with(records, easy, "taskings", told)
    ended_since = key_with(records, easy, "taskings", {**told, "ends_at": "2026-04-14 09:00"})

    assert closed_since == open_still
    assert ended_since == going_on
    assert key_with(records, easy, "cases", {**case, "closed_at": "2026-04-12"}) != open_still


def test_another_rule_a_changed_link_and_an_upheld_pair_change_the_key(
    records: Records, easy: Rules
) -> None:
    link: Row = {"subject_id": "P-ONE", "linked_subject_id": "P-TWO", "relation": "kin"}
    case = Upheld(user_ids=("U0001",), subject_ids=("P-ONE",), at=MONDAY - timedelta(days=1))
    usual = key_with(records, easy, "cases")
    upheld = key_with(replace(records, upheld=(case,)), easy, "cases")
    since = key_with(replace(records, upheld=(replace(case, at=MONDAY),)), easy, "cases")

    assert since == usual
    assert upheld != usual
    assert key_with(records, replace(easy, code_version="another"), "cases") != usual
    assert key_with(records, replace(easy, strands=easy.strands[:1]), "cases") != usual
    assert key_with(records, easy, "subject_links", link) != usual


@dataclass(frozen=True, slots=True, kw_only=True)
class FullDisk:
    """A place that offers room and has none."""

    folder: Path

    def found(self, key: str) -> Path | None:
        """Nothing."""
        return None if key else self.folder

    def room(self, key: str) -> Path | None:
        """A file in a folder that is not there."""
        return self.folder / "gone" / key

    def put(self, key: str, path: Path) -> Path | None:
        """Never asked."""
        raise AssertionError((key, path))


def test_a_reference_holds_nothing_of_the_week_it_judges_and_needs_no_disk(
    records: Records, easy: Rules, tmp_path: Path
) -> None:
    full = replace(records, references=FullDisk(folder=tmp_path))
    ground = ground_of(full, easy, week=WEEK, model=None)
    ground.close()

    assert ground.groundwork.until < ground.groundwork.known_to == MONDAY
    assert ground.reference.rows > 0
    assert int(ground.reference.day.max()) < BEGINS


def key_with(records: Records, how: Rules, table: str, *rows: Row) -> str:
    """The key of the week, were there more rows in a table."""
    connection = records.connection.cursor()
    connection.execute("begin")
    try:
        fill(connection, table, rows)
        with known_at(connection, MONDAY):
            return key_of(replace(records, connection=connection), how, week=WEEK, model=None)
    finally:
        connection.execute("rollback")
        connection.close()
