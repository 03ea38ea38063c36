"""What a later look may come after: the end of one's work on a person, a change of their record."""

import duckdb

from detectors.model import Limits

SOON_DAYS = 7  # after a change, within which a look may be a recheck (METHODS 2.1, D11)


def lay_closings(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `closing`: when a claim of an active user, or of their team, on a person ended."""
    connection.execute("""
        create or replace temp table closing as
        with ended as (
            select user_no, team, subject_no, until_at
            from claim semi join active using (subject_no)
            where until_at < timestamp '9000-01-01'
        ), held as (
            select user_no, subject_no, until_at as closed_at from ended where user_no is not null
            union
            select m.user_no, e.subject_no, e.until_at from ended e
            join post m on m.team = e.team and e.until_at >= m.valid_from
                       and e.until_at < m.valid_to
            where e.user_no is null
        )
        select * from held
        semi join active using (user_no, subject_no)
    """)


def lay_changes(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Lays `changed`: days at work of those active on a person, soon after a change.

    A change of address, telephone or marker counts, unless the user was tasked to the person at the
    time: then the change may be their own work.
    """
    connection.execute(
        f"""
        create or replace temp table changed as
        with told as (
            select distinct s.subject_no, c.changed_at
            from record_changes c join subject_alias s using (subject_id)
            where regexp_matches(c.field, 'address|phone|mobile|marker', 'i')
              and c.changed_at <= (select max(started_at) from visit_plain)
        ), pair as (select distinct user_no, subject_no from active), known as (
            select p.user_no, t.subject_no, t.changed_at
            from told t join pair p using (subject_no)
            where not exists (
                select 1 from claim c where c.user_no = p.user_no and c.subject_no = p.subject_no
                and t.changed_at >= c.from_at - $before and t.changed_at < c.until_at + $after
                and t.changed_at >= c.trusted_from)
        ), soon as (
            select distinct user_no, subject_no, unnest(range(
                changed_at::date, changed_at::date + {SOON_DAYS + 1}, interval 1 day
            ))::date as duty_day
            from known
        )
        select user_no, subject_no, duty_day from soon semi join attended using (user_no, duty_day)
        """,
        {"before": limits.before, "after": limits.after},
    )
