"""Rows as read become rows of the lake, or refusals with a reason; nothing is dropped."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitor.ingest.cells import by_value, cells_of, constant
from monitor.ingest.hashing import by_name, in_order, sha256_of
from monitor.ingest.matching import Matched
from monitor.ingest.moments import moments
from monitor.ingest.profile import Profile, Reading, inputs_of
from monitor.ingest.rows import Refusal, Rows
from monitor.lake.shape import ACTIONS, OTHER_ACTION, TableShape, shape_of, stored_columns

_YES = frozenset({"true", "1", "yes", "y", "t"})
_NO = frozenset({"false", "0", "no", "n", "f"})
_LARGEST = 2**63 - 1
_MOST_DIGITS = 40  # of a whole number: more, and Python itself will not read it
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 the lake's times are naive UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaping:
    """What the rows of one file are shaped by.

    Attributes:
        table: where they go.
        profile: how they are read.
        source: within which event ids are unique.
        file: the file's name as given, for the place of each row.
        zone: the force's zone, in which a plain date means midnight.
        latest: a later event time is refused: a clock that is wrong, or a default value.
        con: a DuckDB connection that computes hashes.
    """

    table: str
    profile: Profile
    source: str
    file: str
    zone: ZoneInfo
    latest: datetime
    con: duckdb.DuckDBPyConnection

    @property
    def shape(self) -> TableShape:
        """The shape of the table."""
        return shape_of(self.table)

    @property
    def reading(self) -> Reading:
        """How the profile reads the table."""
        return self.profile.reading_of(self.table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """What came of some rows.

    Attributes:
        rows: rows of the lake, without what is stamped on loading, and with a column `raw`.
        refused: the others.
        codes: per column, codes that no list explains; they are kept as they stand.
    """

    rows: pa.Table
    refused: tuple[Refusal, ...]
    codes: Mapping[str, frozenset[str]]

    @property
    def read(self) -> int:
        """Number of rows, refused ones included."""
        return len(self.rows) + len(self.refused)


@dataclass(slots=True, kw_only=True)  # fills column by column
class _Work:
    """Columns on their way, and what is wrong with which row."""

    rows: Rows
    columns: dict[str, pa.Array] = field(default_factory=dict)
    wrong: dict[int, list[str]] = field(default_factory=dict)
    codes: dict[str, frozenset[str]] = field(default_factory=dict)
    marks: dict[int, list[str]] = field(default_factory=dict)

    def refuse(self, rows: Iterable[int], reason: str) -> None:
        """Note what is wrong with these rows."""
        for row in rows:
            self.wrong.setdefault(int(row), []).append(reason)


def shaped(rows: Rows, *, by: Matched, shaping: Shaping) -> Shaped:
    """The rows as the lake wants them."""
    work = _Work(rows=rows)
    for column in inputs_of(shaping.table):
        work.columns[column] = cells_of(column, rows=rows, by=by, reading=shaping.reading)
    _read_masks(work, shaping)
    _read_required(work, shaping)
    _read_times(work, shaping)
    for column in shaping.shape.integers:
        _read_each(work, column, _integer, "is no whole number", pa.int64())
    for column in shaping.shape.booleans:
        _read_each(work, column, _boolean, "is neither yes nor no", pa.bool_())
    for column, listed in shaping.shape.lists.items():
        _read_listed(work, column, listed)
    if shaping.table == "events":
        _read_actions(work, by=by, shaping=shaping)
        _refuse_insane_times(work, latest=shaping.latest)
    _read_spans(work, shaping)
    return _closed(work, by=by, shaping=shaping)


def _read_masks(work: _Work, shaping: Shaping) -> None:
    """A masked subject is kept as masked; a row whose user is masked is of no use."""
    if shaping.table == "events":
        subject = work.columns["subject_id"]
        masked = _is_masked(subject, shaping)
        state = pc.if_else(masked, "masked", pc.if_else(pc.is_null(subject), "blank", "resolved"))
        work.columns["subject_state"] = state
        work.columns["subject_id"] = pc.if_else(masked, pa.scalar(None, pa.string()), subject)
    for column in shaping.shape.identities:
        rows = _where(_is_masked(work.columns[column], shaping))
        work.refuse(rows, f"{column} is masked at the source")


def _is_masked(cells: pa.Array, shaping: Shaping) -> pa.Array:
    listed = pc.is_in(cells, value_set=pa.array(shaping.profile.masked, pa.string()))
    starred = pc.starts_with(cells, "*").fill_null(False)
    if pc.any(starred).as_py():
        starred = pc.match_substring_regex(cells, r"^\*+$").fill_null(False)
    return pc.or_(listed, starred)


def _read_required(work: _Work, shaping: Shaping) -> None:
    for wanted in shaping.shape.required:
        blank = pc.is_null(work.columns[wanted[0]])
        for column in wanted[1:]:
            blank = pc.and_(blank, pc.is_null(work.columns[column]))
        told = "is blank" if len(wanted) == 1 else "are both blank"
        work.refuse(_where(blank), f"{' and '.join(wanted)} {told}")


def _read_times(work: _Work, shaping: Shaping) -> None:
    shape = shaping.shape
    for column in shape.times:
        dates_in = shaping.zone if column in shape.validity else None
        read = moments(work.columns[column], times=shaping.profile.time, dates_in=dates_in)
        work.columns[column] = read.values
        for row, reason in read.refused.items():
            work.refuse([row], f"{column}: {reason}")
        for row, mark in read.marks.items():
            told = mark if shaping.table == "events" else f"{column} {mark}"
            work.marks.setdefault(row, []).append(told)


def _read_each(
    work: _Work, column: str, read: Callable[[str], str | None], told: str, kind: pa.DataType
) -> None:
    cells = work.columns[column]
    if cells.null_count == len(cells):
        work.columns[column] = cells.cast(kind)
        return
    values = by_value(cells, read)
    for row in _where(pc.and_(pc.is_null(values), pc.is_valid(cells))):
        work.refuse([row], f"{column}: {cells[int(row)].as_py()[:40]!r} {told}")
    work.columns[column] = values.cast(kind)


def _integer(text: str) -> str | None:
    digits = text.strip().removesuffix(".0").replace(",", "") if text.isascii() else ""
    if not digits.removeprefix("-").isdigit() or len(digits) > _MOST_DIGITS:
        return None
    return digits if abs(int(digits)) <= _LARGEST else None


def _boolean(text: str) -> str | None:
    word = text.strip().casefold()
    return "true" if word in _YES else "false" if word in _NO else None


def _read_listed(work: _Work, column: str, listed: Sequence[str]) -> None:
    """A code of the list in the list's own letters; any other stays as it is, and is reported."""
    unlisted: set[str] = set()

    def read(code: str) -> str:
        if code.casefold() in listed:
            return code.casefold()
        unlisted.add(code[:80])
        return code

    work.columns[column] = by_value(work.columns[column], read)
    if unlisted:
        work.codes[column] = frozenset(unlisted)


def _read_actions(work: _Work, *, by: Matched, shaping: Shaping) -> None:
    """An action of the list, or `other`; what the source wrote is kept where it says more."""
    found = work.columns["action"]
    listed = by_value(found, lambda code: code if code in ACTIONS else OTHER_ACTION)
    written = cells_of("action", rows=work.rows, by=by, reading=shaping.reading, as_written=True)
    alike = pc.equal(pc.utf8_lower(written), listed)
    work.columns["action"] = listed
    work.columns["action_raw"] = pc.if_else(alike, pa.scalar(None, pa.string()), written)


def _refuse_insane_times(work: _Work, *, latest: datetime) -> None:
    """Before 1970 nothing was logged, and nobody reads a log of the day after tomorrow."""
    at = work.columns["occurred_at"].cast(pa.int64())
    last = (latest.replace(tzinfo=None) - _NAIVE_EPOCH) // timedelta(microseconds=1)
    work.refuse(_where(pc.less(at, 0)), "occurred_at is before 1970")
    told = f"occurred_at is after {latest:%Y-%m-%dT%H:%M:%SZ}, a day past loading"
    work.refuse(_where(pc.greater(at, last)), told)


def _read_spans(work: _Work, shaping: Shaping) -> None:
    for first, last in shaping.shape.spans:
        rows = _where(pc.less(work.columns[last], work.columns[first]))
        work.refuse(rows, f"{last} is before {first}")


def _closed(work: _Work, *, by: Matched, shaping: Shaping) -> Shaped:
    rows, count = work.rows, len(work.rows.lines)
    work.columns["time_mark"] = _marks(work, count)
    work.columns["extra"] = _extra(rows, by)
    work.columns["file"] = constant(shaping.file, count)
    work.columns["line"] = rows.lines
    if shaping.table == "events":
        work.columns["source"] = constant(shaping.source, count)
        _name_events(work, by=by, shaping=shaping)
    _hash(work, shaping)
    wanted = [c for c in stored_columns(shaping.table) if c in work.columns]
    table = pa.table({c: work.columns[c] for c in wanted} | {"raw": rows.raws})
    if work.wrong:
        keep = np.ones(count, dtype=bool)
        keep[list(work.wrong)] = False
        table = table.filter(pa.array(keep))
    return Shaped(rows=table, refused=(*rows.refused, *_refusals(work)), codes=work.codes)


def _refusals(work: _Work) -> Iterable[Refusal]:
    for row in sorted(work.wrong):
        line, raw = work.rows.lines[row].as_py(), work.rows.raws[row].as_py()
        yield Refusal(line=line, reason="; ".join(work.wrong[row]), raw=raw)


def _marks(work: _Work, count: int) -> pa.Array:
    if not work.marks:
        return constant("", count)
    return pa.array(["; ".join(work.marks.get(row, ())) for row in range(count)], pa.string())


def _extra(rows: Rows, by: Matched) -> pa.Array:
    """The columns nobody asked for, as one JSON object a row; NULL where they are all blank."""
    names = [by.labels[position] for position in by.extra]
    cells = [rows.columns[position].to_pylist() for position in by.extra]
    if not names or not any(any(column) for column in cells):
        return pa.nulls(len(rows.lines), pa.string())
    kept = [
        {name: cell for name, cell in zip(names, row, strict=True) if cell}
        for row in zip(*cells, strict=True)
    ]
    return pa.array([json.dumps(k, ensure_ascii=False) if k else None for k in kept], pa.string())


def _name_events(work: _Work, *, by: Matched, shaping: Shaping) -> None:
    """An event without an id is named by SHA-256 of its source and its cells by name."""
    given = work.columns["event_id"]
    if given.null_count == 0:
        return
    labels = (label.casefold() for label in by.labels)
    named = by_name(
        shaping.source, dict(zip(labels, work.rows.columns, strict=True)), count=len(given)
    )
    work.columns["event_id"] = pc.coalesce(given, sha256_of(named, con=shaping.con))


def _hash(work: _Work, shaping: Shaping) -> None:
    columns = shaping.shape.columns
    content = [work.columns[c] for c in columns if c not in {"source", "event_id", "extra"}]
    work.columns["raw_sha256"] = sha256_of(work.rows.raws, con=shaping.con)
    work.columns["content_sha256"] = sha256_of(in_order(content), con=shaping.con)
    if shaping.table != "events":
        key = [work.columns[column] for column in shaping.shape.key]
        work.columns["key_sha256"] = sha256_of(in_order(key), con=shaping.con)


def _where(rows: pa.Array) -> NDArray[np.int64]:
    return np.flatnonzero(rows.fill_null(False).to_numpy(zero_copy_only=False))
