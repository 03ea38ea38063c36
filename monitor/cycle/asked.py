"""What a scan is asked for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from monitor.judgement import DayOutcome

Progress = Callable[[date, int, int], None]  # day just judged, days done, days in all
Judging = Callable[..., Iterator[DayOutcome]]  # as `judged_days`


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days from one up to another, that one left out."""

    first: date
    end: date

    def holds(self, day: date) -> bool:
        """Whether a day is one of them."""
        return self.first <= day < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a scan was asked for."""

    until: datetime
    actor: str
    progress: Progress | None
    dry_run: bool
    span: Span | None
    again: bool
    patient: bool
    stop: Callable[[], bool]
    judging: Judging
