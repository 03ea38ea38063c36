"""Which judged days a reference row reaches that came in after they were judged.

tasking, case, party     days on which the case's people, or those linked to them, were looked at
                         within the limits of the explanation, and their later days that look back
link, identifier         days on which the people concerned were looked at
record change            the person's days in the week after it
shift, post, outcome     days of the span on which that member of staff looked at anybody
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import duckdb
import pyarrow as pa

from alerts.records import JudgedDay
from detectors.model import Limits
from monitor.knowledge import Records, Rules
from monitor.utc_day import midnight

_AFTER_CHANGE: Final = timedelta(days=7)  # a look this soon after a changed record follows it
_BEGINNING, _END = "timestamp '0002-01-01'", "timestamp '9000-01-01'"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Feed:
    """How the rows of one table reach accesses."""

    name: str
    about: str  # person or user
    sql: str  # selects loaded_seq, the id of whom it is about, and the span it changes


# Of a row that supersedes another, what differs alone counts: a case that closes changes nothing
# of the time before.
_SENT = f"""
    select t.*, row_number() over told > 1 as known, coalesce(t.ends_at, {_END}) as until_at,
           coalesce(lag(t.ends_at) over told, {_END}) as was_until
    from taskings_told t
    window told as (partition by user_id, team, case_ref, starts_at order by loaded_seq, line)
"""

_TASKINGS = f"""
    with whole as (
        select case_ref, min(starts_at) as first_at,
               count(distinct coalesce(user_id, '') || chr(0) || coalesce(team, '')) as sent_to
        from taskings group by case_ref
    )
    select s.loaded_seq, p.subject_id as id,
           case when s.known then least(s.until_at, s.was_until)
                -- the second who is tasked to a case vouches for the first
                when w.sent_to = 2 then least(coalesce(w.first_at, s.starts_at), s.starts_at)
                else coalesce(s.starts_at, c.opened_at, {_BEGINNING}) end as from_at,
           case when s.known then greatest(s.until_at, s.was_until)
                else s.until_at end as until_at
    from ({_SENT}) s join party p using (case_ref)
    left join whole w using (case_ref) left join cases c using (case_ref)
    where not s.known or s.until_at <> s.was_until
"""

_CASES = f"""
    with told as (
        select *, row_number() over told > 1 as known,
               coalesce(opened_at, {_BEGINNING}) as from_at,
               coalesce(closed_at, {_END}) as until_at,
               coalesce(lag(opened_at) over told, {_BEGINNING}) as was_from,
               coalesce(lag(closed_at) over told, {_END}) as was_until,
               (type, area) is not distinct from lag((type, area)) over told as same_kind
        from cases_told window told as (partition by case_ref order by loaded_seq, line)
    )
    select t.loaded_seq, p.subject_id as id,
           case when not known then from_at
                when same_kind and from_at = was_from then least(until_at, was_until)
                else least(from_at, was_from) end as from_at,
           case when not known then until_at else greatest(until_at, was_until) end as until_at
    from told t join party p using (case_ref)
    where not known or not same_kind or from_at <> was_from or until_at <> was_until
"""

_PARTIES = f"""
    with near as (
        select case_ref, subject_id, loaded_seq from case_subjects_told
        union all
        select s.case_ref, l.linked_id, s.loaded_seq
        from case_subjects_told s join tied l using (subject_id)
    )
    select n.loaded_seq, n.subject_id as id,
           coalesce(c.opened_at, {_BEGINNING}) as from_at, coalesce(c.closed_at, {_END}) as until_at
    from near n left join cases c using (case_ref)
"""

_LINKS = f"""
    select loaded_seq, unnest([subject_id, linked_subject_id]) as id,
           {_BEGINNING} as from_at, {_END} as until_at
    from subject_links_told
"""

_IDENTIFIERS = f"""
    select loaded_seq, unnest([subject_id, local_id]) as id,
           {_BEGINNING} as from_at, {_END} as until_at
    from subject_identifiers_told
"""

_CHANGES = """
    select loaded_seq, subject_id as id, changed_at as from_at,
           changed_at + $after_change as until_at
    from record_changes_told
"""

_SHIFTS = """
    with told as (
        select *, case when kind = 'court' then $court else interval 0 day end as follow_up
        from shifts_told
    )
    select loaded_seq, user_id as id, starts_at - follow_up as from_at,
           coalesce(ends_at, starts_at) + follow_up as until_at
    from told
"""

_STAFF = f"""
    with told as (
        select *, row_number() over told > 1 as known,
               coalesce(valid_from, {_BEGINNING}) as from_at,
               coalesce(valid_to, {_END}) as until_at,
               coalesce(lag(valid_to) over told, {_END}) as was_until,
               (role, team, area, supervisor_id) is not distinct from
               lag((role, team, area, supervisor_id)) over told as same_post
        from staff_told window told as (partition by user_id, valid_from order by loaded_seq, line)
    )
    select loaded_seq, user_id as id,
           case when known and same_post then least(until_at, was_until)
                else from_at end as from_at,
           case when known then greatest(until_at, was_until) else until_at end as until_at
    from told where not known or not same_post or until_at <> was_until
"""

_OUTCOMES = f"""
    select loaded_seq, user_id as id, coalesce(decided_at, {_BEGINNING}) as from_at,
           {_END} as until_at
    from outcomes_told
"""

_FEEDS: Final = (
    _Feed(name="taskings", about="person", sql=_TASKINGS),
    _Feed(name="cases", about="person", sql=_CASES),
    _Feed(name="case_subjects", about="person", sql=_PARTIES),
    _Feed(name="subject_links", about="person", sql=_LINKS),
    _Feed(name="subject_identifiers", about="person", sql=_IDENTIFIERS),
    _Feed(name="record_changes", about="person", sql=_CHANGES),
    _Feed(name="shifts", about="user", sql=_SHIFTS),
    _Feed(name="staff", about="user", sql=_STAFF),
    _Feed(name="outcomes", about="user", sql=_OUTCOMES),
)


def late_to(
    records: Records, rules: Rules, *, ledger: Mapping[date, JudgedDay], until: datetime
) -> Mapping[date, tuple[str, ...]]:
    """Judged days that later reference rows reach, each with the feeds they are of."""
    seen = {day: judged.feeds_seq for day, judged in ledger.items() if midnight(day) < until}
    return late_days(records.connection, seen=seen, now=records.data_version, limits=rules.limits)


def late_days(
    connection: duckdb.DuckDBPyConnection,
    *,
    seen: Mapping[date, Mapping[str, int] | None],
    now: Mapping[str, int],
    limits: Limits,
) -> Mapping[date, tuple[str, ...]]:
    """Judged days that must be judged again, oldest first, each with the feeds that reach it.

    A day further back from the newest than any detector looks stands as it was judged.
    What a role's responsibility was learned from is not followed: it moves by single pairs.

    Args:
        connection: offers the views of the lake, with what was ever told of each table.
        seen: by judged day, the load number of each table that its judging saw; a day whose judging
            did not say stands.
        now: the load number of each table.
        limits: of the explanations.
    """
    told = {day: feeds for day, feeds in seen.items() if feeds is not None}
    if not told:
        return {}
    first = max(told) - timedelta(days=limits.lookback_days)
    known = [
        (day, feed.name, feeds.get(feed.name, -1))
        for day, feeds in told.items()
        for feed in _FEEDS
        if day >= first and now.get(feed.name, -1) > feeds.get(feed.name, -1)
    ]
    if not known:
        return {}
    _lay_judged(connection, known)
    _lay_looked(connection, first=first - timedelta(days=limits.lookback_days))
    behind = {name for _, name, _ in known}
    found: dict[date, list[str]] = {}
    for feed in (feed for feed in _FEEDS if feed.name in behind):
        for day in _reached(connection, feed, limits=limits):
            found.setdefault(day, []).append(feed.name)
    return {day: tuple(found[day]) for day in sorted(found)}


def _lay_judged(connection: duckdb.DuckDBPyConnection, known: list[tuple[date, str, int]]) -> None:
    """Lays `judged_by`: each judged day, and the load of each table that it has not gone beyond."""
    days, names, numbers = zip(*known, strict=True)
    connection.register(
        "judged_rows",
        pa.table(
            {
                "day": pa.array(days, pa.date32()),
                "feed": pa.array(names, pa.string()),
                "seq": pa.array(numbers, pa.int64()),
            }
        ),
    )
    connection.execute("create or replace temp table judged_by as from judged_rows")
    connection.unregister("judged_rows")


def _lay_looked(connection: duckdb.DuckDBPyConnection, *, first: date) -> None:
    """Lays who was looked at and who looked on which day, and who stands for whom and by whom.

    Ids that were ever one person's count as one here: a day too many is judged again, none too few.
    """
    connection.execute("""
        create or replace temp table known_as as
        select local_id as id, min(subject_id) as person from subject_identifiers_told group by 1;

        create or replace temp table tied as
        select subject_id, linked_subject_id as linked_id from subject_links
        union select linked_subject_id, subject_id from subject_links;

        create or replace temp table party as
        select case_ref, subject_id from case_subjects
        union select p.case_ref, l.linked_id from case_subjects p join tied l using (subject_id);
    """)
    connection.execute(
        """
        create or replace temp table looked_person as
        with seen as (
            select distinct subject_id, occurred_at::date as day from events
            where subject_id is not null and month >= $month and occurred_at >= $first
        )
        select distinct coalesce(k.person, subject_id) as id, day
        from seen left join known_as k on k.id = seen.subject_id
        """,
        {"first": first, "month": f"{first:%Y-%m}"},
    )
    connection.execute(
        """
        create or replace temp table looked_user as
        select distinct user_id as id, occurred_at::date as day from events
        where month >= $month and occurred_at >= $first
        """,
        {"first": first, "month": f"{first:%Y-%m}"},
    )


def _reached(
    connection: duckdb.DuckDBPyConnection, feed: _Feed, *, limits: Limits
) -> tuple[date, ...]:
    """The judged days that later rows of one feed reach."""
    values = _slack(limits) if feed.about == "person" else _margin(limits)
    values |= {"feed": feed.name}
    if "$after_change" in feed.sql:
        values["after_change"] = _AFTER_CHANGE
    if "$court" in feed.sql:
        values["court"] = limits.court
    rows = connection.execute(
        f"""
        with late as (
            select loaded_seq, coalesce(k.person, r.id) as id,
                   (r.from_at - $before)::date as first, (r.until_at + $after)::date as last
            from ({feed.sql}) r left join known_as k on $back > 0 and k.id = r.id
            where r.id is not null
              and r.loaded_seq > (select min(seq) from judged_by where feed = $feed)
        ), begun as (
            select t.loaded_seq, t.id, min(l.day) as first, max(t.last) as last
            from late t
            join looked_{feed.about} l on l.id = t.id and l.day between t.first and t.last
            group by t.loaded_seq, t.id
        ), reached as (
            select l.day, max(b.loaded_seq) as loaded_seq
            from begun b join looked_{feed.about} l
              on l.id = b.id and l.day >= b.first and l.day - b.last <= $back
            group by l.day
        )
        select j.day from judged_by j join reached r using (day)
        where j.feed = $feed and r.loaded_seq > j.seq order by j.day
        """,
        values,
    ).fetchall()
    return tuple(_plain(day) for (day,) in rows)


def _slack(limits: Limits) -> dict[str, object]:
    """The most by which a record about a person reaches beyond its own span."""
    after = (limits.after, limits.colleague, limits.supervision, limits.own_report, limits.dispatch)
    return {
        "before": max(limits.before, limits.colleague),
        "after": max(after),
        "back": limits.lookback_days,
    }


def _margin(limits: Limits) -> dict[str, object]:
    """The same of a record about a member of staff; later days are not followed."""
    return {"before": limits.duty_margin, "after": limits.duty_margin, "back": 0}


def _plain(day: date | datetime) -> date:
    return day.date() if isinstance(day, datetime) else day
