"""Where a value lies in a JSON object: dotted names, positions, and conditions on a list.

actor.user.uid      agent.0.who.display      agent[requestor=true].who.display
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

_PART = re.compile(r"(?P<name>[^.\[\]]+)?(?:\[(?P<key>[^=\]]+)=(?P<value>[^\]]*)\])?(?:\.|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One step down: by name or position, then to the first element that fulfils a condition."""

    name: str
    key: str
    value: str


def found_at(thing: Mapping[str, object], path: str) -> str | None:
    """The value at a path, as text; None where there is none."""
    if path in thing:
        return as_text(thing[path])
    value: object = thing
    for step in _steps(path):
        value = _below(value, step)
        if value is None:
            return None
    return as_text(value)


def leaves(thing: Mapping[str, object], *, above: str = "") -> Iterator[tuple[str, str | None]]:
    """Every value that is not itself an object, by its dotted name, as text."""
    for name, value in thing.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, above=f"{above}{name}.")
        else:
            yield f"{above}{name}", as_text(value)


def as_text(value: object) -> str | None:
    """The value as it would stand in a cell; a list or an object as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict | list | bool):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)


@cache
def _steps(path: str) -> tuple[_Step, ...]:
    return tuple(
        _Step(name=found["name"] or "", key=found["key"] or "", value=found["value"] or "")
        for found in _PART.finditer(path)
        if found.group()
    )


def _below(value: object, step: _Step) -> object:
    if step.name:
        value = _named(value, step.name)
    if not step.key:
        return value
    among = value if isinstance(value, list) else [value]
    return next((each for each in among if _fulfils(each, step)), None)


def _named(value: object, name: str) -> object:
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list) and name.isdigit() and int(name) < len(value):
        return value[int(name)]
    return None


def _fulfils(value: object, step: _Step) -> bool:
    return isinstance(value, dict) and found_at(value, step.key) == step.value
