"""What the libraries that read and write the lake say, as one of our errors."""

import re

from alerts.errors import Busy, IntegrityBroken, PsdmonError

_LIBRARIES = ("duckdb", "_duckdb", "deltalake", "_internal")
_NO_ROOM = re.compile(r"No space left on device|os error 28|disk is full|Disk quota", re.IGNORECASE)
_FILE = re.compile(r"/[^\s\"',:\]\[]+\.(?:parquet|json)")


def in_words(trouble: BaseException) -> PsdmonError | None:
    """The trouble as a person can act on it; None where it is not of the lake.

    Only the path of a file is kept of what a library said: values of rows may stand in the rest.
    """
    said = str(trouble)
    if _NO_ROOM.search(said):
        return Busy("lake: has no room; possible: make room and try again; what was stored stays")
    module = type(trouble).__module__.split(".")[0]
    if module not in _LIBRARIES:
        return None
    named = _FILE.search(said)
    # DuckDB 2.0 names no file, and gives no kind, where the inside of its footer is damaged.
    if named is None and type(trouble).__name__ != "Error":
        return None
    file = named.group() if named else "a file"
    return IntegrityBroken(
        f"lake: {file} is damaged or gone; possible: put it back from a backup, then the same again"
    )
