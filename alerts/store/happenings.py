"""What has happened since the last planning that somebody should be told of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from alerts.chain import Entry
from alerts.lifecycle import Action
from alerts.model import Alert, Priority, Status
from alerts.notices import Happening, Kind, rises
from alerts.schema import alert_version
from alerts.silences import expiring
from alerts.store import queue
from alerts.store.entries import entries_after
from alerts.store.following import follow_ups
from alerts.store.ledger import CATCHING_UP
from alerts.store.suppressing import suppressions

DEAD: Final = "notice.dead"

# Entries that tell of something by themselves; what an alert's entry means depends on the alert.
_PLAIN: Final[Mapping[str, Kind]] = {
    "access.uncovered": Kind.OPENED,
    "access.glass_broken": Kind.GLASS,
    "feed.finding_opened": Kind.HEALTH,
    "alert.second_asked": Kind.SECOND_PERSON,
    DEAD: Kind.DEAD_LETTER,
}
_ALERTS: Final = ("alert.raised", "alert.extended", "alert.reopened", "alert.action")
SOURCES: Final = (*_ALERTS, *_PLAIN)
_WAITING: Final = frozenset({Status.OPEN, Status.TAKEN, Status.AWAITING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """The moment of a planning, and how far it looks ahead."""

    at: datetime
    today: date  # the force's own day
    expiring: timedelta  # suppressions that end within this are told of
    wrong: tuple[str, ...] = ()  # signs that the service wants to be looked at; names of no person


def told_by_entries(connection: Connection, after: int) -> Iterator[Happening | None]:
    """What each entry after one tells, of those that may tell of something; in order."""
    for entry in entries_after(connection, after, kinds=SOURCES):
        yield _told(connection, entry)


def standing_at_first(connection: Connection) -> Iterator[Happening]:
    """What waits where nothing was ever planned: told once, and together."""
    for alert in queue.standing(connection, _WAITING):
        yield Happening(
            kind=Kind.RAISED,
            key=f"raised\n{alert.alert_id}",
            alert_id=alert.alert_id,
            priority=alert.priority,
            caught_up=True,
        )


def told_by_the_day(connection: Connection, lookout: Lookout) -> Iterator[Happening]:
    """What has come by itself: days to look again, suppressions that end soon, ill health."""
    due = {
        alert_id: one
        for alert_id, one in follow_ups(connection).items()
        if one.due_on <= lookout.today
    }
    found = expiring(
        suppressions(connection, at=lookout.at), at=lookout.at, within=lookout.expiring
    )
    alerts = queue.known(connection, {*due, *(one.alert_id for one in found)})
    for alert_id, one in due.items():
        if alerts[alert_id].status is not Status.CLOSED:
            key = f"follow_up\n{alert_id}\n{one.due_on.isoformat()}"
            yield _of_alert(Kind.FOLLOW_UP, alerts[alert_id], key=key)
    for sign in lookout.wrong:
        key = f"health\n{sign}\n{lookout.today.isoformat()}"
        yield Happening(kind=Kind.HEALTH, key=key)
    for suppression in found:
        key = f"expiring\n{suppression.seq}"
        yield _of_alert(Kind.EXPIRING, alerts[suppression.alert_id], key=key)


def _told(connection: Connection, entry: Entry) -> Happening | None:
    """What one entry tells of; nothing where nobody need be told."""
    if entry.kind in _PLAIN:
        return _plain(connection, entry, kind=_PLAIN[entry.kind])
    told = entry.told
    if entry.kind == "alert.action" and told["action"] != str(Action.REOPEN):
        return None
    kind = Kind.RAISED if entry.kind == "alert.raised" else Kind.REOPENED
    stood = _priorities(connection, entry)
    if entry.kind == "alert.extended":
        if len(stood) < 2 or not rises(stood[1], stood[0]):
            return None
        kind = Kind.GROWN
    return Happening(
        kind=kind,
        key=f"{kind}\n{entry.seq}",
        seq=entry.seq,
        alert_id=entry.about,
        priority=stood[0],
        actor=entry.actor if entry.kind == "alert.action" else "",
        caught_up=bool(told.get(CATCHING_UP)),
    )


def _plain(connection: Connection, entry: Entry, *, kind: Kind) -> Happening | None:
    told = entry.told
    if kind is Kind.DEAD_LETTER and told.get("of_delivery"):
        return None  # a letter about letters begets no other
    about = entry.about if kind in {Kind.OPENED, Kind.SECOND_PERSON} else ""
    alert = queue.known(connection, {about}).get(about)
    return Happening(
        kind=kind,
        key=f"{kind}\n{entry.seq}",
        seq=entry.seq,
        alert_id=about,
        priority=alert.priority if alert else Priority.NORMAL,
        actor=entry.actor if kind is not Kind.DEAD_LETTER else "",
        channel=str(told.get("channel", "")),
    )


def _of_alert(kind: Kind, alert: Alert, *, key: str) -> Happening:
    return Happening(kind=kind, key=key, alert_id=alert.alert_id, priority=alert.priority)


def _priorities(connection: Connection, entry: Entry) -> list[Priority]:
    """The priority an alert had after an entry, and the one before that, where there was one."""
    lines = connection.execute(
        select(alert_version.c.line)
        .where(alert_version.c.alert_id == entry.about, alert_version.c.seq <= entry.seq)
        .order_by(alert_version.c.seq.desc())
        .limit(2)
    ).scalars()
    return [queue.read_line(line, entry.about).priority for line in lines]
