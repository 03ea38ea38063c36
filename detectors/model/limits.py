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
    supervision: timedelta  # a supervisor may still check after a tasking or case ends
    own_report: timedelta  # how long a person's own report is followed up in its area
    court: timedelta  # either side of a day at court
    responsibility_weeks: int  # before a week, from which it is learned who answers for what
    responsibility_pairs: int  # least engagements that show a role's responsibility
    responsibility_share: float  # least share of them that taskings explain, 0 to 1
    self_made: timedelta  # before a lone tasking's case opens, in which nobody looks by chance
    late_entry: timedelta  # by which an honest tasking has been written down
    duty_margin: timedelta  # either side of a shift
    lookback_days: int = 366  # days before the first judged day that a detector may look back
