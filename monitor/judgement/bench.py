"""What days are judged with: records, rules, and the alerts that stand."""

from collections import deque
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from alerts.candidates import Candidate
from alerts.model import Alert, Status
from alerts.records import Settlement
from monitor.knowledge import Records, Rules
from monitor.teaching import Shelf
from monitor.utc_day import end_of

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
    closings: dict[str, tuple[datetime, ...]]  # of each alert, oldest first, by id; likewise
    to_come: deque[Settlement]  # what people settled after the first day, oldest first

    def due_at(self, day: date, *, until: datetime) -> datetime:
        """When a day that is judged up to a moment is due, as if nobody had waited longer."""
        settle = timedelta(minutes=self.rules.settings.judging.settle_minutes)
        return until + settle if until == end_of(day) else until

    def settled_by(self, at: datetime) -> bool:
        """Brings the desk to what people had settled by a moment; whether that changed it."""
        changed = False
        while self.to_come and self.to_come[0].at <= at:
            one = self.to_come.popleft()
            alert = self.desk.get(one.alert_id)
            if alert is None:
                continue
            changed = True
            status = Status.CLOSED if one.closed else Status.OPEN
            self.desk[one.alert_id] = replace(alert, status=status)
            if one.closed:
                before = self.closings.get(one.alert_id, ())
                self.closings[one.alert_id] = (*before, one.at)
        return changed
