"""Holds: what must not be erased though its time is over, and who says so.

retention.held ──> retention.hold_ended      by whoever may hold; on the chain with tokens alone
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from alerts.chain import Entry
from alerts.errors import IntegrityBroken, Misused
from monitor.access.masking import Masker

HELD: Final = "retention.held"
ENDED: Final = "retention.hold_ended"
_KEY_CHECK: Final = "the key that holds are made with"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Something that is held back from erasure: an alert, somebody's rows, a span of time."""

    number: int  # of its entry on the chain
    actor: str
    at: datetime
    alert_id: str = ""
    staff: str = ""  # token of a member of staff
    person: str = ""  # token of a person looked up
    start: date | None = None  # of the accesses held; none: all of them
    end: date | None = None  # first day that is not held
    until: date | None = None  # when it ends by itself
    review: date | None = None  # when somebody must look at it again; it does not end then
    reason: str = ""

    def in_force(self, on: date) -> bool:
        """Whether it holds on a day."""
        return self.until is None or on < self.until

    def review_due(self, on: date) -> bool:
        """Whether somebody should have looked at it again by now."""
        return self.review is not None and self.review <= on

    def facts(self, masker: Masker) -> dict[str, Any]:
        """What the entry on the chain says of it."""
        return {
            "alert": self.alert_id,
            "staff": self.staff,
            "person": self.person,
            "from": _day(self.start),
            "to": _day(self.end),
            "until": _day(self.until),
            "review": _day(self.review),
            "key": key_check(masker),
        }


def key_check(masker: Masker) -> str:
    """What tells whether holds were made with this key."""
    return masker.for_files().case(_KEY_CHECK)


def holds_of(entries: Iterable[Entry], masker: Masker) -> tuple[Hold, ...]:
    """The holds that nobody has ended, oldest first.

    Raises:
        IntegrityBroken: an entry cannot be read, or a hold was made with another key, so that
            nobody can tell whom it is about.
    """
    found: dict[int, Hold] = {}
    try:
        for entry in entries:
            if entry.kind == HELD:
                _refuse_other_key(entry, masker)
                found[entry.seq] = _hold(entry, entry.told)
            elif entry.kind == ENDED:
                found.pop(entry.told["hold"], None)
    except (KeyError, TypeError, ValueError):
        raise IntegrityBroken(
            "chain: an entry about a hold is not what was written; possible: psdmon audit verify"
        ) from None
    return tuple(found.values())


def hold_numbered(holds: Iterable[Hold], number: int) -> Hold:
    """The hold of a number.

    Raises:
        Misused: there is none in force.
    """
    for hold in holds:
        if hold.number == number:
            return hold
    raise Misused(f"hold {number}: is not there; possible: psdmon retention hold list")


def _hold(entry: Entry, told: Mapping[str, Any]) -> Hold:
    return Hold(
        number=entry.seq,
        actor=entry.actor,
        at=entry.moment,
        alert_id=told["alert"],
        staff=told["staff"],
        person=told["person"],
        start=_read(told["from"]),
        end=_read(told["to"]),
        until=_read(told["until"]),
        review=_read(told["review"]),
        reason=entry.purpose,
    )


def _refuse_other_key(entry: Entry, masker: Masker) -> None:
    if entry.told["key"] != key_check(masker):
        raise IntegrityBroken(
            f"hold {entry.seq}: it was made with another masking key, so whom it is about cannot be"
            " told, and nothing may be erased; possible: put back the key from where it is kept"
        )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _read(day: str) -> date | None:
    return date.fromisoformat(day) if day else None
