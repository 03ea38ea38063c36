"""The password of a database: from the environment or a file, never from config."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from alerts.errors import Misused
from monitor.sources.declared import TableFeed

CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"  # where systemd puts what LoadCredential names


def password_of(feed: TableFeed, *, environ: Mapping[str, str] = os.environ) -> str | None:
    """The password that a feed names; None where it names none.

    Raises:
        Misused: it is not where the feed says.
    """
    place = f"feed {feed.name}"
    if feed.password_env:
        if feed.password_env not in environ:
            raise Misused(
                f"{place}: password_env: {feed.password_env} is not set; possible: set it"
            )
        return environ[feed.password_env]
    if not feed.password_file:
        return None
    path = Path(feed.password_file)
    if not path.is_absolute():
        if CREDENTIALS not in environ:
            raise Misused(
                f"{place}: password_file: {path} is a credential, and {CREDENTIALS} is not set;"
                " possible: LoadCredential of the service, or a path from /"
            )
        path = Path(environ[CREDENTIALS]) / path
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as trouble:
        told = getattr(trouble, "strerror", None) or "is not text"
        raise Misused(f"{place}: password_file: {path}: cannot be read: {told}") from None
