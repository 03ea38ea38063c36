"""Who worked where, and who was sent to whom and when, as the reference tables have it."""

import duckdb

from detectors.model import Limits


def lay_records(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Lays `post`, `case_span`, `party`, `claim` and `just_opened`."""
    _lay_posts(connection)
    _lay_cases(connection)
    _lay_claims(connection, limits)
    _lay_just_opened(connection, limits)


def _lay_posts(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("""
        create or replace temp table post as
        select distinct u.user_no, s.role, s.team, s.area,
               coalesce(s.valid_from, timestamp '0001-01-01') as valid_from,
               coalesce(s.valid_to, timestamp '9999-01-01') as valid_to
        from staff s join user_code u using (user_id)
    """)


def _lay_cases(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("""
        create or replace temp table case_span as
        select case_ref, area, coalesce(opened_at, timestamp '0002-01-01') as opened_at,
               coalesce(closed_at, timestamp '9000-01-01') as closed_at
        from cases where case_ref is not null;

        create or replace temp table party as
        select distinct p.case_ref, s.subject_no
        from case_subjects p join subject_alias s using (subject_id) where p.case_ref is not null
    """)


def _lay_claims(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Lays `claim`: a tasked user, or user NULL and the whole team, and a person of the case.

    A start that was never written down is the case's own, and without that the tasking says
    nothing. An end that was never written down is the case's own end if that comes after the start
    (a case that was reopened has an older one), and without that the end of time.
    """
    slack = max(limits.before, limits.after, limits.colleague)
    connection.execute(
        """
        create or replace temp table claim as
        with sent as (
            select t.user_id, t.team, t.case_ref, coalesce(t.starts_at, c.opened_at) as from_at,
                   coalesce(t.ends_at, case when c.closed_at >= from_at then c.closed_at end,
                            timestamp '9000-01-01') as until_at
            from taskings t left join cases c using (case_ref)
            where t.case_ref is not null
        ), tasked as (
            select u.user_no, coalesce(s.team, m.team) as team, s.case_ref, s.from_at, s.until_at
            from sent s join user_code u using (user_id)
            left join post m on m.user_no = u.user_no
                            and s.from_at >= m.valid_from and s.from_at < m.valid_to
            union all
            select null, team, case_ref, from_at, until_at from sent
            where user_id is null and team is not null
        )
        select distinct t.user_no, t.team, p.subject_no, t.from_at, t.until_at
        from tasked t join party p using (case_ref)
        where t.from_at <= (select max(started_at) from visit_plain) + $slack
          and t.until_at >= (select min(started_at) from visit_plain) - $slack
        """,
        {"slack": slack},
    )


def _lay_just_opened(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Lays `just_opened`: people of young incidents by area, a row for each day of their youth."""
    connection.execute(
        """
        create or replace temp table just_opened as
        with young as (
            select distinct p.subject_no, c.area, c.opened_at - $before as from_at,
                   least(c.closed_at, c.opened_at + $dispatch) as until_at
            from case_span c join party p using (case_ref)
            where c.area is not null
              and c.opened_at >= (select min(started_at) from visit_plain) - $dispatch - $before
              and c.opened_at <= (select max(started_at) from visit_plain) + $before
        )
        select *, unnest(range(from_at::date, until_at::date + 1, interval 1 day))::date as day
        from young
        """,
        {"before": limits.before, "dispatch": limits.dispatch},
    )
