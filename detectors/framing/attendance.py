"""Which days somebody was at work, and which visits were made when they were not."""

import duckdb

from detectors.framing.groundwork import lay_together
from detectors.model import Limits

# A second spell of activity that begins within so many hours of the spell of duty before it is no
# second duty: between two there are eleven hours of rest and a shift (Working Time Regulations
# 1998, regulation 10).
_ONE_DUTY_HOURS = 16


def lay_attendance(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Lays `attended` and `visit_off`."""
    _lay_attended(connection, limits)
    _lay_visit_off(connection)
    lay_together(connection, "visit_off")


def _lay_attended(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Lays `attended`: duty days with a row of the user or a shift, numbered in order."""
    connection.execute(
        """
        create or replace temp table attended as
        with absent as (select user_no, starts_at, ends_at from roster where away), known as (
            select v.user_no, d.duty_day from visit_plain v join visit_duty d using (visit_no)
            union
            select r.user_no, timezone($zone, timezone('UTC', r.duty_from))::date
            from roster r
            where r.at_work
              and r.duty_from >= (select min(started_at) from visit_plain)
              and r.duty_from <= (select max(started_at) from visit_plain)
              and not exists (
                  select 1 from absent w where w.user_no = r.user_no
                  and r.duty_from >= w.starts_at and r.duty_from < w.ends_at)
        )
        select user_no, duty_day,
               row_number() over (partition by user_no order by duty_day) as turn
        from known
        """,
        {"zone": limits.zone},
    )


def _lay_visit_off(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `visit_off`: off duty by the roster, NULL where none tells, and by breaks in activity.

    By breaks, every second spell of a run of spells that begin soon after one another is off duty:
    the day's work is the first of them.
    """
    connection.execute(f"""
        create or replace temp table visit_off as
        with began as (select distinct user_no, began_at from spell), marked as (
            select *, coalesce(began_at - lag(began_at) over (
                partition by user_no order by began_at
            ) >= interval {_ONE_DUTY_HOURS} hour, true) as fresh
            from began
        ), run as (
            select *, sum(fresh::int) over (partition by user_no order by began_at
                                            rows unbounded preceding) as run_no
            from marked
        ), placed as (
            select user_no, began_at, row_number() over (
                partition by user_no, run_no order by began_at) % 2 = 0 as aside
            from run
        )
        select v.visit_no, not d.on_duty as off_by_roster, p.aside as off_by_breaks
        from new_visit_plain v join visit_duty d using (visit_no)
        left join spell s on s.user_no = v.user_no and s.occurred_at = v.started_at
        left join placed p on p.user_no = s.user_no and p.began_at = s.began_at
    """)
