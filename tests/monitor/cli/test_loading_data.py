"""Data from a file to the lake, and what was refused: ingest and quarantine."""

import json
from pathlib import Path

import pytest

from monitor.clock import FixedClock
from monitor.feeds import REFERENCE_TABLES
from monitor.lake import TABLES as IN_THE_LAKE
from monitor.wiring import open_site
from tests.monitor.cli.conftest import NOW, Typed

COUNTS = {"read": 4, "stored": 3, "already_known": 0, "quarantined": 1}


@pytest.fixture
def refused_id(typed: Typed, spoilt: Path) -> str:
    """The id of the one row that was refused."""
    typed("ingest", "events", str(spoilt))
    row = json.loads(typed("quarantine", "list", "--json").stdout)["rows"][0]
    return str(row["id"])


def chain_of(root: Path, kind: str) -> list[dict[str, object]]:
    """What the entries of one kind tell."""
    store = open_site(root, clock=FixedClock(NOW)).store
    try:
        return [
            entry.told | {"purpose": entry.purpose} for entry in store.chain() if entry.kind == kind
        ]
    finally:
        store.close()


def test_every_table_of_the_lake_can_be_loaded() -> None:
    assert set(REFERENCE_TABLES) == set(IN_THE_LAKE)


def test_the_counts_of_a_file_are_those_of_the_contract(typed: Typed, spoilt: Path) -> None:
    result = typed("ingest", "events", str(spoilt), "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "format": 1,
        "files": [{"file": str(spoilt), **COUNTS}],
        **COUNTS,
        "dry_run": False,
    }


def test_the_same_file_again_changes_nothing(typed: Typed, events: Path) -> None:
    typed("ingest", "events", str(events))

    again = json.loads(typed("ingest", "events", str(events), "--json").stdout)

    assert (again["stored"], again["already_known"]) == (0, 3)


def test_a_dry_run_counts_and_stores_nothing(typed: Typed, events: Path) -> None:
    dry = json.loads(typed("ingest", "events", str(events), "--dry-run", "--json").stdout)
    real = json.loads(typed("ingest", "events", str(events), "--json").stdout)

    assert (dry["stored"], real["stored"]) == (3, 3)


def test_a_file_that_is_not_there_is_refused_with_its_name(typed: Typed, tmp_path: Path) -> None:
    result = typed("ingest", "events", str(tmp_path / "none.csv"))

    assert result.exit_code == 3
    assert "none.csv: refused" in result.stdout


def test_a_profile_that_is_not_there_is_answered_with_those_that_are(
    typed: Typed, events: Path
) -> None:
    result = typed("ingest", "events", str(events), "--profile", "nonesuch")

    assert result.exit_code == 2
    assert "possible: canonical" in result.stderr


def test_the_load_is_on_the_chain_with_counts_and_hashes_and_no_identities(
    typed: Typed, spoilt: Path, root: Path
) -> None:
    typed("ingest", "events", str(spoilt))

    told = chain_of(root, "ingest.finished")

    assert [(t["table"], t["profile"]) for t in told] == [("events", "canonical")]
    assert "U00123" not in json.dumps(told)
    assert len(told[0]["files"][0]["sha256"]) == 64  # type: ignore[index]  # as the chain keeps it


def test_the_columns_of_a_table_can_be_asked_for(typed: Typed) -> None:
    told = json.loads(typed("ingest", "shifts", "--columns", "--json").stdout)

    assert told["columns"] == ["user_id", "starts_at", "ends_at", "kind"]


def test_a_refused_row_is_listed_with_its_place_and_never_with_its_text(
    typed: Typed, spoilt: Path, refused_id: str
) -> None:
    shown = typed("quarantine", "list").stdout

    assert refused_id[:10] in shown
    assert f"{spoilt.name}:5" in shown
    assert "P0003" not in shown


def test_the_text_of_a_refused_row_takes_a_purpose(typed: Typed, refused_id: str) -> None:
    result = typed("quarantine", "show", refused_id)

    assert result.exit_code == 5
    assert "PSDMON_PURPOSE" in result.stderr
    assert "P0003" not in result.output


def test_the_purpose_of_a_look_at_a_refused_row_is_on_the_chain(
    typed: Typed, refused_id: str, root: Path
) -> None:
    result = typed("quarantine", "show", refused_id[:10], PSDMON_PURPOSE="a wrong clock")

    assert "E4,yesterday,U00123,RMS,view,P0003" in result.stdout
    assert chain_of(root, "quarantine.shown") == [
        {"rows": [refused_id], "purpose": "a wrong clock"}
    ]


def test_a_row_that_is_still_wrong_stays_when_it_is_tried_again(
    typed: Typed, refused_id: str
) -> None:
    told = json.loads(typed("quarantine", "retry", "--all", "--json").stdout)

    assert (told["read"], told["stored"], told["quarantined"]) == (1, 0, 1)
    assert json.loads(typed("quarantine", "list", "--json").stdout)["rows"][0]["id"] == refused_id


def test_retry_wants_to_be_told_which_rows(typed: Typed) -> None:
    assert typed("quarantine", "retry").exit_code == 2


def test_a_scan_of_a_home_without_events_says_that_no_day_was_left(typed: Typed) -> None:
    result = typed("scan")

    assert result.exit_code == 0
    assert "No day was left to judge." in result.stdout


def test_a_scan_of_a_history_too_short_to_judge_says_from_which_day_it_would(
    typed: Typed, events: Path
) -> None:
    typed("ingest", "events", str(events))

    result = typed("scan", at="2027-02-01T09:00:00Z")

    assert result.exit_code == 0
    assert "Nothing is judged before 2026-11-29" in result.stdout
