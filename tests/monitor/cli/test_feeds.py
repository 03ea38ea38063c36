"""`psdmon feeds`: what is typed, what is printed, and how it ends."""

import json
from pathlib import Path

import pytest

from alerts.chain import stamp
from tests.factories import a_moment, an_alert
from tests.homes import with_queue
from tests.monitor.cli.conftest import EVENTS, SPOILT, Typed

FEED = """
[[feed]]
name = "rms"
kind = "folder"
table = "events"
profile = "canonical"
path = "{drop}"
settle_seconds = 0
"""


@pytest.fixture
def drop(root: Path, tmp_path: Path) -> Path:
    """A folder that is declared as a feed, with one file of four rows."""
    folder = tmp_path / "drop"
    folder.mkdir()
    with (root / "config" / "feeds.toml").open("a", encoding="utf-8") as file:
        file.write(FEED.replace("{drop}", str(folder)))
    (folder / "a.csv").write_text(SPOILT, encoding="utf-8")
    return folder


LATER = "2099-01-01T00:00:00Z"  # whatever the clock of the machine says, the file is settled


def test_a_home_without_feeds_says_what_makes_one(typed: Typed) -> None:
    assert "No feed is declared" in typed("feeds", "list").stdout
    assert "No feed is declared" in typed("feeds", "read").stdout
    assert typed("feeds", "findings").stdout == "No finding stands.\n"


def test_reading_prints_what_became_of_every_row(typed: Typed, drop: Path) -> None:
    assert drop.is_dir()
    dry = typed("feeds", "read", "--dry-run", at=LATER)
    read = typed("feeds", "read", at=LATER)
    again = json.loads(typed("feeds", "read", "--json", at=LATER).stdout)

    rows = [line.split() for line in read.stdout.splitlines()]
    assert rows[:2] == [
        ["feed", "parts", "read", "stored", "known", "quarantined"],
        ["rms", "1", "4", "3", "0", "1"],
    ]
    assert "Dry run: nothing was stored." in dry.stdout
    assert read.exit_code == 0
    assert (again["format"], again["feeds"][0]["read"]) == (1, 0)


def test_a_feed_is_shown_with_its_readings(typed: Typed, drop: Path) -> None:
    (drop / "a.csv").write_text(EVENTS, encoding="utf-8")
    typed("feeds", "read", at=LATER)

    listed = json.loads(typed("feeds", "list", "--json").stdout)
    shown = typed("feeds", "show", "rms")
    told = json.loads(typed("feeds", "show", "rms", "--json").stdout)

    assert [(f["feed"], f["last_read_at"], f["findings"]) for f in listed["feeds"]] == [
        ("rms", LATER, [])
    ]
    assert "Last readings" in shown.stdout
    assert [(r["read"], r["stored"]) for r in told["readings"]] == [(3, 3)]
    assert typed("feeds", "show", "pnc").exit_code == 2


def test_what_is_wrong_is_told_everywhere_until_it_is_settled(typed: Typed, drop: Path) -> None:
    (drop / "a.csv").write_text("nothing,known\n1,2\n", encoding="utf-8")

    refused = typed("feeds", "read", at=LATER)
    findings = typed("feeds", "findings")
    status = json.loads(typed("status", "--json").stdout)
    checked = typed("check")
    dry = typed("feeds", "settle", "rms", "file_refused", "--reason", "x", "--dry-run")
    settled = typed("feeds", "settle", "rms", "file_refused", "--reason", "a stray file", at=LATER)

    assert refused.exit_code == 3
    assert "rms: file_refused since 2099-01-01T00:00Z" in findings.stdout
    assert "possible: the file as it was listed" in findings.stdout
    assert status["feed_findings"] == ["rms: file_refused"]
    assert "file_refused" in " ".join(checked.stdout.split())
    assert (dry.exit_code, settled.exit_code) == (0, 0)
    ended = json.loads(typed("feeds", "findings", "--all", "--json").stdout)["findings"]
    assert [(one["kind"], one["ended_as"]) for one in ended] == [("file_refused", "a stray file")]
    assert json.loads(typed("feeds", "findings", "--json").stdout)["findings"] == []
    assert typed("feeds", "settle", "rms", "silent", "--reason", "x").exit_code == 2
    assert typed("feeds", "settle", "rms", "unheard", "--reason", "x").exit_code == 2


def test_an_alert_says_what_the_logs_lacked_over_its_time(typed: Typed, root: Path) -> None:
    site = with_queue(root, [an_alert()])
    for feed, since in (("rms", "2026-02-01T00:00:00Z"), ("pnc", "2026-03-02T00:00:00Z")):
        facts = {
            "kind": "missing_numbers",
            "since": stamp(a_moment(since)),
            "details": ["42"],
            "says": ["number 42 of the deliveries has not come"],
            "more": 0,
        }
        at = a_moment("2026-03-05T03:00:00Z")
        site.store.record("feed.finding_opened", actor="t", at=at, about=feed, facts=facts)
    site.close()

    shown = " ".join(typed("alerts", "show", "A-7F3K9Q2M").stdout.split())
    told = json.loads(typed("alerts", "show", "A-7F3K9Q2M", "--json").stdout)

    said = (
        "rms, missing numbers from 2026-02-01T00:00Z on: number 42 of the deliveries has not come"
    )
    assert told["holes"] == [said]
    assert f"What the logs lack over this time - {said}" in shown
