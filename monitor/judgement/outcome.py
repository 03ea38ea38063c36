"""What became of one day."""

from dataclasses import dataclass
from datetime import date, datetime

from alerts.candidates import PassedOver
from alerts.model import Alert
from detectors.model import Abstention


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOutcome:
    """One day judged."""

    day: date
    until: datetime  # accesses before this were judged; the day's end unless it was not over yet
    accesses: int
    pairs: int
    candidates: int  # pairs beyond the floor
    held_back: int  # alerts that suppressions in force kept from being raised
    passed: PassedOver  # beyond the lower floor, and no alert of their own
    alerts: tuple[Alert, ...]  # raised or extended, as they now stand
    abstentions: tuple[Abstention, ...]
