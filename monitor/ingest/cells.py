"""The text of a column as its source meant it: joined, trimmed, decoded; a blank is NULL."""

from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from monitor.ingest.matching import Matched
from monitor.ingest.profile import ANY_OTHER, Reading
from monitor.ingest.rows import Rows

_AS_TYPED = frozenset({"reason", "search_terms"})  # kept to the last space, unless all blank


def cells_of(
    column: str, *, rows: Rows, by: Matched, reading: Reading, as_written: bool = False
) -> pa.Array:
    """The text of one column of the contract, NULL where blank; shape (rows,).

    Args:
        column: which.
        rows: as they were read.
        by: where the column lies.
        reading: what the profile says of it.
        as_written: whether codes stay as the source wrote them.
    """
    count = len(rows.lines)
    if column in reading.constants:
        return constant(reading.constants[column], count)
    cells = _found(column, rows, by)
    if column in reading.codes and not as_written:
        cells = _decoded(cells, reading.codes[column], keep=column == "action")
    if column in reading.plates:
        cells = pc.replace_substring_regex(pc.utf8_upper(cells), r"\s+", "")
    if column in reading.defaults:
        cells = cells.fill_null(reading.defaults[column])
    return cells


def constant(value: str, count: int) -> pa.Array:
    """The same text so many times."""
    return pa.repeat(pa.scalar(value, pa.string()), count)


def by_value(cells: pa.Array, read: Callable[[str], str | None]) -> pa.Array:
    """Each cell as it is read; every distinct value is read once."""
    encoded = cells.dictionary_encode()
    values = pa.array([read(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return values.take(encoded.indices)


def _found(column: str, rows: Rows, by: Matched) -> pa.Array:
    """The first way to the column that is not blank in each row."""
    ways = [_joined(rows, way) for way in by.sources.get(column, ())]
    if not ways:
        return pa.nulls(len(rows.lines), pa.string())
    as_typed = column in _AS_TYPED
    kept = ways if as_typed else [_trimmed(cells) for cells in ways]
    filled = [_without_blanks(cells, trimmed=not as_typed) for cells in kept]
    return pc.coalesce(*filled) if len(filled) > 1 else filled[0]


def _joined(rows: Rows, way: tuple[int, ...]) -> pa.Array:
    cells = [rows.columns[position] for position in way]
    return cells[0] if len(cells) == 1 else pc.binary_join_element_wise(*cells, " ")


def _trimmed(cells: pa.Array) -> pa.Array:
    """The cells without white space around them."""
    if cells.null_count == len(cells):
        return cells
    plain = pc.all(pc.string_is_ascii(cells), min_count=0).as_py()
    # The careful way looks at every character: seven times the price, needed by few columns.
    return pc.ascii_trim_whitespace(cells) if plain else pc.utf8_trim_whitespace(cells)


def _without_blanks(cells: pa.Array, *, trimmed: bool) -> pa.Array:
    blank = pc.equal(cells if trimmed else _trimmed(cells), "")
    return pc.if_else(blank, pa.scalar(None, pa.string()), cells)


def _decoded(cells: pa.Array, codes: Mapping[str, str], *, keep: bool) -> pa.Array:
    """What each code means; a code that is not listed stays, or becomes what `*` says."""
    folded = {code.strip().casefold(): meaning for code, meaning in codes.items()}

    def meaning(code: str) -> str | None:
        other = code if keep else folded.get(ANY_OTHER, code)
        return folded.get(code.strip().casefold(), other) or None

    return by_value(cells, meaning)
