"""The reference of a week: worked out once, kept in the home, and the same whenever it is again.

It is drawn from what was known when the week began, so that nothing of later changes it. What is
kept stands under a digest of all that it was drawn from; where that differs, or nothing is kept, or
what is kept is damaged, it is worked out anew.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from alerts.fusing import measured
from alerts.judging import Week
from alerts.records import Upheld
from alerts.reference import Reference, reference_of
from alerts.teaching import Taught
from detectors.framing import Groundwork, framed, keep, known_at, settled
from detectors.model import Frame, Window
from detectors.model.frame import PAIR_BASE
from monitor.feeds import REFERENCE_TABLES
from monitor.knowledge import Records, Rules
from monitor.utc_day import day_of, midnight

# Where a row came from says nothing of what is in it; when a tasking was written down does.
_PROVENANCE: Final = frozenset(
    {"file", "line", "loaded_at", "loaded_seq", "raw_sha256", "content_sha256", "key_sha256"}
)
_ROW: Final = ("user_no", "focus_no", "day", "role_no", "context", "fold")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where what a frame laid is to be found, and how it is let go of."""

    schema: str
    let_go: str  # SQL


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the days of a week are judged on."""

    reference: Reference
    groundwork: Groundwork
    connection: duckdb.DuckDBPyConnection
    let_go: str  # SQL

    def close(self) -> None:
        """Lets go of what was laid."""
        self.connection.execute(self.let_go)


def ground_of(records: Records, rules: Rules, *, week: Week, model: Taught | None) -> Ground:
    """The reference of a week and what its frame laid, from what is kept or worked out.

    Args:
        records: what is known.
        rules: how it is judged.
        week: to be judged.
        model: what drills taught.
    """
    connection, begins = records.connection, midnight(day_of(week.reference_to))
    with known_at(connection, begins):
        key = key_of(records, rules, week=week, model=model)
        place = _found(records, key)
        if place is None:
            drawn = _drawn(records, rules, week=week, model=model)
            place = _laid_down(records, drawn, until=settled(begins, rules.limits), key=key)
    return Ground(
        reference=_read(
            connection, place.schema, days=max(week.reference_to - week.reference_from, 0)
        ),
        groundwork=Groundwork(
            schema=place.schema, until=settled(begins, rules.limits), known_to=begins
        ),
        connection=connection,
        let_go=place.let_go,
    )


def _found(records: Records, key: str) -> _Place | None:
    """What is kept under a key; nothing where it is not, or cannot be opened."""
    path = records.references.found(key)
    if path is None:
        return None
    try:
        return _attached(records.connection, path, read_only=True)
    except duckdb.Error:
        return None


def _drawn(records: Records, rules: Rules, *, week: Week, model: Taught | None) -> Reference:
    """The reference drawn from what was known, as the connection shows it; its frame is laid."""
    first = min(week.reference_from, week.reference_to)
    upheld = _upheld(records.upheld, before=midnight(day_of(week.reference_to)))
    frame = framed(
        records.connection,
        Window(start=midnight(day_of(first)), end=midnight(day_of(week.reference_to))),
        limits=rules.limits,
        feeds=records.feeds,
    )
    return reference_of(
        frame,
        measured(frame, rules.strands),
        first=first,
        end=week.reference_to,
        left_out=_numbers(frame, upheld),
        model=model,
    )


def _laid_down(records: Records, drawn: Reference, *, until: datetime, key: str) -> _Place:
    """Writes what was drawn and laid: into a file where it may be kept, else beside the lake."""
    room = records.references.room(key)
    kept = None if room is None else _in_file(records, drawn, until=until, key=key, room=room)
    if kept is not None:
        return kept
    place = _schema(records.connection)
    _fill(records.connection, drawn, place, until=until)
    return place


def _in_file(
    records: Records, drawn: Reference, *, until: datetime, key: str, room: Path
) -> _Place | None:
    """Writes it into a file that is kept; nothing where the disk has no room for it."""
    connection = records.connection
    try:
        place = _attached(connection, room, read_only=False)
    except duckdb.Error:
        return None
    try:
        _fill(connection, drawn, place, until=until)
    except duckdb.Error:
        return None
    finally:
        connection.execute(place.let_go)
    path = records.references.put(key, room)
    try:
        return None if path is None else _attached(connection, path, read_only=True)
    except duckdb.Error:
        return None


def _fill(
    connection: duckdb.DuckDBPyConnection, drawn: Reference, place: _Place, *, until: datetime
) -> None:
    keep(connection, schema=place.schema, until=until)
    _write(connection, drawn, schema=place.schema)


def _attached(connection: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool) -> _Place:
    name = _free(connection, "select database_name from duckdb_databases()")
    quoted = path.as_posix().replace("'", "''")
    connection.execute(f"attach '{quoted}' as {name}" + (" (read_only)" if read_only else ""))
    return _Place(schema=f"{name}.main", let_go=f"detach {name}")


def _schema(connection: duckdb.DuckDBPyConnection) -> _Place:
    database = connection.execute("select current_database()").fetchall()[0][0]
    schema = f'"{database}".{_free(connection, "select schema_name from duckdb_schemas()")}'
    connection.execute(f"create schema {schema}")
    return _Place(schema=schema, let_go=f"drop schema {schema} cascade")


def _free(connection: duckdb.DuckDBPyConnection, taken: str) -> str:
    """A name that is not taken: whoever reads the same lake shares them."""
    others = {str(name) for (name,) in connection.execute(taken).fetchall()}
    return next(name for turn in count() if (name := f"groundwork_{turn}") not in others)


def key_of(records: Records, rules: Rules, *, week: Week, model: Taught | None) -> str:
    """A digest of all that a week's reference is drawn from.

    Args:
        records: what is known; the connection shows what was known when the week began.
        rules: how it is judged.
        week: to be judged.
        model: what drills taught.
    """
    said = {
        "days": [week.reference_from, week.reference_to],
        "rules": [rules.settings_fingerprint, rules.code_version, rules.settings.model_dump_json()],
        "strands": [[str(s.detector), s.detector.version, s.weight] for s in rules.strands],
        "feeds": sorted(records.feeds),
        "upheld": list(_upheld(records.upheld, before=midnight(day_of(week.reference_to)))),
        "model": model.sha256 if model is not None else "",
        "engine": duckdb.__version__,
        "rows": {
            table: _digest(records.connection, table) for table in ("events", *REFERENCE_TABLES)
        },
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _digest(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Two hashes over every row of a table, in whatever order they are, and how many there are."""
    found = connection.execute(f"select * from {table} limit 0").description
    left_out = _PROVENANCE - ({"loaded_at"} if table == "taskings" else set())
    names = [str(column[0]) for column in found or () if column[0] not in left_out]
    chosen = ", ".join(f'"{name}"' for name in names)
    rows = connection.execute(f"""
        select count(*), sum(hash(r)), sum(hash(r, 'again')) from (select {chosen} from {table}) r
    """).fetchall()[0]
    return [",".join(names), *(str(value) for value in rows)]


def _upheld(cases: Sequence[Upheld], *, before: datetime) -> tuple[tuple[str, str], ...]:
    """The pairs of cases that people had upheld before a moment: no reference is drawn of them.

    Live cases in the reference make every later one look more usual than it is.
    """
    pairs = {
        (user, subject)
        for case in cases
        if case.at < before
        for user in case.user_ids
        for subject in case.subject_ids
    }
    return tuple(sorted(pairs))


def _numbers(frame: Frame, pairs: Sequence[tuple[str, str]]) -> NDArray[np.int64]:
    found = frame.connection.execute(
        """select distinct user_no, subject_no
           from (select unnest($users::varchar[]) as user_id,
                        unnest($subjects::varchar[]) as subject_id)
           join user_code using (user_id) join subject_code using (subject_id)""",
        {"users": [user for user, _ in pairs], "subjects": [one for _, one in pairs]},
    ).fetchall()
    return np.array([user * PAIR_BASE + subject for user, subject in found], dtype=np.int64)


def _write(connection: duckdb.DuckDBPyConnection, reference: Reference, *, schema: str) -> None:
    """Lays the rows of the reference beside what the frame laid: a column for each array."""
    columns = {name: getattr(reference, name) for name in _ROW}
    for detector, counts in reference.counts.items():
        columns |= {f"count:{detector}:{name}": column for name, column in counts.items()}
    columns |= {f"evidence:{name}": column for name, column in reference.evidence.items()}
    columns |= {f"score:{name}": column for name, column in reference.scores.items()}
    rows = pa.table({name: pa.array(column) for name, column in columns.items()})
    connection.register("reference_rows", rows)
    connection.execute(f"create table {schema}.reference_row as from reference_rows")
    connection.unregister("reference_rows")


def _read(connection: duckdb.DuckDBPyConnection, schema: str, *, days: int) -> Reference:
    found = connection.execute(f"from {schema}.reference_row").fetchnumpy()
    columns = {name: np.asarray(column) for name, column in found.items()}
    counts: dict[str, dict[str, NDArray[np.float64]]] = {}
    for name, column in columns.items():
        if name.startswith("count:"):
            _, detector, counted = name.split(":")
            counts.setdefault(detector, {})[counted] = column
    return Reference(
        days=days,
        **{name: columns[name].astype(np.int64) for name in _ROW},
        counts=counts,
        evidence=_named(columns, "evidence:"),
        scores=_named(columns, "score:"),
    )


def _named(columns: dict[str, NDArray[np.float64]], prefix: str) -> dict[str, NDArray[np.float64]]:
    return {
        name.removeprefix(prefix): column
        for name, column in columns.items()
        if name.startswith(prefix)
    }
