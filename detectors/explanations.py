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


_IN_TIME = "v.started_at >= c.from_at - $before and v.started_at < c.until_at + $after"


def _claimed(visits: str, *, person: str = "v.subject_no", by: str = "") -> str:
    """Selects the visits whose user, or whose user's team, had a claim on a person at the time."""
    return f"""
        select v.visit_no from {visits} v {by}
        join claim c on c.user_no = v.user_no and c.subject_no = {person}
        where {_IN_TIME}
        union all
        select v.visit_no from {visits} v {by}
        join post m on m.user_no = v.user_no
                   and v.started_at >= m.valid_from and v.started_at < m.valid_to
        join claim c on c.user_no is null and c.team = m.team and c.subject_no = {person}
        where {_IN_TIME}
    """


_TASKED_VISIT = _claimed("visit_plain")

_REQUESTED_VISIT = _claimed("visit_asked")

_CIRCLE_VISIT = _claimed(
    "visit_plain", person="l.linked_no", by="join link l on l.subject_no = v.subject_no"
)

_REFERENCED_VISIT = """
    select v.visit_no from visit_plain v
    join (select distinct user_no, subject_no, visit_ordinal, day, case_ref from visit_row
          where case_ref is not null) r using (user_no, subject_no, visit_ordinal, day)
    join party p on p.case_ref = r.case_ref and p.subject_no = v.subject_no
    join case_span c on c.case_ref = r.case_ref
    where v.started_at >= c.opened_at - $before and v.started_at < c.closed_at + $after
"""

_COLLEAGUE_VISIT = """
    select v.visit_no from visit_plain v
    join post m on m.user_no = v.user_no
               and v.started_at >= m.valid_from and v.started_at < m.valid_to
    join claim c on c.team = m.team and c.subject_no = v.subject_no and c.user_no <> v.user_no
    where v.started_at >= c.from_at - $colleague and v.started_at < c.until_at + $colleague
"""

_DISPATCH_VISIT = """
    select v.visit_no from visit_plain v
    join visit_duty d using (visit_no)
    join post m on m.user_no = v.user_no
               and v.started_at >= m.valid_from and v.started_at < m.valid_to
    join just_opened o on o.subject_no = v.subject_no and o.area = m.area and o.day = v.day
    where d.on_duty is distinct from false
      and v.started_at >= o.from_at and v.started_at < o.until_at
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
        looks_for="an incident of their own area that names the person, just opened while they "
        "were on duty",
    ),
)


def testable(feeds: frozenset[str]) -> tuple[Template, ...]:
    """The templates that the loaded feeds allow to be tested."""
    return tuple(template for template in TEMPLATES if template.needs <= feeds)


def lay_explanations(
    connection: duckdb.DuckDBPyConnection, limits: Limits, feeds: frozenset[str]
) -> None:
    """Lays `explained`: a row for each kind of record that explains a visit, however weakly.

    The place is the template's in the order of strength; of two explanations of one level the
    earlier is named.
    """
    connection.execute("""
        create or replace temp table explained
        (visit_no bigint, kind varchar, level integer, place integer)
    """)
    for place, template in enumerate(TEMPLATES):
        if template.needs <= feeds:
            connection.execute(
                f"""insert into explained
                    select distinct visit_no, '{template.kind}', {template.level}, {place}
                    from ({template.sql})""",
                _values(limits, template.sql),
            )


def _values(limits: Limits, sql: str) -> Mapping[str, object]:
    known = {
        "before": limits.before,
        "after": limits.after,
        "colleague": limits.colleague,
        "dispatch": limits.dispatch,
    }
    return {name: value for name, value in known.items() if f"${name}" in sql}
