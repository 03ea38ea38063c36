"""From where an account was active, and whether that could have been one person."""

from datetime import datetime

import duckdb

from detectors.framing.groundwork import naive

_MINUTES = 5  # within which nobody is at two stations
_MOVE_MINUTES = 1  # nobody leaves one terminal and logs on at another in less
# Rows that a row of the day before or after can lie within minutes of.
_AT_MIDNIGHT = f"""occurred_at - day::timestamp <= interval {_MINUTES} minute
                   or occurred_at - day::timestamp >= interval {24 * 60 - _MINUTES} minute"""


def lay_places(connection: duckdb.DuckDBPyConnection, *, since: datetime) -> None:
    """Lays `torn_day`: user_no and day on which one account was more than one person could be.

    At two locations within minutes; back at a terminal after another, or at two, within a minute or
    minutes; in two overlapping sessions of one system that do not share a desk; active while the
    roster has them away. A change of desk, once, is none of these. Rows of one instant at one place
    are taken once: otherwise their order would decide. Days before `since` were laid before.
    """
    connection.execute(
        f"""
        create or replace temp table torn_day as
        with placed as (
            from before_visit_row where day >= $since::date - 1
            union all by name from visit_row
        ), day_of as (  -- of whoever was at several places that day
            select user_no, day, min(location) <> max(location) as moved,
                   min(terminal_id) <> max(terminal_id) as changed
            from placed group by all
        ), located as (
            select user_no, day, location <> lag(location) over mine
                   and occurred_at - lag(occurred_at) over mine <= interval {_MINUTES} minute
                   as torn
            from (select distinct user_no, day, occurred_at, location
                  from placed join day_of using (user_no, day)
                  where location is not null and (moved or {_AT_MIDNIGHT}))
            window mine as (partition by user_no order by occurred_at, location)
        ), desked as (
            select user_no, day,
                   terminal_id <> lag(terminal_id) over mine and (
                       occurred_at - lag(occurred_at) over mine <= interval {_MOVE_MINUTES} minute
                       or occurred_at - lag(occurred_at) over desk <= interval {_MINUTES} minute
                   ) as torn
            from (select distinct user_no, day, occurred_at, terminal_id
                  from placed join day_of using (user_no, day)
                  where terminal_id is not null and (changed or {_AT_MIDNIGHT}))
            window mine as (partition by user_no order by occurred_at, terminal_id),
                   desk as (partition by user_no, terminal_id order by occurred_at)
        ), session as (
            select user_no, day, system, session_id, min(occurred_at) as starts_at,
                   max(occurred_at) as ends_at, min(coalesce(terminal_id, location)) as desk
            from placed where session_id is not null group by all
        ), overlapping as (
            select user_no, day, starts_at < max(ends_at) over earlier
                   and coalesce(desk <> arg_max(desk, ends_at) over earlier, true) as torn
            from session
            window earlier as (partition by user_no, day, system
                               order by starts_at, ends_at, session_id
                               rows between unbounded preceding and 1 preceding)
        ), away as (
            select v.user_no, v.day, d.on_duty = false as torn
            from visit_plain v join visit_duty d using (visit_no)
            join roster r on r.user_no = v.user_no and r.away
             and v.started_at >= r.starts_at and v.started_at < r.ends_at
        )
        select distinct user_no, day from (
            from located union all from desked union all from overlapping union all from away
        ) where torn and day >= $since::date
        """,
        {"since": naive(since)},
    )
