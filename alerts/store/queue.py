"""Alerts as rows: read, raised, extended and moved, each change with its entry and its version."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, Select, Table, func, select

from alerts.chain import Entry, sha256, stamp
from alerts.contract import contract_line, evidence_of, from_contract
from alerts.errors import DataRefused, IntegrityBroken, Misused
from alerts.lifecycle import Action
from alerts.model import Alert, Status, in_queue_order
from alerts.prompting import grown_plan
from alerts.records import Stored, Version
from alerts.schema import alert as alert_table
from alerts.schema import alert_subject, alert_user, alert_version, note
from alerts.schema import chain as chain_table
from alerts.store.entries import append

ALERT_ERASED: Final = "alert.erased"
_MANY: Final = 500  # names in one question; SQLite takes no more than 32,766


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An alert as it stands in the store."""

    alert: Alert
    held_by: str
    seq: int  # entry of its newest version


def kept(connection: Connection, alert_id: str) -> Kept:
    """One alert.

    Raises:
        Misused: there is none of this id.
    """
    found = _found(connection, alert_id)
    if found is None:
        # Ids that are near would tell of alerts that this person may not know of.
        raise Misused(f"alert {alert_id}: is not there; possible: psdmon alerts list")
    return found


def standing(
    connection: Connection, statuses: Collection[Status] | None = None
) -> tuple[Alert, ...]:
    """The alerts of some statuses, or all, in the order they are offered."""
    question = _standing()
    if statuses is not None:
        question = question.where(alert_table.c.status.in_([str(status) for status in statuses]))
    rows = connection.execute(question)
    return in_queue_order(read_line(row.line, row.alert_id) for row in rows)


def naming_users(connection: Connection, user_ids: Iterable[str]) -> tuple[Alert, ...]:
    """The alerts on any of some members of staff, in the order they are offered."""
    return _naming(connection, alert_user.c.alert_id, alert_user.c.user_id, names=user_ids)


def naming_subjects(connection: Connection, subject_ids: Iterable[str]) -> tuple[Alert, ...]:
    """The alerts in which any of some people were looked up, in the order they are offered."""
    return _naming(
        connection, alert_subject.c.alert_id, alert_subject.c.subject_id, names=subject_ids
    )


def known(connection: Connection, alert_ids: Collection[str]) -> dict[str, Alert]:
    """The alerts of some ids that are there, by id."""
    found: dict[str, Alert] = {}
    for some in _batches(sorted(alert_ids)):
        rows = connection.execute(_standing().where(alert_table.c.alert_id.in_(some)))
        found.update({row.alert_id: read_line(row.line, row.alert_id) for row in rows})
    return found


def holders(connection: Connection) -> dict[str, str]:
    """Who works on each alert that somebody works on, by alert id."""
    rows = connection.execute(
        select(alert_table.c.alert_id, alert_table.c.held_by).where(alert_table.c.held_by != "")
    )
    return {row.alert_id: row.held_by for row in rows}


def versions(connection: Connection, alert_id: str) -> tuple[Version, ...]:
    """An alert as it stood after each change, oldest first."""
    kept(connection, alert_id)
    rows = connection.execute(
        select(alert_version.c.seq, alert_version.c.line)
        .where(alert_version.c.alert_id == alert_id)
        .order_by(alert_version.c.seq)
    )
    return tuple(Version(seq=row.seq, line=row.line) for row in rows)


def judge(  # noqa: PLR0913 the judging's facts, all named
    connection: Connection,
    alerts: Sequence[Alert],
    *,
    actor: str,
    at: datetime,
    known_seq: int,
    facts: Mapping[str, object],
) -> Stored:
    """Stores what judging says: new alerts, and new evidence for those that are there.

    Where an alert stands belongs to people: a handed status counts only where it opens an alert
    that was closed when the judging read it.

    Args:
        connection: inside `writing`.
        alerts: as judging has them.
        actor: who judged.
        at: when.
        known_seq: entry up to which the judging knew the store; a closure after it stands.
        facts: what each entry tells besides: the day that was judged, and whether late.
    """
    done: dict[str, list[str]] = {"raised": [], "extended": [], "reopened": [], "unchanged": []}
    for alert in alerts:
        before = _found(connection, alert.alert_id)
        kind, after = _outcome(connection, alert, before, known_seq=known_seq)
        done[kind].append(alert.alert_id)
        if kind == "unchanged":
            continue
        held_by = before.held_by if before and kind == "extended" else ""
        entry = append(
            connection,
            f"alert.{kind}",
            actor=actor,
            at=at,
            about=alert.alert_id,
            facts={**facts, **facts_of(after, held_by=held_by)},
        )
        keep(connection, after, entry=entry, held_by=held_by)
    extended = (*done["extended"], *done["reopened"])
    return Stored(
        raised=tuple(done["raised"]),
        extended=extended,
        reopened=tuple(done["reopened"]),
        unchanged=tuple(done["unchanged"]),
    )


def facts_of(alert: Alert, *, held_by: str) -> dict[str, str]:
    """What an entry says of an alert after a change: enough to find any edit of its rows."""
    return {
        "alert_sha256": sha256(contract_line(alert)),
        "status": str(alert.status),
        "held_by": held_by,
    }


def keep(connection: Connection, alert: Alert, *, entry: Entry, held_by: str) -> None:
    """Writes an alert's new version, and what it is found by."""
    values = {"seq": entry.seq, "status": str(alert.status), "held_by": held_by}
    this = alert_table.c.alert_id == alert.alert_id
    connection.execute(
        alert_version.insert().values(
            seq=entry.seq, alert_id=alert.alert_id, line=contract_line(alert)
        )
    )
    if not connection.execute(alert_table.update().where(this).values(values)).rowcount:
        connection.execute(alert_table.insert().values(alert_id=alert.alert_id, **values))
    _name(connection, alert_user, alert.alert_id, names=alert.user_ids)
    _name(connection, alert_subject, alert.alert_id, names=alert.subject_ids)


def hold(connection: Connection, alert_id: str, *, held_by: str) -> None:
    """Writes who works on an alert from here on."""
    this = alert_table.c.alert_id == alert_id
    connection.execute(alert_table.update().where(this).values(held_by=held_by))


def _outcome(
    connection: Connection, alert: Alert, before: Kept | None, *, known_seq: int
) -> tuple[str, Alert]:
    """What becomes of a handed alert, and how it stands then."""
    if before is None:
        if stamp(alert.last_event_at) <= _erased_after(connection, alert.alert_id):
            return "unchanged", alert  # it was closed, kept for its time, and erased
        return "raised", replace(alert, status=Status.OPEN)
    # A question that a recorded fact called for stays, though judging does not know of it.
    alert = replace(alert, prompts=grown_plan(alert.prompts, before.alert.prompts))
    if evidence_of(alert) == evidence_of(before.alert):
        return "unchanged", before.alert
    wanted = before.alert.status is Status.CLOSED and alert.status is Status.OPEN
    if wanted and _closed_by(connection, alert.alert_id) <= known_seq:
        return "reopened", alert
    return "extended", replace(alert, status=before.alert.status)


def _erased_after(connection: Connection, alert_id: str) -> str:
    """The stamp of the last event of an alert that was erased; empty where none was."""
    question = (
        select(chain_table.c.facts)
        .where(chain_table.c.about == alert_id, chain_table.c.kind == ALERT_ERASED)
        .order_by(chain_table.c.seq.desc())
        .limit(1)
    )
    facts = connection.execute(question).scalar_one_or_none()
    return str(json.loads(facts)["last_event_at"]) if facts else ""


def _closed_by(connection: Connection, alert_id: str) -> int:
    """The entry of the last closure."""
    question = select(func.max(note.c.seq)).where(
        note.c.alert_id == alert_id, note.c.action == str(Action.CLOSE)
    )
    return int(connection.execute(question).scalar_one() or 0)


def _name(connection: Connection, table: Table, alert_id: str, *, names: Sequence[str]) -> None:
    """Writes the names an alert is found by, where they are not what is there."""
    column = table.c[1]
    this = table.c.alert_id == alert_id
    there = set(connection.execute(select(column).where(this)).scalars())
    if gone := there - set(names):
        connection.execute(table.delete().where(this, column.in_(gone)))
    if new := [name for name in dict.fromkeys(names) if name not in there]:
        rows = [{"alert_id": alert_id, column.name: name} for name in new]
        connection.execute(table.insert(), rows)


def _naming(
    connection: Connection, owner: Column[str], column: Column[str], *, names: Iterable[str]
) -> tuple[Alert, ...]:
    found: dict[str, Alert] = {}
    for some in _batches(sorted(set(names))):
        wanted = select(owner).where(column.in_(some))
        rows = connection.execute(_standing().where(alert_table.c.alert_id.in_(wanted)))
        found.update({row.alert_id: read_line(row.line, row.alert_id) for row in rows})
    return in_queue_order(found.values())


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), _MANY):
        yield names[start : start + _MANY]


def _standing() -> Select[Any]:
    """Every alert with its newest version."""
    return select(
        alert_table.c.alert_id, alert_table.c.held_by, alert_table.c.seq, alert_version.c.line
    ).join_from(alert_table, alert_version, alert_table.c.seq == alert_version.c.seq)


def _found(connection: Connection, alert_id: str) -> Kept | None:
    row = connection.execute(_standing().where(alert_table.c.alert_id == alert_id)).one_or_none()
    if row is None:
        return None
    return Kept(alert=read_line(row.line, alert_id), held_by=row.held_by, seq=row.seq)


def read_line(line: str, alert_id: str) -> Alert:
    """The alert that a version holds.

    Raises:
        IntegrityBroken: it is not what was written.
    """
    try:
        return from_contract(json.loads(line))
    except (DataRefused, ValueError) as trouble:
        raise IntegrityBroken(
            f"alert {alert_id}: its row is not what was written; possible: psdmon audit verify"
        ) from trouble
