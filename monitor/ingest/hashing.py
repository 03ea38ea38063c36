"""SHA-256 of a row: of its raw text, of its content, and as the name of an event without one."""

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from monitor.ingest.cells import constant

_UNIT, _RECORD = "\x1f", "\x1e"  # separators that no log line holds


def sha256_of(values: pa.Array, *, con: duckdb.DuckDBPyConnection) -> pa.Array:
    """The hash of each value, in lower-case hexadecimal; shape (rows,)."""
    hashing = pa.table({"value": values})
    con.register("hashing", hashing)
    found = con.sql("SELECT sha256(value) AS hash FROM hashing").to_arrow_table()
    con.unregister("hashing")
    return found["hash"].combine_chunks().cast(pa.string())


def in_order(columns: Sequence[pa.Array]) -> pa.Array:
    """Each row's values in a row; blanks at the end leave no trace, so columns can be added."""
    texts = [_text(cells) for cells in columns]
    joined = pc.binary_join_element_wise(
        *texts, _UNIT, null_handling="replace", null_replacement=""
    )
    return pc.ascii_rtrim(joined, characters=_UNIT)


def by_name(source: str, columns: Mapping[str, pa.Array], *, count: int) -> pa.Array:
    """The source and each row's cells by name; the order of the columns leaves no trace.

    A blank cell and an absent one are alike, so the same row in another layout is the same.
    """
    parts = [
        pc.binary_join_element_wise(name, _filled(cells), _UNIT)
        for name, cells in sorted(columns.items())
        if cells.null_count < len(cells)
    ]
    return pc.binary_join_element_wise(
        constant(source, count), *parts, _RECORD, null_handling="skip"
    )


def _filled(cells: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)


def _text(cells: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(cells.type):
        return cells.cast(pa.int64()).cast(pa.string())
    return cells if pa.types.is_string(cells.type) else cells.cast(pa.string())
