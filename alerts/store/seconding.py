"""Deeds that one person asks for and another confirms: nothing is done until then."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from alerts.chain import canonical, moment, stamp
from alerts.errors import Misused, NotPermitted
from alerts.gates import Deed, refuse_allowance, refuse_unanswered
from alerts.lifecycle import Action, Disposition, Step, stepped
from alerts.records import Request
from alerts.schema import request, request_answer
from alerts.store.casework import act, open_questions
from alerts.store.entries import append_sealed
from alerts.store.queue import kept
from alerts.store.suppressing import refuse_suppression, suppress

ANSWERS: Final = ("agreed", "declined", "withdrawn")


def ask(  # noqa: PLR0913 a request has this many facts, all named
    connection: Connection,
    alert_id: str,
    *,
    deed: Deed,
    asked: Mapping[str, object],
    reason: str,
    actor: str,
    at: datetime,
) -> Request:
    """Writes a request that waits for a second person, and returns it.

    Raises:
        Misused: the deed would be refused even if it were agreed, or the same is asked already.
    """
    if not reason.strip():
        raise Misused(
            f"alert {alert_id}: cannot ask without a reason; possible: the same with a reason"
        )
    known = _checked(connection, alert_id, deed=deed, asked=asked, reason=reason, at=at)
    for one in requests(connection):
        same = one.pending and (one.alert_id, one.deed) == (alert_id, deed)
        if same and _same(one, asked):
            raise Misused(
                f"alert {alert_id}: {deed} is asked for already, number {one.seq};"
                f" possible: confirm, decline or withdraw {one.seq}"
            )
    row = {
        "alert_id": alert_id,
        "deed": str(deed),
        "asked": canonical(known),
        "reason": reason.strip(),
        "actor": actor,
        "at": stamp(at),
    }
    entry = append_sealed(
        connection,
        "alert.second_asked",
        table=request,
        row=row,
        actor=actor,
        at=at,
        about=alert_id,
        facts={"deed": str(deed)},
    )
    return one_request(connection, entry.seq)


def answer(  # noqa: PLR0913 an answer has this many facts, all named
    connection: Connection, seq: int, *, answer: str, reason: str, actor: str, at: datetime
) -> Request:
    """Confirms, declines or withdraws a request; an agreed deed is done in the same moment.

    Raises:
        Misused: it does not stand any more, what it is about has changed, or no reason is given.
        NotPermitted: somebody would confirm or decline what they asked for, or withdraw what
            somebody else did.
    """
    found = one_request(connection, seq)
    _refuse_answer(found, answer, reason=reason, actor=actor)
    append_sealed(
        connection,
        "alert.second_answered",
        table=request_answer,
        row={
            "request_seq": seq,
            "answer": answer,
            "reason": reason.strip(),
            "actor": actor,
            "at": stamp(at),
        },
        actor=actor,
        at=at,
        about=found.alert_id,
        facts={"request": seq, "deed": str(found.deed), "answer": answer},
    )
    if answer == "agreed":
        _done(connection, found, agreed_by=actor, at=at)
    return one_request(connection, seq)


def one_request(connection: Connection, seq: int) -> Request:
    """One request and how it was answered.

    Raises:
        Misused: there is none of this number.
    """
    found = [one for one in requests(connection) if one.seq == seq]
    if not found:
        raise Misused(f"request {seq}: is not there; possible: psdmon alerts pending")
    return found[0]


def requests(connection: Connection) -> tuple[Request, ...]:
    """Every request, oldest first, each with its answer."""
    answers = {row.request_seq: row for row in connection.execute(select(request_answer))}
    rows = connection.execute(select(request).order_by(request.c.seq))
    return tuple(_read(row, answers.get(row.seq)) for row in rows)


def _checked(  # noqa: PLR0913 as ask
    connection: Connection,
    alert_id: str,
    *,
    deed: Deed,
    asked: Mapping[str, object],
    reason: str,
    at: datetime,
) -> Mapping[str, object]:
    """What is asked, held against the alert as it stands."""
    found = kept(connection, alert_id)
    if deed is Deed.SUPPRESS:
        expires_at = moment(str(asked["expires_at"]))
        refuse_suppression(
            found.alert,
            detector=str(asked["detector"]),
            reason=reason,
            expires_at=expires_at,
            at=at,
        )
        return {**asked, "expires_at": stamp(expires_at)}
    step = _step(asked, reason)
    refuse_allowance(found.alert, step.legitimate_until, at=at)
    stepped(found.alert.status, step, alert_id=alert_id)
    refuse_unanswered(
        found.alert, open_questions(connection, found.alert, disposition=step.disposition)
    )
    return {**asked, "version": found.seq}


def _done(connection: Connection, found: Request, *, agreed_by: str, at: datetime) -> None:
    """Does what was asked for, in the name of whoever asked."""
    also = {"request": found.seq, "agreed_by": agreed_by}
    if found.deed is Deed.SUPPRESS:
        suppress(
            connection,
            found.alert_id,
            detector=str(found.asked["detector"]),
            reason=found.reason,
            expires_at=moment(str(found.asked["expires_at"])),
            actor=found.actor,
            at=at,
            also=also,
        )
    elif found.deed is Deed.CLOSE:
        _refuse_changed(connection, found)
        step = _step(found.asked, found.reason)
        act(connection, found.alert_id, step=step, actor=found.actor, at=at, also=also)


def _refuse_changed(connection: Connection, found: Request) -> None:
    """An alert that moved or grew since is not the one whose closure was asked for."""
    if kept(connection, found.alert_id).seq != found.asked["version"]:
        raise Misused(
            f"alert {found.alert_id}: has changed since its closure was asked for;"
            f" possible: decline {found.seq}, look again, and ask anew"
        )


def _refuse_answer(found: Request, answer: str, *, reason: str, actor: str) -> None:
    place = f"request {found.seq}"
    own = found.actor.casefold() == actor.casefold()
    if answer not in ANSWERS:
        raise Misused(f"{place}: {answer!r} is no answer; possible: {', '.join(ANSWERS)}")
    if not found.pending:
        raise Misused(f"{place}: was {found.answer} already; possible: ask anew")
    if answer == "withdrawn" and not own:
        raise NotPermitted(
            f"{place}: only {found.actor}, who asked, may withdraw it; possible: decline"
        )
    if answer != "withdrawn" and own:
        raise NotPermitted(
            f"{place}: {actor} asked for it and may not answer it; possible: somebody else with the"
            f" role reviewer or authority answers it, or withdraw {found.seq}"
        )
    if answer == "declined" and not reason.strip():
        raise Misused(f"{place}: cannot decline without a reason; possible: the same with a reason")


def _step(asked: Mapping[str, object], reason: str) -> Step:
    return Step(
        action=Action.CLOSE,
        reason=reason,
        disposition=Disposition(str(asked["disposition"])),
        explanation=str(asked.get("explanation", "")),
        legitimate_until=moment(str(asked["legitimate_until"]))
        if asked.get("legitimate_until")
        else None,
        decided_as=str(asked.get("decided_as", "")),
    )


def _same(one: Request, asked: Mapping[str, object]) -> bool:
    """Whether two requests of one deed are about the same: a closure always, a detector by name."""
    return one.deed is not Deed.SUPPRESS or one.asked["detector"] == asked["detector"]


def _read(row: Row[Any], answered: Row[Any] | None) -> Request:
    return Request(
        seq=row.seq,
        alert_id=row.alert_id,
        deed=Deed(row.deed),
        asked=json.loads(row.asked),
        reason=row.reason,
        actor=row.actor,
        at=moment(row.at),
        answer=answered.answer if answered else "",
        answered_by=answered.actor if answered else "",
        answered_at=moment(answered.at) if answered else None,
        answer_reason=answered.reason if answered else "",
    )
