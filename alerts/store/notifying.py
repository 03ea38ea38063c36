"""The outbox: notices planned from the chain, claimed as messages, and what became of each.

Planning reads the entries after the last planning and writes notices and its own entry together,
so nothing is lost and nothing planned twice, however it is stopped. A message belongs to whoever
claimed it until the lease runs out; it is sent at least once, each time under the same name.
What becomes of a message is an entry, with the SHA-256 of the ids of its notices.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select

from alerts.chain import Entry, canonical, moment, sha256, stamp
from alerts.errors import Misused
from alerts.model import Priority
from alerts.notices import (
    Chosen,
    Happening,
    Kind,
    Notice,
    Planned,
    State,
    Waiting,
)
from alerts.schema import OPERATIONAL
from alerts.schema import notice as table
from alerts.store import queue
from alerts.store.entries import append, head_of, last_entry
from alerts.store.happenings import (
    DEAD,
    Lookout,
    standing_at_first,
    told_by_entries,
    told_by_the_day,
)

PLANNED: Final = "notice.planned"
SENT: Final = "notice.sent"
WITHHELD: Final = "notice.withheld"
RETRIED: Final = "notice.retried"
OUTCOMES: Final[Mapping[str, State]] = {
    SENT: State.SENT,
    WITHHELD: State.WITHHELD,
    DEAD: State.DEAD,
    RETRIED: State.QUEUED,
}
_FOLLOWED: Final = frozenset({"state", "withheld", "message"})  # told by entries about messages
_FREE: Final = {"held_by": "", "held_until": ""}
_NEW: Final = {
    "state": str(State.QUEUED),
    "withheld": "",
    "message": "",
    "attempts": 0,
    "next_try_at": "",
    "trouble": "",
    **_FREE,
}
_MANY: Final = 500  # keys in one question

Row = Mapping[str, Any]
Plan = Callable[[Sequence[Happening]], Sequence[Planned]]
Choose = Callable[[Sequence[Waiting]], Chosen]
Mint = Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message that is this owner's to send, until its lease runs out."""

    message: str
    channel: str
    notices: tuple[Notice, ...]

    @property
    def attempts(self) -> int:
        """How often it was tried in vain."""
        return max(one.attempts for one in self.notices)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """What has happened since the last planning, and whether no entry would tell of anything."""

    happenings: list[Happening]
    nothing: bool


def plan(  # noqa: PLR0913 one transaction, all of it named
    connection: Connection,
    planning: Plan,
    *,
    lookout: Lookout,
    actor: str,
    mint: Mint,
    facts: Mapping[str, object],
) -> int:
    """Writes the notices that a plan makes of what has happened, and returns how many."""
    head = head_of(connection).seq
    heard = _heard(connection, lookout)
    fresh = _unplanned(connection, planning(heard.happenings))
    if heard.nothing and not fresh:
        return 0
    rows = [{**_row(one), "place": place, "id": mint()} for place, one in enumerate(fresh, start=1)]
    entry = append(
        connection,
        PLANNED,
        actor=actor,
        at=lookout.at,
        facts={**facts, "up_to": head, "rows": digest(rows)},
    )
    if rows:
        connection.execute(table.insert(), [{**row, "seq": entry.seq, **_NEW} for row in rows])
    return len(rows)


def unplanned(connection: Connection, planning: Plan, *, lookout: Lookout) -> tuple[Planned, ...]:
    """The notices that planning would write."""
    return tuple(_unplanned(connection, planning(_heard(connection, lookout).happenings)))


def claim(  # noqa: PLR0913 a claim has this many facts, all named
    connection: Connection,
    channel: str,
    *,
    choose: Choose,
    owner: str,
    actor: str,
    at: datetime,
    lease: timedelta,
    mint: Mint,
) -> Claimed | None:
    """Claims the next message of a channel, and returns it; nothing where none may leave now.

    What may not be told is withheld at once, with the reason in an entry.
    """
    rows = _in_nobodys_hand(connection, channel, at=at, lease=lease)
    alerts = queue.known(connection, {row["alert_id"] for row in rows})
    chosen = choose([Waiting(notice=read(row), alert=alerts.get(row["alert_id"])) for row in rows])
    for why in sorted(set(chosen.withheld.values())):
        kept_back = [row for row in rows if chosen.withheld.get(row["id"]) == why]
        key = mint()
        _update(
            connection, kept_back, state=str(State.WITHHELD), withheld=why, message=key, **_FREE
        )
        _tell(connection, WITHHELD, message=key, rows=kept_back, actor=actor, at=at, why=why)
    together = [row for row in rows if row["id"] in set(chosen.together)]
    if not together:
        return None
    key = next((row["message"] for row in together if row["message"]), "") or mint()
    held = {"held_by": owner, "held_until": stamp(at + lease)}
    _update(connection, together, message=key, **held)
    return Claimed(
        message=key,
        channel=channel,
        notices=tuple(read({**row, "message": key, **held}) for row in together),
    )


def sent(
    connection: Connection, message: str, *, actor: str, at: datetime, facts: Mapping[str, object]
) -> None:
    """Marks a message sent; nothing where it was marked before."""
    rows = _of_message(connection, message, state=State.QUEUED)
    if rows:
        _update(connection, rows, state=str(State.SENT), next_try_at="", trouble="", **_FREE)
        _tell(connection, SENT, message=message, rows=rows, actor=actor, at=at, **facts)


def put_off(  # noqa: PLR0913 a try in vain has this many facts, all named
    connection: Connection,
    message: str,
    *,
    trouble: str,
    next_try_at: datetime | None,
    actor: str,
    at: datetime,
) -> None:
    """Writes that a try was in vain: to be tried again, or dead where there is no next try."""
    rows = _of_message(connection, message, state=State.QUEUED)
    attempts = max((row["attempts"] for row in rows), default=0) + 1
    values = {"attempts": attempts, "trouble": trouble, **_FREE}
    if next_try_at is not None:
        _update(connection, rows, next_try_at=stamp(next_try_at), **values)
    elif rows:
        _update(connection, rows, state=str(State.DEAD), next_try_at="", **values)
        of_delivery = all(row["kind"] == Kind.DEAD_LETTER for row in rows)
        facts = {"of_delivery": True} if of_delivery else {}
        _tell(
            connection,
            DEAD,
            message=message,
            rows=rows,
            actor=actor,
            at=at,
            trouble=trouble,
            **facts,
        )


def let_go(connection: Connection, message: str, *, owner: str) -> None:
    """Gives a claim back untried; nothing when it is no longer this owner's."""
    rows = _of_message(connection, message, state=State.QUEUED)
    _update(connection, [row for row in rows if row["held_by"] == owner], **_FREE)


def retry(connection: Connection, messages: Iterable[str], *, actor: str, at: datetime) -> int:
    """Queues dead and withheld messages again, and returns how many."""
    count = 0
    for message in messages:
        for state in (State.DEAD, State.WITHHELD):
            if rows := _of_message(connection, message, state=state):
                fresh = {"attempts": 0, "next_try_at": "", "withheld": ""}
                _update(connection, rows, state=str(State.QUEUED), **fresh)
                _tell(connection, RETRIED, message=message, rows=rows, actor=actor, at=at)
                count += 1
    return count


def notices(
    connection: Connection, *, states: Iterable[State] | None = None, channel: str = ""
) -> tuple[Notice, ...]:
    """Every notice, or those of some states or one channel, oldest first."""
    wanted = select(table).order_by(table.c.seq, table.c.place)
    if states is not None:
        wanted = wanted.where(table.c.state.in_([str(state) for state in states]))
    if channel:
        wanted = wanted.where(table.c.channel == channel)
    return tuple(read(dict(row)) for row in connection.execute(wanted).mappings())


def rows_of(connection: Connection) -> list[Row]:
    """Every row, oldest first."""
    wanted = select(table).order_by(table.c.seq, table.c.place)
    return [dict(row) for row in connection.execute(wanted).mappings()]


def digest(rows: Iterable[Row]) -> str:
    """The SHA-256 of what notices were planned to say, in their order."""
    left_out = OPERATIONAL | _FOLLOWED | {"seq"}
    return sha256(canonical([{k: v for k, v in row.items() if k not in left_out} for row in rows]))


def digest_of_ids(rows: Iterable[Row]) -> str:
    """The SHA-256 of the ids of the notices of a message."""
    return sha256(canonical(sorted(row["id"] for row in rows)))


def read(row: Row) -> Notice:
    """A row as the rest of the house knows it."""
    return Notice(
        id=row["id"],
        channel=row["channel"],
        kind=Kind(row["kind"]),
        alert_id=row["alert_id"],
        priority=Priority(row["priority"]),
        actor=row["actor"],
        at_once=bool(row["at_once"]),
        due_at=moment(row["due_at"]),
        state=State(row["state"]),
        withheld=row["withheld"],
        message=row["message"],
        attempts=row["attempts"],
        next_try_at=moment(row["next_try_at"]) if row["next_try_at"] else None,
        trouble=row["trouble"],
    )


def told_of(entry: Entry) -> tuple[State, str, str]:
    """What an entry says of a message: where it stands, why, and the SHA-256 of its ids."""
    told = entry.told
    return OUTCOMES[entry.kind], str(told.get("why", "")), told["rows"]


def _heard(connection: Connection, lookout: Lookout) -> _Heard:
    last = last_entry(connection, (PLANNED,))
    by_day = list(told_by_the_day(connection, lookout))
    if last is None:
        return _Heard(happenings=[*standing_at_first(connection), *by_day], nothing=False)
    told = list(told_by_entries(connection, last.told["up_to"]))
    meant = [one for one in told if one is not None]
    return _Heard(happenings=[*meant, *by_day], nothing=not told)


def _unplanned(connection: Connection, wanted: Sequence[Planned]) -> list[Planned]:
    """Those that were not planned before, each once."""
    once = {one.key: one for one in wanted}
    keys = list(once)
    for start in range(0, len(keys), _MANY):
        asked = select(table.c.key).where(table.c.key.in_(keys[start : start + _MANY]))
        for there in connection.execute(asked).scalars().all():
            once.pop(there, None)
    return list(once.values())


def _row(one: Planned) -> dict[str, Any]:
    return {
        **asdict(one),
        "kind": str(one.kind),
        "priority": str(one.priority),
        "at_once": int(one.at_once),
        "due_at": stamp(one.due_at),
    }


def _in_nobodys_hand(
    connection: Connection, channel: str, *, at: datetime, lease: timedelta
) -> list[Row]:
    """The queued notices of a channel that nobody is sending; a lease too long is of no clock."""
    wanted = (
        select(table)
        .where(table.c.channel == channel, table.c.state == str(State.QUEUED))
        .order_by(table.c.seq, table.c.place)
    )
    latest = stamp(at + lease)
    return [
        dict(row)
        for row in connection.execute(wanted).mappings()
        if not row["held_by"] or not stamp(at) < row["held_until"] <= latest
    ]


def _of_message(connection: Connection, message: str, *, state: State) -> list[Row]:
    if not message:
        raise Misused("notice: no message is named; possible: psdmon notify list")
    wanted = select(table).where(table.c.message == message, table.c.state == str(state))
    return [dict(row) for row in connection.execute(wanted).mappings()]


def _update(connection: Connection, rows: Sequence[Row], **values: object) -> None:
    ids = [row["id"] for row in rows]
    for start in range(0, len(ids), _MANY):
        these = table.c.id.in_(ids[start : start + _MANY])
        connection.execute(table.update().where(these).values(values))


def _tell(  # noqa: PLR0913 an entry has this many facts, all named
    connection: Connection,
    kind: str,
    *,
    message: str,
    rows: Sequence[Row],
    actor: str,
    at: datetime,
    **facts: object,
) -> None:
    """Writes what became of a message; alerts are listed so that a reader's gate applies."""
    about = sorted({row["alert_id"] for row in rows} - {""})
    listed = {"alert_ids": about, "alerts": len(about)} if len(about) > 1 else {}
    append(
        connection,
        kind,
        actor=actor,
        at=at,
        about=about[0] if len(about) == 1 else "",
        facts={
            **facts,
            **listed,
            "message": message,
            "channel": rows[0]["channel"],
            "rows": digest_of_ids(rows),
        },
    )
