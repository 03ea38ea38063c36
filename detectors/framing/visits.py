"""Rows of one member of staff on one record, without a gap, become one visit."""

from datetime import datetime, timedelta

import duckdb

from detectors.model import Limits, Window

LOOK_MINUTES = 10  # one look: the slot in which a screen refresh or a second row is the same look (METHODS 2.0)
_QUIET_HOURS = 6  # without a row, after which an unrostered spell of work has ended
_LONGEST_SPELL_HOURS = (
    16  # a spell longer than any shift is a machine's; its days are calendar days
)


def lay_accesses(connection: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Lays `access`: rows by people on a named record, ids of one person in several systems made one."""
    connection.execute(
        """
        create or replace temp table access_named as
        with merged as (
            select system, local_id, arg_max(subject_id, coalesce(valid_from, timestamp '0001-01-01')) as subject_id
            from subject_identifiers where subject_id is not null group by system, local_id
        )
        select e.user_id, e.requester_id, e.system, e.action, e.case_ref, e.occurred_at, e.subject_type,
               coalesce(m.subject_id, e.subject_id) as subject_id
        from events e
        left join merged m on m.system = e.system and m.local_id = e.subject_id
        where e.occurred_at >= $start and e.occurred_at < $end and e.month >= $first and e.month <= $last
          and e.subject_id is not null and e.user_id is not null
          and not coalesce(e.is_machine, false) and e.action not in ('login', 'logout')
        """,
        {"start": _naive(window.start), "end": _naive(window.end), **_months(window)},
    )
    _number(connection)


def _number(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `user_code`, `subject_code` and `access`: ids as numbers, in the order of their text."""
    connection.execute("""
        create or replace temp table user_code as
        select row_number() over (order by user_id) - 1 as user_no, user_id,
               ('0x' || substr(md5(user_id), 1, 6))::bigint % 2 as fold
        from (select user_id from access_named union select user_id from staff
              union select user_id from taskings where user_id is not null
              union select requester_id from access_named where requester_id is not null)
        where user_id is not null;
        create or replace temp table subject_code as
        select row_number() over (order by subject_id) - 1 as subject_no, subject_id
        from (select subject_id from access_named union select subject_id from subject_links
              union select linked_subject_id from subject_links union select subject_id from case_subjects)
        where subject_id is not null;
        create or replace temp table access as
        select u.user_no, s.subject_no, r.user_no as requester_no, a.system, a.action, a.case_ref, a.occurred_at,
               a.occurred_at::date as day
        from access_named a
        join user_code u using (user_id) join subject_code s using (subject_id)
        left join user_code r on r.user_id = a.requester_id;
        create or replace temp table access_kind as
        select subject_id, subject_type from access_named where subject_type is not null;
        drop table access_named;
    """)


def lay_visits(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Lays `visit_row` and `visit_plain`; a visit is known by what came before it, never by what follows."""
    connection.execute(
        """
        create or replace temp table visit_row as
        with marked as (
            select *, coalesce(occurred_at - lag(occurred_at) over pair >= $gap, true) as begins
            from access window pair as (partition by user_no, subject_no order by occurred_at)
        )
        select * exclude (begins),
               sum(begins::int) over (partition by user_no, subject_no order by occurred_at
                                      rows unbounded preceding) as visit_ordinal
        from marked
        """,
        {"gap": limits.gap},
    )
    connection.execute("""
        create or replace temp table visit_plain as
        select row_number() over (order by user_no, subject_no, visit_ordinal) - 1 as visit_no,
               user_no, subject_no, visit_ordinal, min(occurred_at) as started_at, min(day) as day
        from visit_row group by user_no, subject_no, visit_ordinal;
    """)


def lay_duty(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Lays `visit_duty`: on duty or not (NULL without a roster), and the local day the duty began."""
    connection.execute(f"""
        create or replace temp table spell as
        with marked as (
            select user_no, occurred_at,
                   coalesce(occurred_at - lag(occurred_at) over (partition by user_no order by occurred_at)
                            >= interval {_QUIET_HOURS} hour, true) as begins
            from (select distinct user_no, occurred_at from access)
        ), numbered as (
            select *, sum(begins::int) over (partition by user_no order by occurred_at rows unbounded preceding) as n
            from marked
        )
        select user_no, occurred_at, min(occurred_at) over (partition by user_no, n) as began_at from numbered;

        create or replace temp table roster as
        select u.user_no, h.starts_at, h.ends_at, h.kind in ('duty', 'overtime', 'training', 'court') as at_work
        from shifts h join user_code u using (user_id) where h.starts_at is not null
        """)
    connection.execute(
        f"""
        create or replace temp table visit_duty as
        with shift as (
            select v.visit_no, bool_or(r.at_work) as at_work, min(r.starts_at) filter (r.at_work) as began_at
            from visit_plain v join roster r
              on r.user_no = v.user_no and v.started_at >= r.starts_at - $margin
             and v.started_at < coalesce(r.ends_at, r.starts_at + interval 12 hour) + $margin
            group by v.visit_no
        ), rostered as (select distinct user_no from roster)
        select v.visit_no,
               case when r.user_no is null then null else coalesce(s.at_work, false) end as on_duty,
               timezone($zone, timezone('UTC', coalesce(
                   s.began_at,
                   case when v.started_at - p.began_at <= interval {_LONGEST_SPELL_HOURS} hour then p.began_at end,
                   v.started_at)))::date as duty_day
        from visit_plain v
        left join shift s using (visit_no)
        left join rostered r on r.user_no = v.user_no
        left join spell p on p.user_no = v.user_no and p.occurred_at = v.started_at
        """,
        {"margin": limits.duty_margin, "zone": limits.zone},
    )


def _naive(moment: datetime) -> datetime:
    """The moment as DuckDB holds it: UTC without an offset."""
    return moment.replace(tzinfo=None)


def _months(window: Window) -> dict[str, str]:
    last = max(window.start, window.end - timedelta(microseconds=1))
    return {"first": f"{window.start:%Y-%m}", "last": f"{last:%Y-%m}"}
