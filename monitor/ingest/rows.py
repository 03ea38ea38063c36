"""Rows as they were read, not yet understood: cells by name, each row with its place."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

MAX_ROW_BYTES = 1 << 20  # a longer row is refused: no log line says more, and memory is bounded
KEPT_RAW_BYTES = 1 << 16  # how much of such a row the quarantine keeps


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One row that cannot be used."""

    line: int
    reason: str
    raw: bytes

    @property
    def kept(self) -> bytes:
        """The raw row, or its beginning when it is too long to keep."""
        return self.raw if len(self.raw) <= MAX_ROW_BYTES else self.raw[:KEPT_RAW_BYTES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Some rows of one file, by column.

    Attributes:
        names: what the file calls its columns.
        columns: text cells per name, NULL where a row has no such cell; each of shape (rows,).
        lines: line number of each row's first line, 1 for the first line of the file.
        raws: each row as it stands in the file, without its line end.
        refused: rows that have no cells at all.
        encoding: of the delimited text they were read from; empty for any other layout.
    """

    names: tuple[str, ...]
    columns: tuple[pa.Array, ...]
    lines: pa.Array
    raws: pa.Array
    refused: tuple[Refusal, ...] = ()
    encoding: str = ""

    @property
    def read(self) -> int:
        """Number of rows, refused ones included."""
        return len(self.lines) + len(self.refused)


def rows_from(
    names: Sequence[str],
    *,
    cells: Sequence[Sequence[str | None]],
    lines: Sequence[int],
    raws: Sequence[bytes],
    refused: Sequence[Refusal],
) -> Rows:
    """The rows whose cells were gathered one row at a time."""
    by_column = list(zip(*cells, strict=True)) if cells else [()] * len(names)
    return Rows(
        names=tuple(names),
        columns=tuple(pa.array(column, pa.string()) for column in by_column),
        lines=pa.array(lines, pa.int64()),
        raws=pa.array(raws, pa.binary()),
        refused=tuple(refused),
    )
