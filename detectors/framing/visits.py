"""Rows of one member of staff on one record, without a gap, become one visit."""

from datetime import datetime

import duckdb

from detectors.model import Limits


def lay_visits(connection: duckdb.DuckDBPyConnection, limits: Limits, *, start: datetime) -> None:
    """Lays `visit_row` and `visit_plain`; a visit is known by what came before, never after.

    Accesses before the start make no visit, nor do those of a visit that was laid before.

    Rows at the same instant are one step of the sum (`range`), whatever order they were loaded in.
    """
    connection.execute(
        """
        create or replace temp table visit_row as
        with held as (
            select user_no, subject_no, max(visit_ordinal) as visits, max(occurred_at) as last_at
            from before_visit_row semi join access using (user_no, subject_no) group by all
        ), marked as (  -- few columns: what is sorted is carried along
            select a.rowid as place, user_no, subject_no, occurred_at,
                   coalesce(visits, 0) as visits,
                   coalesce(occurred_at - lag(occurred_at) over pair >= $gap, true) as begins
            from access a left join held using (user_no, subject_no)
            where occurred_at >= $start and (last_at is null or occurred_at > last_at)
            window pair as (partition by user_no, subject_no order by occurred_at)
        ), numbered as (
            select place, visits + sum(begins::int) over (
                partition by user_no, subject_no order by occurred_at range unbounded preceding
            ) as visit_ordinal
            from marked
        )
        select access.*, visit_ordinal from access join numbered on place = access.rowid
        """,
        {"gap": limits.gap, "start": start.replace(tzinfo=None)},
    )
    connection.execute("""
        create or replace temp table visit_plain as
        select (select coalesce(max(visit_no) + 1, 0) from before_visit_plain)
                   + row_number() over (order by user_no, subject_no, visit_ordinal) - 1
                   as visit_no,
               user_no, subject_no, visit_ordinal, min(occurred_at) as started_at, min(day) as day
        from visit_row group by user_no, subject_no, visit_ordinal;

        create or replace temp table visit_asked as
        select distinct v.visit_no, r.requester_no as user_no, v.subject_no, v.started_at, v.day
        from visit_plain v join visit_row r using (user_no, subject_no, visit_ordinal, day)
        where r.requester_no is not null and r.requester_no <> r.user_no
    """)
