"""Does a record explain this visit? The templates, in order of strength."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import duckdb

from detectors.model import Limits

NONE, PARTLY, EXPLAINS = 0, 1, 2  # levels of an explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One kind of lawful reason that records can show."""

    kind: str
    level: int  # 1 partly explains, 2 explains
    needs: frozenset[str]  # feeds without which it cannot be tested
    looks_for: str  # in words, for people
    sql: str  # selects visit_no of the visits it explains


_TASKED_VISIT = """
    select v.visit_no from visit_plain v
    join party p on p.subject_no = v.subject_no
    join tasked t on t.case_ref = p.case_ref and t.user_no = v.user_no
    where v.started_at >= t.starts_at - $before and v.started_at < t.ends_at + $after
"""

_REQUESTED_VISIT = """
    select v.visit_no from visit_plain v
    join (select distinct user_no, subject_no, visit_ordinal, day, requester_no from visit_row
          where requester_no is not null and requester_no <> user_no) r using (user_no, subject_no, visit_ordinal, day)
    join party p on p.subject_no = v.subject_no
    join tasked t on t.case_ref = p.case_ref and t.user_no = r.requester_no
    where v.started_at >= t.starts_at - $before and v.started_at < t.ends_at + $after
"""

_REFERENCED_VISIT = """
    select v.visit_no from visit_plain v
    join (select distinct user_no, subject_no, visit_ordinal, day, case_ref from visit_row
          where case_ref is not null) r using (user_no, subject_no, visit_ordinal, day)
    join party p on p.case_ref = r.case_ref and p.subject_no = v.subject_no
    join case_span c on c.case_ref = r.case_ref
    where v.started_at >= c.opened_at - $before and v.started_at < c.closed_at + $after
"""

_CIRCLE_VISIT = """
    select v.visit_no from visit_plain v
    join link l on l.subject_no = v.subject_no
    join party p on p.subject_no = l.linked_no
    join tasked t on t.case_ref = p.case_ref and t.user_no = v.user_no
    where v.started_at >= t.starts_at - $before and v.started_at < t.ends_at + $after
"""

_COLLEAGUE_VISIT = """
    select v.visit_no from visit_plain v
    join post m on m.user_no = v.user_no and v.started_at >= m.valid_from and v.started_at < m.valid_to
    join party p on p.subject_no = v.subject_no
    join tasked t on t.case_ref = p.case_ref and t.team = m.team and t.user_no <> v.user_no
    where v.started_at >= t.starts_at - $colleague and v.started_at < t.ends_at + $colleague
"""

_DISPATCH_VISIT = """
    select v.visit_no from visit_plain v
    join visit_duty d using (visit_no)
    join post m on m.user_no = v.user_no and v.started_at >= m.valid_from and v.started_at < m.valid_to
    join party p on p.subject_no = v.subject_no
    join case_span c on c.case_ref = p.case_ref and c.area = m.area
    where d.on_duty is distinct from false
      and v.started_at >= c.opened_at - $before
      and v.started_at < least(c.closed_at, c.opened_at + $dispatch)
"""

TEMPLATES: Final = (
    Template(
        kind="tasking",
        level=EXPLAINS,
        needs=frozenset({"taskings", "case_subjects"}),
        sql=_TASKED_VISIT,
        looks_for="a tasking of the member of staff or their team to a case that names the person",
    ),
    Template(
        kind="requester",
        level=EXPLAINS,
        needs=frozenset({"taskings", "case_subjects"}),
        sql=_REQUESTED_VISIT,
        looks_for="a request by somebody tasked to a case that names the person",
    ),
    Template(
        kind="case_reference",
        level=PARTLY,
        needs=frozenset({"cases", "case_subjects"}),
        sql=_REFERENCED_VISIT,
        looks_for="a typed case reference that was open and names the person",
    ),
    Template(
        kind="tasked_circle",
        level=PARTLY,
        needs=frozenset({"taskings", "case_subjects", "subject_links"}),
        sql=_CIRCLE_VISIT,
        looks_for="a tasking to a case that names somebody linked to the person",
    ),
    Template(
        kind="colleague",
        level=PARTLY,
        needs=frozenset({"taskings", "case_subjects", "staff"}),
        sql=_COLLEAGUE_VISIT,
        looks_for="a team-mate's tasking within a few days to a case that names the person",
    ),
    Template(
        kind="dispatch",
        level=PARTLY,
        needs=frozenset({"cases", "case_subjects", "staff"}),
        sql=_DISPATCH_VISIT,
        looks_for="an incident of their own area that names the person, just opened while they were on duty",
    ),
)


def testable(feeds: frozenset[str]) -> tuple[Template, ...]:
    """The templates that the loaded feeds allow to be tested."""
    return tuple(template for template in TEMPLATES if template.needs <= feeds)


def lay_explanations(
    connection: duckdb.DuckDBPyConnection, limits: Limits, feeds: frozenset[str]
) -> None:
    """Lays `explained`: visit_no, kind, level for every visit that a record explains, however weakly."""
    _lay_records(connection)
    connection.execute(
        "create or replace temp table explained (visit_no bigint, kind varchar, level integer)"
    )
    values = _values(limits)
    for template in testable(feeds):
        wanted = {name: value for name, value in values.items() if f"${name}" in template.sql}
        connection.execute(
            f"insert into explained select distinct visit_no, '{template.kind}', {template.level} from ({template.sql})",
            wanted,
        )


def _values(limits: Limits) -> Mapping[str, object]:
    return {
        "before": limits.before,
        "after": limits.after,
        "colleague": limits.colleague,
        "dispatch": limits.dispatch,
    }


def _lay_records(connection: duckdb.DuckDBPyConnection) -> None:
    """Lays `post`, `case_span`, `party` and `tasked`: who worked where, and who was sent to what.

    An end that was never written down is the case's own end, and without that the end of time.
    """
    connection.execute("""
        create or replace temp table post as
        select u.user_no, s.role, s.team, s.area, s.supervisor_id,
               coalesce(s.valid_from, timestamp '0001-01-01') as valid_from,
               coalesce(s.valid_to, timestamp '9999-01-01') as valid_to
        from staff s join user_code u using (user_id);

        create or replace temp table case_span as
        select case_ref, type, area, coalesce(opened_at, timestamp '0002-01-01') as opened_at,
               coalesce(closed_at, timestamp '9000-01-01') as closed_at
        from cases where case_ref is not null;

        create or replace temp table party as
        select distinct p.case_ref, s.subject_no, p.role
        from case_subjects p join subject_code s using (subject_id) where p.case_ref is not null;

        create or replace temp table tasked as
        with sent as (
            select u.user_no, m.team, t.case_ref, t.starts_at, t.ends_at
            from taskings t join user_code u using (user_id)
            left join post m on m.user_no = u.user_no and t.starts_at >= m.valid_from and t.starts_at < m.valid_to
            union all
            select m.user_no, t.team, t.case_ref, t.starts_at, t.ends_at
            from taskings t join post m on m.team = t.team
            where t.user_id is null
        )
        select s.user_no, s.team, s.case_ref, s.starts_at,
               coalesce(s.ends_at, c.closed_at, timestamp '9000-01-01') as ends_at
        from sent s left join case_span c using (case_ref)
        where s.starts_at is not null;
    """)
