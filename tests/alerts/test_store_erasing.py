"""Alerts and words erased for good: the chain stays whole, and what is past the record is found."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from alerts.chain import GONE, Verification
from alerts.errors import Misused
from alerts.lifecycle import Action
from alerts.schema import alert_version, chain, note
from alerts.store import Store
from tests.alerts.stores import FIRST_DAY, judged, tampering
from tests.alerts.tamperings import Rows, held_by, lived
from tests.factories import a_moment, an_alert

AT = a_moment("2027-06-01T09:00:00Z")
GOES, STAYS = "A-0001", "A-0002"
WHO: dict[str, Any] = {"actor": "authority", "at": AT, "facts": {"began": 1}}


@pytest.fixture
def erased(store: Store) -> tuple[Store, Rows]:
    """A store from which one alert of several was erased, and all it held before."""
    lived(store, alerts=3, seed=7)
    store.record("alert.shown", actor="three", at=AT, about=GOES, purpose="did U00001 look")
    store.record("report.shown", actor="three", at=AT, purpose="about U00001 in general")
    before = held_by(store)
    store.erasure.erase_alerts([GOES], **WHO)
    return store, before


def found_after(store: Store, change: Callable[[Connection], object]) -> Verification:
    """What verification says once something was done past the store."""
    with tampering(store) as connection:
        change(connection)
    return store.verify()


def test_an_alert_is_erased_with_all_that_hangs_on_it_and_the_chain_stays_whole(
    erased: tuple[Store, Rows],
) -> None:
    store, before = erased
    after = held_by(store)

    left = [
        (name, row)
        for name, rows in after.items()
        if name not in {"chain", "notice"}
        for row in rows
        if row.get("alert_id") == GOES
    ]
    words = [row["purpose"] for row in after["chain"] if row["about"] == GOES and row["purpose"]]
    assert left == []
    assert set(words) == {GONE}
    assert store.verify().discrepancies == ()
    assert [row["hash"] for row in after["chain"]][: len(before["chain"])] == [
        row["hash"] for row in before["chain"]
    ]
    assert {one.alert_id for one in store.alerts()} == {"A-0000", STAYS}


def test_only_what_nothing_that_is_kept_is_about_loses_its_words(
    erased: tuple[Store, Rows],
) -> None:
    store, _ = erased
    later = AT + timedelta(days=1)
    still = frozenset({"A-0000", STAYS})

    done = store.erasure.erase_words(before=later, still=still, **WHO)

    kept = {entry.purpose for entry in store.chain() if entry.about in still}
    gone = [entry.purpose for entry in store.chain(kinds=("report.shown",))]
    assert (done.words, gone) == (1, [GONE])
    assert kept == {"", "dip sample"}
    assert store.verify().intact
    assert store.erasure.erase_words(before=later, still=still, **WHO).words == 0


def test_a_row_that_was_erased_and_is_there_again_is_found(erased: tuple[Store, Rows]) -> None:
    store, before = erased
    row = next(row for row in before["alert_version"] if row["alert_id"] == GOES)

    found = found_after(store, lambda c: c.execute(alert_version.insert().values(row)))

    assert [one.says for one in found.discrepancies] == ["no entry tells of it"]


def test_a_row_that_is_gone_and_was_not_erased_on_record_is_found(
    erased: tuple[Store, Rows],
) -> None:
    store, before = erased
    seq = next(row["seq"] for row in before["note"] if row["alert_id"] == STAYS)

    found = found_after(store, lambda c: c.execute(note.delete().where(note.c.seq == seq)))

    assert [one.says for one in found.discrepancies] == ["it is gone"]


@pytest.mark.parametrize(
    ("about", "values"),
    [
        (STAYS, {"purpose": GONE, "salt": ""}),
        (STAYS, {"sealed": "", "salt": ""}),
        (GOES, {"purpose": "something else"}),
        (GOES, {"actor": "somebody"}),
        (GOES, {"salt": "0" * 32}),
    ],
)
def test_words_erased_past_the_record_and_what_stands_beside_erased_ones_are_found(
    erased: tuple[Store, Rows], about: str, values: dict[str, str]
) -> None:
    store, _ = erased
    seq = next(e.seq for e in store.chain(about=about) if e.sealed)

    found = found_after(
        store, lambda c: c.execute(chain.update().where(chain.c.seq == seq).values(values))
    )

    assert f"entry {seq}" in {one.place for one in found.discrepancies}


def test_judging_does_not_raise_anew_what_was_erased_but_for_new_evidence(store: Store) -> None:
    judged(store, an_alert())
    store.act("A-7F3K9Q2M", Action.TAKE, actor="one", at=AT)
    store.erasure.erase_alerts(["A-7F3K9Q2M"], **WHO)
    again = an_alert()
    later = an_alert(last_event_at=again.last_event_at + timedelta(days=3))

    same = judged(store, again, day=FIRST_DAY + timedelta(days=1))
    new = judged(store, later, day=FIRST_DAY + timedelta(days=2))

    assert (same.raised, same.unchanged) == ((), ("A-7F3K9Q2M",))
    assert new.raised == ("A-7F3K9Q2M",)
    assert store.verify().intact


def test_nobody_types_words_that_pass_for_a_seal(store: Store) -> None:
    with pytest.raises(Misused, match="may not begin with 'words sha256 '"):
        store.record("alert.shown", actor="one", at=AT, purpose="words sha256 abc")


def test_a_database_written_anew_says_the_same(erased: tuple[Store, Rows]) -> None:
    store, _ = erased
    before = held_by(store)

    store.erasure.purge()

    assert held_by(store) == before
