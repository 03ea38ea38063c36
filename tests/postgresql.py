"""A real PostgreSQL for the tests: reached or not, and databases that leave nothing behind."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier

HOST = "127.0.0.1"
PORT = 5432
REQUIRED = os.environ.get("PSDMON_REQUIRE_POSTGRESQL") == "1"
PREFIX = "psdmon_test_"
LEFT_OVER_SECONDS = 3600  # a database older than this is of a run that was killed


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A PostgreSQL that answers, and the user it answers to."""

    user: str

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of one database."""
        return f"postgresql+psycopg://{self.user}@{HOST}:{PORT}/{database}"

    def connect(self) -> psycopg.Connection:
        """A connection to the maintenance database, each statement its own transaction."""
        return _connect(self.user)


def server_wanted() -> str:
    """What this run asks of PostgreSQL, in words."""
    need = "required" if REQUIRED else "used where it answers"
    return f"{HOST}:{PORT}, {need} (PSDMON_REQUIRE_POSTGRESQL=1 requires it)"


def server_reached() -> Server | str:
    """The server, or why it was not reached."""
    users = dict.fromkeys([os.environ.get("PGUSER", "postgres"), "root"])
    troubles = []
    for user in users:
        try:
            with _connect(user) as connection:
                _drop_left_overs(connection)
            return Server(user=user)
        except psycopg.OperationalError as trouble:
            troubles.append(f"as {user}: {str(trouble).strip().splitlines()[0]}")
    return f"PostgreSQL at {HOST}:{PORT} was not reached: " + "; ".join(troubles)


@contextmanager
def fresh_database(server: Server) -> Iterator[str]:
    """The URL of an empty database with a random name, dropped on leaving."""
    with server.connect() as connection:
        born = _one(connection, "SELECT extract(epoch FROM now())::bigint")
        name = f"{PREFIX}{born}_{uuid4().hex[:12]}"
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name)))
        # A test does not outlive a power cut, so nothing waits for the disk.
        quicker = SQL("ALTER DATABASE {} SET synchronous_commit = off")
        connection.execute(quicker.format(Identifier(name)))
    try:
        yield server.url(name)
    finally:
        with server.connect() as connection:
            _drop(connection, name)


def _connect(user: str) -> psycopg.Connection:
    return psycopg.connect(
        host=HOST, port=PORT, user=user, dbname="postgres", autocommit=True, connect_timeout=3
    )


def _one(connection: psycopg.Connection, question: str) -> int:
    row = connection.execute(SQL(question)).fetchone()
    return int(row[0]) if row else 0


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def _drop_left_overs(connection: psycopg.Connection) -> None:
    """Drop the databases of runs that were killed; a name carries the second it was made."""
    rows = connection.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE %s"
        " AND split_part(datname, '_', 3)::bigint < extract(epoch FROM now()) - %s",
        (PREFIX.replace("_", r"\_") + "%", LEFT_OVER_SECONDS),
    ).fetchall()
    for (name,) in rows:
        _drop(connection, name)
