"""A tasking that arrives after the alert it explains: judged again, told, and never hidden."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor.cli.main import shell
from monitor.clock import FixedClock
from monitor.wiring import open_site
from tests.factories import a_moment

SOON = "2026-10-05"  # by when two of the six weeks are owed
LATER = "2031-01-01T09:00:00Z"  # after whatever hour at which the demonstration was made
SPAN = ("--from", "2026-10-12", "--to", "2026-11-02")  # the weeks that raised alerts


def psdmon(home: Path, *words: str) -> Result:
    """What came of one command in a home, at the later hour."""
    clock = FixedClock(a_moment(LATER))
    result = CliRunner().invoke(shell, ["--home", str(home), *words], obj=clock)
    assert result.exit_code == 0, result.stderr
    return result


def exported(home: Path, *words: str) -> dict[str, Any]:
    """The alerts that a command writes, by id."""
    out = home / "written.jsonl"
    psdmon(home, *words, "--out", str(out), "--purpose", "test")
    lines = out.read_text(encoding="utf-8").splitlines()
    out.unlink()
    return {alert["alert_id"]: alert for alert in map(json.loads, lines)}


def a_team_case(alert: Mapping[str, Any]) -> dict[str, list[str]]:
    """A case of everybody whom the alert is about, given to two before the first look."""
    user, people = alert["user_ids"][0], alert["subject_ids"]
    start, end = "2026-09-01T09:00:00Z", "2026-11-02T09:00:00Z"
    return {
        "cases": ["case_ref,type,opened_at,closed_at", f"LATE,harassment,{start},{end}"],
        "case_subjects": [
            "case_ref,subject_id,role",
            *(f"LATE,{person},{'witness' if at else 'victim'}" for at, person in enumerate(people)),
        ],
        "taskings": [
            "user_id,case_ref,starts_at,ends_at,role",
            f"{user},LATE,{start},{end},investigator",
            f"U-COLLEAGUE,LATE,{start},{end},investigator",
        ],
    }


@pytest.fixture(scope="module")
def told(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The demonstration's first alert before and after its tasking came in, and what was said."""
    home = Path(shutil.copytree(demo_home, tmp_path_factory.mktemp("late") / "home"))
    before = exported(home, "alerts", "export")
    first = next(iter(before.values()))
    for table, lines in a_team_case(first).items():
        path = home / f"{table}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        psdmon(home, "ingest", table, str(path))
    owed = json.loads(psdmon(home, "status", "--json", "--max-age", "9000d").stdout)["gaps"]
    dry = json.loads(psdmon(home, "scan", "--dry-run", "--until", SOON, "--json").stdout)
    scan = json.loads(psdmon(home, "scan", "--json").stdout)
    again = json.loads(psdmon(home, "scan", "--json").stdout)
    site = open_site(home, clock=FixedClock(a_moment(LATER)))
    try:
        stale = [entry for entry in site.store.chain() if entry.kind == "day.stale"]
    finally:
        site.close()
    return {
        "home": home,
        "before": before,
        "id": first["alert_id"],
        "after": exported(home, "alerts", "export"),
        "owed": owed,
        "dry": dry,
        "scan": scan,
        "again": again,
        "stale": stale,
    }


def test_the_days_that_a_late_tasking_reaches_are_judged_again_once(told: dict[str, Any]) -> None:
    days = len(told["stale"])

    assert 0 < days < 40
    assert (told["scan"]["judged_days"], told["scan"]["judged_again"]) == (days, days)
    assert told["again"]["judged_days"] == 0


def test_what_is_owed_is_known_before_the_scan_and_a_dry_run_marks_nothing(
    told: dict[str, Any],
) -> None:
    soon = [day for day in told["owed"] if day < SOON]

    assert 0 < len(soon) == told["dry"]["judged_again"]
    assert len(told["owed"]) == len(told["stale"]) == told["scan"]["judged_again"]


def test_the_ledger_says_why_a_day_was_judged_again(told: dict[str, Any]) -> None:
    reasons = {entry.told["reason"] for entry in told["stale"]}

    assert reasons == {"late rows of taskings, cases, case_subjects"}


def test_an_alert_that_a_late_tasking_explains_says_so_and_stays(told: dict[str, Any]) -> None:
    alert = told["after"][told["id"]]
    tested = {one["kind"]: one for one in alert["explanations_tested"]}

    assert alert["status"] == "open"
    assert tested["tasking"]["verdict"] == "explains"
    assert tested["tasking"]["says"].endswith(
        "by a harassment case opened on 1 September 2026; tasked from 1 September 2026, 2 staff;"
        " it names this person as victim"
    )
    assert "Found for every visit: tasking" in alert["says"]
    assert alert["event_ids"] == told["before"][told["id"]]["event_ids"]


def test_an_explained_alert_is_offered_last(told: dict[str, Any]) -> None:
    assert next(iter(told["before"])) == told["id"]
    assert list(told["after"])[-1] == told["id"]
    assert told["after"][told["id"]]["priority"] == "normal"


def test_a_replay_as_known_before_gives_what_was_raised_before(told: dict[str, Any]) -> None:
    home = told["home"]
    known = ("--as-known-at", "2030-12-31")

    assert exported(home, "replay", *SPAN, *known) == told["before"]


def test_a_replay_as_known_now_does_not_raise_what_is_explained(told: dict[str, Any]) -> None:
    assert told["id"] not in exported(told["home"], "replay", *SPAN)
