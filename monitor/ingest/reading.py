"""The rows of a file, whatever its layout: told apart by its first bytes, its name, its profile."""

from collections.abc import Callable, Iterator
from pathlib import Path, PurePath

from alerts.errors import DataRefused
from monitor.ingest.delimited import Dialect, delimited_rows
from monitor.ingest.json_lines import json_rows
from monitor.ingest.matching import paths_of
from monitor.ingest.parquet_file import parquet_rows
from monitor.ingest.profile import Profile
from monitor.ingest.rows import Rows
from monitor.ingest.stream import PARQUET, blocks, magic

_COMPRESSED = frozenset({".gz", ".zst"})
_BY_NAME = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
}


def rows_of(
    path: Path, *, table: str, profile: Profile, seen: Callable[[int], None]
) -> Iterator[Rows]:
    """The rows of one file, in parts that fit into memory.

    Args:
        path: the file.
        table: where the rows go, which decides what the profile looks for.
        profile: how the file is written.
        seen: told how many bytes of the file have been read.

    Raises:
        DataRefused: when the file cannot be read, or breaks off; the rows before were given.
    """
    try:
        layout = layout_of(path, profile)
        if layout == "parquet":
            yield from parquet_rows(path, seen=seen)
        elif layout == "jsonl":
            paths = paths_of(profile.reading_of(table), table)
            lines = blocks(path, seen=seen)
            yield from json_rows(path, lines, encoding=profile.encoding, paths=paths)
        else:
            dialect = Dialect(delimiter=profile.delimiter, encoding=profile.encoding)
            yield from delimited_rows(path, blocks(path, seen=seen), dialect=dialect)
    except OSError as trouble:
        told = trouble.strerror or "cannot be read"
        raise DataRefused(f"{path}: cannot be read: {told}") from trouble


def layout_of(path: Path, profile: Profile) -> str:
    """`csv`, `jsonl` or `parquet`."""
    if magic(path) == PARQUET:
        return "parquet"
    suffixes = [suffix.casefold() for suffix in PurePath(path).suffixes]
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    named = _BY_NAME.get(suffixes[-1], "") if suffixes else ""
    found = profile.layout or named or "csv"
    if found == "parquet":
        raise DataRefused(f"{path}: is not Parquet; possible: a file that begins with PAR1")
    return found
