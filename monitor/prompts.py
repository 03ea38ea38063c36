"""The law pack of a jurisdiction: read from config, checked whole, refused with every problem."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, StrictBool, StrictInt, ValidationError

from alerts.errors import Misused
from alerts.model import Family
from alerts.prompt_checks import problems
from alerts.prompt_pack import (
    ClockRule,
    Element,
    Limits,
    Offence,
    Prompt,
    PromptPack,
    PromptSet,
    Support,
)
from alerts.wording import forbidden_words

DEFAULT_JURISDICTION: Final = "england-wales"

_FAMILIES = "families.toml"
_LIMITS = "limits.toml"
_OF_THE_PACK: Final = ("P", "offence ", "clock ")  # where a problem lies, if not in the families


class _Row(BaseModel):
    """A frozen table of a law pack; an unknown key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Header(_Row):
    jurisdiction: str
    complete: StrictBool


class _SignedRow(_Row):
    reference: str
    source: str
    notes: str = ""
    verified: StrictBool
    verified_by: str
    verified_on: date | Literal[""]
    review_due: date
    families: tuple[Family, ...]


class _PromptRow(_SignedRow):
    id: str
    version: StrictInt
    title: str
    says: str
    typologies: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    also_when: tuple[str, ...] = ()
    stage: str
    risk_rank: StrictInt
    clock_rank: StrictInt
    evidence_rank: StrictInt
    answers: str
    in_force_from: date
    in_force_until: date | None = None


class _SetRow(_Row):
    typologies: tuple[str, ...]
    first: tuple[str, ...]
    review: tuple[str, ...]
    closure: tuple[str, ...]


class _OffenceRow(_SignedRow):
    id: str
    title: str
    asks: str
    log_may_support: str
    needs: tuple[str, ...] = ()
    brings_referral: StrictBool | None = None
    in_force_from: date
    in_force_until: date | None = None


class _ClockRow(_SignedRow):
    id: str
    title: str
    starts_from: str
    stopped_by: str
    rule: str
    months: StrictInt = 0
    near_hours: StrictInt
    until_begun: str


class _SupportRow(_Row):
    name: str
    phone: str
    verified: StrictBool


class _ElementRow(_Row):
    element: str
    log_may_support: str
    log_cannot_show: str
    seek: str


class _LawFile(_Row):
    pack: Any
    prompt: list[Any]
    support: list[Any] = []
    offence: list[Any] = []
    clock: list[Any] = []


class _LimitsFile(_Row):
    sentence: str
    lines: tuple[str, ...]
    element: list[Any]


_AnyRow = TypeVar("_AnyRow", bound=_Row)


@dataclass(slots=True)  # collects every problem before it is told
class _Reading:
    """One folder of prompts: what was wrong so far, and which prompts could not be read."""

    folder: Path
    trouble: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    def tables(self, name: str) -> dict[str, Any]:
        """The tables of one file; empty when it cannot be read."""
        try:
            read = tomllib.loads((self.folder / name).read_text(encoding="utf-8"))
        except OSError as trouble:
            self.trouble.append(f"{name}: cannot be read: {trouble.strerror}")
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as trouble:
            self.trouble.append(f"{name}: is not TOML: {trouble}")
        else:
            if not read:
                self.trouble.append(f"{name}: is empty")
            return read
        return {}

    def row(self, model: type[_AnyRow], values: object, place: str) -> _AnyRow | None:
        """One table as a row; nothing when its shape is wrong."""
        try:
            return model.model_validate(values)
        except ValidationError as trouble:
            for item in trouble.errors():
                key = ".".join(map(str, item["loc"]))
                self.trouble.append(f"{place}: {key or 'table'}: {item['msg']}")
        return None

    def rows(self, model: type[_AnyRow], tables: list[Any], place: str) -> list[_AnyRow]:
        """A list of tables as rows, without those whose shape is wrong."""
        read = []
        for number, values in enumerate(tables, start=1):
            name = str(values.get("id", "")) if isinstance(values, Mapping) else ""
            row = self.row(model, values, f"{place} {number}" + (f" ({name})" if name else ""))
            if row is None:
                self.refused.add(name)
            else:
                read.append(row)
        return read


def jurisdictions(folder: Path) -> tuple[str, ...]:
    """The jurisdictions that a folder of prompts holds a pack for."""
    others = {_FAMILIES, _LIMITS}
    return tuple(sorted(path.stem for path in folder.glob("*.toml") if path.name not in others))


def pack_at(folder: Path, jurisdiction: str = DEFAULT_JURISDICTION) -> PromptPack:
    """The law pack of one jurisdiction.

    Raises:
        Misused: every problem at once, each with file and key.
    """
    held = jurisdictions(folder)
    if jurisdiction not in held:
        possible = ", ".join(held) or f"none, {folder} holds no pack"
        raise Misused(f"prompts: jurisdiction {jurisdiction!r} has no pack; possible: {possible}")
    reading = _Reading(folder)
    pack = _pack(reading, jurisdiction)
    if reading.trouble or pack is None:
        lines = "\n".join(f"  {line}" for line in reading.trouble)
        raise Misused(f"prompts: {folder}:\n{lines}")
    return pack


def _pack(reading: _Reading, jurisdiction: str) -> PromptPack | None:
    """The pack as far as it can be read, its problems noted in the reading."""
    name = f"{jurisdiction}.toml"
    sets = _sets(reading)
    limits = _limits(reading)
    tables = reading.tables(name)
    law = reading.row(_LawFile, tables, name) if tables else None
    if law is None:
        return None
    header = reading.row(_Header, law.pack, f"{name}: pack")
    if header is not None and header.jurisdiction != jurisdiction:
        says = f"is {header.jurisdiction!r}; possible: {jurisdiction!r}, as the file is named"
        reading.trouble.append(f"{name}: pack: jurisdiction: {says}")
    support = reading.rows(_SupportRow, law.support, f"{name}: support")
    prompts = reading.rows(_PromptRow, law.prompt, f"{name}: prompt")
    offences = reading.rows(_OffenceRow, law.offence, f"{name}: offence")
    rules = reading.rows(_ClockRow, law.clock, f"{name}: clock")
    if header is None or sets is None or limits is None:
        return None
    pack = PromptPack(
        jurisdiction=jurisdiction,
        complete=header.complete,
        prompts=tuple(_prompt(row, jurisdiction) for row in prompts),
        sets=sets,
        limits=limits,
        support=tuple(Support(**row.model_dump()) for row in support),
        offences=tuple(Offence(**_signed(row)) for row in offences),
        clocks=tuple(ClockRule(**_signed(row)) for row in rules),
    )
    for problem in problems(pack, refused=frozenset(reading.refused)):
        file = name if problem.place.startswith(_OF_THE_PACK) else _FAMILIES
        reading.trouble.append(f"{file}: {problem.place}: {problem.says}")
    return pack


def _signed(row: _SignedRow) -> dict[str, Any]:
    """The values of a row of law, with its families as a set and no empty day."""
    values = row.model_dump()
    return {**values, "families": frozenset(row.families), "verified_on": row.verified_on or None}


def _prompt(row: _PromptRow, jurisdiction: str) -> Prompt:
    values = row.model_dump()
    values["families"] = frozenset(row.families)
    values["verified_on"] = row.verified_on or None
    return Prompt(jurisdiction=jurisdiction, **values)


def _sets(reading: _Reading) -> dict[Family, PromptSet] | None:
    """The sets by family; nothing when a table of them cannot be read."""
    sets: dict[Family, PromptSet] = {}
    tables = reading.tables(_FAMILIES)
    for name, values in tables.items():
        row = reading.row(_SetRow, values, f"{_FAMILIES}: {name}")
        if name not in set(Family):
            possible = ", ".join(Family)
            reading.trouble.append(f"{_FAMILIES}: {name}: is unknown; possible: {possible}")
        elif row is not None:
            sets[Family(name)] = PromptSet(**row.model_dump())
    return sets if len(sets) == len(tables) and tables else None


def _limits(reading: _Reading) -> Limits | None:
    """The sentence, the lines and the grid of elements; nothing when they cannot be read."""
    tables = reading.tables(_LIMITS)
    row = reading.row(_LimitsFile, tables, _LIMITS) if tables else None
    if row is None:
        return None
    elements = reading.rows(_ElementRow, row.element, f"{_LIMITS}: element")
    texts = [row.sentence, *row.lines]
    texts += [text for element in elements for text in element.model_dump().values()]
    for text in texts:
        reading.trouble += [f"{_LIMITS}: holds {word!r}: {text}" for word in forbidden_words(text)]
        if not text.strip():
            reading.trouble.append(f"{_LIMITS}: holds an empty text")
    grid = tuple(Element(**element.model_dump()) for element in elements)
    return Limits(sentence=row.sentence, lines=row.lines, elements=grid)
