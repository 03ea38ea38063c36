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
from monitor.ingest.stream import PARQUET, Following, blocks, magic

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
            lines = blocks(path, seen=seen)
            yield from delimited_rows(path, lines, dialect=dialect_of(profile))
    except OSError as trouble:
        told = trouble.strerror or "cannot be read"
        raise DataRefused(f"{path}: cannot be read: {told}") from trouble


def rows_following(  # noqa: PLR0913 each is a fact of its own, all but the first named
    following: Following,
    *,
    table: str,
    profile: Profile,
    layout: str,
    known: tuple[str, ...],
    waits: Callable[[bytes, int], bool],
) -> Iterator[Rows]:
    """The rows of a file from where the last reading ended.

    Args:
        following: its lines from there on.
        table: where the rows go, which decides what the profile looks for.
        profile: how the file is written.
        layout: csv or jsonl.
        known: the header of a delimited file, where the lines begin below it.
        waits: see `delimited_rows`.

    Raises:
        DataRefused: when the file cannot be read, or breaks off; the rows before were given.
    """
    path, begun = following.path, following.offset > 0
    try:
        if layout == "jsonl":
            paths = paths_of(profile.reading_of(table), table)
            lines = following.blocks()
            yield from json_rows(path, lines, encoding=profile.encoding, paths=paths, begun=begun)
            return
        yield from delimited_rows(
            path, following.blocks(), dialect=dialect_of(profile), known=known, waits=waits
        )
    except OSError as trouble:
        told = trouble.strerror or "cannot be read"
        raise DataRefused(f"{path}: cannot be read: {told}") from trouble


def dialect_of(profile: Profile) -> Dialect:
    """How a profile's delimited files are written."""
    return Dialect(delimiter=profile.delimiter, encoding=profile.encoding)


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
