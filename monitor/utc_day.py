"""Days of UTC: the number of each since 1970-01-01, where it begins and where it ends."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

_EPOCH: Final = date(1970, 1, 1)


def number_of(day: date) -> int:
    """A day as the count of days since 1970-01-01."""
    return (day - _EPOCH).days


def day_of(number: int) -> date:
    """The day that is so many days after 1970-01-01."""
    return _EPOCH + timedelta(days=number)


def midnight(day: date) -> datetime:
    """The moment at which a day begins."""
    return datetime.combine(day, time(), tzinfo=UTC)


def end_of(day: date) -> datetime:
    """The moment at which a day is over, and the next one begins."""
    return midnight(day + timedelta(days=1))
