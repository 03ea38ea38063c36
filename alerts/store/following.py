"""The day on which an alert is to be looked at again: the latest word counts."""

from datetime import date, datetime

from sqlalchemy import Connection, select

from alerts.chain import moment, stamp
from alerts.errors import Misused
from alerts.model import Status
from alerts.records import FollowUp
from alerts.schema import follow_up
from alerts.store.entries import append_sealed
from alerts.store.queue import kept


def follow(  # noqa: PLR0913 a follow-up has this many facts, all named
    connection: Connection,
    alert_id: str,
    *,
    due_on: date | None,
    reason: str,
    actor: str,
    at: datetime,
) -> None:
    """Sets the day an alert is to be looked at again, or takes it away.

    Raises:
        Misused: the alert is closed, the day is past, or there is none to take away.
    """
    alert = kept(connection, alert_id).alert
    if due_on is None and alert_id not in follow_ups(connection):
        raise Misused(f"alert {alert_id}: has no follow-up; possible: one with a day")
    if due_on is not None and alert.status is Status.CLOSED:
        raise Misused(f"alert {alert_id}: cannot follow up while closed; possible: reopen")
    if due_on is not None and due_on < at.date():
        raise Misused(
            f"alert {alert_id}: cannot follow up on {due_on}, which is past;"
            f" possible: {at.date()} or later"
        )
    append_sealed(
        connection,
        "alert.follow_up_set",
        table=follow_up,
        row={
            "alert_id": alert_id,
            "due_on": due_on.isoformat() if due_on else "",
            "reason": reason.strip(),
            "actor": actor,
            "at": stamp(at),
        },
        actor=actor,
        at=at,
        about=alert_id,
        facts={"due_on": due_on.isoformat() if due_on else ""},
    )


def follow_ups(connection: Connection) -> dict[str, FollowUp]:
    """The follow-up of each alert that has one, by alert id."""
    rows = connection.execute(select(follow_up).order_by(follow_up.c.seq))
    newest = {row.alert_id: row for row in rows}
    return {
        alert_id: FollowUp(
            alert_id=alert_id,
            due_on=date.fromisoformat(row.due_on),
            reason=row.reason,
            actor=row.actor,
            at=moment(row.at),
        )
        for alert_id, row in newest.items()
        if row.due_on
    }
