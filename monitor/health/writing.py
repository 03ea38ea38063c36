"""Files that others read at any moment: whole or not there, never half."""

import os
import tempfile
from pathlib import Path

_FOR_ALL = 0o644


def written(path: Path, text: str, *, mode: int = 0o600) -> Path:
    """Puts a text in the place of a file in one step; the file comes back.

    Raises:
        OSError: the folder cannot be written; what was there stays.
    """
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
            os.fchmod(file.fileno(), mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def written_for_all(path: Path, text: str) -> Path:
    """The same, for a reader of another user: a collector of metrics."""
    return written(path, text, mode=_FOR_ALL)
