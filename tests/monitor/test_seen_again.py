"""Once an alert is closed only later lookups count, and what they raise names what was closed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from alerts.model import Alert, Status
from alerts.records import Settlement
from monitor.judgement import judged_days
from monitor.knowledge import Records
from tests.detectors.force import OrdinaryForce, an_ordinary_force
from tests.detectors.stories import PERSON, USER, looks, within_the_hour
from tests.detectors.tables import Row, feeds_of, fill
from tests.detectors.test_unexplained_breadth import met
from tests.monitor.test_teaching import FIRST
from tests.monitor.test_users_alone import three_strands

RAISED, QUIET, AGAIN, LATER = (date(2026, 5, day) for day in (11, 13, 14, 15))
CLOSED_AT = datetime(2026, 5, 12, 9, tzinfo=UTC)
TRAWLER = "U0013"  # who looks up many people once each
TRAWLED, TRAWLED_AGAIN = date(2026, 5, 13), date(2026, 5, 16)
TRAWL_CLOSED_AT = datetime(2026, 5, 14, 12, tzinfo=UTC)


def trawled(*, again: bool = False) -> list[Row]:
    """A hundred and thirty people looked up once each, no reason given; others on one day later."""
    told = []
    for row in met(130, said=None):
        at = str(row["occurred_at"])
        who = {"user_id": TRAWLER, "subject_id": f"{row['subject_id']}{again}"}
        told.append({**row, **who, "occurred_at": f"{TRAWLED_AGAIN}{at[10:]}" if again else at})
    return told


def lookups() -> list[Row]:
    """One person looked up thirty times, then once, then thirty times again; and two trawls."""
    often = ((RAISED, 30), (QUIET, 1), (AGAIN, 30), (LATER, 12))
    moments = [
        at for day, times in often for at in within_the_hour(day=day.isoformat(), times=times)
    ]
    rows = [*looks(*moments), *trawled(), *trawled(again=True)]
    rows += looks("2026-05-15 09:00", user=TRAWLER, person="P-ONE-MORE")
    return [{**row, "event_id": f"again-{number}"} for number, row in enumerate(rows)]


@pytest.fixture(scope="module")
def records() -> Iterator[Records]:
    """An ordinary force, and two members of staff who are looked at once and once more."""
    lake = an_ordinary_force(OrdinaryForce())
    fill(lake, "events", lookups())
    yield Records(connection=lake, feeds=feeds_of(lake), first_event_at=FIRST, data_version={})
    lake.close()


def judged(
    records: Records,
    days: Sequence[date],
    *,
    known: Sequence[Alert] = (),
    user: str = USER,
    settled: Sequence[Settlement] | None = None,
) -> dict[str, Alert]:
    """The alerts on a member of staff that the days raise or add to, by id."""
    end = datetime(2026, 5, 18, tzinfo=UTC)
    outcomes = judged_days(
        records, three_strands(), days=days, until=end, known=known, settled=settled
    )
    found = (alert for outcome in outcomes for alert in outcome.alerts)
    return {alert.alert_id: alert for alert in found if alert.user_ids == (user,)}


@pytest.fixture(scope="module")
def closed(records: Records) -> Alert:
    """What the first day raises, closed."""
    [alert] = judged(records, [RAISED]).values()
    return replace(alert, status=Status.CLOSED)


@pytest.fixture(scope="module")
def answered(records: Records, closed: Alert) -> Records:
    """The records, and when the alert was closed."""
    return replace(records, closings={closed.alert_id: (CLOSED_AT,)})


@pytest.fixture(scope="module")
def anew(answered: Records, closed: Alert) -> Alert:
    """What the lookups after the closing raise."""
    [alert] = judged(answered, [AGAIN], known=[closed]).values()
    return alert


def test_a_look_after_the_closing_that_is_nothing_by_itself_is_answered_by_it(
    answered: Records, closed: Alert
) -> None:
    assert judged(answered, [QUIET], known=[closed]) == {}


def test_what_clears_the_floor_since_the_closing_is_a_new_alert_that_names_the_closed_one(
    anew: Alert, closed: Alert
) -> None:
    assert anew.alert_id != closed.alert_id
    assert anew.earlier_alert_id == closed.alert_id
    assert anew.status is Status.OPEN
    assert anew.first_event_at >= CLOSED_AT
    assert len(anew.event_ids) == 31
    assert f"alert {closed.alert_id} on the same member of staff and person" in anew.says
    assert "P04" in {prompt.id for prompt in anew.prompts}


def test_the_new_alert_goes_on_counting_from_the_closing(
    answered: Records, closed: Alert, anew: Alert
) -> None:
    at_once = judged(answered, [AGAIN, LATER], known=[closed])
    one_by_one = judged(answered, [LATER], known=[closed, anew])

    assert one_by_one == at_once
    assert len(at_once[anew.alert_id].event_ids) == 43
    assert at_once[anew.alert_id].focus_subject_id == PERSON


def test_what_was_looked_up_before_the_closing_stays_answered_on_a_day_judged_again(
    records: Records, closed: Alert
) -> None:
    later = {closed.alert_id: (datetime(2026, 5, 16, tzinfo=UTC),)}

    assert judged(replace(records, closings=later), [AGAIN], known=[closed]) == {}


def test_of_a_member_of_staff_alone_only_who_was_looked_up_since_the_closing_counts(
    records: Records,
) -> None:
    [raised] = judged(records, [TRAWLED], user=TRAWLER).values()
    closed = replace(raised, status=Status.CLOSED)
    answered = replace(records, closings={closed.alert_id: (TRAWL_CLOSED_AT,)})
    quiet, again = date(2026, 5, 15), TRAWLED_AGAIN
    found = judged(answered, [quiet, again], known=[closed], user=TRAWLER)

    [anew] = found.values()
    assert raised.focus_subject_id == anew.focus_subject_id == ""
    assert anew.earlier_alert_id == closed.alert_id
    assert anew.first_event_at >= TRAWL_CLOSED_AT
    assert "the same member of staff alone had been closed" in anew.says


def test_days_judged_at_once_know_a_closing_from_the_day_that_is_due_after_it(
    records: Records, closed: Alert, anew: Alert
) -> None:
    told = Settlement(alert_id=closed.alert_id, at=CLOSED_AT, closed=True)
    days = [RAISED, QUIET, AGAIN]

    at_once = judged(records, days, settled=[told])

    assert at_once == {closed.alert_id: replace(closed, status=Status.OPEN), anew.alert_id: anew}


def test_a_closing_that_comes_after_the_days_changes_nothing_of_them(
    records: Records, closed: Alert
) -> None:
    late = Settlement(alert_id=closed.alert_id, at=datetime(2026, 5, 16, tzinfo=UTC), closed=True)
    days = [RAISED, QUIET, AGAIN]

    assert judged(records, days, settled=[late]) == judged(records, days)


def test_an_alert_that_a_person_opened_again_grows_as_before(
    records: Records, closed: Alert
) -> None:
    told = [
        Settlement(alert_id=closed.alert_id, at=CLOSED_AT, closed=True),
        Settlement(alert_id=closed.alert_id, at=CLOSED_AT.replace(hour=10), closed=False),
    ]
    days = [RAISED, QUIET, AGAIN]

    assert judged(records, days, settled=told) == judged(records, days)
