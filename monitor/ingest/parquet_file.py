"""Rows of a Parquet file, as the text they would be in a delimited one."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from alerts.errors import DataRefused
from monitor.ingest.json_path import as_text
from monitor.ingest.rows import Rows, rows_from

_BATCH = 50_000  # rows read together


def parquet_rows(path: Path, *, seen: Callable[[int], None]) -> Iterator[Rows]:
    """The rows in batches; a row's line is its number, from 1. The first has only the names.

    Raises:
        DataRefused: when the file is not whole Parquet, after the rows before the break.
    """
    line, size = 1, path.stat().st_size
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            yield rows_from(file.schema_arrow.names, cells=(), lines=(), raws=(), refused=())
            total = max(file.metadata.num_rows, 1)
            for batch in file.iter_batches(batch_size=_BATCH):
                yield _rows(batch, first_line=line)
                line += batch.num_rows
                seen(size * (line - 1) // total)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as trouble:
        told = str(trouble).splitlines()[0][:200]
        raise DataRefused(f"{path}: row {line}: the Parquet data is damaged: {told}") from trouble


def _rows(batch: pa.RecordBatch, *, first_line: int) -> Rows:
    columns = tuple(_texts(column) for column in batch.columns)
    names = tuple(batch.schema.names)
    by_row = zip(*(column.to_pylist() for column in columns), strict=True)
    raws = [json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in by_row]
    return Rows(
        names=names,
        columns=columns,
        lines=pa.array(np.arange(first_line, first_line + batch.num_rows, dtype=np.int64)),
        raws=pa.array([raw.encode() for raw in raws], pa.binary()),
    )


def _texts(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _texts(column.dictionary_decode())
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array([_nested(value) for value in column.to_pylist()], pa.string())
    if pa.types.is_floating(kind) and _all_whole(column):
        # A data frame turns whole numbers into floats as soon as one is missing.
        return column.cast(pa.int64()).cast(pa.string())
    return column.cast(pa.string())


def _all_whole(column: pa.Array) -> bool:
    wide = column.cast(pa.float64())
    whole = pc.and_(pc.equal(wide, pc.floor(wide)), pc.less(pc.abs(wide), 2.0**53))
    return bool(pc.all(whole, min_count=0).as_py())


def _nested(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return as_text(json.loads(json.dumps(value, default=str)))
