"""The chain in the store: begun once, told everything, and any hand laid on a row shows."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Table, select

from alerts.candidates import Candidate, Reason, passed_over
from alerts.chain import Entry, Head, following, hash_of
from alerts.errors import IntegrityBroken, Misused
from alerts.gates import Deed
from alerts.lifecycle import Action, Disposition
from alerts.schema import (
    OPERATIONAL,
    alert,
    alert_version,
    chain,
    chain_head,
    metadata,
    note,
)
from alerts.store import Store
from tests.alerts.outboxes import told
from tests.alerts.stores import FIRST_DAY, HOME_ID, LEASE, a_judged_day, judged, tampering
from tests.factories import a_moment, an_alert

AT = a_moment("2026-03-02T09:00:00Z")
A = "A-7F3K9Q2M"
OTHER = "A-2"
GOING_ON = "A-3"  # closed, its work going on

# A column whose value is not told by any entry, with the reason.
UNTOLD = {
    "chain_head.id": "the database itself allows 1 and nothing else",
    **{f"notice.{name}": "how a delivery goes meanwhile" for name in OPERATIONAL},
}


@pytest.fixture
def lived(store: Store) -> Store:
    """A store in which everything that can happen has happened once or twice."""
    return lived_through(store)


def lived_through(store: Store) -> Store:
    """The store after a year in one moment."""
    judged(store, an_alert(), an_alert(alert_id=OTHER))
    store.act(A, Action.TAKE, actor="reviewer", at=AT)
    store.act(A, Action.NOTE, actor="reviewer", at=AT, reason="read the earlier alert")
    store.answer_prompt(A, "P32", answer="done", reason="", actor="reviewer", at=AT)
    store.merge(OTHER, into=A, reason="the same circle", actor="reviewer", at=AT)
    written = [
        store.suppress(
            A,
            detector=detector,
            reason="declared",
            expires_at=AT + timedelta(days=9),
            actor="authority",
            at=AT,
        )
        for detector in ("circle", "repeat_subject")
    ]
    store.lift_suppression(written[0][0].seq, reason="enough", actor="authority", at=AT)
    store.act(
        A,
        Action.CLOSE,
        actor="reviewer",
        at=AT,
        reason="nothing more to ask",
        disposition=Disposition.CANNOT_TELL,
    )
    store.record("alert.shown", actor="auditor", at=AT, about=A, purpose="dip sample")
    store.grant("one", "reviewer", actor="admin", at=AT)
    store.days.mark_stale([FIRST_DAY], reason="late rows", at=AT)
    store.days.claim(FIRST_DAY, owner="scan/2", at=AT, lease=LEASE)
    return store


@pytest.fixture
def lived_fully(lived: Store) -> Store:
    """The same store, and in it every table holds something."""
    store = lived
    store.follow(OTHER, due_on=AT.date(), reason="the roster comes", actor="reviewer", at=AT)
    silence = {"detector": "circle", "expires_at": "2026-04-01T00:00:00Z"}
    asked = store.ask(OTHER, deed=Deed.SUPPRESS, asked=silence, reason="r", actor="reviewer", at=AT)
    store.answer_request(asked.seq, answer="agreed", reason="", actor="authority", at=AT)
    store.record_fact(A, "apsp", value="no", reason="none seen", actor="reviewer", at=AT)
    told(store, at=AT)
    near = Candidate(user_id="U1", focus_subject_id="P1", interval=7.25, reason=Reason.FLOOR)
    day = FIRST_DAY + timedelta(days=40)
    assert store.days.claim(day, owner="scan/1", at=AT, lease=LEASE)
    passed = passed_over([near])
    going_on = [an_alert(alert_id=GOING_ON, prompts=())]
    store.days.finish(a_judged_day(day), alerts=going_on, owner="scan/1", at=AT, candidates=passed)
    store.act(GOING_ON, Action.TAKE, actor="reviewer", at=AT)
    store.act(
        GOING_ON,
        Action.CLOSE,
        actor="reviewer",
        at=AT,
        reason="the roster came",
        disposition=Disposition.EXPLAINED_BY_WORK,
        explanation="family liaison officer of the case",
        legitimate_until=AT + timedelta(days=30),
        decided_as="reviewer",
    )
    return store


def places(store: Store) -> list[str]:
    """Where the store is not what was written, and how."""
    return [f"{found.place}: {found.says}" for found in store.verify().discrepancies]


def test_a_store_that_nobody_touched_is_intact(lived_fully: Store) -> None:
    assert places(lived_fully) == []
    assert lived_fully.verify().entries == lived_fully.head().seq == len(list(lived_fully.chain()))


def test_every_table_holds_something_in_a_store_that_has_lived(lived_fully: Store) -> None:
    with lived_fully.engine.connect() as connection:
        held = {
            table.name: len(connection.execute(select(table)).all())
            for table in metadata.sorted_tables
        }

    assert [name for name, rows in held.items() if rows == 0] == []


def test_the_chain_begins_with_the_home_it_belongs_to(store: Store) -> None:
    (first,) = store.chain()

    assert (first.seq, first.kind, first.actor, first.told) == (
        1,
        "chain.began",
        "init",
        {"home": HOME_ID},
    )
    assert store.home_id() == HOME_ID


def test_a_chain_begins_once(store: Store) -> None:
    before = store.head()

    store.begin(HOME_ID, actor="init", at=AT)

    assert store.head() == before


def test_a_store_of_another_home_is_refused(store: Store) -> None:
    with pytest.raises(Misused) as refusal:
        store.begin("another", actor="init", at=AT)

    assert str(refusal.value) == (
        f"store: it belongs to home {HOME_ID}, not another;"
        " possible: another database, or the home it was made for"
    )


def test_nothing_is_recorded_as_a_second_beginning(store: Store) -> None:
    with pytest.raises(Misused, match=r"^chain: it begins with the home's own entry"):
        store.record("chain.began", actor="nobody", at=AT)


def test_a_look_is_an_entry_with_its_purpose(store: Store) -> None:
    entry = store.record(
        "alert.shown", actor="reviewer", at=AT, about=A, purpose="complaint 12", facts={"rows": 3}
    )

    assert list(store.chain(after=1)) == [entry]
    assert (entry.moment, entry.purpose, entry.told) == (AT, "complaint 12", {"rows": 3})
    assert entry.prev_hash == next(store.chain()).hash


def test_entries_are_found_by_what_they_are_about_and_by_whose_they_are(lived: Store) -> None:
    about = [entry.kind for entry in lived.chain(about=OTHER)]
    by = [entry.kind for entry in lived.chain(actor="auditor")]
    both = list(lived.chain(about=OTHER, actor="auditor"))

    assert (about, by, both) == (["alert.raised", "alert.merged"], ["alert.shown"], [])


def test_the_newest_entry_is_found_by_its_kind(lived: Store) -> None:
    kinds = [
        entry.kind if entry else None
        for entry in (
            lived.last_entry(),
            lived.last_entry("alert.shown", "alert.raised"),
            lived.last_entry("never.happened"),
        )
    ]

    assert kinds == ["day.claimed", "alert.shown", None]


def test_only_entries_since_a_moment_are_read_where_that_is_asked_for(store: Store) -> None:
    for hour in range(4):
        store.record("feed.read", actor="psd", at=AT + timedelta(hours=hour), about="rms")
    found = store.last_entries("feed.read", about="rms", most=9, since=AT + timedelta(hours=2))

    assert [entry.moment for entry in found] == [AT + timedelta(hours=hour) for hour in (3, 2)]


def test_a_chain_of_many_pages_comes_in_order(store: Store) -> None:
    with tampering(store) as connection:
        _append_many(connection, 4_500)

    assert [entry.seq for entry in store.chain(after=2)] == list(range(3, 4_502))
    assert store.verify().intact


@pytest.mark.postgresql
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_same_acts_make_the_same_chain_on_every_database(
    lived: Store, fresh_sqlite_url: str
) -> None:
    other = lived_through(Store.at(fresh_sqlite_url))

    # The salt of a seal is random, and what is hashed with it differs.
    alike = {"salt": "", "sealed": "", "hash": "", "prev_hash": ""}
    assert [replace(entry, **alike) for entry in lived.chain()] == [
        replace(entry, **alike) for entry in other.chain()
    ]
    other.close()


Tampering = Callable[[Connection], object]

TAMPERINGS: dict[str, tuple[Tampering, list[str]]] = {
    "an entry edited": (
        lambda c: c.execute(chain.update().where(chain.c.seq == 5).values(actor="nobody")),
        ["entry 5: its contents are not those that were hashed"],
    ),
    "an entry deleted": (
        lambda c: c.execute(chain.delete().where(chain.c.kind == "alert.shown")),
        [
            "entry 15: it does not follow entry 13 as that stands",
            "entry 15: entries 14 to 14 are gone",
        ],
    ),
    "two entries changed places": (
        lambda c: _swap(c, 14, 15),
        [
            "entry 14: its contents are not those that were hashed",
            "entry 14: it does not follow entry 13 as that stands",
            "entry 15: its contents are not those that were hashed",
            "entry 15: it does not follow entry 14 as that stands",
            "entry 16: it does not follow entry 15 as that stands",
            "role change of entry 14: it is gone",
            "role change of entry 15: no entry tells of it",
        ],
    ),
    "the end cut off": (
        lambda c: c.execute(chain.delete().where(chain.c.seq > 13)),
        [
            "entry 13: the chain ended at entry 17; entries 14 to 17 are gone",
            "role change of entry 15: no entry tells of it",
            "day 2026-02-28: it is not what was written",
        ],
    ),
    "an entry put at the end": (
        lambda connection: _append_unheaded(connection),  # noqa: PLW0108 defined below
        ["entry 18: the chain ended at entry 17; what follows was put there past the store"],
    ),
    "the head of another home": (
        lambda c: c.execute(chain_head.update().values(home_id="another")),
        ["entry 1: the head of the chain names another home"],
    ),
    "an alert edited in its version": (
        lambda c: c.execute(
            alert_version.update().where(alert_version.c.seq == 3).values(line=_softened(c))
        ),
        ["alert A-7F3K9Q2M, version of entry 3: it is not what was written"],
    ),
    "an alert gone with all that was said of it": (
        lambda c: _erase(c, OTHER),
        [
            "alert A-2: it is gone",
            "alert A-2, version of entry 4: it is gone",
            "merge of entry 9: it is gone",
        ],
    ),
    "an alert pointed back at its older version": (
        lambda c: c.execute(
            alert.update().where(alert.c.alert_id == A).values(seq=3, status="open")
        ),
        ["alert A-7F3K9Q2M: it points at a version that is not its newest"],
    ),
    "an alert given to somebody else": (
        lambda c: c.execute(alert.update().where(alert.c.alert_id == A).values(held_by="x")),
        ["alert A-7F3K9Q2M: who works on it is not who the chain names"],
    ),
    "an alert hidden from a queue": (
        lambda c: c.execute(alert.update().where(alert.c.alert_id == A).values(status="open")),
        ["alert A-7F3K9Q2M: its status is not that of its version"],
    ),
    "an alert that can no longer be read": (
        lambda c: c.execute(
            alert_version.update().where(alert_version.c.seq == 4).values(line="{}")
        ),
        [
            "alert A-2: its version cannot be read",
            "alert A-2, version of entry 4: it is not what was written",
        ],
    ),
    "an alert put in": (
        lambda c: c.execute(alert.insert().values(alert_id="A-9", seq=99, status="", held_by="")),
        ["alert A-9: no entry tells of it"],
    ),
    "a note reworded": (
        lambda c: c.execute(note.update().where(note.c.seq == 7).values(reason="all is well")),
        ["note of entry 7: it is not what was written"],
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_hand_laid_on_the_store_is_found_at_its_place(lived: Store, name: str) -> None:
    tamper, found = TAMPERINGS[name]

    with tampering(lived) as connection:
        tamper(connection)

    assert places(lived) == found


def test_any_column_of_any_table_edited_is_found(lived_fully: Store) -> None:
    unseen = []
    for table in metadata.sorted_tables:
        for column in table.c:
            if f"{table.name}.{column.name}" in UNTOLD:
                continue
            undo = _edited(lived_fully, table, column)
            if lived_fully.verify().intact:
                unseen.append(f"{table.name}.{column.name}")
            undo()

    assert unseen == []
    assert lived_fully.verify().intact


def test_any_row_of_any_table_deleted_is_found(lived_fully: Store) -> None:
    unseen = []
    for table in metadata.sorted_tables:
        if table is chain_head:
            continue
        with lived_fully.engine.connect() as connection:
            rows = connection.execute(select(table)).mappings().all()
        for row in rows:
            this = [column == row[column.name] for column in table.primary_key]
            with tampering(lived_fully) as connection:
                connection.execute(table.delete().where(*this))
            if lived_fully.verify().intact:
                unseen.append(f"{table.name} {dict(row)}")
            with tampering(lived_fully) as connection:
                connection.execute(table.insert().values(dict(row)))

    assert unseen == []
    assert lived_fully.verify().intact


def test_any_row_put_into_any_table_is_found(lived_fully: Store) -> None:
    unseen = []
    for table in metadata.sorted_tables:
        if table is chain_head:
            continue
        with lived_fully.engine.connect() as connection:
            row = dict(connection.execute(select(table)).mappings().first() or {})
        forged = {key: _other(value) for key, value in row.items()}
        this = [column == forged[column.name] for column in table.primary_key]
        with tampering(lived_fully) as connection:
            connection.execute(table.insert().values(forged))
        if lived_fully.verify().intact:
            unseen.append(table.name)
        with tampering(lived_fully) as connection:
            connection.execute(table.delete().where(*this))

    assert unseen == []
    assert lived_fully.verify().intact


def test_a_chain_written_anew_is_found_against_a_head_that_was_lodged(lived: Store) -> None:
    lodged = lived.head()
    with tampering(lived) as connection:
        _write_anew(connection, seq=14, actor="nobody")

    assert lived.verify_chain().intact
    assert [
        f"{found.place}: {found.says}"
        for found in lived.verify_chain(checkpoints=[lodged]).discrepancies
    ] == ["entry 17: it is not the entry that a checkpoint names"]


def test_a_store_rolled_back_to_an_older_copy_is_found_against_a_head_that_was_lodged(
    lived: Store,
) -> None:
    lodged = lived.record("backup.taken", actor="admin", at=AT)
    with tampering(lived) as connection:
        connection.execute(chain.delete().where(chain.c.seq == lodged.seq))
        connection.execute(chain_head.update().values(seq=lodged.seq - 1, hash=lodged.prev_hash))

    assert lived.verify().intact
    found = lived.verify(checkpoints=[Head(seq=lodged.seq, hash=lodged.hash)]).discrepancies
    assert [one.says for one in found] == ["a checkpoint names it, and the chain ends at entry 17"]


def test_an_alert_whose_row_was_edited_past_reading_is_refused_by_name(lived: Store) -> None:
    with tampering(lived) as connection:
        connection.execute(
            alert_version.update().where(alert_version.c.alert_id == OTHER).values(line="[")
        )

    with pytest.raises(IntegrityBroken) as refusal:
        lived.alert(OTHER)

    assert str(refusal.value) == (
        "alert A-2: its row is not what was written; possible: psdmon audit verify"
    )


@pytest.mark.parametrize("facts", ["", "[]", "{", '{"row": 3}', '{"alert_sha256": ""}', "null"])
def test_an_entry_edited_past_reading_is_found_and_stops_nothing(lived: Store, facts: str) -> None:
    for seq in (1, 4, 16):
        with tampering(lived) as connection:
            connection.execute(chain.update().where(chain.c.seq == seq).values(facts=facts))

    found = places(lived)
    assert [f"entry {seq}: its contents are not those that were hashed" in found for seq in (1, 4)]
    assert not lived.verify_alerts().intact


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_bytes_that_are_no_text_are_found_and_stop_nothing(lived: Store) -> None:
    with tampering(lived) as connection:
        connection.exec_driver_sql("UPDATE chain SET actor = X'FF00FE' WHERE seq = 5")
        connection.exec_driver_sql("UPDATE chain SET actor = CAST(X'FFFE' AS TEXT) WHERE seq = 6")
        connection.exec_driver_sql("UPDATE note SET reason = X'FF' WHERE seq = 7")

    assert places(lived) == [
        "entry 5: its contents are not those that were hashed",
        "entry 6: its contents are not those that were hashed",
        "note of entry 7: it is not what was written",
    ]


def _append_many(connection: Connection, number: int) -> None:
    """Entries after the head, as the store would write them."""
    row = connection.execute(select(chain_head)).one()
    entries = list(_followers(Head(seq=row.seq, hash=row.hash), number))
    connection.execute(chain.insert(), [_row(entry) for entry in entries])
    connection.execute(chain_head.update().values(seq=entries[-1].seq, hash=entries[-1].hash))


def _followers(head: Head, number: int) -> Iterator[Entry]:
    for _ in range(number):
        entry = following(head, "alert.shown", actor="auditor", at=AT)
        head = Head(seq=entry.seq, hash=entry.hash)
        yield entry


def _append_unheaded(connection: Connection) -> None:
    row = connection.execute(select(chain_head)).one()
    (entry,) = _followers(Head(seq=row.seq, hash=row.hash), 1)
    connection.execute(chain.insert().values(_row(entry)))


def _row(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in chain.c.keys()}  # noqa: SIM118 a collection of columns is no mapping


def _swap(connection: Connection, one: int, other: int) -> None:
    for before, after in ((one, 0), (other, one), (0, other)):
        connection.execute(chain.update().where(chain.c.seq == before).values(seq=after))


def _softened(connection: Connection) -> str:
    line = connection.execute(
        select(alert_version.c.line).where(alert_version.c.seq == 3)
    ).scalar_one()
    return json.dumps({**json.loads(line), "score": 0.1})


def _erase(connection: Connection, alert_id: str) -> None:
    for table in metadata.sorted_tables:
        if "alert_id" in table.c:
            connection.execute(table.delete().where(table.c.alert_id == alert_id))


def _edited(store: Store, table: Table, column: Column[Any]) -> Callable[[], None]:
    """Changes one value, and returns the way back."""
    with store.engine.connect() as connection:
        row = dict(connection.execute(select(table)).mappings().first() or {})
    value = _other(row[column.name])
    keys = [key.name for key in table.primary_key]
    there = [table.c[name] == row[name] for name in keys]
    moved = [table.c[name] == (value if name == column.name else row[name]) for name in keys]
    with tampering(store) as connection:
        connection.execute(table.update().where(*there).values({column: value}))

    def undo() -> None:
        with tampering(store) as connection:
            connection.execute(table.update().where(*moved).values({column: row[column.name]}))

    return undo


def _other(value: Any) -> Any:
    """A value of the same kind that is not this one."""
    return value + 7_000 if isinstance(value, int) else f"{value}x"


def _write_anew(connection: Connection, *, seq: int, **facts: str) -> None:
    """Edits one entry, and reckons every hash from there on."""
    rows = connection.execute(select(chain).where(chain.c.seq >= seq).order_by(chain.c.seq))
    entries = [Entry(**row) for row in rows.mappings()]
    prev_hash = entries[0].prev_hash
    for entry in entries:
        changed = {**_row(entry), "prev_hash": prev_hash, "hash": ""}
        changed |= facts if entry.seq == seq else {}
        prev_hash = hash_of(Entry(**changed))
        values = {**changed, "hash": prev_hash}
        connection.execute(chain.update().where(chain.c.seq == entry.seq).values(values))
    connection.execute(chain_head.update().values(hash=prev_hash))
