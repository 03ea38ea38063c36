"""The days of the store: claimed by one owner at a time, given back, made stale, in the ledger."""

from datetime import date, timedelta

import pytest

from alerts.chain import Entry
from alerts.errors import Busy
from alerts.store import JudgedDay, LedgerDay, Store
from tests.alerts.stores import FIRST_DAY, LEASE, a_judged_day, judged
from tests.factories import a_moment, an_alert

AT = a_moment("2026-03-01T02:10:00Z")
NEXT_DAY = date(2026, 3, 1)


def test_a_day_that_was_judged_is_in_the_ledger_as_it_was_seen(store: Store) -> None:
    judged(store)

    assert store.days.judged() == {FIRST_DAY: a_judged_day()}
    assert store.days.ledger() == (
        LedgerDay(
            day=FIRST_DAY,
            judged=a_judged_day(),
            stale="",
            owner="",
            lease_until=None,
            attempts=0,
            released="",
        ),
    )


def test_a_day_is_claimed_by_one_owner_at_a_time(store: Store) -> None:
    first = store.days.claim(FIRST_DAY, owner="scan/1", at=AT, lease=LEASE)
    second = store.days.claim(FIRST_DAY, owner="scan/2", at=AT, lease=LEASE)

    assert (first, second) == (True, False)


def test_a_refused_claim_leaves_no_entry(store: Store) -> None:
    store.days.claim(FIRST_DAY, owner="scan/1", at=AT, lease=LEASE)
    before = store.head()

    store.days.claim(FIRST_DAY, owner="scan/2", at=AT, lease=LEASE)

    assert store.head() == before


def test_the_claim_of_a_dead_owner_may_be_taken_over_when_its_lease_has_run_out(
    store: Store,
) -> None:
    store.days.claim(FIRST_DAY, owner="scan/1", at=AT, lease=LEASE)

    early = store.days.claim(
        FIRST_DAY, owner="scan/2", at=AT + LEASE - timedelta(microseconds=1), lease=LEASE
    )
    in_time = store.days.claim(FIRST_DAY, owner="scan/2", at=AT + LEASE, lease=LEASE)

    assert (early, in_time) == (False, True)
    assert last(store).told["taken_over_from"] == "scan/1"


def test_a_day_that_somebody_judged_since_it_was_chosen_is_not_claimed(store: Store) -> None:
    chosen_at = store.head().seq
    judged(store)

    late = store.days.claim(FIRST_DAY, owner="scan/2", at=AT, lease=LEASE, known_seq=chosen_at)
    knowing = store.days.claim(
        FIRST_DAY, owner="scan/2", at=AT, lease=LEASE, known_seq=store.head().seq
    )

    assert (late, knowing) == (False, True)


def test_an_owner_may_renew_its_lease(store: Store) -> None:
    store.days.claim(FIRST_DAY, owner="scan/1", at=AT, lease=LEASE)
    store.days.claim(FIRST_DAY, owner="scan/1", at=AT + LEASE / 2, lease=LEASE)

    assert not store.days.claim(FIRST_DAY, owner="scan/2", at=AT + LEASE, lease=LEASE)


def test_who_lost_the_claim_stores_nothing(store: Store) -> None:
    store.days.claim(FIRST_DAY, owner="scan/1", at=AT, lease=LEASE)
    store.days.claim(FIRST_DAY, owner="scan/2", at=AT + LEASE, lease=LEASE)
    before = store.head()

    with pytest.raises(Busy) as refusal:
        store.days.finish(a_judged_day(), alerts=[an_alert()], owner="scan/1", at=AT + LEASE)

    assert str(refusal.value) == (
        "day 2026-02-28: claimed by scan/2, not scan/1; nothing was stored;"
        " possible: claim it again"
    )
    assert (store.alerts(), store.head()) == ([], before)


def test_a_day_nobody_claimed_is_not_finished(store: Store) -> None:
    with pytest.raises(Busy, match=r"^day 2026-02-28: claimed by nobody, not scan/1"):
        store.days.finish(a_judged_day(), alerts=[], owner="scan/1", at=AT)


def test_a_day_given_back_may_be_claimed_at_once(store: Store) -> None:
    store.days.claim(FIRST_DAY, owner="scan/1", at=AT, lease=LEASE)
    store.days.release(FIRST_DAY, owner="scan/1", reason="told to stop", at=AT)

    assert store.days.ledger()[0].released == "told to stop"
    assert store.days.claim(FIRST_DAY, owner="scan/2", at=AT, lease=LEASE)
    assert store.days.ledger()[0].attempts == 2


def test_a_day_that_failed_says_how_often_and_when_it_is_tried_again(store: Store) -> None:
    for minutes in (0, 30):
        at = AT + timedelta(minutes=minutes)
        store.days.claim(FIRST_DAY, owner="scan/1", at=at, lease=LEASE)
        store.days.release(
            FIRST_DAY, owner="scan/1", reason="no sign of life", at=at, next_try_at=at + LEASE
        )
    failing = store.days.ledger()[0]
    judged(store)

    assert (failing.failures, failing.attempts, failing.released) == (2, 2, "no sign of life")
    assert failing.next_try_at == AT + timedelta(minutes=30) + LEASE
    assert (store.days.ledger()[0].failures, store.days.ledger()[0].next_try_at) == (0, None)
    assert store.verify().intact


def test_a_renewed_claim_holds_for_longer_and_is_no_new_attempt(store: Store) -> None:
    store.days.claim(FIRST_DAY, owner="scan/1", at=AT, lease=LEASE)
    store.days.renew(FIRST_DAY, owner="scan/1", at=AT + LEASE / 2, lease=LEASE)

    assert not store.days.claim(FIRST_DAY, owner="scan/2", at=AT + LEASE, lease=LEASE)
    assert store.days.ledger()[0].attempts == 1
    with pytest.raises(Busy, match="claimed by scan/1, not scan/2"):
        store.days.renew(FIRST_DAY, owner="scan/2", at=AT, lease=LEASE)
    assert store.verify().intact


def test_a_run_that_another_has_overtaken_stores_nothing(store: Store) -> None:
    read_at = store.head().seq
    judged(store, an_alert())
    store.days.claim(NEXT_DAY, owner="scan/2", at=AT, lease=LEASE)
    before = store.head()

    with pytest.raises(Busy, match="another run has judged since this one read the alerts"):
        store.days.finish(
            a_judged_day(NEXT_DAY), alerts=[], owner="scan/2", at=AT, known_seq=read_at
        )

    assert store.head() == before


def test_a_day_judged_late_says_so_with_each_alert(store: Store) -> None:
    store.days.claim(FIRST_DAY, owner="scan/1", at=AT, lease=LEASE)
    store.days.finish(a_judged_day(), alerts=[an_alert()], owner="scan/1", at=AT, days_behind=3)

    told = {entry.kind: entry.told.get("catching_up") for entry in store.chain()}
    assert (told["alert.raised"], told["day.judged"], told["day.claimed"]) == (3, 3, None)


def test_nobody_gives_back_the_claim_of_another(store: Store) -> None:
    store.days.claim(FIRST_DAY, owner="scan/1", at=AT, lease=LEASE)
    before = store.head()

    store.days.release(FIRST_DAY, owner="scan/2", reason="mistaken", at=AT)

    assert (store.days.ledger()[0].owner, store.head()) == ("scan/1", before)


def test_a_judged_day_stands_until_it_is_judged_again(store: Store) -> None:
    judged(store)
    store.days.claim(FIRST_DAY, owner="scan/2", at=AT, lease=LEASE)
    store.days.release(FIRST_DAY, owner="scan/2", reason="told to stop", at=AT)

    assert store.days.judged() == {FIRST_DAY: a_judged_day()}


def test_late_rows_take_a_judged_day_out_of_those_that_stand(store: Store) -> None:
    judged(store)
    judged(store, day=NEXT_DAY)

    marked = store.days.mark_stale([NEXT_DAY, date(2020, 1, 1)], reason="late rows", at=AT)

    assert marked == (NEXT_DAY,)
    assert store.days.judged() == {FIRST_DAY: a_judged_day()}
    assert [entry.stale for entry in store.days.ledger()] == ["", "late rows"]


def test_a_stale_day_judged_again_stands(store: Store) -> None:
    judged(store)
    store.days.mark_stale([FIRST_DAY], reason="late rows", at=AT)

    judged(store)

    assert store.days.judged() == {FIRST_DAY: a_judged_day()}


def test_a_day_made_stale_while_it_was_judged_is_judged_once_more(store: Store) -> None:
    store.days.claim(FIRST_DAY, owner="scan/1", at=AT, lease=LEASE)
    store.days.mark_stale([FIRST_DAY], reason="late rows", at=AT)

    store.days.finish(a_judged_day(), alerts=[], owner="scan/1", at=AT)

    assert store.days.judged() == {}
    judged(store)
    assert store.days.judged() == {FIRST_DAY: a_judged_day()}


def last(store: Store) -> Entry:
    """The newest entry of the chain."""
    entry = store.last_entry()
    assert entry is not None
    return entry


def test_what_the_ledger_keeps_is_what_was_handed(store: Store) -> None:
    seen: JudgedDay = a_judged_day(seconds=0.125, abstentions=[], pairs=0)
    store.days.claim(FIRST_DAY, owner="scan/1", at=AT, lease=LEASE)
    store.days.finish(seen, alerts=[], owner="scan/1", at=AT)

    assert store.days.judged()[FIRST_DAY] == seen
