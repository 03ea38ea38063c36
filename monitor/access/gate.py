"""The gate: which alerts one person may not know of, because of who they are or whom they know."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from monitor.access.ties import (
    ALWAYS_FROM,
    ALWAYS_TO,
    Closeness,
    Span,
    Tie,
    Ties,
    Why,
    records_near,
    staff_in,
    staff_near,
)


class Concerning(Protocol):
    """An alert, or what came near one: whom it is on and whom they looked up."""

    @property
    def alert_id(self) -> str:
        """Its id; empty where it is no alert."""

    @property
    def user_ids(self) -> tuple[str, ...]:
        """Members of staff."""

    @property
    def subject_ids(self) -> tuple[str, ...]:
        """Records looked up."""

    @property
    def focus_subject_id(self) -> str:
        """The person around whom it lies; empty where there is none."""

    @property
    def first_event_at(self) -> datetime:
        """When it begins: ties that ended long before do not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """What came near an alert, as the gate asks of it."""

    user_ids: tuple[str, ...]
    subject_ids: tuple[str, ...]
    focus_subject_id: str
    first_event_at: datetime
    alert_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the force has set: who goes the sealed route, and how long a tie outlives itself."""

    sealed_roles: Collection[str] = ()
    sealed_teams: Collection[str] = ()
    past: timedelta = timedelta()
    levels_below: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Covert:
    """An alert for named people, by its id and by whom it is on, however it may be raised again."""

    alert_id: str
    user_ids: frozenset[str]
    focus_subject_id: str
    only: frozenset[str]  # operating-system users

    def covers(self, alert: Concerning) -> bool:
        """Whether an alert is this one, or the same pair seen again, as in a replay."""
        if alert.alert_id == self.alert_id:
            return True
        same = alert.focus_subject_id == self.focus_subject_id
        return same and not self.user_ids.isdisjoint(alert.user_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What is closed to one person, worked out once and asked of every alert."""

    own: frozenset[str] = frozenset()  # folded ids of the person's own accounts
    staff: Closeness = field(default_factory=dict)
    records: Closeness = field(default_factory=dict)
    sealed: Closeness = field(default_factory=dict)
    covert: tuple[Covert, ...] = ()
    now: datetime = ALWAYS_TO
    past: timedelta = timedelta()

    def conflict(self, alert: Concerning) -> Why | None:
        """Why an alert touches this person, or somebody close; None where nothing is known to."""
        users = tuple(map(str.casefold, alert.user_ids))
        if not self.own.isdisjoint(users):
            return Why.OWN
        subjects = map(str.casefold, (*alert.subject_ids, alert.focus_subject_id))
        return self._held(self.records, subjects, alert) or self._held(self.staff, users, alert)

    def on_sealed_route(self, alert: Concerning) -> bool:
        """Whether somebody whom the alert is on holds, or held, a post of the sealed route."""
        return bool(self._held(self.sealed, map(str.casefold, alert.user_ids), alert))

    def covert_to(self, alert: Concerning, os_user: str) -> bool:
        """Whether the alert is for named people, and this user is none of them."""
        return any(one.covers(alert) and os_user not in one.only for one in self.covert)

    def _held(self, near: Closeness, ids: Iterable[str], alert: Concerning) -> Why | None:
        span = Span(start=_before(alert.first_event_at, self.past), end=self.now)
        ties = (tie for one in ids for tie in near.get(one, ()))
        return next((tie.why for tie in ties if _counts(tie, span)), None)


def gate_for(
    own: Iterable[str],
    ties: Ties,
    *,
    rules: Rules,
    covert: tuple[Covert, ...],
    now: datetime,
) -> Gate:
    """The gate of somebody who has these accounts."""
    mine = tuple(own)
    return Gate(
        own=frozenset(map(str.casefold, mine)),
        staff=staff_near(mine, ties, levels_below=rules.levels_below),
        records=records_near(mine, ties),
        sealed=staff_in(ties, roles=rules.sealed_roles, teams=rules.sealed_teams),
        covert=covert,
        now=now,
        past=rules.past,
    )


def _counts(tie: Tie, span: Span) -> bool:
    """Whether a tie held at some moment of a span, its last moment included."""
    return tie.span.start <= span.end and span.start < tie.span.end


def _before(moment: datetime, past: timedelta) -> datetime:
    return moment - past if moment - ALWAYS_FROM > past else ALWAYS_FROM
