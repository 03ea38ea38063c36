"""Judging into the store: claimed, finished once, the same again without a trace on the queue."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from alerts.contract import contract_line, contract_sha256
from alerts.lifecycle import Action, Disposition
from alerts.model import Alert, Priority, Status
from alerts.store import Store, Stored, Version
from tests.alerts.stores import LEASE, a_judged_day, judged
from tests.factories import a_moment, an_alert

AT = a_moment("2026-03-01T02:10:00Z")
NEXT_DAY = date(2026, 3, 1)


def grown(alert: Alert, **facts: Any) -> Alert:
    """The alert with one more event."""
    return replace(alert, event_ids=(*alert.event_ids, "rms-09999"), **facts)


def told_since(store: Store, seq: int) -> list[str]:
    """Kind and matter of each entry after one."""
    return [f"{entry.kind} {entry.about}" for entry in store.chain(after=seq)]


def closed(store: Store, alert: Alert) -> Alert:
    """The alert, taken and closed by a person."""
    store.act(alert.alert_id, Action.TAKE, actor="reviewer", at=AT)
    settled = {"answer": "not needed", "reason": "r", "actor": "reviewer", "at": AT}
    store.answer_prompt(alert.alert_id, "P32", **settled)
    return store.act(
        alert.alert_id,
        Action.CLOSE,
        actor="reviewer",
        at=AT,
        reason="nothing more to ask",
        disposition=Disposition.CANNOT_TELL,
    )


def test_a_raised_alert_is_read_back_whole(store: Store) -> None:
    stored = judged(store, an_alert())

    assert stored == Stored(raised=("A-7F3K9Q2M",))
    assert store.alert("A-7F3K9Q2M") == an_alert()


def test_the_chain_tells_of_claim_alert_and_day_in_one(store: Store) -> None:
    before = store.head().seq

    judged(store, an_alert())

    assert told_since(store, before) == [
        "day.claimed 2026-02-28",
        "alert.raised A-7F3K9Q2M",
        "day.judged 2026-02-28",
    ]


def test_the_entry_of_an_alert_carries_the_hash_of_its_line(store: Store) -> None:
    judged(store, an_alert())

    entry = next(entry for entry in store.chain() if entry.kind == "alert.raised")
    assert entry.told == {
        "alert_sha256": contract_sha256(an_alert()),
        "day": "2026-02-28",
        "held_by": "",
        "status": "open",
    }


def test_the_same_day_again_with_the_same_alerts_changes_nothing_but_the_ledger(
    store: Store,
) -> None:
    judged(store, an_alert())
    before = store.head().seq

    stored = judged(store, an_alert())

    assert stored == Stored(unchanged=("A-7F3K9Q2M",))
    assert told_since(store, before) == ["day.claimed 2026-02-28", "day.judged 2026-02-28"]
    assert len(store.versions("A-7F3K9Q2M")) == 1


def test_a_later_run_that_says_the_same_is_no_news(store: Store) -> None:
    judged(store, an_alert())

    again = an_alert(code_version="0.2.0", data_version={"events": 42}, updated_at=AT)

    assert judged(store, again) == Stored(unchanged=("A-7F3K9Q2M",))
    assert store.alert("A-7F3K9Q2M") == an_alert()


def test_new_evidence_extends_an_alert_and_keeps_what_it_was(store: Store) -> None:
    judged(store, an_alert())

    stored = judged(store, grown(an_alert()), day=NEXT_DAY)

    assert stored == Stored(extended=("A-7F3K9Q2M",))
    assert store.alerts() == [grown(an_alert())]
    assert [version.line for version in store.versions("A-7F3K9Q2M")] == [
        contract_line(an_alert()),
        contract_line(grown(an_alert())),
    ]


def test_a_version_names_the_entry_that_tells_of_it(store: Store) -> None:
    judged(store, an_alert())

    entry = next(entry for entry in store.chain() if entry.kind == "alert.raised")
    assert store.versions("A-7F3K9Q2M") == (Version(seq=entry.seq, line=contract_line(an_alert())),)


def test_judging_never_overwrites_where_people_put_an_alert(store: Store) -> None:
    judged(store, an_alert())
    store.act("A-7F3K9Q2M", Action.TAKE, actor="reviewer", at=AT)

    judged(store, grown(an_alert()), day=NEXT_DAY)

    assert store.alert("A-7F3K9Q2M") == grown(an_alert(), status=Status.TAKEN)
    assert store.holders() == {"A-7F3K9Q2M": "reviewer"}


def test_a_new_alert_is_open_whatever_was_handed(store: Store) -> None:
    judged(store, an_alert(status=Status.CLOSED))

    assert store.alert("A-7F3K9Q2M").status is Status.OPEN


def test_a_closed_alert_handed_open_with_new_evidence_is_reopened(store: Store) -> None:
    judged(store, an_alert())
    closed(store, an_alert())
    before = store.head().seq

    stored = judged(store, grown(an_alert()), day=NEXT_DAY)

    assert stored == Stored(extended=("A-7F3K9Q2M",), reopened=("A-7F3K9Q2M",))
    assert told_since(store, before) == [
        "day.claimed 2026-03-01",
        "alert.reopened A-7F3K9Q2M",
        "day.judged 2026-03-01",
    ]
    assert (store.alert("A-7F3K9Q2M").status, store.holders()) == (Status.OPEN, {})


def test_a_closed_alert_is_not_reopened_by_evidence_that_was_there(store: Store) -> None:
    judged(store, an_alert())
    closed(store, an_alert())

    assert judged(store, an_alert()) == Stored(unchanged=("A-7F3K9Q2M",))
    assert store.alert("A-7F3K9Q2M").status is Status.CLOSED


def test_a_closed_alert_that_stays_closed_still_takes_new_evidence(store: Store) -> None:
    judged(store, an_alert())
    shut = closed(store, an_alert())

    stored = judged(store, grown(shut), day=NEXT_DAY)

    assert stored == Stored(extended=("A-7F3K9Q2M",))
    assert store.alert("A-7F3K9Q2M") == grown(shut)


def test_a_closure_while_the_day_was_judged_stands(store: Store) -> None:
    judged(store, an_alert())
    store.days.claim(NEXT_DAY, owner="scan/1", at=AT, lease=LEASE)
    closed(store, an_alert())

    stored = store.days.finish(
        a_judged_day(NEXT_DAY), alerts=[grown(an_alert())], owner="scan/1", at=AT
    )

    assert stored == Stored(extended=("A-7F3K9Q2M",))
    assert store.alert("A-7F3K9Q2M").status is Status.CLOSED


def test_a_closure_after_the_judging_read_the_alerts_stands(store: Store) -> None:
    judged(store, an_alert())
    read_at = store.head().seq
    closed(store, an_alert())
    store.days.claim(NEXT_DAY, owner="scan/1", at=AT, lease=LEASE)

    store.days.finish(
        a_judged_day(NEXT_DAY),
        alerts=[grown(an_alert())],
        owner="scan/1",
        at=AT,
        known_seq=read_at,
    )

    assert store.alert("A-7F3K9Q2M").status is Status.CLOSED


def test_alerts_come_as_they_are_offered(store: Store) -> None:
    alerts = [
        an_alert(alert_id="A-3", priority=Priority.NORMAL, score=9.0),
        an_alert(alert_id="A-2", priority=Priority.URGENT, score=1.0),
        an_alert(alert_id="A-1", priority=Priority.URGENT, score=2.0),
    ]
    judged(store, *alerts)

    assert [alert.alert_id for alert in store.alerts()] == ["A-1", "A-2", "A-3"]


def test_alerts_are_found_by_status_and_by_who_is_named(store: Store) -> None:
    judged(
        store,
        an_alert(alert_id="A-1", user_ids=("U1",), subject_ids=("P1", "P2")),
        an_alert(alert_id="A-2", user_ids=("U2",), subject_ids=("P2",)),
    )
    store.act("A-2", Action.TAKE, actor="reviewer", at=AT)

    found = {
        "open": store.alerts(statuses={Status.OPEN}),
        "none": store.alerts(statuses=frozenset()),
        "user": store.alerts_of_users(["U2", "U9"]),
        "subject": store.alerts_of_subjects(["P2"]),
        "nobody": store.alerts_of_users([]),
    }

    assert {key: [alert.alert_id for alert in alerts] for key, alerts in found.items()} == {
        "open": ["A-1"],
        "none": [],
        "user": ["A-2"],
        "subject": ["A-1", "A-2"],
        "nobody": [],
    }


def test_an_alert_is_found_by_the_people_it_has_grown_to_name(store: Store) -> None:
    judged(store, an_alert(subject_ids=("P1", "P2")))
    judged(store, an_alert(subject_ids=("P1", "P3")), day=NEXT_DAY)

    assert [len(store.alerts_of_subjects([name])) for name in ("P1", "P2", "P3")] == [1, 0, 1]


def test_trouble_in_the_middle_of_a_day_leaves_nothing_of_it(store: Store) -> None:
    judged(store, an_alert())
    store.days.claim(NEXT_DAY, owner="scan/1", at=AT, lease=LEASE)
    before = (store.head(), store.alerts(), store.days.ledger())
    unwritable = an_alert(alert_id="A-2", score=float("nan"))

    with pytest.raises(ValueError, match="score is nan"):
        store.days.finish(
            a_judged_day(NEXT_DAY),
            alerts=[grown(an_alert()), unwritable],
            owner="scan/1",
            at=AT,
        )

    assert (store.head(), store.alerts(), store.days.ledger()) == before
    assert store.verify().intact


def test_a_day_finished_by_one_process_is_seen_by_another(opened: Callable[[], Store]) -> None:
    here, there = opened(), opened()
    assert there.alerts() == []

    judged(here, an_alert())

    assert there.alerts() == [an_alert()]


def test_many_alerts_and_many_events_go_through(store: Store) -> None:
    events = tuple(f"rms-{number:06d}" for number in range(5_000))
    alerts = [
        an_alert(
            alert_id=f"A-{number:03d}",
            event_ids=events,
            user_ids=(f"U{number:03d}",),
            subject_ids=tuple(f"P{each:04d}" for each in range(200)),
        )
        for number in range(10)
    ]
    judged(store, *alerts)

    assert len(store.alerts_of_users(f"U{number:03d}" for number in range(2_000))) == 10
    assert store.alerts() == alerts
    assert store.verify().intact
