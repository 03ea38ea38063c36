"""The store copied out whole at one moment, and a store filled from such a copy.

A copy is each table as lines of canonical JSON, the same whatever the database, so that what was
copied from SQLite can be filled into PostgreSQL and the other way about.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from alembic import command
from sqlalchemy import Connection, Engine, MetaData, Table, inspect, select

from alerts.chain import RESTORED, Discrepancy, Head, Verification, canonical
from alerts.errors import IntegrityBroken, Misused
from alerts.records import JudgedDay
from alerts.schema import metadata
from alerts.store import ledger, migrating
from alerts.store.database import altering, keep_write_ahead_log, place, reading
from alerts.store.entries import append, head_of, home_of
from alerts.store.verifying import verify

_MANY: Final = 2000  # rows written at once
_SHOWN: Final = 3  # places a refusal names
_LEDGER_OF_STEPS: Final = "alembic_version"

# What does not fit where some days were judged: loads that are not in the lake.
Holds = Callable[[Iterable[JudgedDay]], Iterable[Discrepancy]]
Rows = Callable[[str], Iterable[Mapping[str, Any]]]  # the rows of a table, by its name


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A store as it stood at one moment; belongs inside `copying`."""

    connection: Connection
    schema: str  # the step at which its tables stand
    head: Head
    home_id: str

    @property
    def tables(self) -> tuple[str, ...]:
        """The name of every table, those that others hang on first."""
        return tuple(table.name for table in metadata.sorted_tables)

    def lines(self, table: str) -> Iterator[bytes]:
        """The rows of a table in the order of its key, each a line of JSON."""
        shape = metadata.tables[table]
        question = select(shape).order_by(*shape.primary_key)
        rows = self.connection.execute(question.execution_options(yield_per=_MANY))
        for row in rows.mappings():
            yield canonical(dict(row)).encode("ascii") + b"\n"

    def verified(self) -> Verification:
        """Whether what is copied is what was written."""
        return verify(self.connection)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What a store is to be filled with, and who says so."""

    schema: str  # the step at which the rows were copied
    tables: frozenset[str]
    rows: Rows
    actor: str
    at: datetime
    facts: Mapping[str, object]  # of the entry that tells of it
    home_id: str  # that the chain must have been begun for
    holds: Holds  # what is missing of what was judged
    checkpoints: tuple[Head, ...] = ()  # entries that must be there as they were


def copy_of(engine: Engine, connection: Connection) -> Copy:
    """The store as it stands in a transaction that sees one moment.

    Raises:
        Misused: its schema is not that of this psdmon.
    """
    schema = migrating.version_in(connection)
    if schema != migrating.newest():
        raise Misused(
            f"{place(engine)}: its schema {schema or 'is not there'} is not that of this psdmon"
            f" ({migrating.newest()}); possible: psdmon init brings it there"
        )
    return Copy(
        connection=connection,
        schema=schema,
        head=head_of(connection),
        home_id=home_of(connection),
    )


def fill(engine: Engine, filling: Filling) -> Verification:
    """Fills an empty database with a copy, all of it or nothing, and tells of it on the chain.

    Raises:
        Misused: the database is not empty, or the copy is of a newer psdmon.
        IntegrityBroken: what was filled in is not what the chain tells.
    """
    keep_write_ahead_log(engine)
    with altering(engine) as connection:
        _refuse_filled(connection, where=place(engine))
        settings = migrating.settings_for(connection)
        migrating.refuse_newer(filling.schema, where="backup")
        command.upgrade(settings, filling.schema)
        _write_rows(connection, filling)
        command.upgrade(settings, "head")
        found = verify(connection, filling.checkpoints)
        _refuse_broken((*found.discrepancies, *_misfits(connection, filling)))
        append(connection, RESTORED, actor=filling.actor, at=filling.at, facts=dict(filling.facts))
    return found


def emptiness_refused(engine: Engine) -> None:
    """Nothing where a database holds no table.

    Raises:
        Misused: it holds some.
    """
    with reading(engine) as connection:
        _refuse_filled(connection, where=place(engine))


def _refuse_filled(connection: Connection, *, where: str) -> None:
    if found := inspect(connection).get_table_names():
        raise Misused(
            f"{where}: it is not empty: it holds {', '.join(sorted(found)[:_SHOWN])};"
            " possible: a database without tables"
        )


def _misfits(connection: Connection, filling: Filling) -> Iterator[Discrepancy]:
    """What does not fit between the store and the home it is filled for."""
    if home_of(connection) != filling.home_id:
        yield Discrepancy(place="entry 1", says="it names another home than the backup does")
    judged = (day.judged for day in ledger.ledger(connection))
    yield from filling.holds([one for one in judged if one is not None])


def _refuse_broken(found: Sequence[Discrepancy]) -> None:
    if not found:
        return
    places = "; ".join(f"{one.place}: {one.says}" for one in found[:_SHOWN])
    raise IntegrityBroken(
        f"backup: what it holds is not what was written in {len(found)} places: {places};"
        " possible: another backup"
    )


def _write_rows(connection: Connection, filling: Filling) -> None:
    """The rows of every table, into tables as they were when they were copied."""
    shapes = MetaData()
    shapes.reflect(connection)
    tables = [table for table in shapes.sorted_tables if table.name != _LEDGER_OF_STEPS]
    if unknown := filling.tables - {table.name for table in tables}:
        raise IntegrityBroken(
            f"backup: it holds tables that schema {filling.schema} has not:"
            f" {', '.join(sorted(unknown))}; possible: another backup"
        )
    for table in reversed(tables):
        connection.execute(table.delete())  # what the migrations themselves put there
    for table in tables:
        if table.name in filling.tables:
            _write_table(connection, table, rows=filling.rows(table.name))


def _write_table(
    connection: Connection, table: Table, *, rows: Iterable[Mapping[str, Any]]
) -> None:
    left = iter(rows)
    while some := [dict(row) for row in islice(left, _MANY)]:
        connection.execute(table.insert(), some)
