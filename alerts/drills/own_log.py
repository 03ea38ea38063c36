"""What a force's own log offers a drill: working times, people, ties and records, by number."""

from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from detectors.model import Frame

Ints = NDArray[np.int64]

_DAY: Final = 86_400
_LEAST_ROWS: Final = 30  # of a member of staff in the window: fewer tell no working times
_NOTHING: Final = np.zeros(0, dtype=np.int64)
# Rows in an order of their own, so that the same log offers the same whatever order it was loaded.
_ORDER: Final = (
    "user_no, occurred_at, subject_no, system, action, case_ref, reason, terminal_id, session_id,"
    " search_terms, requester_no"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """Values under keys: those of key k are values[starts[k]:starts[k + 1]]."""

    starts: Ints  # shape (keys + 1,)
    values: Ints  # shape (values,)

    def of(self, key: int) -> Ints:
        """The values under one key; none where it has none."""
        if not 0 <= key < self.starts.size - 1:
            return _NOTHING
        return self.values[self.starts[key] : self.starts[key + 1]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLog:
    """The facts that shapes draw on; users and subjects are the numbers of one frame."""

    start: int  # seconds since 1970, of the span that drills may fall in
    end: int
    place: Ints  # rowid in `access` of every row, by user and time, shape (rows,)
    at: Ints  # seconds since 1970 of the same rows, shape (rows,)
    subject: Ints  # of the same rows, shape (rows,)
    rows_of: Grouped  # places in `at`, by user
    users: Ints  # with enough rows to be drilled, shape (users,)
    team_mates: Grouped  # by user
    people_near: Grouped  # people of the user's area, by user's area number
    area_of: Ints  # area number of each user, -1 where unknown, shape (users in all,)
    people: Ints  # every person that anything mentions
    vehicles: Ints
    marked: Ints  # people with a marker
    watched: Ints  # watched records
    circle: Grouped  # linked records, by subject
    changes: Grouped  # seconds at which a record changed, by subject
    entries: Grouped  # seconds at which anything new was written of a person, by subject
    own_ties: Grouped  # records of the user's own life, by user: own, address, declared, around
    mates_records: Grouped  # team-mates' own records, by user
    left: Grouped  # of tasked people whose case has ended: places in `left_subject`, by user
    left_subject: Ints
    left_at: Ints  # seconds
    held: Grouped  # places in `held_subject`: people of a case the user is tasked to, by user
    held_subject: Ints
    held_from: Ints

    def times_of(self, user: int) -> Ints:
        """The user's own moments, ascending, seconds since 1970."""
        return self.at[self.rows_of.of(user)]


def own_log(frame: Frame, *, days_before: int = 0) -> OwnLog:
    """What the log offers in the frame's window, and so many days before it; tables are only read.

    Args:
        frame: laid of the log.
        days_before: the window in which drills may begin, but not before the log does.
    """
    con = frame.connection
    users = _one(con, "select coalesce(max(user_no), -1) + 1 from user_code")
    subjects = _one(con, "select coalesce(max(subject_no), -1) + 1 from subject_code")
    end = int(frame.window.end.timestamp())
    start = max(int(frame.window.start.timestamp()) // _DAY - days_before, frame.first_day) * _DAY
    rows = _columns(
        con,
        f"""select rowid as place, user_no, subject_no, epoch(occurred_at)::bigint as moment
            from access where occurred_at >= to_timestamp({start})::timestamp
              and action not in ('denied', 'other') order by {_ORDER}""",
    )
    rows_of = _grouped(rows["user_no"], np.arange(rows["moment"].size), keys=users)
    areas = _areas(con, users)
    left, held = _left(con, start=start, end=end), _held(con, start=start, end=end)
    return OwnLog(
        start=start,
        end=end,
        place=rows["place"],
        at=rows["moment"],
        subject=rows["subject_no"],
        rows_of=rows_of,
        users=np.flatnonzero(np.diff(rows_of.starts) >= _LEAST_ROWS),
        team_mates=_pairs(con, _TEAM_MATES, keys=users),
        people_near=_pairs(con, _PEOPLE_NEAR, keys=areas.count),
        area_of=areas.of_user,
        people=_list(con, _OF_KIND.format(kind="person")),
        vehicles=_list(con, _OF_KIND.format(kind="vehicle")),
        marked=_list(con, _MARKED),
        watched=_list(con, _WATCHED),
        circle=_pairs(con, "select subject_no as key, linked_no as value from link", keys=subjects),
        changes=_pairs(con, _CHANGES.format(start=start, end=end), keys=subjects),
        entries=_pairs(con, _ENTRIES.format(start=start, end=end), keys=subjects),
        own_ties=_pairs(con, _OWN_TIES, keys=users),
        mates_records=_pairs(con, _MATES_RECORDS, keys=users),
        left=_grouped(left["user_no"], np.arange(left["moment"].size), keys=users),
        left_subject=left["subject_no"],
        left_at=left["moment"],
        held=_grouped(held["user_no"], np.arange(held["moment"].size), keys=users),
        held_subject=held["subject_no"],
        held_from=held["moment"],
    )


_TEAM_MATES: Final = """
    select distinct a.user_no as key, b.user_no as value
    from post a join post b using (team) where a.user_no <> b.user_no
"""

_AREA_CODE: Final = """
    select area, row_number() over (order by area) - 1 as area_no
    from (select distinct area from post where area is not null)
"""

_PEOPLE_NEAR: Final = f"""
    select area_no as key, subject_no as value
    from subjects join subject_alias using (subject_id) join ({_AREA_CODE}) using (area)
    where subject_type = 'person'
"""

_OF_KIND: Final = """
    select distinct subject_no as value from subject_code join subject_kind using (subject_no)
    where subject_type = '{kind}'
"""

_MARKED: Final = """
    select distinct subject_no as value from subjects join subject_alias using (subject_id)
    where coalesce(markers, '') <> '' and coalesce(subject_type, 'person') = 'person'
"""

_WATCHED: Final = """
    select distinct subject_no as value from watched_records join subject_alias using (subject_id)
"""

_CHANGES: Final = """
    select subject_no as key, epoch(changed_at)::bigint as value
    from record_changes join subject_alias using (subject_id)
    where epoch(changed_at) >= {start} and epoch(changed_at) < {end}
"""

# What the detector `new_entry` counts as new: a change, or an incident that names the person.
_ENTRIES: Final = f"""
    {_CHANGES} union all
    select subject_no, epoch(opened_at)::bigint
    from party join case_span using (case_no)
    where epoch(opened_at) >= {{start}} and epoch(opened_at) < {{end}}
"""

_OWN_TIES: Final = """
    with own as (
        select distinct u.user_no, unnest([s.person_subject_id, s.address_subject_id]) as subject_id
        from staff s join user_code u using (user_id)
        union select u.user_no, d.subject_id
        from declared_associations d join user_code u using (user_id)
    ), named as (
        select user_no, subject_no from own join subject_alias using (subject_id)
    ), around as (
        select user_no, linked_no as subject_no from named join link using (subject_no)
    )
    select user_no as key, subject_no as value from (from named union from around)
"""

_MATES_RECORDS: Final = """
    select distinct a.user_no as key, p.subject_no as value
    from post a join post b on b.team = a.team and b.user_no <> a.user_no
    join user_code u on u.user_no = b.user_no join staff s on s.user_id = u.user_id
    join subject_alias p on p.subject_id = s.person_subject_id
"""


def _left(con: duckdb.DuckDBPyConnection, *, start: int, end: int) -> dict[str, Ints]:
    """People of cases that a user was tasked to, and when that ended, inside the span."""
    return _columns(
        con,
        f"""select user_no, subject_no, max(epoch(until_at))::bigint as moment from claim
            where user_no is not null and year(until_at) < 9000 group by all
            having moment >= {start} and moment < {end} order by all""",
    )


def _held(con: duckdb.DuckDBPyConnection, *, start: int, end: int) -> dict[str, Ints]:
    """People of cases that a user is tasked to, and since when, inside the span."""
    return _columns(
        con,
        f"""select user_no, subject_no, min(epoch(from_at))::bigint as moment from claim
            where user_no is not null and year(from_at) > 1000 group by all
            having moment >= {start} and moment < {end} order by all""",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Areas:
    count: int
    of_user: Ints


def _areas(con: duckdb.DuckDBPyConnection, users: int) -> _Areas:
    rows = _columns(
        con,
        f"""select user_no, max(area_no) as area_no
            from post join ({_AREA_CODE}) using (area) group by all""",
    )
    of_user = np.full(users, -1, dtype=np.int64)
    of_user[rows["user_no"]] = rows["area_no"]
    return _Areas(count=int(of_user.max(initial=-1)) + 1, of_user=of_user)


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(con.execute(sql).fetchall()[0][0])


def _columns(con: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Ints]:
    found = con.execute(sql).fetchnumpy()
    return {name: np.ma.filled(column, -1).astype(np.int64) for name, column in found.items()}


def _list(con: duckdb.DuckDBPyConnection, sql: str) -> Ints:
    return np.unique(_columns(con, sql)["value"])


def _pairs(con: duckdb.DuckDBPyConnection, sql: str, *, keys: int) -> Grouped:
    found = _columns(con, f"select distinct key, value from ({sql}) order by key, value")
    return _grouped(found["key"], found["value"], keys=keys)


def _grouped(key: Ints, values: Ints, *, keys: int) -> Grouped:
    """Values by a key that ascends."""
    starts = np.searchsorted(key, np.arange(keys + 1)).astype(np.int64)
    return Grouped(starts=starts, values=values)
