"""What came near an alert and is none, and why: never silent, and one in so many drawn at random.

a pair-day beyond the lower floor ──> raised or grown ──> the queue
                                 └──> passed over, with the reason ──> the ledger of its day
                                 └──> drawn at random below the floor ──> the queue, marked
"""

import hmac
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

DRAWN: Final = "Drawn at random for audit, not for its strength."
DRAWN_ASKS: Final = (
    f"{DRAWN} Answer as for any other alert: what such draws come to says what the floor misses."
)
MOST_KEPT: Final = 500  # of one day, the strongest; the rest are counted
_BITS: Final = 64


class Reason(StrEnum):
    """Why a candidate is no alert of its own."""

    FLOOR = "floor"  # below the floor of the review budget
    CAP = "cap"  # beyond the floor, and over the weekly cap
    SUPPRESSED = "suppressed"  # held back by suppressions, which it names
    PART = "part"  # held as part of an alert, which it names
    CLOSED = "closed"  # answered by a closed alert, which it names
    EXPLAINED = "explained"  # below the floor, and a record explains visits of late


SAYS: Final = {
    Reason.FLOOR: "below the floor",
    Reason.CAP: "over the weekly cap",
    Reason.SUPPRESSED: "held back by suppression",
    Reason.PART: "part of alert",
    Reason.CLOSED: "answered by closed alert",
    Reason.EXPLAINED: "below the floor; visits explained by",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One member of staff and focus of one day, beyond the lower floor and not raised."""

    user_id: str
    focus_subject_id: str  # empty where it is about the member of staff alone
    interval: float  # user-years, four figures
    reason: Reason
    ref: str = ""  # what the reason names: an alert, suppressions, a kind of record

    @property
    def says(self) -> str:
        """The reason in words."""
        return f"{SAYS[self.reason]} {self.ref}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """The candidates of one judged day that are no alerts."""

    kept: tuple[Candidate, ...] = ()  # the strongest first, no more than MOST_KEPT
    counts: Mapping[str, int] | None = None  # by reason, those that are not kept included


def passed_over(found: Iterable[Candidate]) -> PassedOver:
    """The ledger of a day: bounded, in an order that hangs on nothing but what it holds."""
    ordered = sorted(found, key=lambda one: (-one.interval, one.user_id, one.focus_subject_id))
    counted = Counter(str(one.reason) for one in ordered)
    # What is over the cap is kept before what is below the floor: it has a claim on next week.
    first = sorted(ordered, key=lambda one: one.reason is not Reason.CAP)[:MOST_KEPT]
    kept = sorted(first, key=lambda one: (-one.interval, one.user_id, one.focus_subject_id))
    return PassedOver(kept=tuple(kept), counts=dict(sorted(counted.items())))


def as_line(found: Sequence[Candidate]) -> str:
    """The candidates as one line of JSON, which is what is stored and hashed."""
    rows = [[c.user_id, c.focus_subject_id, c.interval, str(c.reason), c.ref] for c in found]
    return json.dumps(rows, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def from_line(line: str) -> tuple[Candidate, ...]:
    """The candidates that a line holds; none of an empty one, which was erased."""
    return tuple(
        Candidate(
            user_id=user_id, focus_subject_id=focus, interval=interval, reason=Reason(reason),
            ref=ref,
        )
        for user_id, focus, interval, reason, ref in json.loads(line or "[]")
    )  # fmt: skip


def audit_chance(*, share: float, low: float, floor: float) -> float:
    r"""The chance with which a candidate between the two floors is drawn, 0 to 1.

    Chance alone brings $1/t$ candidates beyond $t$ in a user-year, so that between the floors
    there are $1/t_0 - 1/t_1$; drawn with this chance they come to the share of the budget $1/t_1$.

    >>> round(audit_chance(share=0.05, low=5.0, floor=19.2), 4)
    0.0176
    """
    if not 0 < low < floor:
        return 0.0
    return min(share / floor / (1 / low - 1 / floor), 1.0)


def drawn(  # noqa: PLR0913 what a draw hangs on, each named
    key: bytes, *, seed: int, day: date, user_id: str, focus_id: str, chance: float
) -> bool:
    """Whether a candidate is drawn in the week of a day: the same answer all week.

    Whoever lacks the key cannot tell who will be drawn; whoever has it can draw again.
    """
    monday = day - timedelta(days=day.weekday())
    said = f"{seed}\0{monday.isoformat()}\0{user_id}\0{focus_id}".encode()
    number = int.from_bytes(hmac.digest(key, said, "sha256")[: _BITS // 8], "big")
    return bool(number < chance * 2**_BITS)
