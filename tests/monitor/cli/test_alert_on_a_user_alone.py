"""An alert on a member of staff alone, with no focus, on every screen and in every paper."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from alerts.model import Alert, Family
from monitor.wiring import Site
from tests.factories import a_finding, an_alert
from tests.homes import NOW, joined_by, with_queue

Typed = Callable[..., Result]
PEOPLE = tuple(f"P{number:04d}" for number in range(1000, 1100))
ALONE = "A-alonealonea"


def on_a_user_alone() -> Alert:
    """Somebody who looked up 130 people, of whom a hundred are listed."""
    return an_alert(
        alert_id=ALONE,
        family=Family.LEAK,
        focus_subject_id="",
        subject_ids=PEOPLE,
        subjects_beyond=30,
        findings=(a_finding(detector="unexplained_breadth", focus_id="", observed=130.0),),
    )


@pytest.fixture
def site(root: Path) -> Site:
    """A home whose queue holds that alert, and one around a person it lists."""
    other = an_alert(user_ids=("U00777",), subject_ids=(PEOPLE[0],), focus_subject_id=PEOPLE[0])
    return with_queue(root, (on_a_user_alone(), other))


@pytest.fixture
def psdmon(typed: Typed, site: Site) -> Typed:
    """A function that runs psdmon in that home at the hour of the queue."""
    assert site.home.database.is_file()
    return lambda *words, **environment: typed(*words, at=NOW.isoformat(), **environment)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("alerts", "list"), "130+ people"),
        (
            ("alerts", "show", ALONE),
            "People looked up  100 people, and at least 30 not listed, no single focus",
        ),
        (("alerts", "timeline", ALONE), ALONE),
        (("alerts", "take", ALONE), "taken"),
    ],
)
def test_every_screen_says_how_many_and_names_no_focus(
    psdmon: Typed, words: tuple[str, ...], says: str
) -> None:
    result = psdmon(*words)

    assert result.exit_code == 0, result.output
    assert says in result.stdout
    assert not any(person in result.stdout for person in PEOPLE)


def test_the_document_is_the_contract_with_an_empty_focus(psdmon: Typed) -> None:
    shown = json.loads(psdmon("alerts", "show", ALONE, "--json").stdout)

    assert shown["focus_subject_id"] == ""
    assert len(shown["subject_ids"]) == 100
    assert shown["subjects_beyond"] == 30
    assert shown["findings"][0]["focus_subject_id"] == ""


def test_a_report_says_how_many_were_looked_up(psdmon: Typed, tmp_path: Path) -> None:
    page = tmp_path / "alert.html"
    report = psdmon("report", ALONE, "--out", str(page))

    assert report.exit_code == 0, report.output
    assert "100 records, and at least 30 not listed, none the focus" in page.read_text("utf-8")


def test_the_package_of_a_referral_is_made_and_its_questions_call_nobody_the_focus(
    psdmon: Typed, tmp_path: Path
) -> None:
    events, folder = tmp_path / "events.csv", tmp_path / "package"
    rows = [f"E{n},2026-03-01T10:{n:02d}:00Z,U00123,RMS,view,{PEOPLE[n]}" for n in range(3)]
    head = "event_id,occurred_at,user_id,system,action,subject_id"
    events.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    assert psdmon("ingest", "events", str(events)).exit_code == 0
    made = psdmon("report", "referral", ALONE, "--out", str(folder))
    page = (folder / "report.html").read_text("utf-8")

    assert made.exit_code == 0, made.output
    assert "When and whom" in page
    assert "What it is to the focus" not in page
    assert json.loads((folder / "alert.json").read_text("utf-8"))["focus_subject_id"] == ""
    assert (folder / "manifest.json").is_file()


def test_somebody_it_lists_is_told_of_the_lookup_and_not_of_the_alert(
    psdmon: Typed, tmp_path: Path
) -> None:
    events, page = tmp_path / "events.csv", tmp_path / "subject.html"
    events.write_text(
        "event_id,occurred_at,user_id,system,action,subject_id\n"
        f"E1,2026-03-01T10:00:00Z,U00123,RMS,view,{PEOPLE[7]}\n",
        "utf-8",
    )
    assert psdmon("ingest", "events", str(events)).exit_code == 0
    result = psdmon("report", "subject", PEOPLE[7], "--out", str(page), "--purpose", "SAR 1")

    assert result.exit_code == 0, result.output
    assert "U00123" not in page.read_text("utf-8")
    assert ALONE not in page.read_text("utf-8")


def test_a_suppression_of_it_is_about_the_member_of_staff_alone(psdmon: Typed, site: Site) -> None:
    done = psdmon(
        *("alerts", "suppress", ALONE, "--detector", "unexplained_breadth"),
        *("--until", "2026-04-01", "--reason", "a known audit"),
    )
    [one] = site.store.suppressions()

    assert done.exit_code == 0, done.output
    assert one.focus_subject_id == ""
    assert "about this member of staff alone" in psdmon("alerts", "show", ALONE).stdout


def test_it_is_closed_to_somebody_close_to_any_person_it_lists(
    psdmon: Typed, site: Site, tmp_path: Path
) -> None:
    ties = tmp_path / "declared.csv"
    ties.write_text(
        f"user_id,subject_id,kind,valid_from\nU00888,{PEOPLE[55]},friend,2020-01-01\n", "utf-8"
    )
    assert psdmon("ingest", "declared_associations", str(ties)).exit_code == 0
    joined_by(site, "another")
    declared = {"user_ids": ["U00888"]}
    site.store.record("access.declared", actor="admin", at=NOW, about=site.actor, facts=declared)
    listed = psdmon("alerts", "list")

    assert ALONE not in listed.stdout
    assert psdmon("alerts", "show", ALONE).exit_code == 2
