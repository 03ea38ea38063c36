"""`psdmon alerts candidates`, and how a draw at random looks wherever an alert is shown."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from alerts.candidates import DRAWN, DRAWN_ASKS, Candidate, Reason
from alerts.model import Priority
from monitor.wiring import Site
from tests.factories import an_alert
from tests.homes import NOW, joined_by, judge, with_queue

Typed = Callable[..., Result]
DRAW = "A-drawndrawndr"


def near(user: str, person: str, reason: Reason, ref: str = "") -> Candidate:
    """Somebody who came near an alert once in 7.25 user-years."""
    return Candidate(user_id=user, focus_subject_id=person, interval=7.25, reason=reason, ref=ref)


NEAR = (
    near("U00301", "P7001", Reason.FLOOR),
    near("U00302", "P7002", Reason.CAP),
    near("U00303", "P7003", Reason.SUPPRESSED, "41"),
    near("U00304", "", Reason.FLOOR),
    near("U00123", "P7005", Reason.PART, "A-7F3K9Q2M"),
)


@pytest.fixture
def site(root: Path) -> Site:
    """A home with an alert, one drawn at random, and five who came near one."""
    drawn = an_alert(
        alert_id=DRAW,
        user_ids=("U00305",),
        subject_ids=("P7006",),
        focus_subject_id="P7006",
        priority=Priority.NORMAL,
        drawn_at_random=True,
        says=f"{DRAWN} From 1 to 2 March.",
    )
    site = with_queue(root, ())
    judge(site, [an_alert(), drawn], near=NEAR)
    return site


@pytest.fixture
def psdmon(typed: Typed, site: Site) -> Typed:
    """A function that runs psdmon in that home at the hour of the queue."""
    assert site.home.database.is_file()
    return lambda *words, **environment: typed(*words, at=NOW.isoformat(), **environment)


def test_who_came_near_is_listed_with_the_reason_and_by_token(psdmon: Typed, site: Site) -> None:
    result = psdmon("alerts", "candidates")

    assert result.exit_code == 0, result.output
    assert "held back by suppression 41" in result.stdout
    assert "part of alert A-7F3K9Q2M" in result.stdout
    assert "(many)" in result.stdout
    assert site.masker.staff("U00301") in result.stdout
    assert not any(one.user_id in result.stdout for one in NEAR)


def test_what_is_over_the_cap_can_be_asked_for_alone(psdmon: Typed, site: Site) -> None:
    shown = json.loads(psdmon("alerts", "candidates", "--reason", "cap", "--json").stdout)

    assert [one["user_id"] for one in shown["candidates"]] == [site.masker.staff("U00302")]
    assert shown["pairs_by_reason"] == {"cap": 1}
    assert shown["masked"] is True


def test_a_day_without_any_says_so(psdmon: Typed) -> None:
    assert "Nobody came near" in psdmon("alerts", "candidates", "--day", "2026-01-01").stdout


def test_identities_take_a_purpose_and_the_look_is_on_the_chain(psdmon: Typed, site: Site) -> None:
    shown = psdmon("alerts", "candidates", "--unmask", "--purpose", "audit of the floor")
    entry = site.store.last_entry("alert.candidates_listed")

    assert "U00301" in shown.stdout
    assert entry is not None
    assert (entry.purpose, entry.told["candidates"]) == ("audit of the floor", 5)
    assert "U00301" not in entry.facts


def test_status_counts_them_and_names_what_waits_over_the_cap(psdmon: Typed) -> None:
    told = json.loads(psdmon("status", "--json").stdout)

    assert told["passed_over"] == {"cap": 1, "floor": 2, "part": 1, "suppressed": 1}
    assert told["over_cap"] == 1
    assert "5 pairs in the last week judged, 1 waiting over the weekly cap" in (
        psdmon("status").stdout
    )


def test_somebody_close_is_told_of_none_of_them(psdmon: Typed, site: Site, tmp_path: Path) -> None:
    ties = tmp_path / "declared.csv"
    ties.write_text("user_id,subject_id,kind,valid_from\nU00888,P7001,friend,2020-01-01\n", "utf-8")
    assert psdmon("ingest", "declared_associations", str(ties)).exit_code == 0
    joined_by(site, "another")
    declared = {"user_ids": ["U00888"]}
    site.store.record("access.declared", actor="admin", at=NOW, about=site.actor, facts=declared)
    shown = json.loads(psdmon("alerts", "candidates", "--json").stdout)
    told = json.loads(psdmon("status", "--json").stdout)

    assert site.masker.staff("U00301") not in {one["user_id"] for one in shown["candidates"]}
    assert told["passed_over"]["floor"] == 1


def test_a_draw_says_so_in_queue_page_questions_export_and_report(
    psdmon: Typed, tmp_path: Path
) -> None:
    out, page = tmp_path / "alerts.jsonl", tmp_path / "alert.html"
    assert psdmon("alerts", "export", "--masked", "--out", str(out)).exit_code == 0
    assert psdmon("report", DRAW, "--out", str(page)).exit_code == 0
    exported = {
        one["alert_id"]: one["drawn_at_random"]
        for one in map(json.loads, out.read_text("utf-8").splitlines())
    }
    shown = " ".join(psdmon("alerts", "show", DRAW).stdout.split())

    assert "1 drawn at random for audit, not for strength." in psdmon("alerts", "list").stdout
    assert DRAWN in shown
    assert DRAWN_ASKS in shown
    assert exported == {"A-7F3K9Q2M": False, DRAW: True}
    assert DRAWN_ASKS in page.read_text("utf-8")


def test_a_board_is_told_of_draws_and_of_what_came_near(psdmon: Typed) -> None:
    page = psdmon("report", "board", "--month", "2026-03").stdout

    assert "1 of 2 were drawn at random for audit" in " ".join(page.split())
    assert "over the weekly cap 1" in " ".join(page.split())
