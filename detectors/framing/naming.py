"""Whose rows they are, and of whom: ids become numbers, a person's several ids one."""

from datetime import timedelta

import duckdb
import pyarrow as pa

from detectors.framing.groundwork import Groundwork, lay_together, naive
from detectors.model import Window

# What a row says of itself besides who, whom and when.
_KEPT = (
    "system, action, reason, reason_code, search_terms, fields_viewed, export_rows, terminal_id,"
    " location, session_id, restricted, break_glass"
)


def lay_accesses(
    connection: duckdb.DuckDBPyConnection,
    window: Window,
    *,
    woven: pa.Table | None = None,
    groundwork: Groundwork | None = None,
) -> None:
    """Lays `access`: rows by people on a named record, with `user_code` and `subject_code`.

    Rows of machines, logins and logouts are left out; so are rows whose subject is blank or masked.

    Args:
        connection: offers the views of the lake.
        window: from which rows are taken.
        woven: further rows of `access`, of drills, by the numbers of an earlier frame of the same
            window and records.
        groundwork: what was laid before of the same records; ids keep the numbers they have there.
    """
    _lay_identities(connection)
    connection.execute(
        f"""
        create or replace temp table access_named as
        select user_id, requester_id, case_ref, occurred_at, subject_type, named_id, {_KEPT}
        from event_named
        where occurred_at >= $start and occurred_at < $end and month >= $first and month <= $last
        """,
        {"start": naive(window.start), "end": naive(window.end), **_months(window)},
    )
    _lay_users(connection)
    _lay_subjects(connection)
    lay_together(connection, "user_code", "subject_code", "subject_alias", copied=True)
    connection.execute(f"""
        create or replace temp table access as
        select u.user_no, s.subject_no, r.user_no as requester_no, a.case_ref, a.occurred_at,
               a.occurred_at::date as day, {_KEPT}
        from access_named a
        join user_code u using (user_id) join subject_alias s on s.subject_id = a.named_id
        left join user_code r on r.user_id = a.requester_id
    """)
    connection.execute(
        """
        create or replace temp table access_kind as
        select s.subject_no, a.subject_type, count(*) as times
        from access_named a join subject_alias s on s.subject_id = a.named_id
        where a.subject_type is not null and a.occurred_at >= $start group by all
        """,
        {"start": naive(groundwork.known_to if groundwork else window.start)},
    )
    lay_together(connection, "access_kind")
    connection.execute("drop table access_named")
    if woven is not None:
        connection.register("woven", woven)
        connection.execute("insert into access by name select * from woven")
        connection.unregister("woven")


def _lay_identities(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays the view `event_named`: every usable row of the log, with the person its record is of.

    A local id belongs to whom it was given last, records merged since included; before that, to an
    earlier holder only where the end of that holding is on file.
    """
    connection.execute("""
        create or replace temp table holding as
        select system, local_id, subject_id, coalesce(valid_from, timestamp '0001-01-01') as since,
               valid_to, lead(since) over holder as next_since,
               lead(since) over holder is null as is_last
        from (select distinct system, local_id, subject_id, valid_from, valid_to
              from subject_identifiers where subject_id is not null)
        window holder as (
            partition by system, local_id order by since, valid_to nulls last, subject_id);

        create or replace temp view event_named as
        select e.*, coalesce(b.subject_id, l.subject_id, e.subject_id) as named_id
        from events e
        left join (from holding where is_last) l
          on l.system = e.system and l.local_id = e.subject_id
        left join (select *, least(valid_to, next_since) as until from holding
                   where not is_last and valid_to is not null) b
          on b.system = e.system and b.local_id = e.subject_id
         and e.occurred_at >= b.since and e.occurred_at < b.until
        where e.subject_id is not null and e.user_id is not null
          and not coalesce(e.is_machine, false) and e.action not in ('login', 'logout')
    """)


def _lay_users(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `user_code`: users by number in the order of their ids, each in one of ten parts."""
    connection.execute("""
        create or replace temp table user_code as
select (select count(*) from before_user_code)
                   + row_number() over (order by user_id) - 1 as user_no,
               user_id, ('0x' || substr(md5(user_id), 1, 6))::bigint % 10 as tenth
        from (select user_id from access_named union select requester_id from access_named
              union select user_id from staff union select user_id from taskings)
        anti join before_user_code using (user_id)
        where user_id is not null
    """)


def _lay_subjects(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `subject_code`, people by number, and `subject_alias`, each id one is known by.

    An id stands for another person where a local record passed from one to the other without an
    end on file (a merge), or where it is known as a local id only, and of one person.
    """
    connection.execute("""
        create or replace temp table merged as
        with passed as (
            select old.subject_id, arg_max(new.subject_id, (new.since, new.subject_id)) as named_id
            from holding old join holding new using (system, local_id)
            where new.is_last and not old.is_last and old.valid_to is null
              and old.subject_id <> new.subject_id
            group by old.subject_id
        ), standing as (
            select named_id as subject_id from access_named
            union select subject_id from subjects union select subject_id from holding
        ), local_only as (
            select local_id as subject_id, min(subject_id) as named_id
            from holding anti join standing on standing.subject_id = holding.local_id
            where is_last group by local_id having count(distinct holding.subject_id) = 1
        )
        select * from passed union all
        select * from local_only anti join passed using (subject_id);

        create or replace temp table mentioned as
        with named as (
            select named_id as subject_id from access_named
            union select subject_id from case_subjects
            union select subject_id from subject_links
            union select linked_subject_id from subject_links
        )
        select subject_id, coalesce(m.named_id, subject_id) as named_id
        from (from named anti join before_subject_alias using (subject_id))
        left join merged m using (subject_id) where subject_id is not null;

        create or replace temp table subject_code as
        select (select count(*) from before_subject_code)
                   + row_number() over (order by named_id) - 1 as subject_no,
               named_id as subject_id
        from (select distinct named_id from mentioned)
        anti join (select subject_id as named_id from before_subject_code) using (named_id);

        create or replace temp table subject_alias as
        select k.subject_no, m.subject_id, m.named_id
        from mentioned m
        join (from before_subject_code union all by name from subject_code) k
          on k.subject_id = m.named_id;

        drop table mentioned
    """)


def _months(window: Window) -> dict[str, str]:
    last = max(window.start, window.end - timedelta(microseconds=1))
    return {"first": f"{window.start:%Y-%m}", "last": f"{last:%Y-%m}"}
