"""The time limits by which rows become visits and records become explanations."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Every limit the frame needs; the force sets them, nothing here decides policy."""

    zone: str  # IANA name; duty days are local
    gap: timedelta  # without a row, that ends a visit
    before: timedelta  # a lookup may come before its tasking is written down
    after: timedelta  # paperwork after a tasking or case ends
    colleague: timedelta  # either side of a team-mate's tasking
    dispatch: timedelta  # how long an incident counts as open to whoever is on duty
    duty_margin: timedelta  # either side of a shift
    lookback_days: int = 366  # days before the first judged day that a detector may look back
