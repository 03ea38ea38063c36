"""A profile: how one source's files become the columns of the contract, as data in TOML."""

import codecs
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from alerts.errors import Misused
from monitor.ingest.time_format import reader_of
from monitor.lake.shape import ACTIONS, EVENT_INPUTS, OTHER_ACTION, TABLES, shape_of
from monitor.settings import zones
from monitor.toml_file import read_as

_BYTEWISE = frozenset({"utf-8", "cp1252", "iso8859-1", "iso8859-15", "ascii"})
ANY_OTHER = "*"  # in a code list: what every code that is not listed becomes


class _Part(BaseModel):
    """A frozen part of a profile; an unknown key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Times(_Part):
    """How this source writes a moment."""

    formats: tuple[str, ...] = ("iso",)  # tried in order
    zone: str = ""  # of a time without offset; empty: such a time is refused
    order: Literal["", "dmy", "mdy", "ymd"] = ""  # of a date with slashes; never guessed

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        if value and value not in zones():
            raise ValueError(f"{value!r} is not an IANA zone; possible: Europe/London, UTC")
        return value

    @model_validator(mode="after")
    def _formats_can_be_read(self) -> "Times":
        for name in self.formats:
            reader_of(name, order=self.order)
        return self


class Reading(_Part):
    """How the cells of one table are found and read."""

    columns: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # where each is found
    constants: dict[str, str] = Field(default_factory=dict)  # the same in every row
    defaults: dict[str, str] = Field(default_factory=dict)  # where the cell is blank
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)  # what a source's code means
    extra: tuple[str, ...] = ()  # known columns that are kept as extra; "*": all the rest
    plates: tuple[str, ...] = ()  # columns that hold a plate: upper case, no spaces

    def found_in(self, table: str) -> Mapping[str, tuple[str, ...]]:
        """Where each column is found: as said here, else under its own name."""
        if self.columns:
            return self.columns
        fixed = self.constants
        return {column: (column,) for column in inputs_of(table) if column not in fixed}


class Profile(_Part):
    """How the files of one source are read."""

    format: Literal[1]
    name: str
    says: str  # what this source is, in a sentence, and where its layout comes from
    template: bool = False  # whether no public layout exists, so that it must be adapted
    source: str  # event ids are unique within a source
    layout: Literal["", "csv", "jsonl", "parquet"] = ""  # empty: by the name of the file
    encoding: str = "utf-8"
    delimiter: str = ","
    masked: tuple[str, ...] = ("***",)  # what stands for an identity the source withholds
    time: Times = Times()
    events: Reading | None = None
    tables: dict[str, Reading] = Field(default_factory=dict)

    @field_validator("encoding")
    @classmethod
    def _encoding_is_bytewise(cls, value: str) -> str:
        try:
            name = codecs.lookup(value).name
        except LookupError:
            name = ""
        if name not in _BYTEWISE:
            raise ValueError(f"{value!r} cannot be read; possible: {', '.join(sorted(_BYTEWISE))}")
        return name

    @field_validator("delimiter")
    @classmethod
    def _delimiter_is_a_character(cls, value: str) -> str:
        if len(value) != 1 or not value.isascii() or value in '"\r\n\0':
            raise ValueError(f"{value!r} is not one character; possible: a comma, ;, | or a tab")
        return value

    @model_validator(mode="after")
    def _columns_are_known(self) -> "Profile":
        problems = [
            problem
            for table, reading in self._readings()
            for problem in _problems(table, reading, self.time)
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def reading_of(self, table: str) -> Reading:
        """How this profile reads one table.

        Raises:
            Misused: when it does not read that table.
        """
        readings = dict(self._readings())
        if table not in readings:
            possible = ", ".join(sorted(readings))
            raise Misused(f"profile {self.name}: does not read {table}; possible: {possible}")
        return readings[table]

    def _readings(self) -> Iterator[tuple[str, Reading]]:
        if self.events is not None:
            yield "events", self.events
        yield from self.tables.items()


def inputs_of(table: str) -> tuple[str, ...]:
    """The columns a file may give for this table."""
    return EVENT_INPUTS if table == "events" else shape_of(table).columns


def profiles_at(config: Path) -> dict[str, Profile]:
    """Every profile of a config folder, by name.

    Raises:
        Misused: every problem of every profile at once, each with file and key.
    """
    found: dict[str, Profile] = {}
    problems: list[str] = []
    for path in sorted((config / "profiles").glob("*.toml")):
        try:
            found[path.stem] = _profile(path)
        except Misused as trouble:
            problems.append(str(trouble))
    if problems:
        raise Misused("\n".join(problems))
    return found


def profile_named(config: Path, name: str) -> Profile:
    """One profile of a config folder.

    Raises:
        Misused: when there is none of that name, with the names that are possible.
    """
    path = config / "profiles" / f"{name}.toml"
    names = sorted(p.stem for p in (config / "profiles").glob("*.toml"))
    if name not in names:
        raise Misused(
            f"profile {name}: is not there; possible: {', '.join(names) or 'psdmon init'}"
        )
    return _profile(path)


def _profile(path: Path) -> Profile:
    profile = read_as(Profile, path, what="profile")
    if profile.name != path.stem:
        raise Misused(f"profile: {path}: name: is {profile.name!r}; possible: {path.stem!r}")
    return profile


def _problems(table: str, reading: Reading, time: Times) -> Iterator[str]:
    if table != "events" and table not in TABLES:
        yield f"tables.{table}: is no table; possible: {', '.join(TABLES)}"
        return
    possible = inputs_of(table)
    named: dict[str, Iterable[str]] = {
        "columns": reading.columns,
        "constants": reading.constants,
        "defaults": reading.defaults,
        "codes": reading.codes,
        "plates": reading.plates,
    }
    for part, names in named.items():
        for name in names:
            if name not in possible:
                yield f"{table}.{part}.{name}: is no column; possible: {', '.join(possible)}"
    yield from _action_problems(table, reading)
    given = {*reading.found_in(table), *reading.constants, *reading.defaults}
    for wanted in shape_of(table).required:
        if not given & set(wanted):
            yield f"{table}.columns: nothing gives {' or '.join(wanted)}"
    if "slashed" in time.formats and not time.order:
        yield "time.order: slashed dates need one; possible: dmy, mdy, ymd"


def _action_problems(table: str, reading: Reading) -> Iterator[str]:
    if table != "events":
        return
    meant = reading.codes.get("action", {}).values()
    fixed = [d["action"] for d in (reading.constants, reading.defaults) if "action" in d]
    for action in (*meant, *fixed):
        if action not in {*ACTIONS, OTHER_ACTION}:
            yield f"events.codes.action: {action!r} is no action; possible: {', '.join(ACTIONS)}"
