"""Databases of homes that are copied: each under a name of its own."""

import hashlib
import re
from pathlib import Path

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from tests.postgresql import PREFIX, Server


def database_copied(
    server: Server, before: Path, root: Path, *, born: int, source: str = ""
) -> None:
    """The database of one home under the name of another, which its settings then say."""
    name = database_name(root, born=born)
    with server.connect() as connection:
        dropped(connection, name)
        connection.execute(
            SQL("CREATE DATABASE {} TEMPLATE {}").format(
                Identifier(name), Identifier(source or database_name(before, born=born))
            )
        )
    path = root / "config" / "settings.toml"
    text = path.read_text(encoding="utf-8")
    changed = re.sub(r'url = ".*?"', f'url = "{server.url(name)}"', text)
    path.write_text(changed, encoding="utf-8")


def dropped(connection: Connection, name: str) -> None:
    connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def database_name(root: Path, *, born: int) -> str:
    """The name of the database of a home, such that one left over is dropped by a later run."""
    digest = hashlib.sha256(str(root).encode()).hexdigest()[:12]
    return f"{PREFIX}{born}_{digest}"
