"""The lake: every event and reference row exactly once, and which of them were known when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from monitor.lake import delta
from monitor.lake.erased import ErasedUntil, erased_in
from monitor.lake.shape import (
    EVENT_COLUMNS,
    EVENTS,
    QUARANTINE,
    TABLES,
    TableShape,
    stored_schema,
)
from monitor.lake.snapshot import Snapshot, span_sql
from monitor.lake.verdicts import (
    Connection,
    Verdicts,
    events_verdicts,
    refused_verdicts,
    rows_verdicts,
)
from monitor.settings import Engine

__all__ = ["EVENT_COLUMNS", "TABLES", "Appended", "Lake", "Snapshot", "Span", "TableShape"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DEFAULT_ENGINE = Engine()


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """What became of rows that were offered.

    Attributes:
        stored: rows that are new.
        already_known: rows the lake has with the same content, or that are out of time.
        conflicts: rows whose id is known with other content; nothing of them was stored.
    """

    stored: int
    already_known: int
    conflicts: pa.Table
    out_of_time: int = 0  # of the known: from before the moment up to which the lake was erased


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The first and the last moment of an event, and the number of events."""

    first: datetime
    last: datetime
    rows: int


@dataclass(frozen=True, slots=True)
class Lake:
    """The Delta tables of one home.

    Attributes:
        root: the folder that holds a folder per table.
        beneath: another lake whose rows count as known and are never written: a dry run
            appends to a lake that is thrown away, above the real one.
    """

    root: Path
    beneath: Path | None = None

    def append_events(
        self, rows: pa.Table, *, loaded_at: datetime, con: Connection | None = None
    ) -> Appended:
        """Store the events that are new, in one commit; the caller holds the ingest lock.

        What is older than the moment up to which the lake was erased is not taken in again.
        """
        in_time = self._in_time(rows)
        late = rows.num_rows - in_time.num_rows
        verdicts = events_verdicts(in_time, files=self._paths("events"), con=con)
        dated = _with(in_time, "month", values=_months(in_time["occurred_at"]))
        done = self._append("events", dated, verdicts, loaded_at=loaded_at)
        return replace(done, already_known=done.already_known + late, out_of_time=late)

    def append_rows(
        self, table: str, rows: pa.Table, *, loaded_at: datetime, con: Connection | None = None
    ) -> Appended:
        """Store the rows of one reference file, in file order, that say something new."""
        verdicts = rows_verdicts(rows, files=self._paths(table), con=con)
        return self._append(table, rows, verdicts, loaded_at=loaded_at)

    def append_refused(
        self, rows: pa.Table, *, loaded_at: datetime, con: Connection | None = None
    ) -> Appended:
        """Store the refused rows that are not yet in the quarantine."""
        verdicts = refused_verdicts(rows, files=self._paths(QUARANTINE.name), con=con)
        return self._append(QUARANTINE.name, rows, verdicts, loaded_at=loaded_at)

    def settle_refused(self, rows: pa.Table, *, loaded_at: datetime) -> None:
        """Write again rows of the quarantine that are settled now; the earlier row stays."""
        self._write(QUARANTINE.name, rows, keep=None, loaded_at=loaded_at)

    def versions(self) -> dict[str, int]:
        """The Delta version of each table that exists, by name."""
        found = {name: delta.version_of(self.root / name) for name in _ALL}
        return {name: version for name, version in found.items() if version is not None}

    def whole(self) -> dict[str, delta.Whole]:
        """What makes up each table that exists, by name, for a copy of the lake."""
        found = {name: delta.whole_of(self.root / name) for name in _ALL}
        return {name: whole for name, whole in found.items() if whole is not None}

    def feeds(self) -> frozenset[str]:
        """The reference tables that exist and have rows."""
        return frozenset(n for n, f in self.snapshot().tables.items() if f.rows and n in TABLES)

    def event_span(self, *, engine: Engine = _DEFAULT_ENGINE) -> Span | None:
        """The first and last moment of an event; None in a lake without events."""
        con = self.connect(engine=engine)
        try:
            first, last, rows = con.execute(span_sql()).fetchall()[0]
        finally:
            con.close()
        if not rows:
            return None
        return Span(first=_moment(first), last=_moment(last), rows=rows)

    def snapshot(self, *names: str) -> Snapshot:
        """The lake, or some tables of it, as it stands now; later loads do not change it."""
        found = {name: delta.files_of(self.root / name) for name in names or _ALL}
        return Snapshot(tables={name: files for name, files in found.items() if files is not None})

    def connect(self, *, engine: Engine, known_at: datetime | None = None) -> Connection:
        """A DuckDB connection with a view for every table, as the lake stands now."""
        return self.snapshot().connect(engine=engine, known_at=known_at)

    def wants_compaction(self, *tables: str, small_files: int) -> tuple[str, ...]:
        """The tables, of these or of all, of which some folder holds more files than that."""
        names = tables or _ALL
        return tuple(n for n in names if delta.small_files(self.root / n) > small_files)

    def compact(self, *tables: str, kept_hours: float) -> dict[str, int]:
        """Put small files of some tables together; how many were replaced in each.

        Readers keep what they opened; the caller holds the ingest lock.
        """
        return {n: delta.compacted(self.root / n, kept_hours=kept_hours) for n in tables}

    @property
    def erased(self) -> ErasedUntil | None:
        """How far back the lake was erased; None where it never was."""
        return erased_in(self.beneath or self.root)

    def rewrite(self, table: str, kept: Iterable[pa.RecordBatch], *, last_month: str = "") -> None:
        """Put what is kept in place of a table, or of the months of events up to one."""
        schema = stored_schema(table)
        folder = self.root / table
        if last_month:
            delta.rewritten_until(folder, kept, schema=schema, last_month=last_month)
        else:
            delta.rewritten(folder, kept, schema=schema, partition_by=[])

    def purge(self) -> None:
        """Take all that no newest version needs from the disk; the caller holds every lock."""
        for name in _ALL:
            delta.purged(self.root / name)

    def _in_time(self, rows: pa.Table) -> pa.Table:
        erased = self.erased
        if erased is None:
            return rows
        until = pa.scalar((erased.until - _EPOCH) // timedelta(microseconds=1), pa.int64())
        return rows.filter(pc.greater_equal(rows["occurred_at"], until.cast(pa.timestamp("us"))))

    def _paths(self, table: str) -> Sequence[str]:
        layers = [self.root] + ([self.beneath] if self.beneath else [])
        found = [delta.files_of(layer / table) for layer in layers]
        return [path for files in found if files for path in files.paths]

    def _append(
        self, table: str, rows: pa.Table, verdicts: Verdicts, *, loaded_at: datetime
    ) -> Appended:
        if verdicts.stored:
            self._write(table, rows, keep=verdicts.new, loaded_at=loaded_at)
        return Appended(
            stored=verdicts.stored,
            already_known=verdicts.already_known,
            conflicts=rows.filter(verdicts.conflicting),
        )

    def _write(
        self, table: str, rows: pa.Table, *, keep: pa.ChunkedArray | None, loaded_at: datetime
    ) -> None:
        schema = stored_schema(table)
        folder = self.root / table
        partition_by = ["month"] if table == EVENTS.name else []
        version = delta.created(folder, schema, partition_by=partition_by)
        below = delta.version_of(self.beneath / table) if self.beneath else None
        stamped = _stamped(rows, loaded_at=loaded_at, loaded_seq=version + 1 + (below or 0))
        batches = delta.in_batches(stamped.select(schema.names).cast(schema), keep=keep)
        delta.append(folder, batches, schema=schema, partition_by=partition_by)


_ALL = (EVENTS.name, *TABLES, QUARANTINE.name)


def _stamped(rows: pa.Table, *, loaded_at: datetime, loaded_seq: int) -> pa.Table:
    micros = (loaded_at - _EPOCH) // timedelta(microseconds=1)
    at = pa.repeat(pa.scalar(micros, pa.int64()), rows.num_rows).cast(pa.timestamp("us"))
    sequence = pa.repeat(pa.scalar(loaded_seq, pa.int64()), rows.num_rows)
    stamped = _with(rows, "loaded_at", values=at)
    return _with(stamped, "loaded_seq", values=sequence)


def _with(rows: pa.Table, column: str, *, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    kept = rows.drop_columns([column]) if column in rows.column_names else rows
    return kept.append_column(column, values)


def _months(moments: pa.ChunkedArray) -> pa.ChunkedArray:
    """The month of each moment as `2026-03`; each distinct month is written once."""
    numbers = pc.add(pc.multiply(pc.year(moments), 12), pc.subtract(pc.month(moments), 1))
    encoded = numbers.combine_chunks().dictionary_encode()
    names = [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in encoded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(names, pa.string()).take(encoded.indices)])


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
