"""Which detectors run, as config/detectors.toml says."""

from dataclasses import fields
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from alerts.errors import Misused
from alerts.fusing import Strand
from detectors.catalogue import available
from detectors.model import Detector
from monitor.toml_file import read_as


class RunningDetector(BaseModel):
    """One entry of detectors.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: int = Field(ge=1)
    weight: float = Field(default=1.0, gt=0)
    decision: str = Field(pattern=r"^[0-9]{4}$")
    parameters: dict[str, int | float | tuple[int, ...]] = {}


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    detector: tuple[RunningDetector, ...] = Field(min_length=1)


def running_at(folder: Path) -> tuple[RunningDetector, ...]:
    """The entries of a config folder's detectors.toml.

    Raises:
        Misused: every problem at once, each with its place.
    """
    path = folder / "detectors.toml"
    try:
        entries = read_as(_File, path, what="detectors").detector
    except FileNotFoundError:
        raise Misused(f"detectors: {path} is not there; possible: psdmon init") from None
    problems = _problems(entries)
    if problems:
        raise Misused(f"detectors: {path}:\n" + "\n".join(f"  {line}" for line in problems))
    return entries


def strands(entries: tuple[RunningDetector, ...]) -> tuple[Strand, ...]:
    """The detectors themselves, each with its weight and parameters."""
    known = {kind.name: kind for kind in available()}
    return tuple(
        Strand(detector=known[entry.name](**entry.parameters), weight=entry.weight)
        for entry in entries
    )


def _problems(entries: tuple[RunningDetector, ...]) -> list[str]:
    known = {kind.name: kind for kind in available()}
    names = [entry.name for entry in entries]
    found = [
        f"{name}: is named twice; possible: once"
        for name in sorted({n for n in names if names.count(n) > 1})
    ]
    for entry in entries:
        found += _problems_of(entry, known.get(entry.name), possible=sorted(known))
    return found


def _problems_of(
    entry: RunningDetector, kind: type[Detector] | None, *, possible: list[str]
) -> list[str]:
    if kind is None:
        return [f"{entry.name}: no such detector; possible: {', '.join(possible)}"]
    if kind.version != entry.version:
        unknown = f"{entry.name}: version {entry.version} is not in this release"
        return [f"{unknown}; possible: {kind.version}"]
    allowed = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # every detector is a dataclass, which a Protocol cannot say
    return [
        f"{entry.name}: parameter {name} is not known; "
        f"possible: {', '.join(sorted(allowed)) or 'none'}"
        for name in sorted(set(entry.parameters) - allowed)
    ]
