"""Who worked where, and who was sent to whom and when, as the reference tables have it."""

import duckdb

from detectors.framing.groundwork import lay_together
from detectors.model import Limits

_NO_ALLOWANCE = """'' as user_id, '' as subject_id, null::timestamp as from_at,
                   null::timestamp as until_at, '' as decided_as"""


def lay_records(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Lays posts, cases, `just_opened`, `at_court` and `allowed`: what explanations are made of."""
    _lay_posts(connection)
    _lay_cases(connection)
    _lay_codes(connection)
    _lay_just_opened(connection, limits)
    _lay_court(connection)
    _lay_allowed(connection)


def _lay_posts(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `post`, who worked where and when, and `oversight`, who supervised whom."""
    connection.execute("""
        create or replace temp table post as
        select distinct u.user_no, s.role, s.team, s.area,
               coalesce(s.valid_from, timestamp '0001-01-01') as valid_from,
               coalesce(s.valid_to, timestamp '9999-01-01') as valid_to
        from staff s join user_code u using (user_id);

        create or replace temp table oversight as
        select distinct b.user_no as supervisor_no, u.user_no, s.team,
               coalesce(s.valid_from, timestamp '0001-01-01') as valid_from,
               coalesce(s.valid_to, timestamp '9999-01-01') as valid_to
        from staff s join user_code u using (user_id)
        join user_code b on b.user_id = s.supervisor_id where b.user_no <> u.user_no
    """)


def _lay_cases(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `case_code`, `case_span` and `party`: cases by number, their time, and their people.

    A person may be several things in a case: that of the one who reported is told first.
    """
    connection.execute("""
        create or replace temp table case_code as
        select row_number() over (order by case_ref) - 1 as case_no, case_ref
        from (select case_ref from cases union select case_ref from taskings
              union select case_ref from case_subjects)
        where case_ref is not null;

        create or replace temp table case_span as
        select k.case_no, case_ref, c.type, c.area,
               coalesce(c.opened_at, timestamp '0002-01-01') as opened_at,
               coalesce(c.closed_at, timestamp '9000-01-01') as closed_at
        from cases c join case_code k using (case_ref);

        create or replace temp table party as
        with told as (
            select k.case_no, s.subject_no, p.role,
                   coalesce(p.role in ('caller', 'victim', 'witness'), false) as reported
            from case_subjects p join case_code k using (case_ref)
            join subject_alias s using (subject_id)
        )
        select case_no, subject_no, bool_or(reported) as reported,
               arg_min(role, (not reported, role)) as role
        from told group by case_no, subject_no
    """)


def _lay_codes(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `role_code` and `area_code`: by number, the areas of people and cases first."""
    connection.execute("""
        create or replace temp table role_code as
        select (select count(*) from before_role_code)
                   + row_number() over (order by role) - 1 as role_no, role
        from (select distinct coalesce(role, 'unknown') as role from post union select 'unknown')
        anti join before_role_code using (role);

        create or replace temp table area_code as
        select (select count(*) from before_area_code)
                   + row_number() over (order by of_staff, area) - 1 as area_no, area
        from (select area, min(of_staff) as of_staff
              from (select area, false as of_staff from subjects
                    union all select area, false from case_span
                    union all select area, true from post)
              where area is not null group by area)
        anti join before_area_code using (area)
    """)
    lay_together(connection, "role_code", "area_code", copied=True)


def _lay_just_opened(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Lays `just_opened`: people of young incidents by area, a row for each day of their youth.

    And `fresh_report`: those of them who reported it themselves, for as long as that is followed
    up.
    """
    connection.execute(
        """
        create or replace temp table just_opened as
        with young as (
            select p.subject_no, p.case_no, c.area, c.opened_at - $before as from_at,
                   least(c.closed_at, c.opened_at + $dispatch) as until_at
            from case_span c join party p using (case_no)
            where c.area is not null
              and c.opened_at >= (select min(started_at) from visit_plain) - $dispatch - $before
              and c.opened_at <= (select max(started_at) from visit_plain) + $before
        )
        select *, unnest(range(from_at::date, until_at::date + 1, interval 1 day))::date as day
        from young
        """,
        {"before": limits.before, "dispatch": limits.dispatch},
    )
    connection.execute(
        """
        create or replace temp table fresh_report as
        with fresh as (
            select p.subject_no, p.case_no, c.area, c.opened_at - $before as from_at,
                   c.opened_at + $own_report as until_at
            from case_span c join party p using (case_no)
            where p.reported
              and c.opened_at >= (select min(started_at) from visit_plain) - $own_report - $before
              and c.opened_at <= (select max(started_at) from visit_plain) + $before
        )
        select *, unnest(range(from_at::date, until_at::date + 1, interval 1 day))::date as day
        from fresh
        """,
        {"before": limits.before, "own_report": limits.own_report},
    )


def _lay_court(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `at_court`: when the roster sent whom to court."""
    connection.execute("""
        create or replace temp table at_court as
        select distinct u.user_no, h.starts_at as from_at,
               coalesce(h.ends_at, h.starts_at) as until_at
        from shifts h join user_code u using (user_id)
        where h.kind = 'court' and h.starts_at is not null
    """)


def _lay_allowed(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `allowed`: whose lookups of whom people decided to be legitimate, from when to when.

    The shell offers `allowance` where anybody decided so; a lake by itself has none.
    """
    offered = connection.execute(
        "select 1 from duckdb_tables() where table_name = 'allowance' and not temporary"
    ).fetchall()
    decided = "from allowance" if offered else f"select {_NO_ALLOWANCE} where false"
    connection.execute(f"""
        create or replace temp table allowed as
        select distinct u.user_no, s.subject_no, a.from_at, a.until_at, a.decided_as
        from ({decided}) a join user_code u using (user_id)
        join subject_alias s using (subject_id)
    """)
