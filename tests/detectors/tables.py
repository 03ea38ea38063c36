"""A lake in memory from small tables as a person would write them, and frames of it.

    events = '''
        occurred_at      | user_id | subject_id
        2026-03-02 09:00 | U1      | P1
    '''

Times are local to the zone of the table's reader; a blank cell is a cell without a value. Whatever
column or table is not written down is there, and empty.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from detectors.framing import framed
from detectors.model import Frame, Limits, Window
from monitor.lake.shape import TABLES, shape_of, stored_columns

LONDON = "Europe/London"
SQL_TYPES = {pa.string(): "varchar", pa.int64(): "bigint", pa.bool_(): "boolean"}
ORDINARY = {"source": "log", "system": "RMS", "action": "view", "is_machine": "false"}

LIMITS = Limits(
    zone=LONDON,
    gap=timedelta(minutes=30),
    before=timedelta(hours=2),
    after=timedelta(hours=48),
    colleague=timedelta(days=3),
    dispatch=timedelta(hours=24),
    supervision=timedelta(hours=48),
    own_report=timedelta(hours=72),
    court=timedelta(days=2),
    responsibility_weeks=4,
    responsibility_pairs=50,
    responsibility_share=0.9,
    self_made=timedelta(days=28),
    late_entry=timedelta(days=7),
    duty_margin=timedelta(minutes=30),
)

Row = dict[str, str | None]


def rows_of(table: str) -> list[Row]:
    """The rows of a written table, by column; a blank cell is None."""
    lines = [line for line in table.splitlines() if line.strip()]
    names, *rows = ([cell.strip() or None for cell in line.split("|")] for line in lines)
    return [dict(zip([str(name) for name in names], row, strict=True)) for row in rows]


def a_lake(*, zone: str = "UTC", **tables: str | Sequence[Row]) -> duckdb.DuckDBPyConnection:
    """A connection with every table of the lake, those given filled."""
    connection = an_empty_lake()
    for name, table in tables.items():
        rows = rows_of(table) if isinstance(table, str) else table
        fill(connection, name, rows, zone=zone)
    return connection


def an_empty_lake() -> duckdb.DuckDBPyConnection:
    """A connection with every table of the lake, all empty."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")
    for name in ("events", *TABLES):
        columns = ", ".join(f'"{c}" {_sql_type(name, c)}' for c in stored_columns(name))
        connection.execute(f"create table {name} ({columns})")
    return connection


def fill(
    connection: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Row], *, zone: str = "UTC"
) -> None:
    """Add rows to one table of a lake."""
    if not rows:
        return
    whole = [_whole(name, row, number, zone=zone) for number, row in enumerate(rows)]
    names = list(dict.fromkeys(column for row in whole for column in row))
    arrow = pa.table({c: pa.array([row.get(c) for row in whole], pa.string()) for c in names})
    load(connection, name, arrow)


def load(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Add the rows of an Arrow table, by column name."""
    connection.register("given", rows)
    chosen = ", ".join(
        f'"{column}"::{_sql_type(name, column)} as "{column}"' for column in rows.column_names
    )
    connection.execute(f"insert into {name} by name select {chosen} from given")
    connection.unregister("given")


def a_frame(
    connection: duckdb.DuckDBPyConnection,
    start: str,
    end: str,
    *,
    limits: Limits = LIMITS,
    feeds: frozenset[str] | None = None,
) -> Frame:
    """The frame of the days [start, end), UTC; every table with rows is a feed."""
    window = Window(start=a_day(start), end=a_day(end))
    known = feeds_of(connection) if feeds is None else feeds
    return framed(connection, window, limits=limits, feeds=known)


def feeds_of(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The reference tables that hold rows."""
    filled = " union all ".join(f"(select '{name}' from {name} limit 1)" for name in TABLES)
    return frozenset(name for (name,) in connection.execute(filled).fetchall())


def a_day(text: str) -> datetime:
    """A moment in UTC from a date or a date and a time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shown(
    frame: Frame, columns: str = "user_id, subject_id, started_at", *, table: str = "visit"
) -> list[tuple[object, ...]]:
    """Rows of a table of the frame with ids for numbers, in order; times as text."""
    cursor = frame.connection.execute(f"""
        select {columns} from {table}
        join user_code using (user_no) join subject_code using (subject_no) order by all
    """)
    return [tuple(_plain(value) for value in row) for row in cursor.fetchall()]


def kinds(frame: Frame) -> list[tuple[object, ...]]:
    """Who looked at whom, and what explains it, a row for each visit and explanation."""
    found = "(select v.* exclude (kind), e.kind from visit v join explained e using (visit_no))"
    return shown(frame, "user_id, subject_id, kind", table=found)


def _plain(value: object) -> object:
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else value


def _whole(name: str, row: Row, number: int, *, zone: str) -> Mapping[str, str | None]:
    shape = shape_of(name)
    told = {
        column: _utc(value, zone) if value and column in shape.times else value
        for column, value in row.items()
    }
    if name != "events":
        return told
    month = str(told["occurred_at"])[:7]
    return {**ORDINARY, "event_id": f"e{number:05d}", "month": month, **told}


def _utc(text: str, zone: str) -> str:
    """A local time as naive UTC; `fold` 1 is written with a trailing `*` (the second of two)."""
    local = datetime.fromisoformat(text.rstrip("*")).replace(
        tzinfo=ZoneInfo(zone), fold=int(text.endswith("*"))
    )
    return local.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


def _sql_type(name: str, column: str) -> str:
    if column == "month":
        return "varchar"
    kind = shape_of(name).type_of(column)
    return SQL_TYPES.get(kind, "timestamp")
