"""Notices: who is to be told that something waits, over which channel, when, and how many at once.

    happening ──planned──> notice: queued ──claimed──> a message ──> sent
    (on the chain,           │                            │ refused: put off, tried again
     or its day has come)    └──> withheld                └──> dead, after the last try

Nothing here knows what an alert says, nor whom it is about: a notice is an id, a priority, a kind.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from alerts.model import Alert, Priority


class Kind(StrEnum):
    """What a notice is for."""

    RAISED = "raised"
    GROWN = "grown"  # extended, and its priority is higher than before
    REOPENED = "reopened"
    OPENED = "opened"  # was for named people alone, and is no longer
    FOLLOW_UP = "follow_up"  # the day to look at it again has come
    EXPIRING = "expiring"  # a suppression ends soon
    SECOND_PERSON = "second_person"  # a deed waits for somebody else
    GLASS = "glass"  # somebody went past mask and conflict
    HEALTH = "health"  # a feed, a gap or a store wants looking at
    DEAD_LETTER = "dead_letter"  # another channel could not be reached


class State(StrEnum):
    """Where a notice stands."""

    QUEUED = "queued"
    SENT = "sent"
    WITHHELD = "withheld"  # whoever the channel reaches may not know of it
    DEAD = "dead"  # tried as often as the settings allow


class Topic(StrEnum):
    """What a channel may be set to tell of."""

    ALERTS = "alerts"
    FOLLOW_UPS = "follow_ups"
    SUPPRESSIONS = "suppressions"
    SECOND_PERSON = "second_person"
    GLASS = "glass"
    HEALTH = "health"
    DEAD_LETTERS = "dead_letters"


TOPIC_OF: Final[Mapping[Kind, Topic]] = {
    Kind.RAISED: Topic.ALERTS,
    Kind.GROWN: Topic.ALERTS,
    Kind.REOPENED: Topic.ALERTS,
    Kind.OPENED: Topic.ALERTS,
    Kind.FOLLOW_UP: Topic.FOLLOW_UPS,
    Kind.EXPIRING: Topic.SUPPRESSIONS,
    Kind.SECOND_PERSON: Topic.SECOND_PERSON,
    Kind.GLASS: Topic.GLASS,
    Kind.HEALTH: Topic.HEALTH,
    Kind.DEAD_LETTER: Topic.DEAD_LETTERS,
}
WATCHING: Final = frozenset({"authority", "auditor"})  # told of broken glass, set to or not


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that somebody should be told of."""

    kind: Kind
    key: str  # the same thing has the same key: it is planned once for each channel
    seq: int = 0  # entry of the chain that tells of it; 0 where a day has come
    alert_id: str = ""
    priority: Priority = Priority.NORMAL
    actor: str = ""  # whose deed it is
    channel: str = ""  # the one that could not be reached
    caught_up: bool = False  # found while days that were missed were caught up


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Hours of the wall clock in which nothing is sent; over midnight where the end is earlier."""

    start: time
    end: time
    zone: ZoneInfo

    def holds(self, now: datetime) -> bool:
        """Whether the wall clock stands within them, whatever a clock change made of it."""
        wall = now.astimezone(self.zone).time()
        if self.start < self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """What one channel tells, to which role, and how it gathers."""

    name: str
    role: str
    tells: frozenset[Topic]
    at_once: frozenset[Priority]
    digest: timedelta  # how long the rest waits for more of its kind
    gather: timedelta  # how long what a catch-up brings waits for the rest of it
    most_at_once: int  # messages that may leave together; beyond, all go as one
    quiet: Quiet | None = None
    spares_at_once: bool = True  # whether what is told at once leaves in quiet hours too

    def tells_of(self, one: Happening) -> bool:
        """Whether something is for this channel at all."""
        if one.kind is Kind.GLASS:
            return self.role in WATCHING
        if one.kind is Kind.DEAD_LETTER and one.channel == self.name:
            return False
        return TOPIC_OF[one.kind] in self.tells


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A notice as it is first written; nothing of it ever changes."""

    key: str
    channel: str
    kind: Kind
    alert_id: str
    priority: Priority
    actor: str
    source_seq: int
    at_once: bool
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice as it stands."""

    id: str
    channel: str
    kind: Kind
    alert_id: str  # empty where it is about no alert
    priority: Priority
    actor: str
    at_once: bool
    due_at: datetime
    state: State
    withheld: str  # why, where it is
    message: str  # the message it went into; empty before
    attempts: int
    next_try_at: datetime | None
    trouble: str  # of the last try; names nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A queued notice, and the alert it is about as that stands now."""

    notice: Notice
    alert: Alert | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What one look at a channel's queue brings."""

    together: tuple[str, ...] = ()  # ids of the notices that go as one message
    withheld: Mapping[str, str] = field(default_factory=dict)  # id -> why


def planned(
    happenings: Iterable[Happening], routes: Sequence[Routing], *, now: datetime
) -> tuple[Planned, ...]:
    """A notice for each channel that tells of each happening, in the order they happened."""
    return tuple(
        _notice(one, route, now=now)
        for one in happenings
        for route in routes
        if route.tells_of(one)
    )


def batch(
    waiting: Sequence[Notice], route: Routing, *, now: datetime, longest_wait: timedelta
) -> tuple[str, ...]:
    """The ids of the notices that go next as one message; none where nothing may leave now.

    A message that was tried goes again as it was. What is told at once goes by itself, unless so
    much of it waits that one digest serves better. The rest waits until the first of it is due,
    and then all of it goes.

    Args:
        waiting: queued notices of one channel that nobody else has in hand, oldest first.
        route: of the channel.
        now: aware.
        longest_wait: a next try that lies further ahead was set by a clock that was wrong.
    """
    may_leave = _out_of_quiet(waiting, route, now=now)
    for key in dict.fromkeys(one.message for one in may_leave if one.message):
        tried = [one for one in waiting if one.message == key]
        if all(_may_be_tried(one, now=now, longest_wait=longest_wait) for one in tried):
            return tuple(one.id for one in tried)
    fresh = [one for one in may_leave if not one.message]
    pressing = [one for one in fresh if one.at_once]
    gathered = [one for one in fresh if not one.at_once]
    gathered = gathered if any(one.due_at <= now for one in gathered) else []
    if len(pressing) > route.most_at_once:
        return tuple(one.id for one in (*pressing, *gathered))
    return tuple(one.id for one in (pressing[:1] or gathered))


def wait_before(attempts: int, *, first: timedelta, longest: timedelta, chance: float) -> timedelta:
    """How long to wait after so many tries: twice as long each time, half to one and a half of it.

    Args:
        attempts: made, 1 or more.
        first: the wait after the first.
        longest: no wait is longer.
        chance: 0 to 1, so that those who failed together do not come back together.

    >>> wait_before(3, first=timedelta(minutes=1), longest=timedelta(hours=6), chance=0.5)
    datetime.timedelta(seconds=240)
    """
    doubled = first * int(2 ** min(attempts - 1, 30))
    return min(min(doubled, longest) * (0.5 + chance), longest)


def highest(priorities: Iterable[Priority]) -> Priority:
    """The most pressing of some priorities; normal where there is none."""
    return min(priorities, key=list(Priority).index, default=Priority.NORMAL)


def rises(before: Priority, after: Priority) -> bool:
    """Whether an alert presses more than it did."""
    order = list(Priority)
    return order.index(after) < order.index(before)


def _notice(one: Happening, route: Routing, *, now: datetime) -> Planned:
    pressing = one.kind is Kind.GLASS or (bool(one.alert_id) and one.priority in route.at_once)
    pressing = pressing and one.kind is not Kind.EXPIRING
    at_once = pressing and not one.caught_up
    waits = route.gather if pressing else route.digest
    return Planned(
        key=f"{route.name}\n{one.key}",
        channel=route.name,
        kind=one.kind,
        alert_id=one.alert_id,
        priority=one.priority,
        actor=one.actor,
        source_seq=one.seq,
        at_once=at_once,
        due_at=now if at_once else now + waits,
    )


def _out_of_quiet(waiting: Sequence[Notice], route: Routing, *, now: datetime) -> list[Notice]:
    """What may leave at this hour; broken glass always may."""
    if route.quiet is None or not route.quiet.holds(now):
        return list(waiting)
    return [one for one in waiting if _spared(one, route)]


def _spared(one: Notice, route: Routing) -> bool:
    return one.kind is Kind.GLASS or (one.at_once and route.spares_at_once)


def _may_be_tried(one: Notice, *, now: datetime, longest_wait: timedelta) -> bool:
    if one.next_try_at is None or one.next_try_at <= now:
        return True
    return one.next_try_at > now + longest_wait


def tallied(priorities: Iterable[Priority]) -> Iterator[tuple[Priority, int]]:
    """How many of each priority there are, the most pressing first; none of none."""
    listed = list(priorities)
    for priority in Priority:
        if count := listed.count(priority):
            yield priority, count
