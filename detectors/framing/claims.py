"""Who was sent to which person, and from when that word counts as more than their own."""

from datetime import datetime

import duckdb

from detectors.model import Limits

_ALWAYS = "timestamp '0001-01-01'"
_NEVER = "timestamp '9999-01-01'"


def lay_claims(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Lays `claim`: a tasked user, or user NULL and the whole team, and a person of the case.

    A start that was never written down is the case's own, and without that the tasking says
    nothing. An end that was never written down is the case's own end if that comes after the start
    (a case that was reopened has an older one), and without that the end of time.

    `trusted_from` is the moment from which a visit is explained by it. It is the beginning of time
    but for a tasking that nobody shares: there

    - a look at the person in the weeks before the case was opened, that no other tasking explains,
      puts it off for ever: the case came after the interest;
    - a tasking written down later than the others of its days puts it off until it was.
    """
    _lay_taskings(connection)
    _lay_lone(connection)
    _lay_looked_before(connection, limits)
    connection.execute(
        f"""
        create or replace temp table claim as
        with load as (select distinct told_at as at from tasked where told_at is not null),
        late as (
            select l.user_no, l.case_no, max(l.told_at) as told_at
            from lone l asof join load on load.at <= l.from_at + $late_entry
            where l.told_at > l.from_at + $late_entry and load.at > l.from_at
            group by all
        ), doubted as (
            select user_no, subject_no, case_no, {_NEVER} as trusted_from from looked_before
        )
        select distinct t.user_no, t.team, p.subject_no, t.case_no, t.from_at, t.until_at,
               coalesce(d.trusted_from, a.told_at, {_ALWAYS}) as trusted_from
        from tasked t join party p using (case_no)
        left join late a on a.user_no = t.user_no and a.case_no = t.case_no
        left join doubted d on d.user_no = t.user_no and d.case_no = t.case_no
                           and d.subject_no = p.subject_no
        where t.from_at <= (select max(started_at) from visit_plain) + $slack
        """,
        {
            "late_entry": limits.late_entry,
            "slack": max(limits.before, limits.after, limits.colleague),
        },
    )


def _lay_taskings(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("""
        create or replace temp table tasked as
        with sent as (
            select t.user_id, t.team, k.case_no, coalesce(t.starts_at, c.opened_at) as from_at,
                   coalesce(t.ends_at, case when c.closed_at >= from_at then c.closed_at end,
                            timestamp '9000-01-01') as until_at, t.loaded_at as told_at
            from taskings t join case_code k using (case_ref) left join cases c using (case_ref)
        )
        select u.user_no, coalesce(s.team, m.team) as team, s.case_no, s.from_at, s.until_at,
               s.told_at
        from sent s join user_code u using (user_id)
        left join post m on m.user_no = u.user_no
                        and s.from_at >= m.valid_from and s.from_at < m.valid_to
        union all
        select null, team, case_no, from_at, until_at, told_at from sent
        where user_id is null and team is not null
    """)


def _lay_lone(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `lone`: taskings to a case to which nobody else was ever tasked."""
    connection.execute("""
        create or replace temp table lone as
        select user_no, case_no, from_at, told_at from tasked
        where case_no in (
            select case_no from tasked group by case_no
            having count(distinct user_no) = 1 and count(*) = count(user_no))
    """)


def _lay_looked_before(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Lays `looked_before`: users, people and lone cases that opened only after they had looked.

    The whole history is read, so that every frame of a day says the same of it.
    """
    connection.execute(
        """
        create or replace temp table lone_party as
        select distinct l.user_no, p.subject_no, l.case_no, c.opened_at
        from lone l join party p using (case_no) join case_span c using (case_no)
        where c.opened_at > timestamp '0002-01-01'
          and c.opened_at <= (select max(started_at) from visit_plain) + $before
          and c.closed_at >= (
              select min(started_at) from (select started_at from visit_plain
                                           union all select started_at from before_visit_plain)
          ) - $after
        """,
        {"before": limits.before, "after": limits.after},
    )
    connection.execute(
        """
        create or replace temp table looked_before as
        with near as (
            select distinct l.*, u.user_id, s.subject_id as named_id
            from lone_party l
            join user_code u using (user_no) join subject_alias s using (subject_no)
        ), looked as (
            select n.user_no, n.subject_no, n.case_no, e.occurred_at
            from event_named e join near n on n.user_id = e.user_id and n.named_id = e.named_id
            where e.occurred_at >= n.opened_at - $self_made
              and e.occurred_at < n.opened_at - $before and e.month >= $first
        )
        select distinct user_no, subject_no, case_no from looked k
        where not exists (
            select 1 from tasked t join party p using (case_no)
            left join post m on t.user_no is null and m.team = t.team and m.user_no = k.user_no
                            and k.occurred_at >= m.valid_from and k.occurred_at < m.valid_to
            where p.subject_no = k.subject_no and t.case_no <> k.case_no
              and coalesce(t.user_no, m.user_no) = k.user_no
              and k.occurred_at >= t.from_at - $before and k.occurred_at < t.until_at + $after)
        """,
        {
            "self_made": limits.self_made,
            "before": limits.before,
            "after": limits.after,
            "first": _first_month(connection, limits),
        },
    )


def _first_month(connection: duckdb.DuckDBPyConnection, limits: Limits) -> str:
    """The month of the earliest look that may matter: `2026-03`."""
    rows = connection.execute(
        "select min(opened_at) - $self_made from lone_party", {"self_made": limits.self_made}
    ).fetchall()
    earliest: datetime | None = rows[0][0]
    return f"{earliest:%Y-%m}" if earliest else "9999-12"
