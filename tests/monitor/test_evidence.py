"""The rows and visits behind an alert, read from a real lake."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from alerts.model import Alert
from monitor.cli.main import shell
from monitor.clock import FixedClock
from monitor.evidence import evidence_of
from monitor.views.facts import Evidence, Link, Visit
from monitor.wiring import Site, open_site
from tests.factories import a_moment, an_alert
from tests.homes import NOW

EVENTS = """\
event_id,occurred_at,user_id,system,action,subject_id,subject_type,reason,case_ref,terminal_id
E1,2026-01-12T09:00:00Z,U1,RMS,search,P1,person,investigation,C-1,T1
E2,2026-01-12T09:29:59Z,U1,RMS,view,P1,person,,,T1
E3,2026-01-12T09:59:59Z,U1,RMS,view,P1,person,,,T1
E4,2026-01-13T00:30:00Z,U1,PNC,view,L-22,person,,,T1
E5,2026-01-20T12:00:00Z,U1,RMS,view,P2,person,,,T1
E6,2026-01-20T12:01:00Z,U2,RMS,view,P1,person,,,T2
E7,2026-01-21T12:01:00Z,U1,RMS,view,P9,person,,,T1
"""
SHIFTS = """\
user_id,starts_at,ends_at,kind
U1,2026-01-12T08:00:00Z,2026-01-12T16:00:00Z,duty
U1,2026-01-12T22:00:00Z,2026-01-13T06:00:00Z,duty
U1,2026-01-20T20:00:00Z,2026-01-21T06:00:00Z,duty
"""
LINKS = """\
subject_id,linked_subject_id,relation
P2,P1,mother
"""
IDENTIFIERS = """\
subject_id,system,local_id
P1,PNC,L-22
"""
TABLES = {
    "events": EVENTS,
    "shifts": SHIFTS,
    "subject_links": LINKS,
    "subject_identifiers": IDENTIFIERS,
}

Psdmon = Callable[..., Result]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds the rows above; read, never changed."""
    folder = tmp_path_factory.mktemp("evidence")
    words = ["--home", str(folder / "home")]
    assert CliRunner().invoke(shell, [*words, "init"], obj=FixedClock(NOW)).exit_code == 0
    for table, text in TABLES.items():
        path = folder / f"{table}.csv"
        path.write_text(text, encoding="utf-8")
        told = CliRunner().invoke(shell, [*words, "ingest", table, str(path)], obj=FixedClock(NOW))
        assert told.exit_code == 0, told.stderr
    return folder / "home"


@pytest.fixture
def site(loaded: Path) -> Site:
    """That home."""
    return open_site(loaded, clock=FixedClock(NOW))


def the_alert() -> Alert:
    """U1 around P1: five of the rows, from three systems' ids."""
    return an_alert(
        user_ids=("U1",),
        subject_ids=("P1", "P2"),
        focus_subject_id="P1",
        event_ids=("E1", "E2", "E3", "E4", "E5"),
        first_event_at=a_moment("2026-01-12T09:00:00Z"),
        last_event_at=a_moment("2026-01-20T12:00:00Z"),
    )


def found(site: Site, alert: Alert) -> Evidence:
    evidence = evidence_of(site, alert)
    assert isinstance(evidence, Evidence)
    return evidence


def test_visits_are_those_of_the_frame_with_duty_and_the_day_the_shift_began(site: Site) -> None:
    visits = [
        (visit.subject_id, visit.started_at, visit.day, visit.on_duty)
        for visit in found(site, the_alert()).visits
    ]

    assert visits == [
        ("P1", a_moment("2026-01-12T09:00:00Z"), date(2026, 1, 12), True),
        ("P1", a_moment("2026-01-12T09:59:59Z"), date(2026, 1, 12), True),
        ("P1", a_moment("2026-01-13T00:30:00Z"), date(2026, 1, 12), True),
        ("P2", a_moment("2026-01-20T12:00:00Z"), date(2026, 1, 20), False),
    ]


def test_rows_carry_their_place_in_the_file_and_the_duty_of_their_visit(site: Site) -> None:
    rows = [
        (row.event_id, row.subject_id, row.on_duty, Path(row.file).name, row.line)
        for row in found(site, the_alert()).rows
    ]

    assert rows == [
        ("E1", "P1", True, "events.csv", 2),
        ("E2", "P1", True, "events.csv", 3),
        ("E3", "P1", True, "events.csv", 4),
        ("E4", "P1", True, "events.csv", 5),
        ("E5", "P2", False, "events.csv", 6),
    ]


def test_a_link_is_found_whichever_way_round_it_was_written(site: Site) -> None:
    links = found(site, the_alert()).links

    assert links == {"P2": Link(subject_id="P2", relation="mother", subject_type="")}


def test_rows_the_lake_does_not_hold_are_counted(site: Site) -> None:
    lost = replace(the_alert(), event_ids=("E1", "E2", "gone"))

    assert found(site, lost).missing == 1


def test_an_alert_nobody_in_the_lake_belongs_to_has_no_visit(site: Site) -> None:
    stranger = replace(the_alert(), user_ids=("U404",))

    assert found(site, stranger).visits == ()


def test_a_home_without_accesses_says_so(loaded: Path, tmp_path: Path) -> None:
    bare = Path(shutil.copytree(loaded, tmp_path / "home"))
    shutil.rmtree(bare / "lake")

    told = evidence_of(open_site(bare, clock=FixedClock(NOW)), the_alert())

    assert told == "The lake of this home holds no access: the rows are not at hand."


def test_a_visit_holds_nothing_of_other_members_of_staff(site: Site) -> None:
    visits: tuple[Visit, ...] = found(site, the_alert()).visits

    assert {visit.user_id for visit in visits} == {"U1"}
