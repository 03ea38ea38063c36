"""Decisions that one member of staff's lookups of one person are legitimate until a day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from alerts.chain import moment, stamp
from alerts.lifecycle import Action, Step
from alerts.model import Alert
from alerts.records import Allowance
from alerts.schema import allowance, note
from alerts.store.entries import append_sealed


def allow(  # noqa: PLR0913 a decision has this many facts, all named
    connection: Connection,
    alert: Alert,
    *,
    step: Step,
    actor: str,
    at: datetime,
    also: Mapping[str, object],
) -> None:
    """Writes until when later lookups are legitimate; nothing where a closure says nothing of it.

    Args:
        connection: inside `writing`.
        alert: that is closed.
        step: that closes it.
        actor: who decided.
        at: when.
        also: what the entry tells besides: who agreed to it, or why one person was enough.
    """
    if step.legitimate_until is None:
        return
    for user_id in alert.user_ids:
        row = {
            "alert_id": alert.alert_id,
            "user_id": user_id,
            "focus_subject_id": alert.focus_subject_id,
            "decided_as": step.decided_as,
            "actor": actor,
            "at": stamp(at),
            "until_at": stamp(step.legitimate_until),
        }
        append_sealed(
            connection,
            "alert.allowed",
            table=allowance,
            row=row,
            actor=actor,
            at=at,
            about=alert.alert_id,
            facts={**also, "until_at": row["until_at"], "decided_as": step.decided_as},
        )


def allowances(connection: Connection, *, known_at: datetime | None) -> tuple[Allowance, ...]:
    """Every allowance there ever was, oldest first, each until its end.

    It ends early where a person opened its alert again.

    Args:
        connection: within a transaction.
        known_at: what was decided after it is not known; without it, all is.
    """
    rows = connection.execute(select(allowance).order_by(allowance.c.seq)).mappings()
    known = [row for row in rows if known_at is None or moment(row["at"]) <= known_at]
    opened = connection.execute(
        select(note.c.seq, note.c.alert_id, note.c.at)
        .where(note.c.action == str(Action.REOPEN))
        .order_by(note.c.seq)
    ).all()
    found = []
    for row in known:
        held = {key: value for key, value in row.items() if key != "until_at"}
        one = Allowance(**{**held, "at": moment(row["at"]), "until": moment(row["until_at"])})
        for step in opened:
            at = moment(step.at)
            later = step.alert_id == one.alert_id and step.seq > one.seq
            if later and at < one.until and (known_at is None or at <= known_at):
                one = replace(one, until=at)
                break
        found.append(one)
    return tuple(found)
