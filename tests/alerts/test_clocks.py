"""The clocks of the law, at month ends, in leap years and on the nights the clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.clocks import Clock, State, clocks, end_of_next_day, last_day_of_months
from alerts.model import Family
from monitor.prompts import pack_at
from monitor.settings import shipped_config
from tests.factories import a_moment

LONDON = ZoneInfo("Europe/London")
RULES = {rule.id: rule for rule in pack_at(shipped_config() / "prompts").clocks}


def at(now: str, **recorded: str) -> dict[str, Clock]:
    """The clocks of England and Wales at a moment, by id, with some facts on record."""
    found = clocks(RULES.values(), recorded, now=a_moment(now), zone=LONDON)
    return {clock.rule.id: clock for clock in found}


@pytest.mark.parametrize(
    ("last_act", "last_day"),
    [
        (date(2026, 3, 1), date(2026, 9, 1)),
        (date(2026, 8, 31), date(2027, 2, 28)),  # no 31 February
        (date(2027, 8, 30), date(2028, 2, 29)),  # a leap year
        (date(2027, 8, 29), date(2028, 2, 29)),
        (date(2028, 2, 29), date(2028, 8, 29)),
        (date(2026, 2, 28), date(2026, 8, 28)),  # the day of the same number, not the month's end
        (date(2026, 7, 1), date(2027, 1, 1)),
        (date(2026, 12, 31), date(2027, 6, 30)),
    ],
)
def test_six_months_end_with_the_day_of_the_same_number(last_act: date, last_day: date) -> None:
    assert last_day_of_months(last_act, 6) == last_day


@given(st.dates(date(1997, 6, 16), date(2090, 1, 1)), st.integers(1, 24))
def test_a_limit_in_months_never_leaves_the_month_it_reaches(last_act: date, months: int) -> None:
    last_day = last_day_of_months(last_act, months)

    reached = last_act.year * 12 + last_act.month + months
    assert last_day.year * 12 + last_day.month == reached
    assert last_day.day <= last_act.day


@pytest.mark.parametrize(
    ("clear_at", "too_late_from", "hours_from_midnight"),
    [
        ("2026-03-04T15:20:00Z", "2026-03-06T00:00:00Z", 48),
        ("2026-03-28T15:20:00Z", "2026-03-29T23:00:00Z", 47),  # the next day has 23 hours
        ("2026-10-23T23:30:00Z", "2026-10-26T00:00:00Z", 49),  # already the 24th; the 25th has 25
        ("2026-06-30T22:59:00Z", "2026-07-01T23:00:00Z", 48),
        ("2026-06-30T23:01:00Z", "2026-07-02T23:00:00Z", 48),  # after local midnight: one day more
        ("2026-12-31T12:00:00Z", "2027-01-02T00:00:00Z", 48),
    ],
)
def test_a_referral_is_due_by_the_end_of_the_next_local_day(
    clear_at: str, too_late_from: str, hours_from_midnight: int
) -> None:
    ends = end_of_next_day(a_moment(clear_at), LONDON)

    began = datetime.combine(
        a_moment(clear_at).astimezone(LONDON).date(), datetime.min.time(), tzinfo=LONDON
    )
    assert ends == a_moment(too_late_from)
    assert ends - began.astimezone(UTC) == timedelta(hours=hours_from_midnight)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 the zone is given beside them
)
@settings(max_examples=60)
def test_there_is_always_more_than_a_day_less_an_hour_to_refer(clear_at: datetime) -> None:
    left = end_of_next_day(clear_at, LONDON) - clear_at

    assert timedelta(hours=23) < left <= timedelta(hours=49)


def test_nothing_runs_until_somebody_records_a_fact() -> None:
    found = at("2026-03-04T15:20:00Z")

    assert {clock.state for clock in found.values()} == {State.NOT_STARTED}
    assert not any(clock.warns for clock in found.values())


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2026-06-01T00:00:00Z", State.RUNNING),
        ("2026-08-15T00:00:00Z", State.NEAR),
        ("2026-09-01T22:59:59Z", State.NEAR),  # the last minute of 1 September, British time
        ("2026-09-01T23:00:00Z", State.PAST),
    ],
)
def test_six_months_run_come_near_and_pass(now: str, state: State) -> None:
    clock = at(now, last_act="2026-03-01")["six_months"]

    assert (clock.state, clock.ends_at) == (state, a_moment("2026-09-01T23:00:00Z"))
    assert clock.warns == (state is not State.RUNNING)


def test_a_referral_that_is_running_warns_from_its_first_minute() -> None:
    clock = at("2026-03-04T15:21:00Z", criteria_met_at="2026-03-04T15:20:00.000000Z")["referral"]

    assert (clock.state, clock.warns) == (State.NEAR, True)


def test_a_referral_that_was_made_stops_its_clock() -> None:
    met = {"criteria_met_at": "2026-03-04T15:20:00.000000Z"}
    clock = at("2026-04-01T00:00:00Z", **met, referred_at="2026-03-05T09:00:00.000000Z")["referral"]

    assert (clock.state, clock.warns) == (State.STOPPED, False)


def test_the_packs_that_hold_no_time_limit_run_no_clock() -> None:
    for jurisdiction in ("scotland", "northern-ireland"):
        assert pack_at(shipped_config() / "prompts", jurisdiction).clocks == ()


def test_no_clock_of_stalking_is_put_to_curiosity() -> None:
    assert Family.CURIOSITY not in RULES["six_months"].families
