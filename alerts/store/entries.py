"""The chain as rows: its end, its entries, and one more after them."""

import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, select

from alerts import chain
from alerts.chain import BEGAN, Entry, Head, stamp
from alerts.errors import IntegrityBroken, Misused
from alerts.schema import chain as chain_table
from alerts.schema import chain_head

_SALT_BYTES: Final = 16
_PAGE: Final = 2000  # entries read at once


def begin(connection: Connection, home_id: str, *, actor: str, at: datetime) -> None:
    """Writes entry 1; nothing when it is there already for the same home.

    Raises:
        Misused: the store belongs to another home.
    """
    begun_for = home_of(connection)
    if not begun_for:
        _write(connection, chain.genesis(home_id, actor=actor, at=at))
        connection.execute(chain_head.update().values(home_id=home_id))
    elif begun_for != home_id:
        raise Misused(
            f"store: it belongs to home {begun_for}, not {home_id};"
            " possible: another database, or the home it was made for"
        )


def append(  # noqa: PLR0913 an entry has this many facts, all named
    connection: Connection,
    kind: str,
    *,
    actor: str,
    at: datetime,
    about: str = "",
    purpose: str = "",
    facts: Mapping[str, object] | None = None,
) -> Entry:
    """Writes one more entry, and returns it; belongs inside `writing`.

    Raises:
        Misused: the chain has not begun.
    """
    head = head_of(connection)
    if head.seq == 0 or kind == BEGAN:
        raise Misused("chain: it begins with the home's own entry; possible: psdmon init")
    entry = chain.following(
        head,
        kind,
        actor=actor,
        at=at,
        about=about,
        purpose=purpose,
        facts=facts,
        salt=secrets.token_hex(_SALT_BYTES),
    )
    return _write(connection, entry)


def append_sealed(  # noqa: PLR0913 as append, and the row
    connection: Connection,
    kind: str,
    *,
    table: Table,
    row: Mapping[str, Any],
    actor: str,
    at: datetime,
    about: str = "",
    facts: Mapping[str, object] | None = None,
) -> Entry:
    """Writes a row that is never written over, and the entry that carries its SHA-256."""
    for field, value in row.items():
        chain.storable(str(value), field)
    sealed = {**(facts or {}), "row": {"table": table.name, "sha256": seal(row)}}
    entry = append(connection, kind, actor=actor, at=at, about=about, facts=sealed)
    connection.execute(table.insert().values(seq=entry.seq, **row))
    return entry


def seal(row: Mapping[str, Any]) -> str:
    """The SHA-256 of a row's contents, its place in the chain left out."""
    return chain.sha256(chain.canonical({key: value for key, value in row.items() if key != "seq"}))


def head_of(connection: Connection) -> Head:
    """Where the chain ends, by its own account.

    Raises:
        IntegrityBroken: that account is gone.
    """
    row = connection.execute(select(chain_head.c.seq, chain_head.c.hash)).one_or_none()
    if row is None:
        raise IntegrityBroken("chain: its head is gone; possible: psdmon audit verify")
    return Head(seq=row.seq, hash=row.hash)


def home_of(connection: Connection) -> str:
    """The id of the home that the chain was begun for; empty when it was not begun."""
    return str(connection.execute(select(chain_head.c.home_id)).scalar_one_or_none() or "")


def entries_after(
    connection: Connection,
    seq: int,
    *,
    about: str = "",
    actor: str = "",
    kinds: Collection[str] = (),
) -> Iterator[Entry]:
    """The entries after one, in order; pages, so that no chain is too long."""
    wanted = select(chain_table).order_by(chain_table.c.seq).limit(_PAGE)
    if about:
        wanted = wanted.where(chain_table.c.about == about)
    if actor:
        wanted = wanted.where(chain_table.c.actor == actor)
    if kinds:
        wanted = wanted.where(chain_table.c.kind.in_(kinds))
    last = seq
    while page := _read(connection, wanted.where(chain_table.c.seq > last)):
        yield from page
        last = page[-1].seq


def last_entry(connection: Connection, kinds: Collection[str], *, about: str = "") -> Entry | None:
    """The newest entry of some kinds, or of any where none is named; about one thing, or any."""
    return next(iter(last_entries(connection, kinds, about=about, most=1)), None)


def last_entries(
    connection: Connection,
    kinds: Collection[str],
    *,
    about: str = "",
    most: int,
    since: datetime | None = None,
) -> list[Entry]:
    """The newest entries of some kinds, or of any, about one thing, or any; newest first."""
    wanted = select(chain_table).order_by(chain_table.c.seq.desc()).limit(most)
    if about:
        wanted = wanted.where(chain_table.c.about == about)
    if kinds:
        wanted = wanted.where(chain_table.c.kind.in_(kinds))
    if since is not None:
        wanted = wanted.where(chain_table.c.at >= stamp(since))
    return _read(connection, wanted)


def _read(connection: Connection, wanted: Select[Any]) -> list[Entry]:
    return [Entry(**row) for row in connection.execute(wanted).mappings()]


def _write(connection: Connection, entry: Entry) -> Entry:
    connection.execute(chain_table.insert().values(asdict(entry)))
    connection.execute(chain_head.update().values(seq=entry.seq, hash=entry.hash))
    return entry
