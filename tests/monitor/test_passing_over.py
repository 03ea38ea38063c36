"""Days with a ledger of what came near, a weekly cap, and draws at random; the frame is laid once.

The force is at ordinary work, but for five members of staff who each look one person up many times.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from alerts.candidates import DRAWN, Candidate, Reason, drawn
from alerts.model import Alert, Priority
from alerts.records import PassedDay, Suppression
from monitor.judgement import DayOutcome, judged_days
from monitor.knowledge import Records, Rules
from tests.detectors.stories import a_force_with, looks, within_the_hour
from tests.detectors.tables import Row, feeds_of
from tests.monitor.test_teaching import FIRST, rules

TUESDAY = date(2026, 5, 5)
THURSDAY, MONDAY, NEXT_TUESDAY = date(2026, 5, 7), date(2026, 5, 11), date(2026, 5, 12)
DAYS = [TUESDAY, THURSDAY, MONDAY, NEXT_TUESDAY]
KEY = b"f" * 32  # by which some of the four of Tuesday are drawn, and some are not
CURIOUS = ("U0007", "U0010", "U0013", "U0031", "U0040")


def many_looks() -> list[Row]:
    """Four of them on Tuesday, the last on Thursday; each a little more than the one before."""
    return [
        row
        for turn, user in enumerate(CURIOUS)
        for row in looks(
            *within_the_hour(
                day=(TUESDAY if turn < 4 else THURSDAY).isoformat(), times=12 + 3 * turn
            ),
            user=user,
            person=f"P-OF-{user}",
        )
    ]


@pytest.fixture(scope="module")
def records() -> Iterator[Records]:
    """What the force's lake says."""
    with a_force_with(events=many_looks()) as lake:
        yield Records(connection=lake, feeds=feeds_of(lake), first_event_at=FIRST, data_version={})


def by(*, floor: float, key: bytes = b"", **judging: Any) -> Rules:
    """The rules with a floor in user-years, and other settings of judging."""
    ordinary = rules(budget_share=0.0)
    wanted = {"chance_alerts_per_1000_user_weeks": 1000 / 52 / floor, **judging}
    how = ordinary.settings.judging.model_copy(update=wanted)
    settings = ordinary.settings.model_copy(update={"judging": how})
    return replace(ordinary, settings=settings, draw_key=key)


def judged(
    records: Records,
    how: Rules,
    days: Sequence[date],
    *,
    known: Sequence[Alert] = (),
    near: Sequence[PassedDay] = (),
) -> list[DayOutcome]:
    """The days judged."""
    end = datetime(2026, 5, 14, tzinfo=UTC)
    return list(judged_days(records, how, days=days, until=end, known=known, near=near))


def raised(outcomes: Sequence[DayOutcome]) -> dict[str, Alert]:
    """The alerts on the five, by user."""
    return {
        alert.user_ids[0]: alert
        for outcome in outcomes
        for alert in outcome.alerts
        if alert.user_ids[0] in CURIOUS
    }


def passed(outcomes: Sequence[DayOutcome]) -> dict[str, Candidate]:
    """The candidates of the five that are no alert, by user."""
    return {
        one.user_id: one
        for outcome in outcomes
        for one in outcome.passed.kept
        if one.user_id in CURIOUS
    }


def years(alert: Alert) -> float:
    """The recurrence interval behind a score, user-years."""
    return float(10**alert.score)


@pytest.fixture(scope="module")
def free(records: Records) -> dict[str, Alert]:
    """The alerts where nothing is held back."""
    found = raised(judged(records, by(floor=4.0), DAYS[:2]))
    assert set(found) == set(CURIOUS)
    return found


@pytest.fixture(scope="module")
def two_a_week(free: dict[str, Alert]) -> Rules:
    """Two alerts a week; all five are beyond the floor, and none so far that it need not wait."""
    floor = min(map(years, free.values())) * 0.9
    assert max(map(years, free.values())) < 10 * floor
    return by(floor=floor, weekly_most_alerts=2, weekly_single_share=0.0)


@pytest.fixture(scope="module")
def at_once(records: Records, two_a_week: Rules) -> list[DayOutcome]:
    """Both weeks judged in one go."""
    return judged(records, two_a_week, DAYS)


def test_what_is_over_the_cap_is_in_the_ledger_and_the_strongest_are_raised(
    at_once: list[DayOutcome], free: dict[str, Alert]
) -> None:
    strongest = sorted(CURIOUS[:4], key=lambda user: -free[user].score)

    assert sorted(raised(at_once[:1])) == sorted(strongest[:2])
    assert {user: one.reason for user, one in passed(at_once[:1]).items()} == dict.fromkeys(
        strongest[2:], Reason.CAP
    )


def test_a_week_whose_cap_is_used_raises_nobody_and_the_next_raises_who_still_stands(
    at_once: list[DayOutcome], free: dict[str, Alert]
) -> None:
    waited = passed(at_once[:2])
    after = raised(at_once[2:])
    strongest = sorted(waited, key=lambda user: -waited[user].interval)

    assert raised(at_once[1:2]) == {}
    assert set(raised(at_once[:1])) | set(waited) == set(CURIOUS)
    assert sorted(after) == sorted(strongest[:2])
    assert {user: alert.score for user, alert in after.items()} == {
        user: pytest.approx(free[user].score, abs=0.01) for user in after
    }


def test_days_judged_one_by_one_raise_what_all_at_once_raise(
    records: Records, two_a_week: Rules, at_once: list[DayOutcome]
) -> None:
    desk: dict[str, Alert] = {}
    near: list[PassedDay] = []
    singly = []
    for day in DAYS[:3]:
        [outcome] = judged(records, two_a_week, [day], known=tuple(desk.values()), near=tuple(near))
        desk |= {alert.alert_id: alert for alert in outcome.alerts}
        near.append(PassedDay(day=day, candidates=outcome.passed.kept))
        singly.append(outcome)

    assert [one.alerts for one in singly] == [one.alerts for one in at_once[:3]]
    assert [one.passed for one in singly] == [one.passed for one in at_once[:3]]


def test_a_day_judged_again_after_later_ones_caps_nobody_else(
    records: Records, two_a_week: Rules, at_once: list[DayOutcome]
) -> None:
    known = tuple(alert for outcome in at_once for alert in outcome.alerts)
    [again] = judged(records, two_a_week, [TUESDAY], known=known)

    assert raised([again]) == {}
    assert passed([again]) == {
        user: one for user, one in passed(at_once[:1]).items() if user not in raised(at_once[2:])
    }


def test_below_the_floor_all_are_in_the_ledger_and_those_drawn_have_an_alert_that_says_so(
    records: Records, free: dict[str, Alert]
) -> None:
    floor = max(map(years, free.values())) * 1.1
    low = min(map(years, free.values())) * 0.9
    how = by(floor=floor, key=KEY, ledger_least_user_years=low, audit_share=0.5)
    [outcome] = judged(records, how, [TUESDAY])
    lot = {
        user: drawn(
            KEY, seed=1, day=TUESDAY, user_id=user, focus_id=f"P-OF-{user}",
            chance=how.audit_chance,
        )
        for user in CURIOUS[:4]
    }  # fmt: skip
    alerts = raised([outcome])

    assert 0 < len(alerts) < 4
    assert set(alerts) == {user for user, is_drawn in lot.items() if is_drawn}
    assert {user: one.reason for user, one in passed([outcome]).items()} == {
        user: Reason.FLOOR for user, is_drawn in lot.items() if not is_drawn
    }
    assert all(alert.drawn_at_random for alert in alerts.values())
    assert {alert.priority for alert in alerts.values()} == {Priority.NORMAL}
    assert all(alert.says.startswith(DRAWN) for alert in alerts.values())


def test_what_is_ten_times_rarer_than_the_floor_waits_for_no_cap_and_a_suppression_is_named(
    records: Records, free: dict[str, Alert]
) -> None:
    alert = free["U0007"]
    silent = tuple(
        Suppression(
            seq=40 + number,
            alert_id=alert.alert_id,
            user_id=one.user_id,
            focus_subject_id=one.focus_id,
            detector=one.detector,
            reason="known",
            actor="reviewer",
            at=datetime(2026, 5, 1, tzinfo=UTC),
            expires_at=datetime(2026, 7, 1, tzinfo=UTC),
        )
        for number, one in enumerate(alert.findings)
    )
    low = by(floor=min(map(years, free.values())) / 10.5, weekly_most_alerts=1)
    outcomes = judged(replace(records, suppressions=silent), low, [TUESDAY])

    assert set(raised(outcomes)) == {"U0010", "U0013", "U0031"}
    assert {user: (one.reason, one.ref) for user, one in passed(outcomes).items()} == {
        "U0007": (Reason.SUPPRESSED, ",".join(str(one.seq) for one in silent))
    }
