"""The feeds that a force declares in config/feeds.toml, checked all at once."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from alerts.errors import Misused
from monitor.ingest.profile import Profile, profiles_at
from monitor.lake import TABLES
from monitor.toml_file import read_as

FILE: Final = "feeds.toml"
EVENTS: Final = "events"
_NAME: Final = r"^[a-z][a-z0-9_-]{0,39}$"
# A password before the @, or among what follows the question mark.
_PASSWORD: Final = re.compile(r"://[^/@\s]*:[^/@\s]+@|[?&](?:password|passwd|pwd)=", re.IGNORECASE)
_SCHEME: Final = re.compile(r"^[a-z][a-z0-9_]*(?:\+[a-z0-9_]+)?://", re.IGNORECASE)


class _Part(BaseModel):
    """A frozen table of the file; an unknown key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Health(_Part):
    """When a feed counts as unwell."""

    ahead_minutes: float = Field(default=5, ge=0)  # by which an event may lie ahead of its arrival
    grace_minutes: float = Field(default=120, ge=0)  # a number may be missing before it is told
    learning_days: int = Field(default=56, ge=14)  # of history that say what is usual
    fall_pvalue: float = Field(default=0.0001, gt=0, lt=0.05)  # below this a fall is told


class _Feed(_Part):
    """What every feed has."""

    name: str = Field(pattern=_NAME)
    table: str
    profile: str
    source: str = ""  # within which event ids are unique; empty: as the profile says
    expected_minutes: float = Field(default=0, ge=0)  # between arrivals; 0: learnt from history
    sequence_column: str = ""  # a column of the source whose numbers have no gap; empty: none

    @field_validator("table")
    @classmethod
    def _table_exists(cls, value: str) -> str:
        if value != EVENTS and value not in TABLES:
            raise ValueError(f"{value!r} is no table; possible: {EVENTS}, {', '.join(TABLES)}")
        return value


class FolderFeed(_Feed):
    """A folder into which whole files are dropped."""

    kind: Literal["folder"]
    path: Path
    names: tuple[str, ...] = ("*",)  # of files that are taken, with * and ?
    settle_seconds: float = Field(default=60, ge=0)  # without a change, and a file is complete
    manifest: str = ""  # name of the lists that come with the files, with * and ?; empty: none
    listed_only: bool = False  # whether a file that no manifest lists is left alone
    when_read: Literal["leave", "move"] = "leave"  # move: to the folder `done` inside

    @field_validator("path")
    @classmethod
    def _path_is_absolute(cls, value: Path) -> Path:
        return _absolute(value)

    @model_validator(mode="after")
    def _lists_are_named(self) -> "FolderFeed":
        if self.listed_only and not self.manifest:
            raise ValueError("listed_only needs manifest; possible: the name of the list")
        if "/" in self.manifest:
            raise ValueError("manifest names a file of the folder; possible: manifest.csv")
        return self


class FileFeed(_Feed):
    """A file that grows, and is rotated."""

    kind: Literal["file"]
    path: Path
    rotated: tuple[
        str, ...
    ] = ()  # names that rotation gives, with * and ?; none: NAME.* and NAME-*

    @field_validator("path")
    @classmethod
    def _path_is_absolute(cls, value: Path) -> Path:
        return _absolute(value)


class TableFeed(_Feed):
    """A table or view of a database."""

    kind: Literal["table"]
    url: str  # SQLAlchemy URL without a password
    relation: str  # table or view, with its schema where it has one: audit.access_log
    key: str = ""  # a column that only grows, a number or a time; empty: read whole each time
    look_back_minutes: float = Field(default=120, ge=0)  # a transaction may stay open
    page_rows: int = Field(default=10_000, ge=1)
    timeout_seconds: float = Field(default=60, gt=0)  # for one statement
    user: str = ""  # at the database; empty: as the URL says
    password_env: str = ""  # name of an environment variable that holds the password
    password_file: str = ""  # a file that holds it; a bare name is one of systemd's credentials

    @field_validator("url")
    @classmethod
    def _url_holds_no_secret(cls, value: str) -> str:
        if _PASSWORD.search(value):
            raise ValueError("the URL holds a password; possible: password_env or password_file")
        if not _SCHEME.match(value):
            raise ValueError("is no URL of a database; possible: postgresql+psycopg://user@host/db")
        return value

    @field_validator("relation")
    @classmethod
    def _relation_is_a_name(cls, value: str) -> str:
        parts = value.split(".")
        if not 1 <= len(parts) <= 2 or not all(part.strip() for part in parts):
            raise ValueError(
                f"{value!r} is no table or view; possible: access_log, audit.access_log"
            )
        return value

    @model_validator(mode="after")
    def _one_secret_at_most(self) -> "TableFeed":
        if self.password_env and self.password_file:
            raise ValueError("password_env and password_file are both given; possible: one of them")
        return self


Feed = FolderFeed | FileFeed | TableFeed
_Any = Annotated[Feed, Field(discriminator="kind")]


class Declared(_Part):
    """Everything config/feeds.toml says."""

    format: Literal[1] = 1
    health: Health = Health()
    feed: tuple[_Any, ...] = ()

    def named(self, names: tuple[str, ...]) -> tuple[Feed, ...]:
        """The feeds of these names, or all where none is named.

        Raises:
            Misused: when a name is that of no feed.
        """
        known = {feed.name: feed for feed in self.feed}
        unknown = [name for name in names if name not in known]
        if unknown:
            possible = ", ".join(known) or f"declare one in config/{FILE}"
            raise Misused(f"feed {', '.join(unknown)}: is not declared; possible: {possible}")
        return tuple(known[name] for name in names) if names else self.feed


def declared_at(config: Path) -> Declared:
    """What the feeds.toml of a config folder declares; nothing where there is no such file.

    Raises:
        Misused: every problem at once, each with its place.
    """
    path = config / FILE
    try:
        declared = read_as(Declared, path, what="feeds")
    except FileNotFoundError:
        return Declared()
    problems = list(_problems(declared, profiles_at(config) if declared.feed else {}))
    if problems:
        raise Misused(f"feeds: {path}:\n" + "\n".join(f"  {line}" for line in problems))
    return declared


def _problems(declared: Declared, profiles: dict[str, Profile]) -> Iterator[str]:
    names = [feed.name for feed in declared.feed]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name}: is declared twice; possible: a name for each"
    for number, feed in enumerate(declared.feed):
        place = f"feed.{number} ({feed.name})"
        if feed.profile not in profiles:
            yield f"{place}.profile: {feed.profile!r} is none; possible: {', '.join(profiles)}"
            continue
        try:
            profiles[feed.profile].reading_of(feed.table)
        except Misused as trouble:
            yield f"{place}.table: {trouble}"


def _absolute(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError(f"'{path}' depends on where psdmon is started; possible: a path from /")
    return path
