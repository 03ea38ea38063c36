"""One daemon to a store: taken, renewed, given back, and taken over from one that is no more."""

from datetime import timedelta

from alerts.store import Store
from alerts.store.leasing import Applicant
from tests.factories import a_moment

AT = a_moment("2026-03-01T03:00:00Z")
LEASE = timedelta(minutes=5)
HERE = Applicant(holder="psd@here/7", process={"machine": "here", "number": "7"}, actor="psd")
THERE = Applicant(holder="psd@there/7", process={"machine": "there", "number": "7"}, actor="psd")


def holder(store: Store, applicant: Applicant, *, minutes: float = 0, gone: bool = False) -> str:
    """Who has the lease once somebody has asked for it."""
    at = AT + timedelta(minutes=minutes)
    return store.daemon_lease.take(applicant, at=at, lease=LEASE, gone=lambda _: gone).holder


def told(store: Store) -> list[tuple[str, str]]:
    """What the chain tells of daemons."""
    return [
        (entry.kind, entry.told.get("taken_over_from", ""))
        for entry in store.chain(kinds=("daemon.started", "daemon.stopped"))
    ]


def test_the_second_who_asks_is_told_who_holds_it_since_when_and_until_when(store: Store) -> None:
    holder(store, HERE)

    lease = store.daemon_lease.take(THERE, at=AT + LEASE / 2, lease=LEASE, gone=lambda _: False)

    assert (lease.holder, lease.since, lease.until) == ("psd@here/7", AT, AT + LEASE)
    assert told(store) == [("daemon.started", "")]


def test_a_lease_is_renewed_without_an_entry_and_given_back_with_one(store: Store) -> None:
    holder(store, HERE)
    before = store.head()
    store.daemon_lease.renew(HERE, at=AT + LEASE / 2, lease=LEASE)
    renewed = (store.head() == before, holder(store, THERE, minutes=5))
    store.daemon_lease.give_back(HERE, at=AT + LEASE)

    assert renewed == (True, "psd@here/7")
    assert store.daemon_lease.held() is None
    assert told(store) == [("daemon.started", ""), ("daemon.stopped", "")]
    assert store.verify().intact


def test_what_a_killed_daemon_left_is_taken_over_when_it_ends(store: Store) -> None:
    holder(store, HERE)

    assert [holder(store, THERE, minutes=minutes) for minutes in (4.9, 5)] == [
        "psd@here/7",
        "psd@there/7",
    ]
    assert told(store)[-1] == ("daemon.started", "psd@here/7")


def test_what_a_process_left_that_is_known_to_be_no_more_is_taken_over_at_once(
    store: Store,
) -> None:
    holder(store, HERE)

    assert holder(store, THERE, gone=True) == "psd@there/7"


def test_who_lost_the_lease_renews_and_gives_back_nothing(store: Store) -> None:
    holder(store, HERE)
    holder(store, THERE, minutes=6)

    renewed = store.daemon_lease.renew(HERE, at=AT + LEASE, lease=LEASE)
    store.daemon_lease.give_back(HERE, at=AT + LEASE)

    assert renewed is not None
    assert renewed.holder == "psd@there/7"
    assert store.daemon_lease.held() is not None


def test_the_same_process_number_on_another_machine_is_another_daemon(store: Store) -> None:
    holder(store, HERE)
    twin = Applicant(holder=HERE.holder, process={**HERE.process, "boot": "2"}, actor="psd")

    lease = store.daemon_lease.take(twin, at=AT, lease=LEASE, gone=lambda _: False)

    assert lease.process == HERE.process


def test_a_lease_told_by_a_clock_that_was_set_back_since_holds_nobody_off(store: Store) -> None:
    holder(store, HERE)

    assert holder(store, THERE, minutes=-24 * 60) == "psd@there/7"
