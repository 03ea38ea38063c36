"""Hands laid on a store at random: each kind of tampering, drawn with a seed, done and undone."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, Table, create_engine, select
from sqlalchemy.exc import DBAPIError

from alerts.chain import Entry, Head, canonical, following, hash_of
from alerts.gates import Deed
from alerts.lifecycle import Action, Disposition
from alerts.schema import OPERATIONAL, SEALED, alert_version, chain, chain_head, metadata
from alerts.store import Store
from alerts.store.entries import seal
from alerts.store.verifying import verify_chain, verify_rows
from tests.alerts.outboxes import told
from tests.alerts.stores import FIRST_DAY, LEASE, judged
from tests.factories import a_moment, an_alert

AT = a_moment("2026-03-02T09:00:00Z")
# The database itself allows 1 and nothing else; and how a delivery goes meanwhile.
UNTOLD = {("chain_head", "id"), *(("notice", name) for name in OPERATIONAL)}
HANGING = (*SEALED, alert_version)  # rows that stand by the number of their entry

Rows = dict[str, list[dict[str, Any]]]  # table -> rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """A store with a life behind it, what it held at earlier moments, and its end as lodged."""

    store: Store
    earlier: Sequence[Rows]
    lodged: Head


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One tampering and whether verification found it, with what was lodged and without."""

    kind: str
    found: bool
    found_without: bool


def chance_of(seed: int) -> random.Random:
    """Chance that can be repeated."""
    return random.Random(seed)  # noqa: S311 tests are repeated, nothing is guarded by it


def lived(store: Store, *, alerts: int, seed: int) -> Lived:
    """The store after random casework by three people on some alerts."""
    chance = chance_of(seed)
    ids = [f"A-{number:04d}" for number in range(alerts)]
    judged(store, *(_an_alert(alert_id, number) for number, alert_id in enumerate(ids)))
    for who, role in (("one", "reviewer"), ("two", "authority"), ("three", "auditor")):
        store.grant(who, role, actor="admin", at=AT)
    earlier = []
    for alert_id in ids:
        earlier.append(held_by(store))
        _worked(store, alert_id, chance, merged_into=ids[0])
    store.days.mark_stale([FIRST_DAY], reason="late rows", at=AT)
    store.days.claim(FIRST_DAY, owner="scan/2", at=AT, lease=LEASE)
    told(store, at=AT)
    earlier.append(held_by(store))
    store.record("chain.checkpointed", actor="three", at=AT)
    return Lived(store=store, earlier=earlier, lodged=store.head())


def tampered(case: Lived, kind: str, chance: random.Random) -> Outcome:
    """What verification says of one tampering; the store is as before afterwards."""
    while True:
        with hands_on(case.store.engine) as connection:
            try:
                done = KINDS[kind](connection, chance, case)
            except DBAPIError:
                continue  # the database itself would not have it
            if not done:
                continue
            rows = verify_rows(connection).intact
            without = verify_chain(connection).intact and rows
            lodged = verify_chain(connection, [case.lodged]).intact and rows
            return Outcome(kind=kind, found=not lodged, found_without=not without)


@contextmanager
def hands_on(engine: Engine) -> Iterator[Connection]:
    """A connection of somebody who owns the database; nothing of what they do is kept."""
    past_the_store = engine
    if engine.dialect.name == "sqlite":
        past_the_store = create_engine(engine.url, poolclass=NullPool)  # no foreign keys
    with past_the_store.connect() as connection, connection.begin() as transaction:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield connection
        transaction.rollback()


def held_by(store: Store) -> Rows:
    """Everything that every table holds."""
    with store.engine.connect() as connection:
        return {table.name: _rows(connection, table) for table in metadata.sorted_tables}


def edited(connection: Connection, chance: random.Random, _: Lived) -> bool:
    """One column of one row of any table given another value."""
    table, row = _any_row(connection, chance)
    column = chance.choice([c.name for c in table.c if (table.name, c.name) not in UNTOLD])
    values = {column: _other(row[column], chance)}
    connection.execute(table.update().where(*_this(table, row)).values(values))
    return True


def deleted(connection: Connection, chance: random.Random, _: Lived) -> bool:
    """One row of any table gone."""
    table, row = _any_row(connection, chance)
    connection.execute(table.delete().where(*_this(table, row)))
    return True


def inserted(connection: Connection, chance: random.Random, case: Lived) -> bool:
    """One row put in: a forged entry well linked, or a copy of a row under another key."""
    table, row = _any_row(connection, chance)
    if table is chain:
        entry = following(case.lodged, "alert.shown", actor="nobody", at=AT, about="A-0000")
        connection.execute(chain.insert().values(asdict(entry)))
        return True
    keys = {key.name for key in table.primary_key}
    forged = {k: _other(v, chance) if k in keys else v for k, v in row.items()}
    connection.execute(table.insert().values(forged))
    return True


def swapped(connection: Connection, chance: random.Random, _: Lived) -> bool:
    """Two rows of a table change what they say, or two entries their places."""
    table, one = _any_row(connection, chance)
    other = chance.choice(_rows(connection, table))
    keys = {key.name for key in table.primary_key}
    said = [{k: v for k, v in row.items() if k not in keys} for row in (one, other)]
    if said[0] == said[1]:
        return False
    placeholder = {k: _other(v, chance) for k, v in said[0].items()}
    for row, values in ((other, placeholder), (one, said[1]), (other, said[0])):
        connection.execute(table.update().where(*_this(table, row)).values(values))
    return True


def truncated(connection: Connection, chance: random.Random, case: Lived) -> bool:
    """The last entries gone, and by chance the head set back and the rows on them removed."""
    cut = chance.randint(1, case.lodged.seq - 1)
    connection.execute(chain.delete().where(chain.c.seq > cut))
    if chance.random() < 0.75:
        last = _entries(connection, cut)[0]
        connection.execute(chain_head.update().values(seq=last.seq, hash=last.hash))
    if chance.random() < 0.75:
        for table in HANGING:
            connection.execute(table.delete().where(table.c.seq > cut))
    return True


def rolled_back(connection: Connection, chance: random.Random, case: Lived) -> bool:
    """Every table as it was at an earlier moment."""
    older = chance.choice(case.earlier)
    for table in reversed(metadata.sorted_tables):
        connection.execute(table.delete())
    for table in metadata.sorted_tables:
        if older[table.name]:
            connection.execute(table.insert(), older[table.name])
    return True


def rehashed(connection: Connection, chance: random.Random, case: Lived) -> bool:
    """One entry edited, or a row with its seal, and every hash from there on reckoned anew."""
    seq = chance.randint(2, case.lodged.seq)
    entries = _entries(connection, seq)
    first = entries[0]
    if "row" in first.told and chance.random() < 0.5:
        first = _with_another_row(connection, first, chance)
    else:
        field = chance.choice(("at", "actor", "purpose", "about"))
        first = replace(first, **{field: _other(getattr(first, field), chance)})
    prev_hash = first.prev_hash
    for entry in (first, *entries[1:]):
        fresh = replace(entry, prev_hash=prev_hash, hash="")
        prev_hash = hash_of(fresh)
        values = {**asdict(fresh), "hash": prev_hash}
        connection.execute(chain.update().where(chain.c.seq == entry.seq).values(values))
    connection.execute(chain_head.update().values(hash=prev_hash))
    return True


KINDS: Mapping[str, Callable[[Connection, random.Random, Lived], bool]] = {
    "edit of any column of any row": edited,
    "deletion of any row": deleted,
    "insertion of a row": inserted,
    "two rows changed about": swapped,
    "end cut off": truncated,
    "older copy put back": rolled_back,
    "hashes reckoned anew without the key": rehashed,
}


def _an_alert(alert_id: str, number: int) -> Any:
    return an_alert(
        alert_id=alert_id, user_ids=(f"U{number:05d}",), subject_ids=(f"P{number:04d}", "P0001")
    )


def _worked(store: Store, alert_id: str, chance: random.Random, *, merged_into: str) -> None:
    who = chance.choice(("one", "two"))
    store.act(alert_id, Action.TAKE, actor=who, at=AT)
    store.act(alert_id, Action.NOTE, actor=who, at=AT, reason=f"asked {chance.randint(1, 99)}")
    store.answer_prompt(alert_id, "P32", answer="done", reason="", actor=who, at=AT)
    store.record_fact(alert_id, "apsp", value="no", reason="none seen", actor=who, at=AT)
    store.follow(alert_id, due_on=AT.date(), reason="the roster comes", actor=who, at=AT)
    silence = {"detector": "circle", "expires_at": "2026-04-01T00:00:00Z"}
    asked = store.ask(alert_id, deed=Deed.SUPPRESS, asked=silence, reason="l", actor=who, at=AT)
    store.answer_request(asked.seq, answer="declined", reason="no", actor="three", at=AT)
    store.record("alert.shown", actor="three", at=AT, about=alert_id, purpose="dip sample")
    if chance.random() < 0.4:
        until = AT + timedelta(days=chance.randint(1, 90))
        (made,) = store.suppress(
            alert_id, detector="circle", reason="declared", expires_at=until, actor="two", at=AT
        )
        store.lift_suppression(made.seq, reason="enough", actor="two", at=AT)
    if alert_id != merged_into and chance.random() < 0.4:
        store.merge(alert_id, into=merged_into, reason="the same circle", actor=who, at=AT)
    elif chance.random() < 0.5:
        how = {"disposition": Disposition.EXPLAINED_BY_WORK, "explanation": "family liaison"}
        until = AT + timedelta(days=30)
        allows = {"legitimate_until": until, "decided_as": "reviewer"}
        store.act(alert_id, Action.CLOSE, actor=who, at=AT, reason="asked", **how, **allows)


def _with_another_row(connection: Connection, entry: Entry, chance: random.Random) -> Entry:
    """The entry, its row reworded and sealed anew, as somebody does who knows how."""
    table = metadata.tables[entry.told["row"]["table"]]
    row = next(r for r in _rows(connection, table) if r["seq"] == entry.seq)
    names = [c.name for c in table.c if isinstance(row[c.name], str) and c.name != "alert_id"]
    changed = {**row, (name := chance.choice(names)): _other(row[name], chance)}
    connection.execute(table.update().where(table.c.seq == entry.seq).values(changed))
    sealed = {**entry.told["row"], "sha256": seal(changed)}
    return replace(entry, facts=canonical({**entry.told, "row": sealed}))


def _any_row(connection: Connection, chance: random.Random) -> tuple[Table, dict[str, Any]]:
    """Any row of the store, each table as likely as its neighbour."""
    while True:
        table = chance.choice(metadata.sorted_tables)
        if rows := _rows(connection, table):
            return table, chance.choice(rows)


def _entries(connection: Connection, seq: int) -> list[Entry]:
    found = connection.execute(select(chain).where(chain.c.seq >= seq).order_by(chain.c.seq))
    return [Entry(**row) for row in found.mappings()]


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    found = connection.execute(select(table).order_by(*table.primary_key)).mappings()
    return [dict(row) for row in found]


def _this(table: Table, row: Mapping[str, Any]) -> list[Any]:
    return [key == row[key.name] for key in table.primary_key]


def _other(value: Any, chance: random.Random) -> Any:
    """A value of the same kind that is not this one: a letter more, fewer, or another."""
    if isinstance(value, int):
        return value + chance.choice((-1, 1, 7_000))
    if not value:
        return "x"
    place = chance.randrange(len(value))
    letter = "x" if value[place] != "x" else "y"
    return chance.choice((f"{value}x", value[:-1], f"{value[:place]}{letter}{value[place + 1 :]}"))
