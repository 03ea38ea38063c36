"""What people have settled: lookups before the closing of an alert raise no other by themselves."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from alerts.model import Alert, Status
from alerts.raising import Earlier
from detectors.model import Frame

Closings = Mapping[str, tuple[datetime, ...]]  # by alert id, oldest first


def settled_by(alert: Alert, closings: Closings) -> Earlier | None:
    """The closing before which lookups do not count for an alert; nothing where all count.

    Of a closed alert it is its own last one; an alert that was raised on what came after another's
    goes on counting from there.
    """
    closed = alert.status is Status.CLOSED
    name = alert.alert_id if closed else alert.earlier_alert_id
    before = [at for at in closings.get(name, ()) if closed or at <= alert.raised_at]
    if not before and (closed or not name):
        return None
    # Where the closed alert was erased since, its closing went with it.
    return Earlier(alert_id=name, closed_at=before[-1] if before else alert.first_event_at)


def unsettled(
    frame: Frame, alerts: Iterable[Alert], *, closings: Closings, alone: bool
) -> duckdb.DuckDBPyConnection:
    """A connection to the same lake whose `events` lack the lookups that closings have answered.

    Args:
        frame: of all lookups, with `evidence_row` laid of everybody whom the alerts are on.
        alerts: that stand.
        closings: of alerts.
        alone: whether for alerts on a member of staff alone, whose closing answers for everybody
            they looked up, instead of for those around one person.
    """
    rows = _answered(frame, alerts, closings=closings, alone=alone)
    apart = frame.connection.cursor()
    apart.register("answered_rows", rows)
    apart.execute("create or replace temp table answered_row as from answered_rows")
    apart.unregister("answered_rows")
    database = apart.execute("select current_database()").fetchall()[0][0]
    apart.execute(f"""
        create or replace temp view events as
        select e.* from "{database}".main.events e
        anti join answered_row a
          on a.event_id = e.event_id and a.source = coalesce(e.source, '')
    """)
    return apart


def _answered(
    frame: Frame, alerts: Iterable[Alert], *, closings: Closings, alone: bool
) -> pa.Table:
    """The rows that closings have answered: source and event id."""
    marks = [
        (user, subject, earlier.closed_at.astimezone(UTC).replace(tzinfo=None))
        for alert in alerts
        if alone is not bool(alert.focus_subject_id)
        if (earlier := settled_by(alert, closings)) is not None
        for user in alert.user_ids
        for subject in (("",) if alone else alert.subject_ids)
    ]
    return frame.connection.sql(
        """
        with mark as (
            select unnest($users::varchar[]) as user_id, unnest($subjects::varchar[]) as subject_id,
                   unnest($moments::timestamp[]) as closed_at
        ), settled as (
            select user_no, subject_no, max(closed_at) as closed_at
            from mark join user_code using (user_id) left join subject_alias using (subject_id)
            where subject_no is not null or subject_id = '' group by all
        )
        select distinct coalesce(e.source, '') as source, e.event_id
        from evidence_row e join settled s on s.user_no = e.user_no
         and (s.subject_no is null or s.subject_no = e.subject_no)
         and e.occurred_at < s.closed_at
        """,
        params={
            "users": [user for user, _, _ in marks],
            "subjects": [subject for _, subject, _ in marks],
            "moments": [at for _, _, at in marks],
        },
    ).to_arrow_table()
