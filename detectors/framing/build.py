"""A connection with raw views becomes a frame that detectors can measure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import duckdb
import numpy as np
import pyarrow as pa

from detectors.explanations import lay_explanations, testable
from detectors.framing.aftermath import lay_changes, lay_closings
from detectors.framing.attendance import lay_attendance
from detectors.framing.circle import lay_kinds, lay_links
from detectors.framing.claims import lay_claims
from detectors.framing.duty import lay_duty
from detectors.framing.facts import lay_facts
from detectors.framing.groundwork import Groundwork, lay_before, lay_together, naive
from detectors.framing.naming import lay_accesses
from detectors.framing.places import lay_places
from detectors.framing.practice import lay_practice
from detectors.framing.records import lay_records
from detectors.framing.responsibility import lay_responsibilities, learned_from
from detectors.framing.ring import lay_rings
from detectors.framing.visits import lay_visits
from detectors.model import Frame, Limits, Window

_LOOK_MINUTES = 10  # the slot in which a refresh or a second row is the same look (METHODS 2.0)
_PLACES = 100  # more templates than this there are not
_DUTY_DAYS = 2  # more of them one duty does not touch
_CONTEXT_DAYS = 28  # days over which the strongest explanation of a pair is remembered


def framed(  # noqa: PLR0913 what is framed and how, each named
    connection: duckdb.DuckDBPyConnection,
    window: Window,
    *,
    limits: Limits,
    feeds: frozenset[str],
    woven: pa.Table | None = None,
    groundwork: Groundwork | None = None,
) -> Frame:
    """The frame of a window: whatever happened in it, and what led up to it.

    Args:
        connection: offers the views of the lake (`events` and every reference table).
        window: the reference days and the days to be judged.
        limits: how rows become visits, and records explanations.
        feeds: reference tables that hold rows.
        woven: rows of drills beside the log's own, by the numbers of an earlier frame of the same
            window and records.
        groundwork: what a frame of the days before laid; it is taken over as it was laid, and what
            came after it is laid beside it.
    """
    start = window.start - timedelta(days=limits.lookback_days + 1)
    read_from = learned_from(start, limits)
    if groundwork is not None:
        start = read_from = min(groundwork.until, window.end)
    # Few rows are expected where many come: row by row, a join to the latest row before is slow.
    connection.execute("set asof_loop_join_threshold = 0")
    lay_before(connection, groundwork)
    read = Window(start=read_from, end=window.end)
    lay_accesses(connection, read, woven=woven, groundwork=groundwork)
    lay_visits(connection, limits, start=start)
    lay_duty(connection, limits)
    lay_places(connection, since=start)
    lay_links(connection, groundwork=groundwork)
    lay_kinds(connection)
    lay_facts(connection)
    lay_records(connection, limits)
    lay_claims(connection, limits)
    lay_responsibilities(connection, limits, groundwork=groundwork)
    lay_rings(connection)
    lay_explanations(connection, limits, feeds)
    lay_together(connection, "explained", "torn_day", "visit_asked", "visit_row")
    lay_together(connection, "visit_duty", "visit_plain")
    lay_attendance(connection, limits)
    _lay_visit(connection, explainable=bool(testable(feeds)), since=start)
    _lay_looks(connection, since=start)
    _lay_pair_days(connection, since=start)
    _lay_active(connection, window)
    lay_closings(connection)
    lay_changes(connection, limits)
    lay_practice(connection)
    return _frame(connection, window, feeds)


def _lay_visit(
    connection: duckdb.DuckDBPyConnection, *, explainable: bool, since: datetime
) -> None:
    """Lays `visit`: each with the strongest explanation, level NULL where none could be tested.

    A visit *opens* a duty day, a day that no tasking fully explains, or an unexplained day: where
    such days are summed, each is counted once, on the day of its first visit.
    """
    untested = "0" if explainable else "null"
    connection.execute(
        f"""
        create or replace temp table visit as
        with ranked as (  -- by level, and of one level by the earlier template
            select distinct level, kind, level * {_PLACES} - place as strength from new_explained
        ), strongest as (
            select visit_no, max(level * {_PLACES} - place) as strength
            from new_explained group by all
        ), told as (
            select v.visit_no, v.user_no, v.subject_no, v.visit_ordinal, v.started_at, v.day,
                   d.on_duty, d.duty_day, coalesce(b.level, {untested}) as level, b.kind,
                   coalesce(b.level, 0) < 2 as open,
                   coalesce(b.level, {untested}) = 0 as unexplained, true as new
            from new_visit_plain v join visit_duty d using (visit_no)
            left join strongest using (visit_no) left join ranked b using (strength)
            union all by name
            select * exclude (opens_duty_day, opens_open_day, opens_unexplained_day),
                   coalesce(level, 0) < 2 as open, level = 0 as unexplained, false as new
            from before_visit where day >= $since::date - {_DUTY_DAYS}
        )
        select * exclude (open, unexplained, new),
               row_number() over mine = 1 as opens_duty_day,
               open and sum(open::int) over mine = 1 as opens_open_day,
               unexplained and sum(unexplained::int) over mine = 1 as opens_unexplained_day
        from told
        window mine as (partition by user_no, subject_no, duty_day order by started_at
                        rows unbounded preceding)
        qualify new
        """,
        {"since": naive(since)},
    )
    lay_together(connection, "visit")


def _lay_looks(connection: duckdb.DuckDBPyConnection, *, since: datetime) -> None:
    """Lays `look`: ten-minute slots of the visits that no tasking fully explains.

    A slot is unexplained if a visit in it is; NULL where no explanation could be tested.
    """
    connection.execute(
        f"""
        create or replace temp table look as
        select r.user_no, r.subject_no, min(r.day) as day,
               epoch(r.occurred_at)::bigint // {_LOOK_MINUTES * 60} as slot,
               bool_or(v.level = 0) as unexplained
        from visit_row r join visit v using (user_no, subject_no, visit_ordinal)
        where coalesce(v.level, 0) < 2 and r.day >= $since::date group by all
        """,
        {"since": naive(since)},
    )
    lay_together(connection, "look")


def _lay_pair_days(connection: duckdb.DuckDBPyConnection, *, since: datetime) -> None:
    """Lays `pair_day`: every day on which a user looked at a subject, and what the day added."""
    connection.execute(
        f"""
        create or replace temp table pair_day as
        with seen as (
            select r.user_no, r.subject_no, r.day, bool_or(coalesce(v.level, 0) < 2) as open
            from visit_row r join visit v using (user_no, subject_no, visit_ordinal)
            where r.day >= $since::date group by all
        ), counted as (
            select user_no, subject_no, day, count(*) as visits,
                   count(*) filter (level = 0) as unexplained_visits,
                   count(*) filter (opens_duty_day) as duty_days,
                   count(*) filter (opens_open_day) as open_days,
                   count(*) filter (opens_unexplained_day) as unexplained_days,
                   max(level) as level
            from visit where day >= $since::date - {_CONTEXT_DAYS} group by all
        ), told as (
            select *, true as new from seen left join counted using (user_no, subject_no, day)
            union all by name
            select *, false as new from counted semi join seen using (user_no, subject_no)
            where day < $since::date
        )
        select user_no, subject_no, day, open,
               coalesce(visits, 0) as visits,
               coalesce(unexplained_visits, 0) as unexplained_visits,
               coalesce(duty_days, 0) as duty_days,
               coalesce(open_days, 0) as open_days,
               coalesce(unexplained_days, 0) as unexplained_days,
               max(level) over (
                   partition by user_no, subject_no order by day
                   range between interval {_CONTEXT_DAYS - 1} day preceding and current row
               ) as level
        from told qualify new
        """,
        {"since": naive(since)},
    )
    lay_together(connection, "pair_day")


def _lay_active(connection: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Lays `active`: the pair-days of the window, numbered, each with role and context."""
    connection.execute(
        """
        create or replace temp table active as
        with chosen as (
            select user_no, subject_no, day, coalesce(level, 0) as context from pair_day
            where day >= $first and day < $last and open
        ), roles as (
            select a.user_no, a.day, arg_max(p.role, (p.valid_from, p.role)) as role
            from (select distinct user_no, day from chosen) a
            join post p on p.user_no = a.user_no
                       and p.valid_from < a.day + interval 1 day and p.valid_to > a.day
            group by all
        )
        select row_number() over (order by c.user_no, c.subject_no, c.day) - 1 as row_no,
               c.user_no, c.subject_no, c.day, c.context, k.role_no
        from chosen c left join roles r using (user_no, day)
        join role_code k on k.role = coalesce(r.role, 'unknown')
        """,
        {"first": window.start.date(), "last": _day_after(window.end)},
    )


def _frame(connection: duckdb.DuckDBPyConnection, window: Window, feeds: frozenset[str]) -> Frame:
    rows = connection.execute("""
        select user_no, subject_no, datediff('day', date '1970-01-01', day) as day,
               role_no, context, tenth
        from active join user_code using (user_no) order by row_no
    """).fetchnumpy()
    numbers = {name: np.asarray(column, dtype=np.int64) for name, column in rows.items()}
    roles = connection.execute("select role from role_code order by role_no").fetchall()
    tally = _tally(connection, window)
    return Frame(
        connection=connection,
        window=window,
        feeds=feeds,
        user_no=numbers["user_no"],
        focus_no=numbers["subject_no"],
        day=numbers["day"],
        role_no=numbers["role_no"],
        tenth=numbers["tenth"],
        context=numbers["context"],
        roles=tuple(role for (role,) in roles),
        first_day=tally.first_day,
        accesses=tally.accesses,
        unresolved=tally.unresolved,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tally:
    accesses: int
    unresolved: int
    first_day: int


def _tally(connection: duckdb.DuckDBPyConnection, window: Window) -> _Tally:
    """Accesses of the window, those without a named subject, and the first day of the history."""
    start, end = window.start.replace(tzinfo=None), window.end.replace(tzinfo=None)
    rows = connection.execute(
        """
        select count(*) filter (occurred_at >= $start),
               count(*) filter (occurred_at >= $start and subject_id is null),
               datediff('day', date '1970-01-01', coalesce(min(occurred_at), $end)::date)
        from events where occurred_at < $end and action not in ('login', 'logout')
        """,
        {"start": start, "end": end},
    ).fetchall()
    accesses, unresolved, first_day = rows[0]
    return _Tally(accesses=accesses, unresolved=unresolved, first_day=first_day)


def _day_after(end: datetime) -> date:
    """The first whole date on or after the end, so that a part-day is judged too."""
    midnight = end.replace(hour=0, minute=0, second=0, microsecond=0)
    return (end if end == midnight else midnight + timedelta(days=1)).date()
