"""A few words that choose alerts: `family=curiosity and age>30d`.

query = test { "and" test }        test = key operator value { "," value }
operator = "=" | "!=" | ">" | ">=" | "<" | "<="

Nothing is evaluated: each key has its own reader, and a word that is no key is refused with the
keys that are.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from alerts.errors import Misused
from alerts.model import Alert, Family, Priority, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An alert and what is known beside it, for a query to look at."""

    alert: Alert
    held_by: str
    due_on: date | None  # the day it is to be looked at again


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One test of a query."""

    key: str
    sign: str
    values: tuple[Any, ...]

    def holds(self, standing: Standing, *, now: datetime) -> bool:
        """Whether an alert passes; several values are alternatives."""
        facts = KEYS[self.key].facts(standing, now)
        if self.sign in _WORD_SIGNS:
            there = bool(set(facts) & set(self.values))
            return there if self.sign == "=" else not there
        return any(_SIGNS[self.sign](fact, self.values[0]) for fact in facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What a query may ask about: how a value is read, and the facts it is held against."""

    read: Callable[[str], Any]
    facts: Callable[[Standing, datetime], tuple[Any, ...]]
    ordered: bool = False  # a number or a length of time: > and < make sense
    possible: str = ""  # what a value looks like


def asked(text: str) -> tuple[Asked, ...]:
    """The tests of a query.

    Raises:
        Misused: a word that is no test, no key or no value of its key; says what is possible.
    """
    parts = [part.strip() for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE)]
    if parts == [""]:
        raise Misused(f"query: it is empty; possible: {_EXAMPLE}; keys: {', '.join(KEYS)}")
    return tuple(map(_test, parts))


def chosen(tests: tuple[Asked, ...], standing: Standing, *, now: datetime) -> bool:
    """Whether an alert passes every test."""
    return all(test.holds(standing, now=now) for test in tests)


def _test(part: str) -> Asked:
    found = _TEST.fullmatch(part)
    if found is None:
        raise Misused(f"query: {part!r} is no test; possible: {_EXAMPLE}; keys: {', '.join(KEYS)}")
    name, sign, written = found["key"].casefold(), found["sign"], found["value"].strip()
    if name not in KEYS:
        raise Misused(f"query: {name!r} is no key; possible: {', '.join(KEYS)}")
    key = KEYS[name]
    signs = tuple(_SIGNS) if key.ordered else _WORD_SIGNS
    if sign not in signs:
        raise Misused(f"query: {name} takes {' or '.join(signs)}, not {sign}")
    values = [value.strip() for value in written.split(",")]
    if sign not in _WORD_SIGNS and len(values) > 1:
        raise Misused(f"query: {name}{sign} takes one value, not {len(values)}")
    return Asked(key=name, sign=sign, values=tuple(_value(name, value) for value in values))


def _value(name: str, written: str) -> Any:
    try:
        return KEYS[name].read(written.strip("'\""))
    except ValueError:
        raise Misused(
            f"query: {written!r} is no value of {name}; possible: {KEYS[name].possible}"
        ) from None


def _days(written: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,6})([mhd])", written)
    if not found:
        raise ValueError(written)
    return timedelta(**{{"m": "minutes", "h": "hours", "d": "days"}[found[2]]: int(found[1])})


def _yes(written: str) -> bool:
    return {"yes": True, "no": False}[written] if written in {"yes", "no"} else _no_value(written)


def _no_value(written: str) -> bool:
    raise ValueError(written)


def _is_due(standing: Standing, now: datetime) -> bool:
    return standing.due_on is not None and standing.due_on <= now.date()


KEYS: Final[Mapping[str, Key]] = {
    "family": Key(
        read=Family, facts=lambda one, _: (one.alert.family,), possible=", ".join(Family)
    ),
    "status": Key(
        read=Status, facts=lambda one, _: (one.alert.status,), possible=", ".join(Status)
    ),
    "priority": Key(
        read=Priority, facts=lambda one, _: (one.alert.priority,), possible=", ".join(Priority)
    ),
    "detector": Key(
        read=str,
        facts=lambda one, _: tuple(finding.detector for finding in one.alert.findings),
        possible="the name of a detector",
    ),
    "score": Key(
        read=float, facts=lambda one, _: (one.alert.score,), ordered=True, possible="a number"
    ),
    "age": Key(
        read=_days,
        facts=lambda one, now: (now - one.alert.raised_at,),
        ordered=True,
        possible="90m, 26h, 30d since it was raised",
    ),
    "quiet": Key(
        read=_days,
        facts=lambda one, now: (now - one.alert.updated_at,),
        ordered=True,
        possible="90m, 26h, 30d since it last grew",
    ),
    "held_by": Key(
        read=str, facts=lambda one, _: (one.held_by or "nobody",), possible="a user, or nobody"
    ),
    "provisional": Key(
        read=_yes, facts=lambda one, _: (one.alert.provisional,), possible="yes, no"
    ),
    "due": Key(read=_yes, facts=lambda one, now: (_is_due(one, now),), possible="yes, no"),
}

_SIGNS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_WORD_SIGNS: Final = ("=", "!=")
_TEST: Final = re.compile(r"(?P<key>\w+)\s*(?P<sign>!=|>=|<=|=|>|<)\s*(?P<value>[^=<>!]+)")
_EXAMPLE: Final = "family=curiosity and age>30d"
