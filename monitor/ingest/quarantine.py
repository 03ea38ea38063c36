"""Rows that were refused: kept with place, reason and raw text, until they are settled."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from monitor.ingest.rows import MAX_ROW_BYTES, Refusal
from monitor.lake import Lake
from monitor.lake.shape import QUARANTINE
from monitor.settings import Engine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOLD = 'id, "table", source, profile, file, line, reason, raw, raw_bytes, header, layout'
_TIMES = "epoch_us(loaded_at), epoch_us(settled_at), coalesce(settled_as, '')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    r"""One row of the quarantine.

    Attributes:
        id: SHA-256 of table, source, file, line and raw row; the same row is here once.
        table: where the row was meant to go.
        source: the source it came from.
        profile: the name of the profile that could not read it.
        file: the file, as an absolute path.
        line: number of its first line in the file; of a Parquet file, of the row.
        reason: what is wrong with it.
        raw: the row as it stands in the file, bytes that are not UTF-8 as `\xff`.
        raw_bytes: the row itself where `raw` could not hold it.
        header: names of the columns of its file; empty for objects.
        layout: csv or jsonl.
        refused_at: when it was refused first.
        settled_at: when it was taken after all; None while it waits.
        settled_as: `stored` or `already known`; empty while it waits.
    """

    id: str
    table: str
    source: str
    profile: str
    file: str
    line: int
    reason: str
    raw: str
    raw_bytes: bytes | None
    header: tuple[str, ...]
    layout: str
    refused_at: datetime
    settled_at: datetime | None = None
    settled_as: str = ""

    @property
    def bytes(self) -> bytes:
        """The row as it stands in the file, as far as it was kept."""
        return self.raw.encode() if self.raw_bytes is None else self.raw_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where refused rows came from."""

    table: str
    source: str
    profile: str
    file: str
    header: Sequence[str]
    layout: str


def refused_table(refusals: Iterable[Refusal], *, origin: Origin) -> pa.Table:
    """The refusals as rows of the quarantine."""
    header = json.dumps(list(origin.header), ensure_ascii=False) if origin.header else ""
    rows = [_row(refusal, origin) | {"header": header} for refusal in refusals]
    return _as_table(rows)


def refused_rows(  # noqa: PLR0913 each is a fact of its own, all but the first named
    lake: Lake,
    *,
    engine: Engine,
    ids: Sequence[str] = (),
    table: str = "",
    settled: bool = False,
    most: int | None = None,
) -> list[Refused]:
    """Rows of the quarantine, by file and line.

    Args:
        lake: where the quarantine lies.
        engine: what the query may use of the machine.
        ids: only rows whose id begins with one of these; none: all.
        table: only rows meant for this table; empty: all.
        settled: whether settled rows are given too.
        most: at most so many rows.
    """
    wanted = ["true" if settled else "settled_at IS NULL"]
    values: list[object] = []
    if ids:
        wanted.append("(" + " OR ".join("starts_with(id, ?)" for _ in ids) + ")")
        values += ids
    if table:
        wanted.append('"table" = ?')
        values.append(table)
    limit = "" if most is None else f" LIMIT {most:d}"
    sql = f"SELECT {_TOLD}, {_TIMES} FROM quarantine WHERE {' AND '.join(wanted)}"
    con = lake.connect(engine=engine)
    try:
        found = con.execute(f"{sql} ORDER BY file, line, id{limit}", values).fetchall()
    finally:
        con.close()
    return [_refused(row) for row in found]


def settled_table(rows: Iterable[tuple[Refused, str]], *, at: datetime) -> pa.Table:
    """Rows of the quarantine written again as settled: each with what it was settled as."""
    moment = at.astimezone(UTC).replace(tzinfo=None)
    return _as_table(
        [
            {
                **{name: getattr(row, name) for name in QUARANTINE.columns},
                "header": json.dumps(list(row.header), ensure_ascii=False) if row.header else "",
                "settled_at": moment,
                "settled_as": settled_as,
            }
            for row, settled_as in rows
        ]
    )


def whole(row: Refused) -> bool:
    """Whether all of the row was kept, so that it can be tried again."""
    return len(row.bytes) <= MAX_ROW_BYTES and "is longer than" not in row.reason


def _row(refusal: Refusal, origin: Origin) -> dict[str, object]:
    raw = refusal.kept
    text = raw.decode("utf-8", "backslashreplace")
    place = (origin.table, origin.source, origin.file, str(refusal.line))
    named = hashlib.sha256("\x1f".join(place).encode("utf-8", "surrogateescape") + b"\x1f" + raw)
    return {
        "id": named.hexdigest(),
        "table": origin.table,
        "source": origin.source,
        "profile": origin.profile,
        "file": origin.file,
        "line": refusal.line,
        "reason": refusal.reason,
        "raw": text,
        "raw_bytes": None if text.encode() == raw else raw,
        "layout": origin.layout,
        "settled_at": None,
        "settled_as": "",
    }


def _as_table(rows: Sequence[dict[str, object]]) -> pa.Table:
    fields = [pa.field(column, QUARANTINE.type_of(column)) for column in QUARANTINE.columns]
    return pa.Table.from_pylist(list(rows), schema=pa.schema(fields))


def _refused(row: tuple[object, ...]) -> Refused:
    *told, raw_bytes, header, layout, refused_at, settled_at, settled_as = row
    names = ("id", "table", "source", "profile", "file", "line", "reason", "raw")
    return Refused(
        **dict(zip(names, told, strict=True)),  # type: ignore[arg-type]  # as the query selects them
        raw_bytes=raw_bytes if isinstance(raw_bytes, bytes) else None,
        header=tuple(json.loads(str(header))) if header else (),
        layout=str(layout),
        refused_at=_moment(refused_at),
        settled_at=None if settled_at is None else _moment(settled_at),
        settled_as=str(settled_as),
    )


def _moment(micros: object) -> datetime:
    return _EPOCH + timedelta(microseconds=int(str(micros)))
