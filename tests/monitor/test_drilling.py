"""Would it have found ...? Made-up misuse in a copy of the log, and what became of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from alerts.errors import Misused
from detectors.model import Window
from monitor.drilling import Answer, Plan, Woven, answers, drilled, refuse_plan, untaught
from monitor.judgement import judged_days
from monitor.knowledge import Records
from tests.detectors.stories import a_force_with
from tests.detectors.tables import feeds_of
from tests.monitor.test_teaching import FIRST, rules

START, END = datetime(2026, 4, 20, tzinfo=UTC), datetime(2026, 5, 11, tzinfo=UTC)
PLAN = Plan(shapes=("burst",), number=6, seed=2, strength=1.0)


@pytest.fixture(scope="module")
def records() -> Iterator[Records]:
    """What the ordinary force's lake says."""
    with a_force_with() as lake:
        yield Records(connection=lake, feeds=feeds_of(lake), first_event_at=FIRST, data_version={})


@pytest.fixture(scope="module")
def rows(records: Records) -> int:
    """Rows of the log before anything was woven."""
    return int(records.connection.execute("select count(*) from events").fetchall()[0][0])


@pytest.fixture(scope="module")
def woven(records: Records, rows: int) -> tuple[Woven, ...]:
    """Six bursts as strong as they come."""
    assert rows
    return drilled(records, rules(budget_share=0.0), window=Window(start=START, end=END), plan=PLAN)


@pytest.fixture(scope="module")
def told(records: Records, woven: tuple[Woven, ...]) -> tuple[Answer, ...]:
    """What became of each."""
    days = [date(2026, 4, 20) + timedelta(days=turn) for turn in range(21)]
    found = judged_days(records, rules(budget_share=0.0), days=days, until=END, known=())
    return answers(woven, list(found))


def test_drills_stand_beside_the_log_and_not_in_it(
    records: Records, rows: int, woven: tuple[Woven, ...]
) -> None:
    beside = records.connection.execute("select count(*) from events").fetchall()[0][0]
    database = records.connection.execute("select current_database()").fetchall()[0][0]
    log = records.connection.execute(f'select count(*) from "{database}".main.events').fetchall()

    assert 3 <= len(woven) <= 6
    assert beside > rows + len(woven) * 20
    assert log == [(rows,)]


def test_each_drill_is_found_some_days_after_its_first_look_or_says_why_not(
    told: tuple[Answer, ...],
) -> None:
    found = [one for one in told if one.alert is not None]

    assert 0 < len(found) < len(told)
    assert all(one.days is not None and 0 < one.days < 2.2 for one in found)
    assert all(one.why for one in told if one.alert is None)
    assert all(one.why == "" for one in found)


def test_what_is_not_found_says_why(told: tuple[Answer, ...]) -> None:
    missed = [replace(one, alert=None, nearest=None) for one in told]

    assert {one.why for one in missed} == {"below the ledger's floor"}


def test_a_shape_that_is_tried_is_in_no_lesson() -> None:
    tried = untaught(rules(without=("watched",)), ["burst"])

    assert tried.settings.teaching.without == ("burst", "watched")
    assert tried.settings_fingerprint != rules().settings_fingerprint


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        (replace(PLAN, shapes=("bursts",)), "drill bursts: is not there; possible: anything"),
        (replace(PLAN, shapes=()), "without a shape"),
        (replace(PLAN, number=0), "possible: 1 to 200"),
        (replace(PLAN, strength=1.5), "possible: 0 to 1"),
    ],
)
def test_a_plan_that_cannot_be_woven_says_what_is_possible(plan: Plan, says: str) -> None:
    with pytest.raises(Misused, match=says):
        refuse_plan(plan)
