"""What came near an alert, in the store: kept by day, held against the chain, erased for good."""

from collections.abc import Sequence
from datetime import date, timedelta

from alerts.candidates import Candidate, Reason, passed_over
from alerts.schema import candidate_day
from alerts.store import Store
from tests.alerts.stores import FIRST_DAY, LEASE, a_judged_day, tampering
from tests.factories import a_moment

AT = a_moment("2026-03-01T02:10:00Z")


def near(user_id: str, reason: Reason = Reason.FLOOR) -> Candidate:
    """Somebody who came near an alert around P0001."""
    return Candidate(user_id=user_id, focus_subject_id="P0001", interval=7.25, reason=reason)


def judged(store: Store, found: Sequence[Candidate], *, day: date = FIRST_DAY) -> None:
    """Judge a day on which these came near."""
    assert store.days.claim(day, owner="scan/1", at=AT, lease=LEASE)
    store.days.finish(
        a_judged_day(day), alerts=(), owner="scan/1", at=AT, candidates=passed_over(found)
    )


def test_a_day_judged_again_has_what_was_found_last(store: Store) -> None:
    judged(store, [near("U1"), near("U2")])
    judged(store, [near("U3", Reason.CAP)])
    [found] = store.days.candidates()

    assert (found.day, found.candidates) == (FIRST_DAY, (near("U3", Reason.CAP),))
    assert store.verify().discrepancies == ()


def test_days_come_latest_first_within_a_span(store: Store) -> None:
    days = [FIRST_DAY + timedelta(days=turn) for turn in range(4)]
    for day in days:
        judged(store, [near("U1")], day=day)

    assert [one.day for one in store.days.candidates(first=days[1], last=days[2])] == [
        days[2],
        days[1],
    ]


def test_the_chain_has_their_number_and_hash_and_nobody_by_name(store: Store) -> None:
    judged(store, [near("U-SECRET"), near("U2", Reason.CAP)])
    entry = store.last_entry("day.judged")

    assert entry is not None
    assert entry.told["candidates"]["counts"] == {"cap": 1, "floor": 1}
    assert "U-SECRET" not in entry.facts


def test_erased_days_hold_nobody_and_the_chain_says_who_erased_them(store: Store) -> None:
    after = FIRST_DAY + timedelta(days=1)
    judged(store, [near("U1")])
    judged(store, [near("U2")], day=after)
    erased = store.days.erase_candidates(before=after, reason="retention", actor="keeper", at=AT)
    entry = store.last_entry("day.candidates_erased")

    assert erased == (FIRST_DAY,)
    assert {one.day: len(one.candidates) for one in store.days.candidates()} == {
        FIRST_DAY: 0,
        after: 1,
    }
    assert entry is not None
    assert (entry.about, entry.actor) == (FIRST_DAY.isoformat(), "keeper")
    assert store.days.erase_candidates(before=after, reason="again", actor="keeper", at=AT) == ()
    assert store.verify().discrepancies == ()


def test_a_candidate_that_was_edited_or_taken_out_is_found(store: Store) -> None:
    judged(store, [near("U1"), near("U2")])
    with tampering(store) as connection:
        connection.execute(candidate_day.update().values(line="[]"))
    [found] = store.verify().discrepancies

    assert found.place == f"candidates of day {FIRST_DAY}"
