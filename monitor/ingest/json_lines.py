"""Rows of a file with one JSON object a line."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from alerts.errors import DataRefused
from monitor.ingest.delimited import TOO_LONG
from monitor.ingest.json_path import found_at, leaves
from monitor.ingest.matching import folded
from monitor.ingest.rows import MAX_ROW_BYTES, Refusal, Rows, rows_from
from monitor.ingest.stream import Block

_BATCH = 20_000  # objects turned into columns together
_MOST_CELLS = 2_000_000  # of a batch: objects that share no names would make a square of blanks
_TOO_DEEP = "is nested too deeply"
_LOOKED_AT = 100  # lines that tell an array from objects below a damaged first line


def json_rows(
    path: Path,
    blocks: Iterable[Block],
    *,
    encoding: str,
    paths: Sequence[str],
    begun: bool = False,
) -> Iterator[Rows]:
    """The objects of a file, in batches, with a column for every path and every other leaf.

    Args:
        path: the file, for messages.
        blocks: its lines.
        encoding: of its text, unless it begins with a UTF-8 mark.
        paths: where the profile looks for its columns.
        begun: whether these lines are not the first of the file.

    Raises:
        DataRefused: when the file is one JSON array.
    """
    for block in blocks:
        if not begun and _is_array(block.data):
            raise DataRefused(f"{path}: is one JSON array; possible: one object a line")
        begun = begun or bool(block.data.strip())
        if block.too_long:
            too_long = Refusal(line=block.first_line, reason=TOO_LONG, raw=block.data)
            yield rows_from((), cells=(), lines=(), raws=(), refused=(too_long,))
            continue
        spoken = "utf-8" if block.has_bom else encoding
        lines = block.data.splitlines()
        for start in range(0, len(lines), _BATCH):
            numbered = enumerate(lines[start : start + _BATCH], start=block.first_line + start)
            yield from _in_parts(numbered, encoding=spoken, paths=paths)


def objects_from(
    numbered: Iterable[tuple[int, bytes]], *, encoding: str, paths: Sequence[str]
) -> Rows:
    """The objects on these lines, each given with its number."""
    gathered = _Gathered()
    for line, raw in numbered:
        gathered.take(line, raw, encoding=encoding, paths=paths)
    return gathered.rows()


def _in_parts(
    numbered: Iterable[tuple[int, bytes]], *, encoding: str, paths: Sequence[str]
) -> Iterator[Rows]:
    """The objects on these lines, in as many parts as their names ask for."""
    gathered = _Gathered()
    for line, raw in numbered:
        gathered.take(line, raw, encoding=encoding, paths=paths)
        if len(gathered.names) * len(gathered.cells) > _MOST_CELLS:
            yield gathered.rows()
            gathered = _Gathered()
    yield gathered.rows()


@dataclass(slots=True, kw_only=True)  # grows line by line
class _Gathered:
    """Objects and refusals of the lines so far."""

    cells: list[dict[str, str | None]] = field(default_factory=list)
    names: dict[str, None] = field(default_factory=dict)
    spelt: dict[str, str] = field(default_factory=dict)  # the first spelling of a folded name
    lines: list[int] = field(default_factory=list)
    raws: list[bytes] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    def take(self, line: int, raw: bytes, *, encoding: str, paths: Sequence[str]) -> None:
        """Take one line more; a blank one leaves no trace."""
        if not raw.strip():
            return
        found = _cells_on(raw, encoding=encoding, paths=paths)
        cells = found if isinstance(found, str) else self._spelt_alike(found, paths)
        if isinstance(cells, str):
            self.refused.append(Refusal(line=line, reason=cells, raw=raw))
            return
        self.cells.append(cells)
        self.names |= dict.fromkeys(cells)
        self.lines.append(line)
        self.raws.append(raw)

    def _spelt_alike(
        self, found: dict[str, str | None], paths: Sequence[str]
    ) -> dict[str, str | None] | str:
        """The cells by the first spelling of each name, so that `System` is no second column.

        Where a wanted name stands in one object in two spellings, what is wrong with it.
        """
        cells: dict[str, str | None] = {}
        for name, value in found.items():
            known = name
            if name not in self.names:
                known = self.spelt.setdefault(folded(name), name)
            if known in cells:
                if folded(name) in map(folded, paths):
                    return f"a name stands twice in one object: {name[:80]!r}"
                known = name
            cells[known] = value
        return cells

    def rows(self) -> Rows:
        """The rows of all of them."""
        names = tuple(self.names)
        return rows_from(
            names,
            cells=[[row.get(name) for name in names] for row in self.cells],
            lines=self.lines,
            raws=self.raws,
            refused=self.refused,
        )


def _is_array(data: bytes) -> bool:
    """Whether the lines are one JSON array, and not objects below a first line that is damaged.

    Inside an array an object on a line of its own is followed by what closes or goes on.
    """
    if not data.lstrip().startswith(b"["):
        return False
    lines = [line.strip() for line in data[: 1 << 20].splitlines() if line.strip()][:_LOOKED_AT]
    after = [*lines[2:], b""]
    return not any(
        line.startswith(b"{")
        and not following.startswith((b"]", b"}", b","))
        and isinstance(_object(line, "utf-8"), dict)
        for line, following in zip(lines[1:], after, strict=False)
    )


def _cells_on(raw: bytes, *, encoding: str, paths: Sequence[str]) -> dict[str, str | None] | str:
    """The cells of the object on a line, or what is wrong with the line."""
    found = _object(raw, encoding)
    if isinstance(found, str):
        return found
    try:
        return _cells(found, paths)
    except RecursionError:  # an object that can just be read may still be too deep to walk
        return _TOO_DEEP


def _cells(found: dict[str, object], paths: Sequence[str]) -> dict[str, str | None]:
    cells = dict(leaves(found))
    for path in paths:
        if path not in cells and (value := found_at(found, path)) is not None:
            cells[path] = value
    return cells


def _object(  # noqa: PLR0911 one return for each thing that can be wrong
    raw: bytes, encoding: str
) -> dict[str, object] | str:
    """The object on a line, or what is wrong with the line."""
    if len(raw) > MAX_ROW_BYTES:
        return TOO_LONG
    if b"\0" in raw:
        return "holds NUL bytes"
    try:
        found = json.loads(
            raw.decode(encoding),
            parse_float=str,
            parse_constant=_no_number,
            object_pairs_hook=_once_each,
        )
    except UnicodeDecodeError:
        return "holds bytes that are not text in the profile's encoding"
    except RecursionError:
        return _TOO_DEEP
    except json.JSONDecodeError as trouble:
        return f"is not JSON: column {trouble.colno}: {trouble.msg}"
    except ValueError as trouble:
        return f"is not JSON: {trouble}"
    if not isinstance(found, dict):
        return "is not a JSON object"
    if b"\\u0000" in raw:
        return "holds NUL bytes"
    if b"\\u" in raw and not _encodable(found):
        return "holds half of a surrogate pair"
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _encodable(found: dict[str, object]) -> bool:
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
