"""Rows of a file with one JSON object a line."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from alerts.errors import DataRefused
from monitor.ingest.delimited import TOO_LONG
from monitor.ingest.json_path import found_at, leaves
from monitor.ingest.rows import MAX_ROW_BYTES, Refusal, Rows, rows_from
from monitor.ingest.stream import Block

_BATCH = 20_000  # objects turned into columns together


def json_rows(
    path: Path, blocks: Iterable[Block], *, encoding: str, paths: Sequence[str]
) -> Iterator[Rows]:
    """The objects of a file, in batches, with a column for every path and every other leaf.

    Args:
        path: the file, for messages.
        blocks: its lines.
        encoding: of its text, unless it begins with a UTF-8 mark.
        paths: where the profile looks for its columns.

    Raises:
        DataRefused: when the file is one JSON array.
    """
    begun = False
    for block in blocks:
        if not begun and block.data.lstrip().startswith(b"["):
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
            yield objects_from(numbered, encoding=spoken, paths=paths)


def objects_from(
    numbered: Iterable[tuple[int, bytes]], *, encoding: str, paths: Sequence[str]
) -> Rows:
    """The objects on these lines, each given with its number."""
    cells: list[dict[str, str | None]] = []
    lines: list[int] = []
    raws: list[bytes] = []
    refused: list[Refusal] = []
    for line, raw in numbered:
        if not raw.strip():
            continue
        found = _object(raw, encoding)
        if isinstance(found, str):
            refused.append(Refusal(line=line, reason=found, raw=raw))
            continue
        cells.append(_cells(found, paths))
        lines.append(line)
        raws.append(raw)
    names = tuple(dict.fromkeys(name for row in cells for name in row))
    return rows_from(
        names,
        cells=[[row.get(name) for name in names] for row in cells],
        lines=lines,
        raws=raws,
        refused=refused,
    )


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
        return "is nested too deeply"
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
