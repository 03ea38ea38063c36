"""Rows of a delimited text file: strict about quotes, so that one bad row costs only itself.

A block whose every line is a whole, well-formed row is split at once by Arrow. Any other block
is split record by record; both ways give the same rows, and a property holds them to it.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from alerts.errors import DataRefused
from monitor.ingest.rows import MAX_ROW_BYTES, Refusal, Rows, rows_from
from monitor.ingest.stream import Block

_MAX_ROW_LINES = 1000  # lines one quoted cell may span before the quote counts as never closed
_OPEN = "unexpected end of data"  # the csv module's words for a quote that is still open

_HALF = re.compile("[\ud800-\udfff]")  # how Python keeps a byte that is not text

csv.field_size_limit(MAX_ROW_BYTES)  # the row is refused for its length before a cell can be

TOO_LONG = f"the row is longer than {MAX_ROW_BYTES} bytes"
NEVER_CLOSED = "a quote that is opened here is never closed, or not as a cell ends"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How cells are written."""

    delimiter: str
    encoding: str

    @property
    def whole_line(self) -> str:
        """The expression for a line that is a whole row, each quote where it belongs."""
        apart = re.escape(self.delimiter)
        cell = f'(?:"(?:[^"]|"")*"|[^"{apart}]*)'
        return f"^{cell}(?:{apart}{cell})*$"


@dataclass(slots=True, kw_only=True)  # grows row by row
class _Gathering:
    """Cells of the rows read so far out of one stretch of lines."""

    cells: list[Sequence[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    raws: list[bytes] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def delimited_rows(
    path: Path,
    blocks: Iterable[Block],
    *,
    dialect: Dialect,
    known: tuple[str, ...] = (),
    waits: Callable[[bytes, int], bool] | None = None,
) -> Iterator[Rows]:
    """The rows below the header, a block at a time; the first has no rows, only the names.

    Args:
        path: the file, for messages.
        blocks: its lines.
        dialect: how cells are written.
        known: the header, where the lines begin below it.
        waits: asked, of a file that still grows, whether the lines from an open quote to the end,
            given with the number of the first, wait for what is written next.

    Raises:
        DataRefused: when there is no header, or none that can be read.
    """
    waiting = _Waiting(spoken=dialect, names=known)
    if known:
        yield rows_from(known, cells=(), lines=(), raws=(), refused=())
    try:
        yield from _rows_in(path, blocks, dialect=dialect, waiting=waiting)
    except (DataRefused, OSError):
        # What waits behind an open quote was read, and the file ends here.
        if waiting.tail:
            yield waiting.last()
        raise
    if not waiting.names and waits is None:
        raise DataRefused(f"{path}: is empty: it has no header")
    if waiting.tail and not (waits and waits(waiting.tail, waiting.tail_line)):
        yield waiting.last()


@dataclass(slots=True, kw_only=True)  # carries the lines of an open record to the next block
class _Waiting:
    """The header, and the lines of a record that is still open."""

    spoken: Dialect
    names: tuple[str, ...] = ()
    tail: bytes = b""
    tail_line: int = 0

    def last(self) -> Rows:
        """The rows of the lines that wait, when nothing follows."""
        tail, self.tail = self.tail, b""
        found, _, _ = records(
            self.names, tail, first_line=self.tail_line, dialect=self.spoken, ends=True
        )
        return replace(found, encoding=self.spoken.encoding)


def _rows_in(
    path: Path, blocks: Iterable[Block], *, dialect: Dialect, waiting: _Waiting
) -> Iterator[Rows]:
    """The rows of the blocks; those of a record that is still open wait."""
    for block in blocks:
        waiting.spoken = spoken = _spoken(dialect, block)
        if block.too_long:
            if not waiting.names:
                raise DataRefused(f"{path}: line {block.first_line}: header: {TOO_LONG}")
            yield waiting.last()
            too_long = Refusal(line=block.first_line, reason=TOO_LONG, raw=block.data)
            yield rows_from(waiting.names, cells=(), lines=(), raws=(), refused=(too_long,))
            continue
        data, line = block.data, block.first_line
        if waiting.tail:
            data, line = waiting.tail + data, waiting.tail_line
        waiting.tail = b""
        if not waiting.names:
            waiting.names, data, line = _header(path, data, line=line, dialect=spoken)
            yield rows_from(waiting.names, cells=(), lines=(), raws=(), refused=())
        if not waiting.names or not data:
            continue
        found = _at_once(waiting.names, data, first_line=line, dialect=spoken)
        if found is None:
            found, waiting.tail, waiting.tail_line = records(
                waiting.names, data, first_line=line, dialect=spoken, ends=False
            )
        yield replace(found, encoding=spoken.encoding)


def header_in(path: Path, first: bytes, *, dialect: Dialect) -> tuple[str, ...]:
    """The names in a first line; none where it cannot be read as such."""
    try:
        return _header(path, first, line=1, dialect=dialect)[0]
    except DataRefused:
        return ()


def records(
    names: Sequence[str], data: bytes, *, first_line: int, dialect: Dialect, ends: bool
) -> tuple[Rows, bytes, int]:
    """The rows of some lines, one record at a time, and the lines of one that is still open.

    Args:
        names: the header.
        data: whole lines.
        first_line: number of the first of them.
        dialect: how cells are written.
        ends: whether nothing follows, so that an open quote is never closed.
    """
    raw_lines = data.splitlines(keepends=True)
    texts = [line.decode(dialect.encoding, "surrogateescape") for line in raw_lines]
    gathered = _Gathering()
    at = 0
    while at < len(texts):
        reader = csv.reader(
            (texts[i] for i in range(at, len(texts))), delimiter=dialect.delimiter, strict=True
        )
        base = start = at
        try:
            for cells in reader:
                end = base + reader.line_num
                if not _taken(gathered, names, cells, raw_lines[start:end], first_line + start):
                    break
                start = end
            else:
                break
        except csv.Error as trouble:
            waiting = raw_lines[start:]
            if str(trouble) == _OPEN and not ends and _may_close(waiting):
                rows = _rows(names, gathered)
                return rows, b"".join(waiting), first_line + start
        _refuse(gathered, raw_lines[start], NEVER_CLOSED, first_line + start)
        at = start + 1
    return _rows(names, gathered), b"", 0


def _taken(
    gathered: _Gathering,
    names: Sequence[str],
    cells: list[str],
    raw_lines: Sequence[bytes],
    line: int,
) -> bool:
    """Whether these lines are one record, which is then gathered, refused, or blank."""
    if len(raw_lines) == 1:
        if not cells or (len(cells) == 1 and not cells[0].strip()):
            return True
        raw = raw_lines[0].rstrip(b"\r\n")
    else:
        # A quote that swallowed whole rows shows in their number of cells.
        if len(cells) != len(names) or not _may_close(raw_lines):
            return False
        raw = b"".join(raw_lines).rstrip(b"\r\n")
    problem = _problem(names, cells, raw)
    if problem:
        gathered.refused.append(Refusal(line=line, reason=problem, raw=raw))
        return True
    gathered.cells.append([_one_line_end(cell) for cell in cells] if b"\r" in raw else cells)
    gathered.lines.append(line)
    gathered.raws.append(raw)
    return True


def _problem(names: Sequence[str], cells: Sequence[str], raw: bytes) -> str:
    if len(raw) > MAX_ROW_BYTES:
        return TOO_LONG
    if b"\0" in raw:
        return "holds NUL bytes"
    if not raw.isascii() and any(
        "\udc80" <= character <= "\udcff" for c in cells for character in c
    ):
        return "holds bytes that are not text in the profile's encoding"
    if len(cells) != len(names):
        return f"{len(cells)} cells where the header has {len(names)}"
    return ""


def _refuse(gathered: _Gathering, raw: bytes, reason: str, line: int) -> None:
    kept = raw.rstrip(b"\r\n")
    told = TOO_LONG if len(kept) > MAX_ROW_BYTES else reason
    gathered.refused.append(Refusal(line=line, reason=told, raw=kept))


def _may_close(raw_lines: Sequence[bytes]) -> bool:
    """Whether so many lines may still be one record."""
    return len(raw_lines) <= _MAX_ROW_LINES and sum(map(len, raw_lines)) <= MAX_ROW_BYTES


def _one_line_end(cell: str) -> str:
    return cell.replace("\r\n", "\n").replace("\r", "\n")


def _rows(names: Sequence[str], gathered: _Gathering) -> Rows:
    return rows_from(
        names,
        cells=gathered.cells,
        lines=gathered.lines,
        raws=gathered.raws,
        refused=gathered.refused,
    )


def _at_once(
    names: Sequence[str], data: bytes, *, first_line: int, dialect: Dialect
) -> Rows | None:
    """The rows when every line is a plain whole row; None when they have to be read singly."""
    # Arrow would take U+FEFF for a byte order mark; inside a file it is text.
    marked = data.startswith(b"\xef\xbb\xbf")
    if dialect.encoding != "utf-8" or len(names) == 1 or marked or b"\0" in data:
        return None
    lines = data.splitlines()
    raws = pa.array(lines, pa.binary())
    if pc.max(pc.binary_length(raws)).as_py() > MAX_ROW_BYTES:
        return None
    keys = [str(position) for position in range(len(names))]
    try:
        table = pacsv.read_csv(
            io.BytesIO(data),
            read_options=pacsv.ReadOptions(
                column_names=keys, use_threads=False, block_size=1 << 24
            ),
            parse_options=pacsv.ParseOptions(delimiter=dialect.delimiter),
            convert_options=pacsv.ConvertOptions(column_types=dict.fromkeys(keys, pa.string())),
        )
    except pa.ArrowInvalid:
        return None
    numbers = np.arange(first_line, first_line + len(lines), dtype=np.int64)
    if table.num_rows != len(lines):
        filled = np.array([bool(line) for line in lines])
        numbers, raws = numbers[filled], raws.filter(pa.array(filled))
    if table.num_rows != len(raws) or (b'"' in data and not _each_whole(raws, dialect)):
        return None
    return Rows(
        names=tuple(names),
        columns=tuple(column.combine_chunks() for column in table.columns),
        lines=pa.array(numbers),
        raws=raws,
    )


def _each_whole(raws: pa.Array, dialect: Dialect) -> bool:
    texts = raws.cast(pa.string())
    quoted = texts.filter(pc.match_substring(texts, '"'))
    matched = pc.match_substring_regex(quoted, dialect.whole_line)
    return bool(pc.all(matched, min_count=0).as_py())


def _header(
    path: Path, data: bytes, *, line: int, dialect: Dialect
) -> tuple[tuple[str, ...], bytes, int]:
    """The names in the first line that is not blank, and the lines below it."""
    rest, number = data, line
    while rest:
        first = rest.splitlines(keepends=True)[0] if len(rest) < 1 << 16 else _first_line(rest)
        rest = rest[len(first) :]
        if first.strip():
            return _names(path, first, line=number, dialect=dialect), rest, number + 1
        number += 1
    return (), b"", number


def _first_line(data: bytes) -> bytes:
    found = re.match(rb"[^\r\n]*(?:\r\n|\r|\n)?", data)
    return found.group() if found else data


def _names(path: Path, first: bytes, *, line: int, dialect: Dialect) -> tuple[str, ...]:
    place = f"{path}: line {line}: header"
    try:
        text = first.decode(dialect.encoding).rstrip("\r\n")
        cells = next(csv.reader([text], delimiter=dialect.delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error) as trouble:
        raise DataRefused(f"{place}: cannot be read: {trouble}") from trouble
    if len(first) > MAX_ROW_BYTES or "\0" in text:
        raise DataRefused(f"{place}: is not a line of column names")
    return tuple(cell.strip() or f"column {n}" for n, cell in enumerate(cells, start=1))


def _spoken(dialect: Dialect, block: Block) -> Dialect:
    """The dialect; a file that says it is UTF-8 is read as UTF-8."""
    return Dialect(delimiter=dialect.delimiter, encoding="utf-8") if block.has_bom else dialect
