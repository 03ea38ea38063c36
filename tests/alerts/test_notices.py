"""Notices: what is planned for which channel, what leaves together, and when nothing does."""

import random
from datetime import UTC, datetime, time, timedelta

import pytest

from alerts.model import Priority
from alerts.notices import Kind, Quiet, Topic, batch, planned, wait_before
from tests.alerts.outboxes import LONDON, NOW, SIX_HOURS, a_happening, a_notice, a_route
from tests.factories import a_moment

NIGHT = Quiet(start=time(19), end=time(7), zone=LONDON)
SMALL_HOURS = Quiet(start=time(0, 30), end=time(1, 30), zone=LONDON)


def next_of(*waiting: object, at: datetime = NOW, **route: object) -> tuple[str, ...]:
    """The ids that leave a channel next."""
    return batch(waiting, a_route(**route), now=at, longest_wait=SIX_HOURS)  # type: ignore[arg-type]  # notices, all of them


def test_an_urgent_alert_is_told_at_once_and_the_rest_waits_for_more_of_its_kind() -> None:
    urgent, high = a_happening(), a_happening(key="raised\n8", priority=Priority.HIGH)

    one, other = planned([urgent, high], [a_route()], now=NOW)

    assert (one.at_once, one.due_at) == (True, NOW)
    assert (other.at_once, other.due_at) == (False, NOW + SIX_HOURS)


def test_what_a_catch_up_finds_is_gathered_even_where_it_is_urgent() -> None:
    (one,) = planned([a_happening(caught_up=True)], [a_route()], now=NOW)

    assert (one.at_once, one.due_at) == (False, NOW + timedelta(hours=1))


def test_a_channel_tells_only_what_it_is_set_to_tell() -> None:
    silent = a_route(tells=frozenset({Topic.HEALTH}))

    assert planned([a_happening()], [silent], now=NOW) == ()


@pytest.mark.parametrize(
    ("role", "told"),
    [("reviewer", 0), ("administrator", 0), ("authority", 1), ("auditor", 1)],
)
def test_broken_glass_is_told_at_once_to_authority_and_auditors_whatever_is_set(
    role: str, told: int
) -> None:
    glass = a_happening(kind=Kind.GLASS, alert_id="", priority=Priority.NORMAL, caught_up=False)

    found = planned([glass], [a_route(role=role, tells=frozenset())], now=NOW)

    assert [one.at_once for one in found] == [True] * told


def test_a_dead_letter_is_told_over_every_channel_but_its_own() -> None:
    dead = a_happening(kind=Kind.DEAD_LETTER, alert_id="", channel="mailbox")
    tells = frozenset({Topic.DEAD_LETTERS})

    found = planned([dead], [a_route(tells=tells), a_route(tells=tells, name="other")], now=NOW)

    assert [one.channel for one in found] == ["other"]


def test_a_suppression_that_ends_soon_never_interrupts_anybody() -> None:
    (one,) = planned([a_happening(kind=Kind.EXPIRING)], [a_route()], now=NOW)

    assert not one.at_once


def test_what_is_told_at_once_leaves_by_itself() -> None:
    assert next_of(a_notice(), a_notice(id="N-2")) == ("N-1",)


def test_more_than_so_many_at_once_leave_as_one_digest() -> None:
    waiting = [a_notice(id=f"N-{number}") for number in range(4)]

    assert next_of(*waiting, most_at_once=3) == ("N-0", "N-1", "N-2", "N-3")


def test_a_digest_waits_until_the_first_of_it_is_due_and_then_takes_all() -> None:
    first = a_notice(at_once=False, due_at=NOW + timedelta(hours=1))
    second = a_notice(id="N-2", at_once=False, due_at=NOW + timedelta(hours=5))

    assert next_of(first, second) == ()
    assert next_of(first, second, at=NOW + timedelta(hours=1)) == ("N-1", "N-2")


def test_a_message_that_was_tried_goes_again_as_it_was_when_its_wait_is_over() -> None:
    tried = [
        a_notice(id=f"N-{n}", message="m-1", attempts=1, next_try_at=NOW + timedelta(minutes=2))
        for n in range(2)
    ]
    fresh = a_notice(id="N-9", at_once=False, due_at=NOW)

    assert next_of(*tried, fresh) == ("N-9",)
    assert next_of(*tried, fresh, at=NOW + timedelta(minutes=2)) == ("N-0", "N-1")


def test_a_next_try_set_by_a_clock_that_was_wrong_holds_nothing_back() -> None:
    tried = a_notice(message="m-1", next_try_at=NOW + timedelta(days=365))

    assert next_of(tried) == ("N-1",)


def test_in_quiet_hours_only_what_is_told_at_once_leaves_and_broken_glass_always() -> None:
    at = a_moment("2026-03-02T23:00:00Z")
    due = a_notice(id="N-2", at_once=False, due_at=NOW)
    glass = a_notice(id="N-3", kind=Kind.GLASS, alert_id="")

    assert next_of(due, at=at, quiet=NIGHT) == ()
    assert next_of(due, a_notice(), at=at, quiet=NIGHT) == ("N-1",)
    assert next_of(due, a_notice(), at=at, quiet=NIGHT, spares_at_once=False) == ()
    assert next_of(due, glass, at=at, quiet=NIGHT, spares_at_once=False) == ("N-3",)


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2026-03-28T18:59:00Z", False),  # winter: the clock on the wall says the same
        ("2026-03-28T19:00:00Z", True),
        ("2026-03-29T05:59:00Z", True),  # summer since 01:00Z: 06:59 on the wall
        ("2026-03-29T06:00:00Z", False),
        ("2026-10-24T17:59:00Z", False),
        ("2026-10-24T18:00:00Z", True),  # 19:00 in summer
        ("2026-10-25T06:59:00Z", True),  # winter since 01:00Z
        ("2026-10-25T07:00:00Z", False),
    ],
)
def test_quiet_hours_are_those_of_the_clock_on_the_wall(moment: str, *, quiet: bool) -> None:
    assert NIGHT.holds(a_moment(moment)) is quiet


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2026-03-29T00:59:00Z", True),  # 00:59; then the wall says 02:00
        ("2026-03-29T01:00:00Z", False),
        ("2026-10-25T00:29:00Z", True),  # 01:29 in summer
        ("2026-10-25T00:30:00Z", False),  # 01:30 in summer
        ("2026-10-25T01:10:00Z", True),  # 01:10 again, in winter
        ("2026-10-25T01:30:00Z", False),
    ],
)
def test_hours_that_a_clock_change_skips_or_brings_twice_are_as_the_wall_says(
    moment: str, *, quiet: bool
) -> None:
    assert SMALL_HOURS.holds(a_moment(moment)) is quiet


def test_nothing_is_held_back_for_longer_than_the_quiet_hours_on_any_day_of_the_year() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    run = longest = 0
    for quarter in range(365 * 96):
        quiet = NIGHT.holds(start + timedelta(minutes=15 * quarter))
        run = run + 1 if quiet else 0
        longest = max(longest, run)

    assert longest == 52  # 13 hours: the night in which the clock goes back


def test_waits_double_with_chance_and_end_at_the_longest() -> None:
    chance = random.Random(1)  # noqa: S311 tests are repeated, nothing is guarded by it
    first = timedelta(minutes=1)
    for attempts in range(1, 40):
        wait = wait_before(attempts, first=first, longest=SIX_HOURS, chance=chance.random())
        doubled = min(first * 2 ** (attempts - 1), SIX_HOURS)

        assert doubled / 2 <= wait <= min(doubled * 1.5, SIX_HOURS)
