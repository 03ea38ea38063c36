"""Which columns a feed has, and what changed about them since they were first seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from alerts.chain import moment, stamp
from monitor.sources.observed import wider

_ENOUGH_BEFORE: Final = 200  # sampled rows, from which it is known what a column holds
_ENOUGH_NOW: Final = 50  # of a reading, below which it says nothing of what a column holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What is known of the columns of a feed.

    Attributes:
        held: what each column holds; empty where it was always blank.
        sampled: rows from which that is known.
        changes: what changed, in words, and when that was first seen.
    """

    held: Mapping[str, str]
    sampled: int = 0
    changes: Mapping[str, datetime] = field(default_factory=dict)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Columns":
        """The columns as an entry keeps them."""
        changes = {what: moment(at) for what, at in told["changes"].items()}
        return cls(held=told["held"], sampled=told["sampled"], changes=changes)

    def as_json(self) -> dict[str, object]:
        """The columns for an entry."""
        changes = {what: stamp(at) for what, at in self.changes.items()}
        return {"held": dict(self.held), "sampled": self.sampled, "changes": changes}


def seen_now(
    before: Columns | None, now: Columns, *, at: datetime, each_row: bool, declared: bool
) -> Columns:
    """What is known after one more reading.

    Args:
        before: what was known.
        now: what the reading saw.
        at: when.
        each_row: whether a row may leave a column out, as an object of JSON may.
        declared: whether the database says what a column holds, so that one row is enough.
    """
    if before is None:
        return now
    changes = dict(before.changes)
    known = before.sampled >= _ENOUGH_BEFORE or not each_row
    telling = now.sampled >= _ENOUGH_BEFORE or not each_row
    gone = set(before.held) - set(now.held) if telling else set()
    for name in sorted(set(now.held) - set(before.held)):
        if changes.pop(f"{name} is gone", None) is None and known:
            changes[f"{name} is new"] = at
    for name in sorted(gone):
        if changes.pop(f"{name} is new", None) is None:
            changes[f"{name} is gone"] = at
    for name in sorted(set(now.held) & set(before.held)):
        was, is_ = before.held[name], now.held[name]
        if _other_kind(was, is_, before=before, now=now, declared=declared):
            changes.setdefault(f"{name} held {was}, now {is_}", at)
    held = {name: kind for name, kind in before.held.items() if name not in gone}
    for name, kind in now.held.items():
        held[name] = kind if declared else wider(held.get(name, ""), kind)
    sampled = min(before.sampled + now.sampled, 10 * _ENOUGH_BEFORE)
    return Columns(held=dict(sorted(held.items())), sampled=sampled, changes=changes)


def _other_kind(was: str, is_: str, *, before: Columns, now: Columns, declared: bool) -> bool:
    """Whether a column holds what it never did, as far as enough rows tell."""
    if declared:
        return was != is_
    enough = before.sampled >= _ENOUGH_BEFORE and now.sampled >= _ENOUGH_NOW
    return enough and bool(was) and bool(is_) and wider(was, is_) != was
