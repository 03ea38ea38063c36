"""One engine on SQLite or PostgreSQL: writers one after another, readers on one moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError

from alerts.errors import Busy, DataRefused, IntegrityBroken, Misused, PsdmonError
from alerts.schema import chain_head

BUSY_SECONDS: Final = 30  # how long a writer waits for its turn before it gives up
_CONNECT_SECONDS: Final = 10  # how long a PostgreSQL server may take to answer at all
_ALTERING: Final = 7_305_110  # any number will do, as long as every psdmon takes the same
_WRITES: Final = "psdmon_writes"
_DRIVERS: Final = {
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_NO_TEXT: Final = "a value holds a NUL or half a character; possible: plain text"
_POSSIBLE: Final = "sqlite:////path/to/psdmon.db, postgresql+psycopg://user@host/database"

# What a database says, in its own words or by its SQLSTATE, and what that is to a person.
_TROUBLES: Final[tuple[tuple[tuple[str, ...], type[PsdmonError], str], ...]] = (
    (
        ("is locked", "55P03", "40P01", "40001"),
        Busy,
        f"held by another writer for {BUSY_SECONDS} s; possible: try again",
    ),
    (
        ("no such table", "no such column", "42P01", "42703"),
        Misused,
        "has not the tables of this psdmon; possible: psdmon init",
    ),
    (("disk is full", "53100"), Busy, "has no room; possible: make room and try again"),
    (
        ("malformed", "not a database", "XX001", "XX002"),
        IntegrityBroken,
        "cannot be read as a database; possible: put the last backup in its place",
    ),
    (
        ("readonly database", "unable to open", "42501", "28000", "28P01"),
        Misused,
        "may not be opened or written by this user; possible: the user who owns it",
    ),
    (("disk I/O error", "58030"), Busy, "the disk did not answer; possible: try again"),
)


def engine_at(url: str) -> Engine:
    """An engine for a URL; nothing is opened yet.

    Raises:
        Misused: the URL is not one of SQLite or PostgreSQL.
    """
    parsed = _parsed(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    engine = create_engine(
        parsed,
        hide_parameters=True,  # they name people, and an error message must not
        pool_pre_ping=not sqlite,
        connect_args={"timeout": BUSY_SECONDS} if sqlite else {"connect_timeout": _CONNECT_SECONDS},
    )
    if sqlite:
        event.listen(engine, "connect", _sqlite_connected)
        event.listen(engine, "begin", _sqlite_begun)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction in which nobody else writes; all of it is kept, or nothing.

    Raises:
        Busy: another writer held the store too long, or it cannot be reached; nothing was changed.
    """
    with in_words(engine), engine.connect() as connection:
        connection.execution_options(**{_WRITES: True})
        with connection.begin():
            _wait_turn(connection)
            connection.execute(select(chain_head.c.seq).with_for_update())
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one moment of the store, whoever writes meanwhile."""
    with in_words(engine), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with connection.begin():
            yield connection


@contextmanager
def altering(engine: Engine) -> Iterator[Connection]:
    """A transaction in which nobody else alters the schema."""
    with in_words(engine), engine.connect() as connection:
        connection.execution_options(**{_WRITES: True})
        with connection.begin():
            _wait_turn(connection)
            if engine.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_ALTERING)))
            yield connection


def place(engine: Engine) -> str:
    """Where the store is, without a password."""
    return f"store {engine.url.set(query={}).render_as_string(hide_password=True)}"


def keep_write_ahead_log(engine: Engine) -> None:
    """Switches an SQLite file to a write-ahead log, so that readers and the writer do not wait."""
    if engine.dialect.name != "sqlite":
        return
    with in_words(engine):
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA journal_mode = WAL").close()
        finally:
            raw.close()


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Misused(f"store: the URL cannot be read; possible: {_POSSIBLE}") from None
    if parsed.drivername not in _DRIVERS:
        raise Misused(f"store: {parsed.drivername} is unknown; possible: {_POSSIBLE}")
    return parsed.set(drivername=_DRIVERS[parsed.drivername])


def _wait_turn(connection: Connection) -> None:
    """Says how long PostgreSQL may wait for a lock; SQLite was told when it was connected."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'"))


def _sqlite_connected(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    # A damaged row must be seen by verification, not stop it.
    connection.text_factory = lambda content: content.decode("utf-8", "surrogateescape")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(
        "PRAGMA synchronous = FULL"
    )  # what was said to be stored outlives a power cut


def _sqlite_begun(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def in_words(engine: Engine) -> Iterator[None]:
    """Whatever the database says, said as one of our errors where a person can do something."""
    try:
        yield
    except DBAPIError as error:
        trouble = _trouble(error, where=place(engine))
        if trouble is None:
            raise
        raise trouble from error
    except UnicodeEncodeError:
        raise DataRefused(f"{place(engine)}: {_NO_TEXT}") from None


def _trouble(error: DBAPIError, *, where: str) -> PsdmonError | None:
    said = str(error.orig)
    code = getattr(error.orig, "sqlstate", None) or ""
    for signs, kind, says in _TROUBLES:
        if code in signs or any(sign in said for sign in signs if " " in sign or sign.islower()):
            return kind(f"{where}: {says}")
    if isinstance(error, DataError):
        return DataRefused(f"{where}: {_NO_TEXT}")
    if error.connection_invalidated or (not code and type(error).__name__ == "OperationalError"):
        return Busy(f"{where}: does not answer; possible: start it, or try again")
    return None
