"""Unlinked people of one shift, each unusual by themselves, are one alert if none has its own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from alerts.model import Alert
from monitor.judgement import judged_days
from monitor.knowledge import Records
from tests.detectors.force import OrdinaryForce, an_ordinary_force
from tests.detectors.stories import PERSON, USER, looks, within_the_hour
from tests.detectors.tables import feeds_of, fill
from tests.monitor.test_teaching import FIRST
from tests.monitor.test_users_alone import three_strands

OTHER = "P-HIM"  # whom no record links to her
DAYS = [date(2026, 5, 12), date(2026, 5, 13)]


@pytest.fixture(scope="module")
def records() -> Iterator[Records]:
    """Two people looked up thirty times each on one day, she on the day before as well."""
    lake = an_ordinary_force(OrdinaryForce())
    rows = [
        *looks(*within_the_hour(day="2026-05-12", times=30)),
        *looks(*within_the_hour(day="2026-05-13", times=30)),
        *looks(*within_the_hour(day="2026-05-13", times=20), person=OTHER),
    ]
    fill(lake, "events", [{**row, "event_id": f"d-{n}"} for n, row in enumerate(rows)])
    yield Records(connection=lake, feeds=feeds_of(lake), first_event_at=FIRST, data_version={})
    lake.close()


def judged(records: Records, *days: date, joins: bool = True) -> list[Alert]:
    """The alerts on the member of staff once the days are judged."""
    rules = three_strands()
    judging = rules.settings.judging.model_copy(update={"joins_duty_day": joins})
    by = replace(rules, settings=rules.settings.model_copy(update={"judging": judging}))
    end = datetime(2026, 5, 14, tzinfo=UTC)
    outcomes = judged_days(records, by, days=days, until=end, known=())
    found = {alert.alert_id: alert for outcome in outcomes for alert in outcome.alerts}
    return [alert for alert in found.values() if alert.user_ids == (USER,)]


def test_two_people_of_one_duty_day_are_one_alert_that_calls_neither_linked(
    records: Records,
) -> None:
    [alert] = judged(records, DAYS[1])

    assert alert.subject_ids == (PERSON, OTHER)
    assert "1 record looked up on the same duty day that nothing links to this record" in alert.says
    assert "P03" not in {prompt.id for prompt in alert.prompts}  # treat the ring as one pattern


def test_where_the_settings_say_so_they_are_two(records: Records) -> None:
    found = judged(records, DAYS[1], joins=False)

    assert {alert.focus_subject_id for alert in found} == {PERSON, OTHER}
    assert all(len(alert.subject_ids) == 1 for alert in found)


def test_whoever_stands_out_beside_a_person_with_an_alert_has_one_of_their_own(
    records: Records,
) -> None:
    found = judged(records, *DAYS)

    assert {alert.focus_subject_id: alert.subject_ids for alert in found} == {
        PERSON: (PERSON,),
        OTHER: (OTHER,),
    }
