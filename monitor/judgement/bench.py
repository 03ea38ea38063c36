"""What days are judged with: records, rules, and the alerts that stand."""

from dataclasses import dataclass
from datetime import date, datetime

from alerts.candidates import Candidate
from alerts.model import Alert
from monitor.knowledge import Records, Rules
from monitor.teaching import Shelf

SETTLING_DAYS = 14  # first days of a history: their look-back is too short to serve as a reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a stretch of days is judged with."""

    records: Records
    rules: Rules
    until: datetime  # accesses from here on do not count
    wanted: frozenset[date]
    shelf: Shelf  # of what drills taught
    desk: dict[str, Alert]  # every alert that stands, by id; brought up to date by each day
    capped: dict[date, tuple[Candidate, ...]]  # over the weekly cap, by day; likewise
