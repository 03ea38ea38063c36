"""What people do with alerts: steps through the lifecycle, and answers to prompts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from alerts.chain import moment, stamp
from alerts.gates import (
    latest,
    prompt_answered,
    refuse_allowance,
    refuse_unanswered,
    unanswered,
)
from alerts.lifecycle import Action, Disposition, Step, holder, stepped
from alerts.model import Alert, PromptShown
from alerts.records import Note, PromptAnswer, Settlement
from alerts.schema import chain, note, prompt_answer
from alerts.store.allowing import allow
from alerts.store.entries import append_sealed
from alerts.store.queue import facts_of, hold, keep, kept


def act(  # noqa: PLR0913 a step has this many facts, all named
    connection: Connection,
    alert_id: str,
    *,
    step: Step,
    actor: str,
    at: datetime,
    also: Mapping[str, object] | None = None,
) -> Alert:
    """Takes one step with an alert, and returns how it stands then.

    Args:
        connection: inside `writing`.
        alert_id: of the alert.
        step: with everything it says.
        actor: who takes it.
        at: when.
        also: what the entry tells besides: who agreed to it, or why one person was enough.

    Raises:
        Misused: there is no such alert, the step does not fit, or a question that a closure waits
            for is open; says what is possible.
    """
    before = kept(connection, alert_id)
    status = stepped(before.alert.status, step, alert_id=alert_id)
    if step.action is Action.CLOSE:
        left = open_questions(connection, before.alert, disposition=step.disposition)
        refuse_unanswered(before.alert, left)
        refuse_allowance(before.alert, step.legitimate_until, at=at)
    after = replace(before.alert, status=status)
    held_by = holder(before.held_by, step, actor=actor)
    row = {
        "alert_id": alert_id,
        "at": stamp(at),
        "actor": actor,
        "action": str(step.action),
        "reason": step.reason.strip(),
        "disposition": str(step.disposition or ""),
        "explanation": step.explanation.strip(),
        "to_user": step.to.strip(),
    }
    entry = append_sealed(
        connection,
        "alert.action",
        table=note,
        row=row,
        actor=actor,
        at=at,
        about=alert_id,
        facts={**(also or {}), "action": str(step.action), **facts_of(after, held_by=held_by)},
    )
    if after == before.alert:
        hold(connection, alert_id, held_by=held_by)
    else:
        keep(connection, after, entry=entry, held_by=held_by)
    allow(connection, after, step=step, actor=actor, at=at, also=also or {})
    return after


def notes(connection: Connection, alert_id: str) -> tuple[Note, ...]:
    """Every action on an alert, oldest first."""
    kept(connection, alert_id)
    rows = connection.execute(select(note).where(note.c.alert_id == alert_id).order_by(note.c.seq))
    return tuple(_note(row) for row in rows)


def closings(connection: Connection) -> dict[str, tuple[datetime, ...]]:
    """When each alert that ever was closed was, oldest first, by alert id."""
    rows = connection.execute(
        select(note.c.alert_id, note.c.at)
        .where(note.c.action == str(Action.CLOSE))
        .order_by(note.c.seq)
    )
    found: dict[str, tuple[datetime, ...]] = {}
    for row in rows:
        found[row.alert_id] = (*found.get(row.alert_id, ()), moment(row.at))
    return found


def settlements(connection: Connection) -> tuple[Settlement, ...]:
    """Every closing, and every opening again by a person, of all alerts, oldest first."""
    rows = connection.execute(
        select(note.c.alert_id, note.c.at, note.c.action)
        .where(note.c.action.in_([str(Action.CLOSE), str(Action.REOPEN)]))
        .order_by(note.c.seq)
    )
    return tuple(
        Settlement(alert_id=row.alert_id, at=moment(row.at), closed=row.action == str(Action.CLOSE))
        for row in rows
    )


def answer_prompt(  # noqa: PLR0913 an answer has this many facts, all named
    connection: Connection,
    alert_id: str,
    *,
    prompt_id: str,
    answer: str,
    reason: str,
    actor: str,
    at: datetime,
) -> PromptAnswer:
    """Stores an answer beside the question as the alert carries it.

    Raises:
        Misused: the alert does not carry the question, or the answer is none of those possible.
    """
    alert = kept(connection, alert_id).alert
    prompt = prompt_answered(alert, prompt_id, answer=answer, reason=reason)
    row: dict[str, Any] = {
        "alert_id": alert_id,
        "prompt_id": prompt_id,
        "version": prompt.version,
        "says": prompt.says,
        "reference": prompt.reference,
        "answer": answer,
        "reason": reason.strip(),
        "actor": actor,
        "at": stamp(at),
    }
    entry = append_sealed(
        connection,
        "alert.prompt_answered",
        table=prompt_answer,
        row=row,
        actor=actor,
        at=at,
        about=alert_id,
        facts={"prompt": prompt_id, "version": prompt.version, "answer": answer},
    )
    return PromptAnswer(**{**row, "seq": entry.seq, "at": moment(row["at"])})


def prompt_answers(connection: Connection, alert_id: str) -> tuple[PromptAnswer, ...]:
    """Every answer given on an alert, oldest first; the latest to a question counts."""
    kept(connection, alert_id)
    rows = connection.execute(
        select(prompt_answer)
        .where(prompt_answer.c.alert_id == alert_id)
        .order_by(prompt_answer.c.seq)
    )
    return tuple(PromptAnswer(**{**row, "at": moment(row["at"])}) for row in rows.mappings())


def open_questions(
    connection: Connection, alert: Alert, *, disposition: Disposition | None
) -> tuple[PromptShown, ...]:
    """The questions that stand between an alert and its closure.

    An answer from before the alert was last opened again does not count: it knew nothing of what
    opened it.
    """
    since = _opened_again(connection, alert.alert_id)
    given = latest(
        (one.prompt_id, one.answer)
        for one in prompt_answers(connection, alert.alert_id)
        if one.seq > since
    )
    return unanswered(alert, given, disposition=disposition)


def _opened_again(connection: Connection, alert_id: str) -> int:
    """The entry that last opened a closed alert, by judging or by a person; 0 for none."""
    judged = select(func.max(chain.c.seq)).where(
        chain.c.about == alert_id, chain.c.kind == "alert.reopened"
    )
    by_hand = select(func.max(note.c.seq)).where(
        note.c.alert_id == alert_id, note.c.action == str(Action.REOPEN)
    )
    return max(int(connection.execute(one).scalar_one() or 0) for one in (judged, by_hand))


def _note(row: Row[Any]) -> Note:
    return Note(
        seq=row.seq,
        alert_id=row.alert_id,
        at=moment(row.at),
        actor=row.actor,
        action=Action(row.action),
        reason=row.reason,
        disposition=Disposition(row.disposition) if row.disposition else None,
        explanation=row.explanation,
        to=row.to_user,
    )
