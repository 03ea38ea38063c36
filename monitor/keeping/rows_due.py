"""Which rows of the lake are out of time, and which are held back all the same, in SQL."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from alerts.model import Alert
from monitor.feeds import REFERENCE_TABLES
from monitor.keeping.holds import Hold
from monitor.lake.shape import stored_schema
from monitor.lake.verdicts import connection, parquet, quoted
from monitor.utc_day import midnight
from monitor.wiring import Site

if TYPE_CHECKING:
    import duckdb

EVENTS: Final = "events"
QUARANTINE: Final = "quarantine"
TABLES: Final = (EVENTS, *REFERENCE_TABLES, QUARANTINE)

_SUPERSEDED = "(loaded_at < $cut AND loaded_seq < last_seq)"
_GONE = "(loaded_at < $cut AND {0} NOT IN (SELECT subject_id FROM looked_at))"
_CLOSED = "case_ref IN (SELECT case_ref FROM closed_case WHERE closed_at < $cut)"
# When a record is out of time. `cut` is the first moment that is kept.
_DUE: Final[Mapping[str, str]] = {
    EVENTS: "occurred_at < $cut",
    "staff": f"valid_to < $cut OR {_SUPERSEDED}",
    "shifts": f"ends_at < $cut OR {_SUPERSEDED}",
    "taskings": f"ends_at < $cut OR (ends_at IS NULL AND {_CLOSED}) OR {_SUPERSEDED}",
    "cases": f"{_CLOSED} OR {_SUPERSEDED}",
    "case_subjects": _CLOSED,
    "subjects": f"{_GONE.format('subject_id')} OR {_SUPERSEDED}",
    "subject_identifiers": f"valid_to < $cut OR {_GONE.format('subject_id')} OR {_SUPERSEDED}",
    "subject_links": (
        f"valid_to < $cut OR {_SUPERSEDED}"
        f" OR ({_GONE.format('subject_id')} AND {_GONE.format('linked_subject_id')})"
    ),
    "record_changes": "changed_at < $cut",
    "declared_associations": f"valid_to < $cut OR {_SUPERSEDED}",
    "watched_records": f"valid_to < $cut OR {_SUPERSEDED}",
    "outcomes": "decided_at < $cut",
    QUARANTINE: "loaded_at < $cut",
}
_IN_A_HELD_SPAN: Final = """EXISTS (
    SELECT 1 FROM held_span s WHERE raw.occurred_at >= s.first AND raw.occurred_at < s.past
    AND (s.user_id IS NULL OR s.user_id IN (raw.user_id, raw.requester_id))
    AND (s.subject_id IS NULL OR s.subject_id = raw.subject_id)
)"""
_ANYBODY: Final[tuple[str | None]] = (None,)
# Which columns say whom a record is about, and when it was.
_USERS: Final = ("user_id", "requester_id")
_SUBJECTS: Final = ("subject_id", "linked_subject_id", "person_subject_id", "address_subject_id")


def kind_of(table: str) -> str:
    """The key of the settings that says how long a table is kept."""
    return table if table in {EVENTS, QUARANTINE} else "reference"


def kept_sql(table: str) -> str:
    """The SQL of the rows of a table that stay."""
    columns = ", ".join(f'"{name}"' for name in stored_schema(table).names)
    return f"SELECT {columns} FROM told_{table} WHERE NOT (due AND NOT held)"


def erased_sql(table: str) -> str:
    """The SQL of the hashes of the rows of a table that go, in order."""
    own = "id" if table == QUARANTINE else "content_sha256"
    return f'SELECT "{own}" FROM told_{table} WHERE due AND NOT held ORDER BY "{own}"'


def opened(
    site: Site, cuts: Mapping[str, datetime], *, kept: Iterable[Alert], holds: Iterable[Hold]
) -> "duckdb.DuckDBPyConnection":
    """A connection with a view told_TABLE for each table: every row, whether due, whether held."""
    con = connection(site.settings.engine)
    for table in TABLES:
        _lay_raw(con, site, table=table)
    _lay_held(con, site, kept=kept, holds=holds)
    con.execute(
        "CREATE TEMP TABLE closed_case AS SELECT case_ref, arg_max(closed_at, (loaded_seq, line))"
        " AS closed_at FROM raw_cases GROUP BY case_ref"
    )
    for table in TABLES:
        con.execute(f"CREATE VIEW told_{table} AS {_told_sql(table, cuts)}")
        if table == EVENTS:
            con.execute(
                "CREATE TEMP TABLE looked_at AS SELECT DISTINCT subject_id FROM told_events"
                " WHERE subject_id IS NOT NULL AND NOT (due AND NOT held)"
            )
            con.execute(
                "INSERT INTO looked_at SELECT i.subject_id FROM raw_subject_identifiers i"
                " JOIN looked_at l ON i.local_id = l.subject_id"
            )
    return con


def _lay_raw(con: "duckdb.DuckDBPyConnection", site: Site, *, table: str) -> None:
    """Every row that was ever told of a table; none where there is no table."""
    files = site.lake.snapshot(table).tables.get(table)
    if files is not None and files.paths:
        con.execute(f"CREATE VIEW raw_{table} AS SELECT * FROM {parquet(files.paths)}")
        return
    con.register(f"raw_{table}", stored_schema(table).empty_table())


def _told_sql(table: str, cuts: Mapping[str, datetime]) -> str:
    cut = cuts.get(kind_of(table))
    due = "false" if cut is None else _DUE[table].replace("$cut", _timestamp(cut))
    last = (
        "0" if table in {EVENTS, QUARANTINE} else "max(loaded_seq) OVER (PARTITION BY key_sha256)"
    )
    return (
        f"SELECT * EXCLUDE (last_seq), coalesce({due}, false) AS due,"
        f" coalesce({_held_sql(table)}, false) AS held"
        f" FROM (SELECT *, {last} AS last_seq FROM raw_{table}) AS raw"
    )


def _held_sql(table: str) -> str:
    """Whether a row is held: by whom it is about, by an alert it bears out, by its time."""
    names = stored_schema(table).names
    told = [f"{c} IN (SELECT id FROM held_user)" for c in _USERS if c in names]
    told += [f"{c} IN (SELECT id FROM held_subject)" for c in _SUBJECTS if c in names]
    if table == EVENTS:
        told += [
            "event_id IN (SELECT id FROM held_event)",
            "(user_id, subject_id) IN (SELECT user_id, subject_id FROM held_pair)",
            _IN_A_HELD_SPAN,
        ]
    else:
        told += [f"{c} IN (SELECT user_id FROM held_pair)" for c in _USERS if c in names]
        told += [f"{c} IN (SELECT subject_id FROM held_pair)" for c in _SUBJECTS if c in names]
        if "case_ref" in names:
            told.append("case_ref IN (SELECT id FROM held_case)")
    return " OR ".join(f"coalesce({one}, false)" for one in told) or "false"


def _lay_held(
    con: "duckdb.DuckDBPyConnection", site: Site, *, kept: Iterable[Alert], holds: Iterable[Hold]
) -> None:
    """What is held: people, pairs and rows of alerts that are kept, and what holds name."""
    con.execute(
        "CREATE TEMP TABLE held_user (id VARCHAR); CREATE TEMP TABLE held_subject (id VARCHAR);"
        "CREATE TEMP TABLE held_event (id VARCHAR); CREATE TEMP TABLE held_case (id VARCHAR);"
        "CREATE TEMP TABLE held_pair (user_id VARCHAR, subject_id VARCHAR);"
        "CREATE TEMP TABLE held_span (first TIMESTAMP, past TIMESTAMP, user_id VARCHAR,"
        " subject_id VARCHAR)"
    )
    for alert in kept:
        _into(con, "held_event", rows=((one,) for one in alert.event_ids))
        _into(con, "held_pair", rows=((u, s) for u in alert.user_ids for s in alert.subject_ids))
    for hold in holds:
        _lay_hold(con, site, hold=hold)
    con.execute(
        "INSERT INTO held_subject SELECT i.local_id FROM raw_subject_identifiers i"
        " JOIN held_subject h ON h.id = i.subject_id"
    )
    con.execute(
        "INSERT INTO held_case SELECT DISTINCT case_ref FROM raw_events WHERE case_ref IS NOT NULL"
        " AND event_id IN (SELECT id FROM held_event)"
    )


def _lay_hold(con: "duckdb.DuckDBPyConnection", site: Site, *, hold: Hold) -> None:
    """What one hold names; a token is found again among all ids by the key."""
    masker = site.masker.for_files()
    users: list[str | None] = []
    people: list[str | None] = []
    if hold.staff:
        users += [one for one in _ids(con, _USERS) if masker.staff(one) == hold.staff]
    if hold.person:
        people += [one for one in _ids(con, _SUBJECTS) if masker.record(one) == hold.person]
    if hold.start is None:
        _into(con, "held_user", rows=((one,) for one in users))
        _into(con, "held_subject", rows=((one,) for one in people))
        return
    if (hold.staff and not users) or (hold.person and not people):
        return
    first, past = midnight(hold.start), midnight(hold.end or date.max)
    spans = [
        (first.replace(tzinfo=None), past.replace(tzinfo=None), user, person)
        for user in users or _ANYBODY
        for person in people or _ANYBODY
    ]
    _into(con, "held_span", rows=spans)


def _ids(con: "duckdb.DuckDBPyConnection", columns: tuple[str, ...]) -> list[str]:
    """Every id that stands in some columns of any table."""
    asked = [
        f"SELECT {column} AS id FROM raw_{table}"
        for table in TABLES
        for column in columns
        if column in stored_schema(table).names
    ]
    rows = con.execute(f"SELECT DISTINCT id FROM ({' UNION '.join(asked)}) WHERE id IS NOT NULL")
    return [str(row[0]) for row in rows.fetchall()]


def _into(
    con: "duckdb.DuckDBPyConnection", table: str, *, rows: Iterable[tuple[object, ...]]
) -> None:
    found = list(rows)
    if found:
        marks = ", ".join("?" for _ in found[0])
        con.executemany(f"INSERT INTO {table} VALUES ({marks})", found)


def _timestamp(moment: datetime) -> str:
    return f"TIMESTAMP {quoted(moment.replace(tzinfo=None).isoformat(sep=' '))}"
