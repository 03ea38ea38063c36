"""Whether somebody was at work at a visit, and the local day on which that duty began."""

import duckdb

from detectors.framing.groundwork import lay_together
from detectors.model import Limits

_QUIET_HOURS = 6  # without a row, after which an unrostered spell of work has ended
_LONGEST_DUTY_HOURS = 16  # longer than any shift: an on-call row or a machine, not one day's duty
_UNWRITTEN_HOURS = 12  # of a shift whose end was never written down


def lay_duty(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Lays `visit_duty`: on duty or not, NULL where no roster tells, and the day the duty began."""
    _lay_spells(connection)
    lay_together(connection, "spell")
    _lay_roster(connection, limits)
    _lay_visit_duty(connection, limits)


def _lay_spells(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `spell`: when each user's activity without a long break began, for want of a roster."""
    connection.execute(f"""
        create or replace temp table spell as
        with held as (
            select user_no, max(occurred_at) as last_at, max(began_at) as last_began
            from before_spell group by user_no
        ), marked as (
            select user_no, occurred_at, last_began,
                   coalesce(occurred_at - coalesce(lag(occurred_at) over (
                       partition by user_no order by occurred_at
                   ), last_at) >= interval {_QUIET_HOURS} hour, true) as begins
            from (select distinct user_no, occurred_at from access) left join held using (user_no)
        )
        select user_no, occurred_at, coalesce(max(occurred_at) filter (begins) over (
            partition by user_no order by occurred_at), last_began) as began_at
        from marked
    """)


def _lay_roster(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Lays `roster`: every shift, and when the unbroken duty began that each is part of.

    Overtime after a night shift belongs to the day the night shift began.
    """
    connection.execute(
        f"""
        create or replace temp table roster as
        with told as (
            select distinct u.user_no, h.starts_at, coalesce(h.kind, 'duty') as kind,
                   coalesce(h.ends_at, h.starts_at + interval {_UNWRITTEN_HOURS} hour) as ends_at
            from shifts h join user_code u using (user_id) where h.starts_at is not null
        ), shift as (
            select user_no, starts_at, ends_at, kind,
                   kind in ('duty', 'overtime', 'training', 'court') as at_work,
                   kind in ('overtime', 'court') as called_in,
                   kind in ('leave', 'sick', 'suspended') as away
            from told
        ), marked as (
            select *, coalesce(starts_at > $margin + max(ends_at) over (
                partition by user_no, at_work order by starts_at, ends_at, kind
                rows between unbounded preceding and 1 preceding), true) as begins
            from shift
        ), numbered as (
            select *, sum(begins::int) over (partition by user_no, at_work
                order by starts_at, ends_at, kind rows unbounded preceding) as duty_no
            from marked
        )
        select * exclude (kind, begins, duty_no),
               min(starts_at) over (partition by user_no, at_work, duty_no) as duty_from
        from numbered
        """,
        {"margin": limits.duty_margin},
    )


def _lay_visit_duty(connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Lays `visit_duty`; leave and sickness outdo a planned shift, not overtime or court."""
    within = f"<= interval {_LONGEST_DUTY_HOURS} hour"
    connection.execute(
        f"""
        create or replace temp table visit_duty as
        with roster_day as (
            select *, unnest(range((starts_at - $margin)::date, (ends_at + $margin)::date + 1,
                                   interval 1 day))::date as day
            from roster
            where starts_at <= (select max(started_at) + $margin from visit_plain)
              and ends_at >= (select min(started_at) - $margin from visit_plain)
        ), held as (
            select v.visit_no,
                   bool_or(r.called_in) as called_in,
                   bool_or(r.at_work) as at_work,
                   bool_or(r.away and v.started_at >= r.starts_at
                           and v.started_at < r.ends_at) as away,
                   min(r.duty_from) filter (r.at_work and v.started_at - r.duty_from {within})
                       as duty_from,
                   max(r.starts_at) filter (r.at_work and v.started_at - r.starts_at {within})
                       as shift_from
            from visit_plain v join roster_day r
              on r.user_no = v.user_no and r.day = v.day
             and v.started_at >= r.starts_at - $margin and v.started_at < r.ends_at + $margin
            group by v.visit_no
        ), covered as (
            select min(starts_at) - $margin as first_at, max(ends_at) + $margin as last_at
            from roster where at_work
        ), rostered as (select distinct user_no from roster)
        select v.visit_no,
               case when r.user_no is not null and v.started_at >= c.first_at
                         and v.started_at < c.last_at
                    then coalesce(h.called_in or (h.at_work and not h.away), false)
               end as on_duty,
               timezone($zone, timezone('UTC', coalesce(
                   h.duty_from, h.shift_from,
                   case when v.started_at - p.began_at {within} then p.began_at end,
                   v.started_at)))::date as duty_day
        from visit_plain v cross join covered c
        left join held h using (visit_no)
        left join rostered r on r.user_no = v.user_no
        left join spell p on p.user_no = v.user_no and p.occurred_at = v.started_at
        """,
        {"margin": limits.duty_margin, "zone": limits.zone},
    )
