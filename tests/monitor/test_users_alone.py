"""What is unusual of a member of staff, whomever they looked up, raises one alert on them alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from alerts.cases import MOST_LISTED
from alerts.model import Alert, Family
from monitor.judgement import DayOutcome, judged_days
from monitor.knowledge import Records, Rules
from monitor.running import running_at, strands
from monitor.settings import shipped_config
from tests.detectors.stories import PERSON, USER, a_force_with, looks, within_the_hour
from tests.detectors.tables import Row, feeds_of
from tests.detectors.test_unexplained_breadth import met
from tests.monitor.test_teaching import FIRST, rules

SPEAKING = {"burst", "unexplained_days", "unexplained_breadth"}
DAY = date(2026, 5, 13)
END = datetime(2026, 5, 14, tzinfo=UTC)


def three_strands(*, users_share: float = 0.1) -> Rules:
    """The shipped rules with two detectors that ask of pairs, and one that asks of users."""
    ordinary = rules(budget_share=0.0)
    judging = ordinary.settings.judging.model_copy(update={"users_budget_share": users_share})
    return replace(
        ordinary,
        settings=ordinary.settings.model_copy(update={"judging": judging}),
        strands=tuple(
            one for one in strands(running_at(shipped_config())) if one.detector.name in SPEAKING
        ),
    )


def judged(
    events: Sequence[Row], *, days: Sequence[date] = (DAY,), users_share: float = 0.1
) -> list[DayOutcome]:
    """The days judged, the first with nothing standing before."""
    with a_force_with(events=events) as lake:
        records = Records(
            connection=lake, feeds=feeds_of(lake), first_event_at=FIRST, data_version={}
        )
        by = three_strands(users_share=users_share)
        return list(judged_days(records, by, days=days, until=END, known=()))


def theirs(outcomes: Sequence[DayOutcome]) -> list[Alert]:
    """The alerts about the user, as they last stood."""
    found = {
        alert.alert_id: alert
        for outcome in outcomes
        for alert in outcome.alerts
        if alert.user_ids == (USER,)
    }
    return list(found.values())


@pytest.fixture(scope="module")
def trawl() -> Alert:
    """The alert on somebody who looked up 130 people once each, with no reason given."""
    [alert] = theirs(judged(met(130, said=None), days=[date(2026, 5, 12), DAY]))
    return alert


def test_many_people_looked_up_once_raise_one_alert_on_the_member_of_staff_alone(
    trawl: Alert,
) -> None:
    assert trawl.focus_subject_id == ""
    assert trawl.family is Family.LEAK
    assert {finding.detector for finding in trawl.findings} == {"unexplained_breadth"}
    assert {finding.focus_id for finding in trawl.findings} == {""}


def test_so_many_people_are_listed_and_the_rest_are_counted(trawl: Alert) -> None:
    assert len(trawl.subject_ids) == MOST_LISTED
    assert trawl.subjects_beyond >= 20
    assert "no one of them is the focus" in trawl.says
    assert f"at least {trawl.subjects_beyond} more" in trawl.says


def test_it_goes_on_to_count_people_whom_it_does_not_list(trawl: Alert) -> None:
    """Else an alert on a trawl of many days would stand still after its first hundred people."""
    assert trawl.last_event_at == datetime(2026, 5, 13, 20, tzinfo=UTC)
    assert "made 139 visits to 100 records that are listed" in trawl.says
    assert f"{len(trawl.event_ids)} rows of those listed" in trawl.says


def test_questions_of_onward_disclosure_come_with_it(trawl: Alert) -> None:
    assert trawl.prompts[0].id == "P27"


def test_a_pair_that_is_unusual_by_itself_has_an_alert_of_its_own() -> None:
    events = [*met(130, said=None), *looks(*within_the_hour(times=30))]
    [alert] = theirs(judged(events))

    assert alert.focus_subject_id == PERSON
    assert "unexplained_breadth" in {finding.detector for finding in alert.findings}


def test_where_it_has_no_share_of_the_budget_nothing_is_said_of_a_member_of_staff_alone() -> None:
    assert not theirs(judged(met(130, said=None), users_share=0.0))
