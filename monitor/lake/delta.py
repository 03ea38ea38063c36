"""One Delta table: its files at a version, an append, a compaction."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
from deltalake import ColumnProperties, DeltaTable, WriterProperties, write_deltalake

from alerts.errors import Misused

# No two rows share these, so a dictionary of them costs time and saves nothing.
_UNREPEATED = frozenset({"event_id", "id", "raw_sha256", "content_sha256", "key_sha256"})
# delta-rs 1.6 reads these as parts of a URL and then looks for a folder that is not there.
_NOT_IN_A_PATH = frozenset("[]%")
_LOG = "_delta_log"
_POINTER = "_last_checkpoint"
_STEP = re.compile(r"(\d{20})\.(json|checkpoint\.parquet)")
_SAFE_HOURS = 168  # a week: the shortest a reader's files are kept by Delta's own safety check


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What one version of a table consists of."""

    version: int
    paths: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """All that another folder needs to be the same table at the same version."""

    version: int
    rows: int
    data: tuple[str, ...]  # files below the folder, with slashes
    log: tuple[str, ...]  # the same, of the table's own log, up to the version


def whole_of(folder: Path) -> Whole | None:
    """What makes up the newest version of a table; None without a table."""
    found = files_of(folder)
    if found is None:
        return None
    top = folder.absolute()
    steps = sorted(path.name for path in (top / _LOG).iterdir())
    log = [name for name in steps if (s := _STEP.fullmatch(name)) and int(s[1]) <= found.version]
    if _points_at(top / _LOG / _POINTER) <= found.version:
        log.append(_POINTER)
    return Whole(
        version=found.version,
        rows=found.rows,
        data=tuple(Path(path).relative_to(top).as_posix() for path in found.paths),
        log=tuple(f"{_LOG}/{name}" for name in log),
    )


def _points_at(pointer: Path) -> int | float:
    """The version of the checkpoint that a reader is sent to first; infinity without one."""
    try:
        return int(json.loads(pointer.read_bytes())["version"])
    except FileNotFoundError:
        return float("inf")


def files_of(folder: Path) -> Files | None:
    """The files of the newest version, all taken at that one version; None without a table."""
    table = _opened(folder)
    if table is None:
        return None
    paths = tuple(sorted(unquote(uri) for uri in table.file_uris()))
    return Files(version=table.version(), paths=paths, rows=table.count() if paths else 0)


def version_of(folder: Path) -> int | None:
    """The newest version of a table; None without a table."""
    table = _opened(folder)
    return None if table is None else table.version()


def created(folder: Path, schema: pa.Schema, *, partition_by: list[str]) -> int:
    """Make the table if it is not there; the version it now has."""
    if _NOT_IN_A_PATH & set(str(folder.absolute())):
        raise Misused(f"lake: {folder}: the path holds [, ] or %; possible: a home without them")
    found = version_of(folder)
    if found is not None:
        return found
    folder.mkdir(parents=True, exist_ok=True)
    DeltaTable.create(str(folder.absolute()), schema, partition_by=partition_by or None)
    return 0


def append(
    folder: Path,
    batches: Iterable[pa.RecordBatch],
    *,
    schema: pa.Schema,
    partition_by: list[str],
) -> None:
    """Add the batches in one commit: all of them, or none."""
    write_deltalake(
        str(folder.absolute()),
        pa.RecordBatchReader.from_batches(schema, batches),
        mode="append",
        partition_by=partition_by or None,
        writer_properties=_properties(schema),
    )


def compacted(folder: Path, *, kept_hours: float) -> int:
    """Put small files together, and remove those nobody has needed for so long; files replaced.

    A reader that took its file list before keeps its files for that long. What a load left that
    was ended in the middle goes with them.
    """
    table = _opened(folder)
    if table is None:
        return 0
    schema = pa.schema(table.schema().to_arrow())
    replaced = int(table.optimize.compact(writer_properties=_properties(schema))["numFilesRemoved"])
    short = kept_hours < _SAFE_HOURS  # a shorter time is asked for by the force, and Delta says so
    table.vacuum(
        retention_hours=int(kept_hours), dry_run=False, enforce_retention_duration=not short
    )
    table.create_checkpoint()
    table.cleanup_metadata()
    return replaced


def rewritten(
    folder: Path, kept: Iterable[pa.RecordBatch], *, schema: pa.Schema, partition_by: list[str]
) -> None:
    """Put what is kept in place of the whole table, in one commit."""
    write_deltalake(
        str(folder.absolute()),
        pa.RecordBatchReader.from_batches(schema, kept),
        mode="overwrite",
        partition_by=partition_by or None,
        writer_properties=_properties(schema),
    )


def rewritten_until(
    folder: Path, kept: Iterable[pa.RecordBatch], *, schema: pa.Schema, last_month: str
) -> None:
    """Put what is kept in place of the months up to one, in one commit; the rest stays."""
    write_deltalake(
        str(folder.absolute()),
        pa.RecordBatchReader.from_batches(schema, kept),
        mode="overwrite",
        predicate=f"month <= '{last_month}'",
        partition_by=["month"],
        writer_properties=_properties(schema),
    )


def purged(folder: Path) -> None:
    """Take from the disk all that the newest version does not need, its history included.

    What was erased is then in no file: not in data nobody names any more, not in the highest and
    lowest values that the log keeps of each file, not in the file of a write that was broken off.
    Nobody may write meanwhile, and whoever reads an older version loses it.
    """
    table = _opened(folder)
    if table is None:
        return
    table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False, full=True)
    table = DeltaTable(str(folder.absolute()))
    table.create_checkpoint()
    log = folder / _LOG
    for path in sorted(log.iterdir()):
        step = _STEP.fullmatch(path.name)
        if (step and int(step[1]) < table.version()) or path.suffix == ".tmp":
            path.unlink()
    for month in folder.glob("month=*"):
        if not any(month.iterdir()):
            month.rmdir()


def small_files(folder: Path) -> int:
    """The most files that one folder of the table holds; 0 without a table."""
    found = files_of(folder)
    if found is None:
        return 0
    gathered: dict[str, int] = {}
    for path in found.paths:
        place = path.rpartition("/")[0]
        gathered[place] = gathered.get(place, 0) + 1
    return max(gathered.values(), default=0)


def in_batches(rows: pa.Table, *, keep: pa.ChunkedArray | None = None) -> Iterator[pa.RecordBatch]:
    """The rows that are kept, a bounded batch at a time."""
    chosen = rows if keep is None else rows.append_column("__keep", keep)
    for batch in chosen.to_batches(max_chunksize=100_000):
        if keep is None:
            yield batch
        else:
            yield batch.filter(batch.column("__keep")).drop_columns(["__keep"])


def _properties(schema: pa.Schema) -> WriterProperties:
    plain = ColumnProperties(dictionary_enabled=False)
    columns = {name: plain for name in schema.names if name in _UNREPEATED}
    # Level 1: 500,000 events were written in 6 us each instead of 10, and came out no larger.
    return WriterProperties(
        compression="ZSTD", compression_level=1, column_properties=columns or None
    )


def _opened(folder: Path) -> DeltaTable | None:
    if not (folder / "_delta_log").is_dir():
        return None
    return DeltaTable(str(folder.absolute()))
