"""Outboxes for tests: channels, notices planned on them, messages claimed and delivered."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from alerts.model import Priority
from alerts.notices import (
    Chosen,
    Happening,
    Kind,
    Notice,
    Planned,
    Routing,
    State,
    Topic,
    Waiting,
    batch,
    planned,
)
from alerts.store import Store
from alerts.store.happenings import Lookout
from alerts.store.notifying import Claimed
from tests.factories import a_moment

LONDON = ZoneInfo("Europe/London")
NOW = a_moment("2026-03-02T09:00:00Z")
LEASE = timedelta(minutes=10)
SIX_HOURS = timedelta(hours=6)


def a_route(**facts: Any) -> Routing:
    """A reviewers' channel that tells of alerts: what is urgent at once, the rest in six hours."""
    ordinary: Mapping[str, Any] = {
        "name": "mailbox",
        "role": "reviewer",
        "tells": frozenset({Topic.ALERTS, Topic.FOLLOW_UPS, Topic.SUPPRESSIONS}),
        "at_once": frozenset({Priority.URGENT}),
        "digest": SIX_HOURS,
        "gather": timedelta(hours=1),
        "most_at_once": 3,
    }
    return Routing(**{**ordinary, **facts})


def a_happening(**facts: Any) -> Happening:
    """An urgent alert was raised."""
    ordinary: Mapping[str, Any] = {
        "kind": Kind.RAISED,
        "key": "raised\n7",
        "seq": 7,
        "alert_id": "A-7F3K9Q2M",
        "priority": Priority.URGENT,
    }
    return Happening(**{**ordinary, **facts})


def a_notice(**facts: Any) -> Notice:
    """An urgent alert is to be told at once, and nobody has tried yet."""
    ordinary: Mapping[str, Any] = {
        "id": "N-1",
        "channel": "mailbox",
        "kind": Kind.RAISED,
        "alert_id": "A-7F3K9Q2M",
        "priority": Priority.URGENT,
        "actor": "",
        "at_once": True,
        "due_at": NOW,
        "state": State.QUEUED,
        "withheld": "",
        "message": "",
        "attempts": 0,
        "next_try_at": None,
        "trouble": "",
    }
    return Notice(**{**ordinary, **facts})


def names(seed: int = 1) -> Callable[[], str]:
    """Names by chance that can be repeated."""
    chance = random.Random(seed)  # noqa: S311 tests are repeated, nothing is guarded by it
    return lambda: f"x-{chance.getrandbits(64):016x}"


def plan_on(
    store: Store,
    *routes: Routing,
    at: datetime = NOW,
    mint: Callable[[], str] | None = None,
    today: date | None = None,
) -> int:
    """How many notices came of what has happened, on these channels."""

    def planning(happenings: Sequence[Happening]) -> tuple[Planned, ...]:
        return planned(happenings, routes, now=at)

    return store.outbox.plan(
        planning,
        lookout=Lookout(at=at, today=today or at.date(), expiring=timedelta(days=14)),
        actor="psdmon",
        mint=mint or names(store.head().seq),
        facts={},
    )


def claim_on(
    store: Store,
    route: Routing,
    *,
    at: datetime = NOW,
    owner: str = "one/1",
    keep_back: Mapping[str, str] | None = None,
    mint: Callable[[], str] | None = None,
) -> Claimed | None:
    """The next message of a channel, some alerts withheld."""

    def choose(waiting: Sequence[Waiting]) -> Chosen:
        why = {one.notice.id: (keep_back or {}).get(one.notice.alert_id, "") for one in waiting}
        left = [one.notice for one in waiting if not why[one.notice.id]]
        return Chosen(
            together=batch(left, route, now=at, longest_wait=SIX_HOURS),
            withheld={name: reason for name, reason in why.items() if reason},
        )

    return store.outbox.claim(
        route.name,
        choose,
        owner=owner,
        actor="psdmon",
        at=at,
        lease=LEASE,
        mint=mint or names(store.head().seq + 1000),
    )


def told(store: Store, *, at: datetime = NOW) -> None:
    """Everything that waits planned once, withheld, or sent, so that nothing is under way."""
    everything = replace(a_route(), tells=frozenset(Topic), most_at_once=1, digest=timedelta())
    other = replace(everything, name="other", role="auditor")
    plan_on(store, everything, other, at=at)
    ids = [one.alert_id for one in store.outbox.notices()]
    keep_back = {ids[0]: "same team"} if ids else {}
    claim_on(store, other, at=at + timedelta(hours=2), keep_back=keep_back)
    for route in (everything, other):
        while claimed := claim_on(store, route, at=at + timedelta(hours=3)):
            store.outbox.sent(claimed.message, actor="psdmon", at=at, facts={"reached": ["one"]})
