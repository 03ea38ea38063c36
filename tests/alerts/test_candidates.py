"""What came near an alert: kept in bounds, read back, and drawn by lot that nobody can foretell."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.candidates import (
    MOST_KEPT,
    Candidate,
    Reason,
    as_line,
    audit_chance,
    drawn,
    from_line,
    passed_over,
)

KEY = b"k" * 32
MONDAY = date(2026, 5, 11)
candidates = st.builds(
    Candidate,
    user_id=st.text(max_size=6),
    focus_subject_id=st.text(max_size=6),
    interval=st.floats(1, 1e4),
    reason=st.sampled_from(Reason),
    ref=st.text(max_size=6),
)


def near(number: int, *, interval: float = 7.0, reason: Reason = Reason.FLOOR) -> Candidate:
    """A candidate of one user."""
    return Candidate(
        user_id=f"U{number:05d}", focus_subject_id="P1", interval=interval, reason=reason
    )


@given(st.lists(candidates, max_size=8))
def test_a_line_is_read_back_as_it_was_written(found: list[Candidate]) -> None:
    assert from_line(as_line(found)) == tuple(found)


@given(st.permutations([near(n, interval=n % 5 + 5.0) for n in range(12)]))
def test_the_ledger_of_a_day_hangs_on_no_order(found: list[Candidate]) -> None:
    assert passed_over(found) == passed_over(sorted(found, key=lambda one: one.user_id))


def test_so_many_are_kept_and_all_are_counted() -> None:
    found = passed_over(near(number) for number in range(MOST_KEPT + 40))

    assert len(found.kept) == MOST_KEPT
    assert found.counts == {"floor": MOST_KEPT + 40}


def test_what_is_over_the_cap_is_kept_before_what_is_below_the_floor() -> None:
    many = [near(number, interval=9.0) for number in range(MOST_KEPT)]
    found = passed_over([*many, near(9999, interval=6.0, reason=Reason.CAP)])

    assert Reason.CAP in {one.reason for one in found.kept}


def test_a_line_that_was_erased_holds_nobody() -> None:
    assert from_line("") == ()


def test_draws_come_to_their_share_of_the_budget() -> None:
    low, floor, years = 5.0, 19.2, 1_000_000
    by_chance = years / low - years / floor  # candidates between the floors that chance brings

    assert by_chance * audit_chance(share=0.05, low=low, floor=floor) == pytest.approx(
        0.05 * years / floor
    )


@pytest.mark.parametrize(("low", "floor"), [(19.2, 19.2), (30.0, 19.2)])
def test_between_floors_that_leave_no_room_nobody_is_drawn(low: float, floor: float) -> None:
    assert audit_chance(share=0.05, low=low, floor=floor) == 0.0


def lot(key: bytes, *, day: date = MONDAY, seed: int = 1) -> list[bool]:
    """Who of two thousand is drawn."""
    return [
        drawn(key, seed=seed, day=day, user_id=f"U{number}", focus_id="P1", chance=0.1)
        for number in range(2000)
    ]


def test_about_so_many_are_drawn_as_the_chance_says() -> None:
    assert 150 < sum(lot(KEY)) < 250


def test_the_lot_is_the_same_all_week_and_another_the_next() -> None:
    sunday, after = MONDAY + timedelta(days=6), MONDAY + timedelta(days=7)

    assert lot(KEY) == lot(KEY, day=sunday)
    assert lot(KEY) != lot(KEY, day=after)


def test_without_the_key_the_lot_cannot_be_drawn_again() -> None:
    assert lot(KEY) != lot(b"x" * 32)
    assert lot(KEY) != lot(KEY, seed=2)
