"""Alerts that belong together, as links that can be undone; nothing is copied, nothing is lost."""

from datetime import datetime

from sqlalchemy import Connection, select

from alerts.chain import stamp
from alerts.errors import Misused
from alerts.schema import merge as merge_table
from alerts.store.entries import append_sealed
from alerts.store.queue import kept


def merge(  # noqa: PLR0913 a link has this many facts, all named
    connection: Connection, alert_id: str, *, into: str, reason: str, actor: str, at: datetime
) -> None:
    """Links an alert to the one it belongs to.

    Raises:
        Misused: either is not there, they are one, or one of them is linked already.
    """
    kept(connection, alert_id)
    kept(connection, into)
    links = merged(connection)
    if alert_id == into:
        raise Misused(f"alert {alert_id}: cannot merge into itself; possible: another alert")
    if alert_id in links:
        raise Misused(
            f"alert {alert_id}: is merged into {links[alert_id]} already; possible: unmerge"
        )
    if into in links:
        raise Misused(f"alert {into}: is merged itself; possible: merge into {links[into]}")
    if alert_id in links.values():
        raise Misused(
            f"alert {alert_id}: others are merged into it; possible: merge {into} into {alert_id}"
        )
    _put(connection, alert_id, into=into, reason=reason, actor=actor, at=at)


def unmerge(
    connection: Connection, alert_id: str, *, reason: str, actor: str, at: datetime
) -> None:
    """Lets a merged alert stand by itself again.

    Raises:
        Misused: it is not merged.
    """
    kept(connection, alert_id)
    if alert_id not in merged(connection):
        raise Misused(f"alert {alert_id}: is not merged; possible: merge")
    _put(connection, alert_id, into="", reason=reason, actor=actor, at=at)


def merged(connection: Connection) -> dict[str, str]:
    """The alert that each merged alert belongs to, by alert id."""
    rows = connection.execute(
        select(merge_table.c.alert_id, merge_table.c.into_id).order_by(merge_table.c.seq)
    )
    latest = {row.alert_id: row.into_id for row in rows}
    return {alert_id: into for alert_id, into in latest.items() if into}


def _put(  # noqa: PLR0913 as merge
    connection: Connection, alert_id: str, *, into: str, reason: str, actor: str, at: datetime
) -> None:
    if not reason.strip():
        verb = "merge" if into else "unmerge"
        raise Misused(
            f"alert {alert_id}: cannot {verb} without a reason; possible: the same with a reason"
        )
    append_sealed(
        connection,
        "alert.merged" if into else "alert.unmerged",
        table=merge_table,
        row={
            "alert_id": alert_id,
            "into_id": into,
            "reason": reason.strip(),
            "actor": actor,
            "at": stamp(at),
        },
        actor=actor,
        at=at,
        about=alert_id,
        facts={"into": into},
    )
