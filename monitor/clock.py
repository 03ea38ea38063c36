"""The one place that asks the system what time it is."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Whatever can say what time it is."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 the one place that may ask


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still: replay and tests."""

    moment: datetime

    def now(self) -> datetime:
        """The moment the clock was given."""
        return self.moment
