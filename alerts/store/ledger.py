"""The run ledger: which days were judged, which must be again, and who is at it.

A day is claimed by one owner at a time, until it is finished, given back, or the lease runs out.
A claim does not undo what was judged before: until the day is finished, the last judging stands.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from alerts.chain import canonical, moment, stamp
from alerts.errors import Busy
from alerts.model import Alert
from alerts.records import JudgedDay, LedgerDay, Stored
from alerts.schema import judged_day
from alerts.store import queue
from alerts.store.entries import append


def claim(connection: Connection, day: date, *, owner: str, at: datetime, lease: timedelta) -> bool:
    """Claims a day, and returns whether it is this owner's now."""
    row = _row(connection, day)
    if row is not None and row.owner not in {"", owner} and stamp(at) < row.lease_until:
        return False
    entry = append(
        connection,
        "day.claimed",
        actor=owner,
        at=at,
        about=day.isoformat(),
        facts={"lease_until": at + lease, "taken_over_from": _taken_over(row, owner)},
    )
    _put(
        connection,
        day,
        owner=owner,
        lease_until=stamp(at + lease),
        claimed_seq=entry.seq,
        attempts=(row.attempts if row else 0) + 1,
        released="",
    )
    return True


def finish(  # noqa: PLR0913 one transaction, all of it named
    connection: Connection,
    judged: JudgedDay,
    *,
    alerts: Sequence[Alert],
    owner: str,
    at: datetime,
    known_seq: int | None,
) -> Stored:
    """Writes a judged day: alerts, ledger and chain.

    Raises:
        Busy: the claim is no longer this owner's.
    """
    row = _claimed(connection, judged.day, owner=owner)
    day = judged.day.isoformat()
    known = row.claimed_seq if known_seq is None else known_seq
    stored = queue.judge(connection, alerts, actor=owner, at=at, day=day, known_seq=known)
    seen = canonical(asdict(judged))
    append(
        connection,
        "day.judged",
        actor=owner,
        at=at,
        about=day,
        facts={"judged": json.loads(seen), **asdict(stored)},
    )
    # What made the day stale while it was being judged may not have been seen.
    stands = row.stale_seq < row.claimed_seq
    _put(
        connection,
        judged.day,
        judged=seen,
        attempts=0,
        **_UNCLAIMED,
        **({"stale": "", "stale_seq": 0} if stands else {}),
    )
    return stored


def release(connection: Connection, day: date, *, owner: str, reason: str, at: datetime) -> None:
    """Gives a claim back; nothing when it is no longer this owner's."""
    row = _row(connection, day)
    if row is None or row.owner != owner:
        return
    append(
        connection,
        "day.released",
        actor=owner,
        at=at,
        about=day.isoformat(),
        facts={"reason": reason},
    )
    _put(connection, day, released=reason or "released", **_UNCLAIMED)


def mark_stale(
    connection: Connection, days: Sequence[date], *, reason: str, actor: str, at: datetime
) -> tuple[date, ...]:
    """Marks judged days to be judged again, and returns those it marked; others need no mark."""
    marked = []
    for day in sorted(set(days)):
        row = _row(connection, day)
        if row is None or not (row.judged or row.owner):
            continue
        entry = append(
            connection,
            "day.stale",
            actor=actor,
            at=at,
            about=day.isoformat(),
            facts={"reason": reason},
        )
        _put(connection, day, stale=reason or "late rows", stale_seq=entry.seq)
        marked.append(day)
    return tuple(marked)


def ledger(connection: Connection) -> tuple[LedgerDay, ...]:
    """Every day that was ever claimed, in order."""
    rows = connection.execute(select(judged_day).order_by(judged_day.c.day))
    return tuple(_ledger_day(row) for row in rows)


_UNCLAIMED = {"owner": "", "lease_until": "", "claimed_seq": 0}
_NEW = {
    "judged": "",
    "stale": "",
    "stale_seq": 0,
    "attempts": 0,
    "released": "",
    **_UNCLAIMED,
}


def _taken_over(row: Row[Any] | None, owner: str) -> str:
    """Whose claim ran out; empty when there was none."""
    return row.owner if row is not None and row.owner != owner else ""


def _claimed(connection: Connection, day: date, *, owner: str) -> Row[Any]:
    row = _row(connection, day)
    if row is None or row.owner != owner:
        who = (row.owner if row else "") or "nobody"
        raise Busy(
            f"day {day.isoformat()}: claimed by {who}, not {owner}; nothing was stored;"
            " possible: claim it again"
        )
    return row


def _row(connection: Connection, day: date) -> Row[Any] | None:
    return connection.execute(
        select(judged_day).where(judged_day.c.day == day.isoformat())
    ).one_or_none()


def _put(connection: Connection, day: date, **values: object) -> None:
    this = judged_day.c.day == day.isoformat()
    if not connection.execute(judged_day.update().where(this).values(**values)).rowcount:
        connection.execute(judged_day.insert().values({"day": day.isoformat(), **_NEW, **values}))


def _ledger_day(row: Row[Any]) -> LedgerDay:
    return LedgerDay(
        day=date.fromisoformat(row.day),
        judged=_judged(row.judged),
        stale=row.stale,
        owner=row.owner,
        lease_until=moment(row.lease_until) if row.lease_until else None,
        attempts=row.attempts,
        released=row.released,
    )


def _judged(text: str) -> JudgedDay | None:
    if not text:
        return None
    facts = json.loads(text)
    return JudgedDay(
        **{
            **facts,
            "day": date.fromisoformat(facts["day"]),
            "until": moment(facts["until"]),
        }
    )
