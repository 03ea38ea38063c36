"""The schema brought to where this psdmon wants it, and where it stands."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from alerts import migrations
from alerts.errors import Misused
from alerts.store.database import altering, keep_write_ahead_log, place, reading

_STEPS: Final = Path(migrations.__file__).parent


def version(engine: Engine) -> str:
    """The step at which a store's schema stands; empty when it has none."""
    with reading(engine) as connection:
        return version_in(connection)


def newest() -> str:
    """The step that this psdmon wants."""
    return _script().get_current_head() or ""


def revisions() -> tuple[str, ...]:
    """Every step there ever was, oldest first: what a store of an earlier psdmon may stand at."""
    return tuple(step.revision for step in reversed([*_script().walk_revisions()]))


def migrate(engine: Engine) -> None:
    """Brings the schema to the newest step, in one transaction; nothing when it is there.

    Raises:
        Misused: the store was made by a newer psdmon.
    """
    if version(engine) == newest():
        return
    keep_write_ahead_log(engine)
    with altering(engine) as connection:
        refuse_newer(version_in(connection), where=place(engine))
        command.upgrade(settings_for(connection), "head")


def settings_for(connection: Connection) -> Config:
    """What Alembic needs to take steps on a connection, in its transaction."""
    settings = _settings()
    settings.attributes["connection"] = connection
    return settings


def refuse_newer(standing: str, *, where: str) -> None:
    """Nothing where this psdmon knows the step.

    Raises:
        Misused: it was made by a newer psdmon.
    """
    known = {step.revision for step in _script().walk_revisions()}
    if standing and standing not in known:
        raise Misused(
            f"{where}: its schema {standing} is newer than this psdmon knows ({newest()});"
            " possible: the psdmon that made it, or a newer one"
        )


def version_in(connection: Connection) -> str:
    """The step at which the schema stands on a connection; empty when there is none."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_settings())


def _settings() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    return settings
