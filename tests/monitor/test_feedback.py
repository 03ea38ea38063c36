"""What people decided feeds back: suppressions hold back, confirmed cases leave the reference."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from alerts.model import Alert
from alerts.records import Allowance, Suppression, Upheld
from monitor.judgement import DayOutcome, judged_days
from monitor.knowledge import Records, lay_allowances
from tests.detectors.force import OrdinaryForce, an_ordinary_force
from tests.detectors.stories import PERSON, USER, looks, within_the_hour
from tests.detectors.tables import feeds_of, fill
from tests.monitor.test_teaching import FIRST, rules

DAY = date(2026, 5, 13)
MOMENT = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def records() -> Iterator[Records]:
    """An ordinary force, and one member of staff who looks one person up many times, twice."""
    lake = an_ordinary_force(OrdinaryForce())
    fill(lake, "events", looks(*within_the_hour(day="2026-04-22", times=14)))
    fill(lake, "events", looks(*within_the_hour(day=DAY.isoformat(), times=30)))
    yield Records(connection=lake, feeds=feeds_of(lake), first_event_at=FIRST, data_version={})
    lake.close()


def judged(records: Records) -> DayOutcome:
    """The day judged, with nothing standing before."""
    end = datetime(2026, 5, 14, tzinfo=UTC)
    [outcome] = judged_days(records, rules(budget_share=0.0), days=[DAY], until=end, known=())
    return outcome


def theirs(outcome: DayOutcome) -> list[Alert]:
    """The alerts about the pair."""
    return [a for a in outcome.alerts if a.user_ids == (USER,) and PERSON in a.subject_ids]


@pytest.fixture(scope="module")
def heard(records: Records) -> Alert:
    """The alert that is raised where nobody decided anything."""
    [alert] = theirs(judged(records))
    return alert


def silenced(alert: Alert, *, until: datetime, but: str = "") -> tuple[Suppression, ...]:
    """Suppressions of every finding of an alert, but for one detector's."""
    return tuple(
        Suppression(
            seq=number,
            alert_id=alert.alert_id,
            user_id=finding.user_id,
            focus_subject_id=finding.focus_id,
            detector=finding.detector,
            reason="known to the supervisor",
            actor="reviewer",
            at=MOMENT,
            expires_at=until,
        )
        for number, finding in enumerate(alert.findings)
        if finding.detector != but
    )


def test_an_alert_whose_every_finding_is_suppressed_is_held_back_and_counted(
    records: Records, heard: Alert
) -> None:
    later = datetime(2026, 7, 1, tzinfo=UTC)
    outcome = judged(replace(records, suppressions=silenced(heard, until=later)))

    assert theirs(outcome) == []
    assert outcome.held_back == 1


def test_an_alert_with_one_finding_left_is_raised(records: Records, heard: Alert) -> None:
    later = datetime(2026, 7, 1, tzinfo=UTC)
    left = heard.findings[0].detector
    outcome = judged(replace(records, suppressions=silenced(heard, until=later, but=left)))

    assert theirs(outcome) == [heard]
    assert outcome.held_back == 0


def test_a_suppression_that_has_run_out_holds_nothing_back(records: Records, heard: Alert) -> None:
    over = MOMENT + timedelta(days=1)
    outcome = judged(replace(records, suppressions=silenced(heard, until=over)))

    assert theirs(outcome) == [heard]


def allowed(until: datetime) -> Allowance:
    """A decision that the lookups of the pair are legitimate until a moment."""
    return Allowance(
        seq=1,
        alert_id="A-1",
        user_id=USER,
        focus_subject_id=PERSON,
        decided_as="reviewer",
        actor="reviewer",
        at=MOMENT,
        until=until,
    )


@pytest.mark.parametrize(
    ("until", "counts"),
    [(datetime(2026, 7, 1, tzinfo=UTC), False), (datetime(2026, 5, 13, tzinfo=UTC), True)],
)
def test_lookups_decided_to_be_legitimate_raise_nothing_until_the_day_and_count_again_after_it(
    records: Records, heard: Alert, *, until: datetime, counts: bool
) -> None:
    lay_allowances(records.connection, [allowed(until)])
    found = theirs(judged(records))
    lay_allowances(records.connection, [])

    assert found == ([heard] if counts else [])


def test_what_was_looked_up_before_the_decision_is_not_explained_by_it(
    records: Records, heard: Alert
) -> None:
    later = datetime(2026, 6, 1, tzinfo=UTC)
    lay_allowances(records.connection, [replace(allowed(later + timedelta(days=9)), at=later)])
    found = theirs(judged(records))
    lay_allowances(records.connection, [])

    assert found == [heard]


def test_a_confirmed_case_leaves_the_reference_from_its_decision_on(
    records: Records, heard: Alert
) -> None:
    before = Upheld(user_ids=(USER,), subject_ids=(PERSON,), at=MOMENT)
    after = replace(before, at=datetime(2026, 6, 1, tzinfo=UTC))
    [left_out] = theirs(judged(replace(records, upheld=(before,))))
    [kept] = theirs(judged(replace(records, upheld=(after,))))

    assert left_out.score > heard.score
    assert kept == heard
