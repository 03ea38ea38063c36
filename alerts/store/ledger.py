"""The run ledger: which days were judged, which must be again, and who is at it.

A day is claimed by one owner at a time, until it is finished, given back, or the lease runs out.
A claim does not undo what was judged before: until the day is finished, the last judging stands.
A row says no more than the entries about its day, one after another: `after` reads them, when they
are written and again when they are verified.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, select

from alerts.candidates import PassedOver
from alerts.chain import Entry, canonical, moment, stamp
from alerts.errors import Busy
from alerts.model import Alert
from alerts.records import JudgedDay, LedgerDay, Stored
from alerts.schema import chain, judged_day
from alerts.store import passing, queue
from alerts.store.entries import append

CLAIMED: Final = "day.claimed"
JUDGED: Final = "day.judged"
RELEASED: Final = "day.released"
RENEWED: Final = "day.renewed"
STALE: Final = "day.stale"
KINDS: Final = frozenset({CLAIMED, JUDGED, RELEASED, RENEWED, STALE})

CATCHING_UP: Final = "catching_up"  # a fact: how many days late a day was judged

Row = Mapping[str, Any]

_UNCLAIMED: Final[Row] = {"owner": "", "lease_until": "", "claimed_seq": 0}
_NEW: Final[Row] = {
    "judged": "",
    "stale": "",
    "stale_seq": 0,
    "attempts": 0,
    "released": "",
    "failures": 0,
    "next_try_at": "",
    **_UNCLAIMED,
}
# A lease that ends later than any lease could was written before the clock was set back.
_SKEW: Final = timedelta(hours=1)


def after(row: Row | None, entry: Entry) -> Row:
    """The row of a day once an entry has been written about it."""
    before = row or {"day": entry.about, **_NEW}
    told = entry.told
    if entry.kind == CLAIMED:
        claim_of_entry = {
            "owner": entry.actor,
            "lease_until": told["lease_until"],
            "claimed_seq": entry.seq,
        }
        attempts = before["attempts"] + 1
        return {**before, **claim_of_entry, "attempts": attempts, "released": ""}
    if entry.kind == RENEWED:
        return {**before, "lease_until": told["lease_until"]}
    if entry.kind == RELEASED:
        failed = {}
        if told.get("failed"):
            failed = {"failures": before["failures"] + 1, "next_try_at": told["next_try_at"]}
        return {**before, **_UNCLAIMED, **failed, "released": told["reason"]}
    if entry.kind == STALE:
        return {**before, "stale": told["reason"], "stale_seq": entry.seq}
    # What made the day stale while it was being judged may not have been seen.
    seen = before["stale_seq"] < before["claimed_seq"]
    fresh = {"stale": "", "stale_seq": 0} if seen else {}
    return {
        **before,
        **_UNCLAIMED,
        **fresh,
        "judged": canonical(told["judged"]),
        "attempts": 0,
        "released": "",
        "failures": 0,
        "next_try_at": "",
    }


def claim(  # noqa: PLR0913 a claim has this many facts, all named
    connection: Connection,
    day: date,
    *,
    owner: str,
    at: datetime,
    lease: timedelta,
    known_seq: int | None,
) -> bool:
    """Claims a day, and returns whether it is this owner's now."""
    row = _row(connection, day)
    held_by = row["owner"] if row else ""
    if row and held_by not in {"", owner} and runs(row["lease_until"], at=at, lease=lease):
        return False
    if known_seq is not None and _judged_by(connection, day) > known_seq:
        return False
    facts = {"lease_until": at + lease, "taken_over_from": "" if held_by == owner else held_by}
    _tell(connection, CLAIMED, day=day, actor=owner, at=at, facts=facts)
    return True


def runs(lease_until: str, *, at: datetime, lease: timedelta) -> bool:
    """Whether a lease holds at a moment: it has not ended, nor is it longer than any lease."""
    return stamp(at) < lease_until <= stamp(at + lease + _SKEW)


def renew(connection: Connection, day: date, *, owner: str, at: datetime, lease: timedelta) -> None:
    """Lets a claim hold for longer.

    Raises:
        Busy: the claim is no longer this owner's.
    """
    _claimed(connection, day, owner=owner)
    _tell(connection, RENEWED, day=day, actor=owner, at=at, facts={"lease_until": at + lease})


def finish(  # noqa: PLR0913 one transaction, all of it named
    connection: Connection,
    judged: JudgedDay,
    *,
    alerts: Sequence[Alert],
    owner: str,
    at: datetime,
    known_seq: int | None,
    days_behind: int,
    candidates: PassedOver | None = None,
) -> Stored:
    """Writes a judged day: alerts, ledger and chain, and what came near an alert.

    Raises:
        Busy: the claim is no longer this owner's, or somebody else has judged since.
    """
    row = _claimed(connection, judged.day, owner=owner)
    if known_seq is not None:
        _refuse_overtaken(connection, judged.day, owner=owner, known_seq=known_seq)
    day = judged.day.isoformat()
    known = row["claimed_seq"] if known_seq is None else known_seq
    also: dict[str, object] = {CATCHING_UP: days_behind} if days_behind else {}
    stored = queue.judge(
        connection, alerts, actor=owner, at=at, known_seq=known, facts={"day": day, **also}
    )
    facts = {"judged": asdict(judged), **asdict(stored), **also}
    if candidates is not None:
        facts["candidates"] = passing.facts_of(candidates)
    entry = _tell(connection, JUDGED, day=judged.day, actor=owner, at=at, facts=facts)
    if candidates is not None:
        passing.keep(connection, day, found=candidates, entry=entry)
    return stored


def release(  # noqa: PLR0913 what is given back and why, all named
    connection: Connection,
    day: date,
    *,
    owner: str,
    reason: str,
    at: datetime,
    next_try_at: datetime | None,
    actor: str,
) -> None:
    """Gives a claim back; nothing when it is no longer this owner's."""
    row = _row(connection, day)
    if row and row["owner"] == owner:
        facts: dict[str, object] = {"reason": reason or "released"}
        if next_try_at is not None:
            facts |= {"failed": True, "next_try_at": next_try_at}
        _tell(connection, RELEASED, day=day, actor=actor, at=at, facts=facts)


def mark_stale(
    connection: Connection, days: Iterable[date], *, reason: str, actor: str, at: datetime
) -> tuple[date, ...]:
    """Marks judged days to be judged again, and returns those it marked; others need no mark."""
    marked = []
    for day in sorted(set(days)):
        row = _row(connection, day)
        if row and (row["judged"] or row["owner"]):
            facts = {"reason": reason or "late rows"}
            _tell(connection, STALE, day=day, actor=actor, at=at, facts=facts)
            marked.append(day)
    return tuple(marked)


def ledger(connection: Connection) -> tuple[LedgerDay, ...]:
    """Every day that was ever claimed, in order."""
    return tuple(_ledger_day(row) for row in rows(connection))


def rows(connection: Connection) -> list[Row]:
    """The rows of the ledger, in order of their days."""
    found = connection.execute(select(judged_day).order_by(judged_day.c.day))
    return [dict(row) for row in found.mappings()]


def _tell(  # noqa: PLR0913 an entry has this many facts, all named
    connection: Connection,
    kind: str,
    *,
    day: date,
    actor: str,
    at: datetime,
    facts: Mapping[str, object],
) -> Entry:
    """Writes an entry about a day, and the row as it is after it."""
    row = _row(connection, day)
    entry = append(connection, kind, actor=actor, at=at, about=day.isoformat(), facts=facts)
    values = after(row, entry)
    if row is None:
        connection.execute(judged_day.insert().values(values))
    else:
        this = judged_day.c.day == day.isoformat()
        connection.execute(judged_day.update().where(this).values(values))
    return entry


def _claimed(connection: Connection, day: date, *, owner: str) -> Row:
    row = _row(connection, day)
    held_by = row["owner"] if row else ""
    if row is None or held_by != owner:
        raise Busy(
            f"day {day.isoformat()}: claimed by {held_by or 'nobody'}, not {owner};"
            " nothing was stored; possible: claim it again"
        )
    return row


def _refuse_overtaken(connection: Connection, day: date, *, owner: str, known_seq: int) -> None:
    """Nothing while no other owner has judged any day since: their alerts are not known here.

    Raises:
        Busy: somebody has.
    """
    others = select(func.max(chain.c.seq)).where(
        chain.c.kind == JUDGED, chain.c.seq > known_seq, chain.c.actor != owner
    )
    if connection.execute(others).scalar_one():
        raise Busy(
            f"day {day.isoformat()}: another run has judged since this one read the alerts;"
            " nothing was stored; possible: read them again"
        )


def _judged_by(connection: Connection, day: date) -> int:
    """The entry of the last judging of a day; 0 when there was none."""
    question = select(func.max(chain.c.seq)).where(
        chain.c.about == day.isoformat(), chain.c.kind == JUDGED
    )
    return int(connection.execute(question).scalar_one() or 0)


def _row(connection: Connection, day: date) -> Row | None:
    this = judged_day.c.day == day.isoformat()
    row = connection.execute(select(judged_day).where(this)).mappings().one_or_none()
    return None if row is None else dict(row)


def _ledger_day(row: Row) -> LedgerDay:
    return LedgerDay(
        day=date.fromisoformat(row["day"]),
        judged=_judged(row["judged"]),
        stale=row["stale"],
        owner=row["owner"],
        lease_until=moment(row["lease_until"]) if row["lease_until"] else None,
        attempts=row["attempts"],
        released=row["released"],
        failures=row["failures"],
        next_try_at=moment(row["next_try_at"]) if row["next_try_at"] else None,
    )


def _judged(text: str) -> JudgedDay | None:
    if not text:
        return None
    facts = json.loads(text)
    day, until = date.fromisoformat(facts["day"]), moment(facts["until"])
    return JudgedDay(**{**facts, "day": day, "until": until})
