"""How many accesses some record explains, by role and by system, and what cannot be told."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli.main import shell
from monitor.clock import FixedClock
from monitor.coverage import Coverage, Share, figures
from monitor.wiring import open_site
from tests.homes import NOW

EVENTS = """\
event_id,occurred_at,user_id,system,action,subject_id,is_machine
E1,2026-02-20T09:00:00Z,U1,RMS,view,P1,
E2,2026-02-20T09:01:00Z,U1,RMS,view,P1,
E3,2026-02-20T09:02:00Z,U2,PNC,view,P1,
E4,2026-02-20T12:00:00Z,U2,PNC,view,P2,
E5,2026-02-20T12:01:00Z,S1,RMS,view,P2,true
E6,2026-02-20T12:02:00Z,U1,RMS,search,,
E7,2026-02-20T12:03:00Z,U1,RMS,login,,
E8,2026-01-01T12:03:00Z,U1,RMS,view,P9,
"""
TABLES = {
    "staff": "user_id,role,team\nU1,response,T1\nU2,control_room,T1\n",
    "case_subjects": "case_ref,subject_id\nC1,P1\n",
    "taskings": (
        "user_id,case_ref,starts_at,ends_at\nU1,C1,2026-02-20T08:00:00Z,2026-02-21T08:00:00Z\n"
    ),
}
EVERY = frozenset({"staff", "shifts", "taskings", "cases", "case_subjects", "subject_links"})


def share(name: str, *counts: int | None) -> Share:
    """Accesses, and how many are explained, partly and not."""
    return Share(
        name=name,
        accesses=counts[0] or 0,
        explained=counts[1],
        partly=counts[2],
        unexplained=counts[3],
    )


def figured(feeds: frozenset[str], **levels: int | None) -> Coverage:
    """The figures of ten accesses of each role, each role of one level."""
    cells = {(role, "RMS", level): 10 for role, level in levels.items()}
    return figures(cells, feeds=feeds, by_machines=0, naming_nobody=0)


def test_the_shares_of_all_are_the_sums_of_each() -> None:
    found = figured(EVERY, custody=2, roads=1, psd=0)

    assert found.total == share("", 30, 10, 10, 10)
    assert found.by_system == (share("RMS", 30, 10, 10, 10),)
    assert found.by_role == (
        share("custody", 10, 10, 0, 0),
        share("psd", 10, 0, 0, 10),
        share("roads", 10, 0, 10, 0),
    )
    assert found.cannot_say == ()


def test_without_a_feed_to_tell_by_no_share_is_made_up() -> None:
    found = figured(frozenset(), unknown=None)

    assert found.total == share("", 10, None, None, None)
    assert found.total.of(found.total.explained) is None
    assert found.by_role == ()
    assert found.cannot_say == (
        "what explains an access, as no feed is loaded by which that could be told",
        "the share of each role, as staff is not loaded",
    )


def test_a_missing_feed_is_named_with_what_it_leaves_open() -> None:
    assert figured(EVERY - {"shifts"}, roads=0).cannot_say == (
        "whether these explain more: court; not loaded: shifts",
    )


def test_nothing_looked_up_has_no_share() -> None:
    assert share("", 0, 0, 0, 0).of(0) is None


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with eight rows; copied, never changed."""
    folder = tmp_path_factory.mktemp("coverage")
    for words in (["init"], *_ingests(folder)):
        told = CliRunner().invoke(
            shell, ["--home", str(folder / "home"), *words], obj=FixedClock(NOW)
        )
        assert told.exit_code == 0, told.stderr
    return folder / "home"


def _ingests(folder: Path) -> list[list[str]]:
    words = []
    for table, text in {"events": EVENTS, **TABLES}.items():
        path = folder / f"{table}.csv"
        path.write_text(text, encoding="utf-8")
        words.append(["ingest", table, str(path)])
    return words


@pytest.fixture
def home(loaded: Path, tmp_path: Path) -> Path:
    """Such a home of one's own."""
    return Path(shutil.copytree(loaded, tmp_path / "home"))


def asked(home: Path, *words: str) -> Result:
    """What the report says at the fixed hour."""
    words = ("--home", str(home), "report", "coverage", *words)
    return CliRunner().invoke(shell, words, obj=FixedClock(NOW))


def test_the_report_counts_accesses_of_people_to_named_records(home: Path) -> None:
    told = json.loads(asked(home, "--json").stdout)

    assert (told["accesses"], told["explained"], told["partly"], told["unexplained"]) == (
        *(4, 2, 1, 1),
    )
    assert [(one["name"], one["explained_share"]) for one in told["by_role"]] == [
        ("control_room", 0.0),
        ("response", 1.0),
    ]
    assert {one["name"]: one["accesses"] for one in told["by_system"]} == {"RMS": 2, "PNC": 2}
    assert (told["by_machines"], told["naming_nobody"]) == (1, 1)


def test_the_report_counts_its_span_alone(home: Path) -> None:
    whole = json.loads(asked(home, "--from", "2026-01-01", "--json").stdout)
    none = json.loads(asked(home, "--to", "2026-02-20T09:00:00Z", "--json").stdout)

    assert (whole["accesses"], none["accesses"]) == (5, 0)


def test_the_report_fits_a_terminal_and_names_what_is_missing(home: Path) -> None:
    shown = asked(home).stdout

    assert all(len(line) <= 80 for line in shown.splitlines())
    assert "control room" in shown
    assert "not loaded: cases, shifts" in " ".join(shown.split())
    assert not {"U1", "U2", "P1", "P2"} & set(shown.split())


def test_reading_the_report_is_on_the_chain(home: Path) -> None:
    asked(home)
    site = open_site(home, clock=FixedClock(NOW))
    try:
        last = site.store.last_entry("coverage.shown")
    finally:
        site.close()

    assert last is not None
    assert last.told["accesses"] == 4


def test_a_span_that_ends_before_it_begins_is_refused(home: Path) -> None:
    result = asked(home, "--from", "2026-03-01", "--to", "2026-02-01")

    assert result.exit_code == 2
    assert "is not after --from" in result.stderr
