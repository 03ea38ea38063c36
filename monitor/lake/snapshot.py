"""The lake as it stands at one moment, and the views through which it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from monitor.lake.delta import Files
from monitor.lake.shape import QUARANTINE, TABLES, shape_of, stored_columns
from monitor.lake.verdicts import connection, parquet, quoted
from monitor.settings import Engine

_SQL_TYPES = {pa.string(): "VARCHAR", pa.int64(): "BIGINT", pa.bool_(): "BOOLEAN"}
# Columns that serve the lake alone and would only be in the way of a reader.
_HIDDEN = frozenset({"key_sha256"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The files of every table, each taken at one version: later loads do not show here."""

    tables: Mapping[str, Files]

    @property
    def versions(self) -> dict[str, int]:
        """The Delta version of each table that exists, by name."""
        return {name: files.version for name, files in sorted(self.tables.items())}

    def connect(
        self, *, engine: Engine, known_at: datetime | None = None, since: datetime | None = None
    ) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection with a view for every table, empty where nothing was loaded.

        Beside each reference table, `<table>_told` holds the rows that later ones superseded too.

        Args:
            engine: what the connection may use of the machine.
            known_at: rows loaded after this are not seen.
            since: accesses before this are not seen: of a time that was erased, those that are
                held back would stand alone.
        """
        con = connection(engine)
        for table in ("events", QUARANTINE.name, *TABLES):
            view = self._view(table, known_at)
            if table == "events" and since is not None:
                view = f"SELECT * FROM ({view}) WHERE occurred_at >= {_timestamp(since)}"
            con.execute(f"CREATE VIEW {table} AS {view}")
        for table in TABLES:
            con.execute(f"CREATE VIEW {table}_told AS {self._told(table, known_at)}")
        return con

    def _told(self, table: str, known_at: datetime | None) -> str:
        """Everything that was ever said of a table, superseded rows included."""
        files = self.tables.get(table)
        if files is None or not files.paths:
            return self._view(table, known_at)
        columns = (f'"{c}"' for c in stored_columns(table) if c not in _HIDDEN)
        return f"SELECT {', '.join(columns)} FROM {parquet(files.paths)}{_known_by(known_at)}"

    def _view(self, table: str, known_at: datetime | None) -> str:
        columns = [c for c in stored_columns(table) if c not in _HIDDEN]
        files = self.tables.get(table)
        if files is None or not files.paths:
            return f"SELECT {', '.join(_absent(table, c) for c in columns)} WHERE false"
        rows = f"FROM {parquet(files.paths)}{_known_by(known_at)}"
        latest = "" if table == "events" else _latest(table)
        first = _first_told(table) if latest and table in TABLES else '"loaded_at"'
        chosen = (first if column == "loaded_at" else f'"{column}"' for column in columns)
        return f"SELECT {', '.join(chosen)} {rows}{latest}"


def _absent(table: str, column: str) -> str:
    kind = shape_of(table).type_of(column)
    return f'NULL::{_SQL_TYPES.get(kind, _special(kind))} AS "{column}"'


def _special(kind: pa.DataType) -> str:
    return "BLOB" if pa.types.is_binary(kind) else "TIMESTAMP"


def _known_by(known_at: datetime | None) -> str:
    if known_at is None:
        return ""
    return f" WHERE loaded_at <= {_timestamp(known_at)}"


def _timestamp(moment: datetime) -> str:
    """A moment as an SQL literal, in UTC."""
    return f"TIMESTAMP {quoted(moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' '))}"


def _latest(table: str) -> str:
    """Only the last row of each natural key; the earlier ones stay for what was known when."""
    shape = shape_of(table)
    if set(shape.key) == set(shape.columns):
        return ""
    key = _key(table)
    order = "loaded_seq DESC" + ("" if table == QUARANTINE.name else ", line DESC")
    return f" QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {order}) = 1"


def _first_told(table: str) -> str:
    """When the lake first heard of a row's key, whatever was said of it later."""
    return f'min("loaded_at") OVER (PARTITION BY {_key(table)}) AS "loaded_at"'


def _key(table: str) -> str:
    return ", ".join(f'"{column}"' for column in shape_of(table).key)


def span_sql() -> str:
    """The first and last time of an event, in microseconds since 1970, and how many there are."""
    return "SELECT epoch_us(min(occurred_at)), epoch_us(max(occurred_at)), count(*) FROM events"
