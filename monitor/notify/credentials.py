"""Passwords and secrets: from the environment or from a file that is open to its owner alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from alerts.errors import Misused

LEAST_LETTERS: Final = 32  # of a webhook's secret: as many as HMAC-SHA256 has bytes
_OTHERS: Final = 0o077


def credential(env: str, file: str, *, environment: Mapping[str, str], of: str) -> str:
    """A password or secret, without the line's end.

    Args:
        env: name of a variable; empty where a file is named.
        file: path of a file; empty where a variable is named.
        environment: of this process.
        of: whose it is, for the message.

    Raises:
        Misused: it is not there, is empty, or others may read it; the message never holds it.
    """
    if env:
        found = environment.get(env, "").strip()
        if not found:
            raise Misused(f"{of}: {env} is not set; possible: set it for the service")
        return found
    path = Path(file)
    try:
        if path.stat().st_mode & _OTHERS:
            raise Misused(f"{of}: {path} is open to others; possible: chmod go= {path}")
        found = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as trouble:
        kind = type(trouble).__name__
        raise Misused(
            f"{of}: {path} cannot be read ({kind}); possible: a file of text that this user owns"
        ) from None
    if not found:
        raise Misused(f"{of}: {path} is empty; possible: the secret on one line")
    return found
