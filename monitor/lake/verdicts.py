"""Which incoming rows are new, which the lake already knows, and which contradict it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitor.settings import Engine

Connection = duckdb.DuckDBPyConnection

_NEW, _KNOWN, _CONFLICT = 0, 1, 2

# Same key, same content: known. Same key, other content: a contradiction, wherever it stands.
# Within the rows that come together, the first of a key is the one the others are held against.
_EVENTS = """
WITH known AS (
    SELECT source, event_id, any_value(content_sha256) AS content
    FROM lake SEMI JOIN incoming USING (source, event_id) GROUP BY ALL
), first AS (
    SELECT source, event_id, min(position) AS position, arg_min(content_sha256, position) AS content
    FROM incoming GROUP BY ALL
)
SELECT incoming.position, CASE
    WHEN coalesce(known.content, first.content) <> incoming.content_sha256 THEN 2
    WHEN known.content IS NULL AND incoming.position = first.position THEN 0
    ELSE 1 END::TINYINT AS verdict
FROM incoming JOIN first USING (source, event_id) LEFT JOIN known USING (source, event_id)
ORDER BY incoming.position
"""

# A key whose last incoming row is what the lake has as its latest changes nothing at all:
# else a file with two rows of one key would be stored again each time it is read.
_ROWS = """
WITH latest AS (
    SELECT key_sha256, arg_max(content_sha256, (loaded_seq, line)) AS content
    FROM lake SEMI JOIN incoming USING (key_sha256) GROUP BY ALL
), last AS (
    SELECT key_sha256, arg_max(content_sha256, position) AS content FROM incoming GROUP BY ALL
)
SELECT incoming.position, CASE
    WHEN last.content = latest.content THEN 1
    WHEN incoming.content_sha256 = coalesce(lag(incoming.content_sha256) OVER (
        PARTITION BY incoming.key_sha256 ORDER BY incoming.position), latest.content) THEN 1
    ELSE 0 END::TINYINT AS verdict
FROM incoming JOIN last USING (key_sha256) LEFT JOIN latest USING (key_sha256)
ORDER BY incoming.position
"""

_REFUSED = """
SELECT position, CASE
    WHEN id IN (SELECT id FROM lake SEMI JOIN incoming USING (id)) THEN 1
    WHEN position > min(position) OVER (PARTITION BY id) THEN 1
    ELSE 0 END::TINYINT AS verdict
FROM incoming ORDER BY position
"""

_COLUMNS = {
    _EVENTS: ("source", "event_id", "content_sha256"),
    _ROWS: ("key_sha256", "content_sha256", "loaded_seq", "line"),
    _REFUSED: ("id",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """One verdict per incoming row, in order: shape (rows,)."""

    each: NDArray[np.int8]

    @property
    def new(self) -> pa.ChunkedArray:
        """Whether each row is new."""
        return pa.chunked_array([pa.array(self.each == _NEW)])

    @property
    def conflicting(self) -> pa.ChunkedArray:
        """Whether each row contradicts what is known under its key."""
        return pa.chunked_array([pa.array(self.each == _CONFLICT)])

    @property
    def stored(self) -> int:
        """Number of new rows."""
        return int((self.each == _NEW).sum())

    @property
    def already_known(self) -> int:
        """Number of rows that say nothing new."""
        return int((self.each == _KNOWN).sum())


def events_verdicts(rows: pa.Table, *, files: Sequence[str], con: Connection | None) -> Verdicts:
    """What the lake says of events, by source and event id."""
    return _verdicts(_EVENTS, rows, files=files, con=con)


def rows_verdicts(rows: pa.Table, *, files: Sequence[str], con: Connection | None) -> Verdicts:
    """What the lake says of the rows of one reference file, by natural key, in file order."""
    return _verdicts(_ROWS, rows, files=files, con=con)


def refused_verdicts(rows: pa.Table, *, files: Sequence[str], con: Connection | None) -> Verdicts:
    """Which refused rows are not yet in the quarantine."""
    return _verdicts(_REFUSED, rows, files=files, con=con)


def connection(engine: Engine) -> Connection:
    """A DuckDB connection within the force's limits, in UTC, with nothing on the screen."""
    con = duckdb.connect(":memory:")
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET enable_progress_bar = false")
    con.execute(f"SET threads = {engine.threads:d}")
    con.execute("SET memory_limit = " + quoted(engine.memory))
    return con


def quoted(text: str) -> str:
    """The text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def parquet(files: Sequence[str]) -> str:
    """The SQL that reads exactly these files, whatever characters their names hold."""
    paths = ", ".join(quoted(_without_patterns(path)) for path in files)
    # The month of an event is in the name of its folder, not in its file.
    by_month = "/month=" in files[0]
    months = "true, hive_types = {'month': 'VARCHAR'}" if by_month else "false"
    return f"read_parquet([{paths}], hive_partitioning = {months})"


def _without_patterns(path: str) -> str:
    return "".join(f"[{character}]" if character in "*?" else character for character in path)


def _verdicts(
    sql: str, rows: pa.Table, *, files: Sequence[str], con: Connection | None
) -> Verdicts:
    columns = _COLUMNS[sql]
    incoming = rows.select([c for c in columns if c in rows.column_names])
    incoming = incoming.append_column("position", pa.array(np.arange(rows.num_rows)))
    with _borrowed(con) as used:
        used.register("incoming", incoming)
        used.execute("CREATE OR REPLACE TEMP VIEW lake AS " + _lake(columns, files))
        each = used.execute(sql).fetchnumpy()["verdict"]
        used.unregister("incoming")
    return Verdicts(each=np.asarray(each, dtype=np.int8))


@contextmanager
def _borrowed(con: Connection | None) -> Iterator[Connection]:
    """The connection, or one made for this once, which takes longer than most queries."""
    if con is not None:
        yield con
        return
    own = connection(Engine())
    try:
        yield own
    finally:
        own.close()


def _lake(columns: Sequence[str], files: Sequence[str]) -> str:
    if files:
        return f"SELECT {', '.join(columns)} FROM {parquet(files)}"
    types = {"loaded_seq": "BIGINT", "line": "BIGINT"}
    empty = ", ".join(f"NULL::{types.get(c, 'VARCHAR')} AS {c}" for c in columns)
    return f"SELECT {empty} WHERE false"
