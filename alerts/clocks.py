"""The clocks of the law: when each began, when it runs out, and how near that is.

    a fact is recorded ──> running ──> near ──> past
          │                   └── the stopping fact is recorded ──> stopped
          └── nothing recorded ──> not started

Pure: time is an argument, and a clock says nothing that was not recorded.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from alerts.prompt_pack import ClockRule


class State(StrEnum):
    """Where a clock stands."""

    NOT_STARTED = "not started"
    RUNNING = "running"
    NEAR = "near"
    PAST = "past"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One clock of one alert at one moment."""

    rule: ClockRule
    state: State
    began: str  # the recorded fact it counts from, as recorded; empty: none
    ends_at: datetime | None  # the first moment that is too late, UTC; nothing before it began
    stopped: str  # the recorded fact that stopped it, as recorded; empty: none

    @property
    def warns(self) -> bool:
        """Whether a person should look now."""
        return self.state in {State.NEAR, State.PAST}


def clocks(
    rules: Iterable[ClockRule], recorded: Mapping[str, str], *, now: datetime, zone: ZoneInfo
) -> tuple[Clock, ...]:
    """The clocks as they stand at a moment.

    Args:
        rules: of the law pack that apply to the alert.
        recorded: facts that stand, name to value: a day, or a moment with its offset.
        now: aware.
        zone: the force's own, in which its days end.
    """
    return tuple(_clock(rule, recorded, now=now, zone=zone) for rule in rules)


def end_of_next_day(at: datetime, zone: ZoneInfo) -> datetime:
    """The first moment after the local day that follows a moment, UTC.

    >>> end_of_next_day(datetime(2026, 3, 28, 10, tzinfo=UTC), ZoneInfo("Europe/London"))
    datetime.datetime(2026, 3, 29, 23, 0, tzinfo=datetime.timezone.utc)
    """
    return _midnight(at.astimezone(zone).date() + timedelta(days=2), zone)


def last_day_of_months(last_act: date, months: int) -> date:
    """The last day of a time limit counted in months from the day of an act.

    The day of the act is left out, and the limit ends with the day of the same number; where the
    month has no such day, with its last day (Dodds v Walker, House of Lords, 1981; unverified).

    >>> last_day_of_months(date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(last_act.year * 12 + last_act.month - 1 + months, 12)
    return date(year, month + 1, min(last_act.day, monthrange(year, month + 1)[1]))


def ends_at(rule: ClockRule, value: str, *, zone: ZoneInfo) -> datetime:
    """When a clock that counts from a recorded value runs out: the first moment too late, UTC."""
    if rule.rule == "months":
        return _midnight(
            last_day_of_months(date.fromisoformat(value), rule.months) + timedelta(days=1), zone
        )
    return end_of_next_day(datetime.fromisoformat(value), zone)


def _clock(rule: ClockRule, recorded: Mapping[str, str], *, now: datetime, zone: ZoneInfo) -> Clock:
    began, stopped = recorded.get(rule.starts_from, ""), recorded.get(rule.stopped_by, "")
    ends = ends_at(rule, began, zone=zone) if began else None
    return Clock(
        rule=rule,
        state=_state(rule, ends, stopped=bool(stopped), now=now),
        began=began,
        ends_at=ends,
        stopped=stopped,
    )


def _state(rule: ClockRule, ends: datetime | None, *, stopped: bool, now: datetime) -> State:
    if stopped:
        return State.STOPPED
    if ends is None:
        return State.NOT_STARTED
    if now >= ends:
        return State.PAST
    return State.NEAR if ends - now <= timedelta(hours=rule.near_hours) else State.RUNNING


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    """The local midnight that begins a day, UTC: a day of 23 or 25 hours ends where it ends."""
    return datetime.combine(on, time(), tzinfo=zone).astimezone(UTC)
