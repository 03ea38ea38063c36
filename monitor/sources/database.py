"""A table or view of somebody else's database, read and never written.

The one module of the shell that knows SQLAlchemy.
"""

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    NullPool,
    TableClause,
    column,
    create_engine,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    CompileError,
    DBAPIError,
    NoSuchModuleError,
    NoSuchTableError,
    SQLAlchemyError,
)

from alerts.errors import DataRefused, Misused
from monitor.sources.declared import TableFeed
from monitor.sources.secrets import password_of

_CONNECT_SECONDS: Final = 10  # a server may take to answer at all
_STEPS: Final = 20_000  # of SQLite's machine between two looks at the clock

Key = int | float | str | datetime | date
Record = tuple[Any, ...]


@dataclass(slots=True, kw_only=True)  # holds a connection, and until when a statement may run
class Relation:
    """One table or view at one moment of its database.

    Attributes:
        feed: which.
        connection: inside a transaction that only reads.
        columns: the type of each column, by name, in the order of the database.
        deadlines: until when the statement at work may run, by the clock of this process.
    """

    feed: TableFeed
    connection: Connection
    columns: dict[str, str] = field(default_factory=dict)
    deadlines: list[float] = field(default_factory=list)

    def pages(self, start: Key | None, *, inclusive: bool) -> Iterator[list[Record]]:
        """The rows from a key on, in its order; all rows of one key in the same page.

        Args:
            start: the key; None: from the first row on.
            inclusive: whether rows of that very key are given.
        """
        key, most = self._key, self.feed.page_rows
        while True:
            wanted = self._rows().where(key.is_not(None)).order_by(key).limit(most)
            if start is not None:
                wanted = wanted.where(key >= start if inclusive else key > start)
            page = self._fetched(wanted)
            if len(page) == most:
                last = self.key_of(page[-1])
                page = [record for record in page if self.key_of(record) != last]
                page += self._fetched(self._rows().where(key == last))
                yield page
                start, inclusive = last, False
                continue
            if page:
                yield page
            return

    def all_rows(self) -> Iterator[list[Record]]:
        """Every row, in no order."""
        self._statement_begins()
        streamed = self.connection.execution_options(yield_per=self.feed.page_rows)
        with streamed.execute(self._rows()) as found:
            for page in found.partitions(self.feed.page_rows):
                yield [tuple(record) for record in page]

    def key_before(self, key: Key, *, rows: int) -> Key | None:
        """The key so many rows before one; None where there are not so many."""
        wanted = select(self._key).where(self._key <= key).order_by(self._key.desc())
        found = self._fetched(wanted.offset(rows).limit(1))
        return self._as_key(found[0][0]) if found else None

    def highest(self) -> Key | None:
        """The highest key; None where there is no row."""
        wanted = select(self._key).where(self._key.is_not(None)).order_by(self._key.desc())
        found = self._fetched(wanted.limit(1))
        return self._as_key(found[0][0]) if found else None

    def key_of(self, record: Record) -> Key:
        """The key of a row."""
        return self._as_key(record[list(self.columns).index(self.feed.key)])

    @property
    def _key(self) -> ColumnElement[Any]:
        return column(self.feed.key)

    def _rows(self) -> Any:
        return select(*(column(name) for name in self.columns)).select_from(self._table())

    def _table(self) -> TableClause:
        schema, _, name = self.feed.relation.rpartition(".")
        return table(name, schema=schema or None)

    def _fetched(self, wanted: Any) -> list[Record]:
        self._statement_begins()
        if not wanted.get_final_froms():
            wanted = wanted.select_from(self._table())
        return [tuple(record) for record in self.connection.execute(wanted)]

    def _statement_begins(self) -> None:
        self.deadlines[:] = [time.monotonic() + self.feed.timeout_seconds]

    def _as_key(self, value: object) -> Key:
        if isinstance(value, Decimal) and value == value.to_integral_value():
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int | float | str | date):
            kind = type(value).__name__
            raise DataRefused(
                f"feed {self.feed.name}: key {self.feed.key} is a {kind};"
                " possible: a column of numbers or times that only grows"
            )
        return value


@contextmanager
def relation_at(feed: TableFeed) -> Iterator[Relation]:
    """A table or view, seen at one moment, in a transaction that cannot write.

    Raises:
        DataRefused: it cannot be reached or read, with what the database says.
        Misused: the URL, driver, password or key is not what the feed needs.
    """
    engine, deadlines = _engine(feed)
    try:
        with _in_words(feed), engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin() as transaction:
                _limit(connection, feed)
                relation = Relation(feed=feed, connection=connection, deadlines=deadlines)
                relation.columns = _columns(connection, feed)
                yield relation
                transaction.rollback()
    finally:
        engine.dispose()


def text_of(  # noqa: PLR0911 one return for each kind of value
    value: object,
) -> str | None:
    """A value as the text it would be in a file; None where it is NULL."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "backslashreplace")
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def place_of(feed: TableFeed) -> str:
    """Where a feed's rows are, without a password."""
    try:
        url = make_url(feed.url).set(query={})
    except ArgumentError:
        return feed.relation
    return f"{url.render_as_string(hide_password=True)} {feed.relation}"


def _engine(feed: TableFeed) -> tuple[Engine, list[float]]:
    """An engine that keeps no connection, and where the deadline of SQLite's statements stands."""
    deadlines: list[float] = []
    url = _url(feed)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            "sqlite://",
            creator=lambda: _sqlite(url, feed, deadlines),
            poolclass=NullPool,
            hide_parameters=True,
        )
        return engine, deadlines
    arguments = {}
    if url.get_backend_name() == "postgresql":
        arguments = {"connect_timeout": _CONNECT_SECONDS}
    try:
        engine = create_engine(
            url, poolclass=NullPool, hide_parameters=True, connect_args=arguments
        )
    except (NoSuchModuleError, ModuleNotFoundError) as trouble:
        driver = url.drivername
        raise Misused(
            f"feed {feed.name}: url: no driver for {driver} is installed; possible: install one,"
            " or sqlite, postgresql+psycopg"
        ) from trouble
    return engine, deadlines


def _url(feed: TableFeed) -> URL:
    try:
        url = make_url(feed.url)
    except ArgumentError:
        raise Misused(f"feed {feed.name}: url: is no URL of a database") from None
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    password = password_of(feed)
    if feed.user:
        url = url.set(username=feed.user)
    return url if password is None else url.set(password=password)


def _sqlite(url: URL, feed: TableFeed, deadlines: list[float]) -> sqlite3.Connection:
    """A connection that cannot write, and stops a statement at its deadline."""
    path = quote(url.database or "")
    found = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=feed.timeout_seconds)
    found.execute("PRAGMA query_only = ON")
    found.set_progress_handler(lambda: bool(deadlines) and time.monotonic() > deadlines[0], _STEPS)
    return found


def _limit(connection: Connection, feed: TableFeed) -> None:
    if connection.dialect.name == "postgresql":
        milliseconds = int(feed.timeout_seconds * 1000)
        connection.execute(text(f"SET LOCAL statement_timeout = {milliseconds:d}"))


def _columns(connection: Connection, feed: TableFeed) -> dict[str, str]:
    schema, _, name = feed.relation.rpartition(".")
    try:
        found = inspect(connection).get_columns(name, schema=schema or None)
    except NoSuchTableError:
        found = []
    columns = {str(one["name"]): _type(one["type"]) for one in found}
    place = f"feed {feed.name}: {place_of(feed)}"
    if not columns:
        raise DataRefused(f"{place}: is not there, or may not be seen by this user")
    if feed.key and feed.key not in columns:
        raise DataRefused(f"{place}: has no column {feed.key}; found: {', '.join(columns)[:400]}")
    return columns


def _type(found: Any) -> str:
    try:
        return str(found)
    except CompileError:
        return type(found).__name__


@contextmanager
def _in_words(feed: TableFeed) -> Iterator[None]:
    """What a database says, said as ours; only what cannot hold a row is passed on."""
    place = f"feed {feed.name}: {place_of(feed)}"
    try:
        yield
    except DBAPIError as trouble:
        kind = type(trouble).__name__
        code = getattr(trouble.orig, "sqlstate", None) or ""
        telling = kind in {"OperationalError", "ProgrammingError"}
        lines = str(trouble.orig).strip().splitlines() if telling else []
        said = lines[0][:200] if lines else f"{kind} {code}".strip()
        raise DataRefused(f"{place}: cannot be read: {said}") from None
    except SQLAlchemyError as trouble:
        raise DataRefused(f"{place}: cannot be read: {type(trouble).__name__}") from None


def records_as_json(names: Sequence[str], record: Record) -> bytes:
    """A row as one line of JSON, in ASCII: what the quarantine keeps of it."""
    cells = (text_of(value) for value in record)
    return json.dumps(dict(zip(names, cells, strict=True))).encode()
