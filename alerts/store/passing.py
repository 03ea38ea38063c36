"""Candidates that came near and became no alert, by judged day: kept beside the chain, erasable.

The entry of a judging carries their numbers by reason and the SHA-256 of their line, and no name.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from alerts.candidates import PassedOver, as_line, from_line
from alerts.chain import Entry, sha256
from alerts.records import PassedDay
from alerts.schema import candidate_day
from alerts.store.entries import append

ERASED: Final = "day.candidates_erased"


def facts_of(found: PassedOver) -> dict[str, object]:
    """What the entry of a judging says of its candidates."""
    return {"counts": dict(found.counts or {}), "sha256": sha256(as_line(found.kept))}


def told_of(entry: Entry) -> str | None:
    """The SHA-256 that an entry of a day gives its candidates; nothing where it gives none."""
    if entry.kind == ERASED:
        return sha256("")
    told = entry.told.get("candidates")
    return str(told["sha256"]) if told else None


def keep(connection: Connection, day: str, *, found: PassedOver, entry: Entry) -> None:
    """Writes the candidates of a day in place of those that an earlier judging found."""
    _put(connection, day, line=as_line(found.kept), entry=entry)


def erase(
    connection: Connection, *, before: date, reason: str, actor: str, at: datetime
) -> tuple[date, ...]:
    """Erases the candidates of every day before one, each with an entry; returns those days."""
    rows = connection.execute(
        select(candidate_day.c.day)
        .where(candidate_day.c.day < before.isoformat(), candidate_day.c.line != "")
        .order_by(candidate_day.c.day)
    )
    days = [row.day for row in rows]
    for day in days:
        entry = append(
            connection, ERASED, actor=actor, at=at, about=day, facts={"reason": reason.strip()}
        )
        _put(connection, day, line="", entry=entry)
    return tuple(map(date.fromisoformat, days))


def passed(
    connection: Connection, *, first: date | None, last: date | None
) -> tuple[PassedDay, ...]:
    """The candidates of each day of a span, both ends included, the latest day first."""
    question = select(candidate_day).order_by(candidate_day.c.day.desc())
    if first:
        question = question.where(candidate_day.c.day >= first.isoformat())
    if last:
        question = question.where(candidate_day.c.day <= last.isoformat())
    return tuple(
        PassedDay(day=date.fromisoformat(row["day"]), candidates=from_line(row["line"]))
        for row in rows(connection, question)
    )


def rows(connection: Connection, question: Any = None) -> list[Mapping[str, Any]]:
    """The rows as they are kept."""
    wanted = select(candidate_day).order_by(candidate_day.c.day) if question is None else question
    return [dict(row) for row in connection.execute(wanted).mappings()]


def _put(connection: Connection, day: str, *, line: str, entry: Entry) -> None:
    values = {"seq": entry.seq, "line": line}
    this = candidate_day.c.day == day
    if not connection.execute(candidate_day.update().where(this).values(values)).rowcount:
        connection.execute(candidate_day.insert().values(day=day, **values))
