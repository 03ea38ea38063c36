"""Faults of the program: told by kind, the traceback kept where only the owner can read it."""

import os
import tempfile
import traceback
from pathlib import Path
from typing import Final

from alerts.errors import PsdmonError

_KEPT: Final = 20  # tracebacks; a step that fails each hour must not fill the disk


def told_of(trouble: BaseException, root: Path) -> str:
    """What may be told of any trouble: our own words whole, a fault of the program by its kind."""
    if isinstance(trouble, PsdmonError):
        return str(trouble)
    if isinstance(trouble, OSError) and trouble.strerror:
        return f"{type(trouble).__name__}: {trouble.strerror}"
    return kept_apart(trouble, root)


def kept_apart(trouble: BaseException, root: Path) -> str:
    """What may be told of a fault: its kind, and the file that holds the rest.

    A traceback may hold identities, so it is written into the home for its owner alone.
    """
    kind = type(trouble).__name__
    try:
        path = _written(trouble, root)
    except OSError:
        return f"a fault of the program ({kind}); its details could not be written"
    return f"a fault of the program ({kind}); details: {path.name}"


def _written(trouble: BaseException, root: Path) -> Path:
    older = sorted(root.glob("trouble-*.log"), key=lambda path: path.stat().st_mtime)
    for path in older[: max(len(older) - _KEPT + 1, 0)]:
        path.unlink(missing_ok=True)
    return traceback_written(trouble, root)


def traceback_written(trouble: BaseException, folder: Path | None) -> Path:
    """Writes a traceback where only its owner can read it; the path comes back.

    Args:
        trouble: what was met.
        folder: where it goes; without one, where the system keeps what is short-lived.
    """
    handle, name = tempfile.mkstemp(prefix="trouble-", suffix=".log", dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.writelines(traceback.format_exception(trouble))
    return Path(name)
