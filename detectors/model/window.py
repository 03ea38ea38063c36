"""Half-open spans of time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The span [start, end), both aware and in UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse a naive moment and an end before its start."""
        for moment in (self.start, self.end):
            if moment.utcoffset() != timedelta(0):
                raise ValueError(
                    f"window: {moment.isoformat()} is not in UTC; possible: an aware UTC time"
                )
        if self.end < self.start:
            raise ValueError(
                f"window: ends {self.end.isoformat()} before it starts {self.start.isoformat()}"
            )

    @property
    def days(self) -> float:
        """Length in days of 24 hours."""
        return (self.end - self.start) / timedelta(days=1)

    def holds(self, moment: datetime) -> bool:
        """Whether the moment lies in the span, its end excluded."""
        return self.start <= moment.astimezone(UTC) < self.end
