"""The kinds of lawful reason that records can show, each with the query that finds it."""

from dataclasses import dataclass
from typing import Final

NONE, PARTLY, EXPLAINS = 0, 1, 2  # levels of an explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One kind of lawful reason that records can show."""

    kind: str
    level: int  # 1 partly explains, 2 explains
    needs: frozenset[str]  # feeds without which it cannot be tested
    looks_for: str  # in words, for people
    sql: str  # selects visit_no of the visits it explains, and case_no of the case that does it


_IN_TIME = "v.started_at >= c.from_at - $before and v.started_at < c.until_at + $after"
_WHILE_OPEN = "v.started_at >= c.opened_at - $before and v.started_at < c.closed_at + $after"
_TRUSTED = "v.started_at >= c.trusted_from"
_IN_POST = """join post m on m.user_no = v.user_no
              and v.started_at >= m.valid_from and v.started_at < m.valid_to"""


def _claimed(visits: str) -> str:
    """Selects the visits whose user, or whose user's team, had a claim on the person then."""
    return f"""
        select v.visit_no, c.case_no from {visits} v
        join claim c on c.user_no = v.user_no and c.subject_no = v.subject_no
        where {_IN_TIME} and {_TRUSTED}
        union all
        select v.visit_no, c.case_no from {visits} v {_IN_POST}
        join claim c on c.user_no is null and c.team = m.team and c.subject_no = v.subject_no
        where {_IN_TIME}
    """


_TASKED_VISIT = _claimed("visit_plain")

_REQUESTED_VISIT = _claimed("visit_asked")

# Claims of teams are spread over the circle before visits are asked: otherwise the engine may join
# every visit of a team to everything that the team was ever sent to.
_CIRCLE_VISIT = f"""
    with around as materialized (
        select l.subject_no, c.team, c.case_no, c.from_at, c.until_at
        from link l join claim c on c.subject_no = l.linked_no where c.user_no is null
    )
    select v.visit_no, c.case_no from visit_plain v join link l on l.subject_no = v.subject_no
    join claim c on c.user_no = v.user_no and c.subject_no = l.linked_no
    where {_IN_TIME} and {_TRUSTED}
    union all
    select v.visit_no, c.case_no from visit_plain v {_IN_POST}
    join around c on c.subject_no = v.subject_no and c.team = m.team
    where {_IN_TIME}
"""

_UNCONFIRMED_VISIT = f"""
    select v.visit_no, c.case_no from visit_plain v
    join claim c on c.user_no = v.user_no and c.subject_no = v.subject_no
    where {_IN_TIME} and not {_TRUSTED}
"""

_REFERENCED_VISIT = f"""
    select v.visit_no, c.case_no from visit_plain v
    join (select distinct user_no, subject_no, visit_ordinal, day, case_ref from visit_row
          where case_ref is not null) r using (user_no, subject_no, visit_ordinal, day)
    join case_span c on c.case_ref = r.case_ref
    join party p on p.case_no = c.case_no and p.subject_no = v.subject_no
    where {_WHILE_OPEN}
"""

_COLLEAGUE_VISIT = f"""
    select v.visit_no, c.case_no from visit_plain v {_IN_POST}
    join claim c on c.team = m.team and c.subject_no = v.subject_no and c.user_no <> v.user_no
    where v.started_at >= c.from_at - $colleague and v.started_at < c.until_at + $colleague
"""

_DISPATCH_VISIT = f"""
    select v.visit_no, o.case_no from visit_plain v
    join visit_duty d using (visit_no) {_IN_POST}
    join just_opened o on o.subject_no = v.subject_no and o.area = m.area and o.day = v.day
    where d.on_duty is distinct from false
      and v.started_at >= o.from_at and v.started_at < o.until_at
"""

_SUPERVISED = """
    v.started_at >= c.from_at - $before and v.started_at < c.until_at + $supervision
    and v.started_at >= o.valid_from and v.started_at < o.valid_to
"""

_SUPERVISING_VISIT = f"""
    select v.visit_no, c.case_no from visit_plain v
    join oversight o on o.supervisor_no = v.user_no
    join claim c on c.user_no = o.user_no and c.subject_no = v.subject_no
    where {_SUPERVISED}
    union all
    select v.visit_no, c.case_no from visit_plain v
    join oversight o on o.supervisor_no = v.user_no
    join claim c on c.user_no is null and c.team = o.team and c.subject_no = v.subject_no
    where {_SUPERVISED}
"""

_FRESH = """
    v.started_at >= o.from_at and v.started_at < o.until_at and d.on_duty is distinct from false
"""

_OWN_REPORT_VISIT = f"""
    select v.visit_no, o.case_no from visit_plain v
    join visit_duty d using (visit_no) {_IN_POST}
    join fresh_report o on o.subject_no = v.subject_no and o.area = m.area and o.day = v.day
    where {_FRESH}
    union all
    select v.visit_no, o.case_no from visit_plain v
    join visit_duty d using (visit_no)
    join fresh_report o on o.subject_no = v.subject_no and o.day = v.day
    join claim k on k.user_no = v.user_no and k.subject_no = v.subject_no and k.case_no = o.case_no
    where {_FRESH}
"""

_RESPONSIBLE_VISIT = f"""
    select v.visit_no, c.case_no from visit_plain v {_IN_POST}
    join responsible r on r.role = m.role and r.week = date_trunc('week', v.day)
    join case_span c on c.type = r.type
    join party p on p.subject_no = v.subject_no and p.case_no = c.case_no
    where {_WHILE_OPEN}
"""

_COURT_VISIT = """
    select v.visit_no, c.case_no from visit_plain v
    join at_court a on a.user_no = v.user_no
                   and v.started_at >= a.from_at - $court and v.started_at < a.until_at + $court
    join claim c on c.user_no = v.user_no and c.subject_no = v.subject_no
    where v.started_at >= c.from_at and v.started_at >= c.trusted_from
"""

_TASKINGS: Final = frozenset({"taskings", "case_subjects"})
_CASES: Final = frozenset({"cases", "case_subjects"})
_STAFF: Final = frozenset({"staff"})

TEMPLATES: Final = (
    Template(
        kind="tasking",
        level=EXPLAINS,
        needs=_TASKINGS,
        sql=_TASKED_VISIT,
        looks_for="a tasking of the member of staff or their team to a case that names the person",
    ),
    Template(
        kind="requester",
        level=EXPLAINS,
        needs=_TASKINGS,
        sql=_REQUESTED_VISIT,
        looks_for="a request by somebody tasked to a case that names the person",
    ),
    Template(
        kind="unconfirmed_tasking",
        level=PARTLY,
        needs=_TASKINGS,
        sql=_UNCONFIRMED_VISIT,
        looks_for="a tasking shared with nobody, to a case opened or written down only after a "
        "look at the person",
    ),
    Template(
        kind="case_reference",
        level=PARTLY,
        needs=_CASES,
        sql=_REFERENCED_VISIT,
        looks_for="a typed case reference that was open and names the person",
    ),
    Template(
        kind="tasked_circle",
        level=PARTLY,
        needs=_TASKINGS | {"subject_links"},
        sql=_CIRCLE_VISIT,
        looks_for="a tasking to a case that names somebody linked to the person",
    ),
    Template(
        kind="colleague",
        level=PARTLY,
        needs=_TASKINGS | _STAFF,
        sql=_COLLEAGUE_VISIT,
        looks_for="a team-mate's tasking within a few days to a case that names the person",
    ),
    Template(
        kind="supervisor",
        level=PARTLY,
        needs=_TASKINGS | _STAFF,
        sql=_SUPERVISING_VISIT,
        looks_for="a tasking of somebody they supervise to a case that names the person",
    ),
    Template(
        kind="dispatch",
        level=PARTLY,
        needs=_CASES | _STAFF,
        sql=_DISPATCH_VISIT,
        looks_for="an incident of their own area that names the person, just opened while they "
        "were on duty",
    ),
    Template(
        kind="own_report",
        level=PARTLY,
        needs=_CASES | _STAFF,
        sql=_OWN_REPORT_VISIT,
        looks_for="a fresh report by the person as caller, victim or witness, in their own area or "
        "taken by them",
    ),
    Template(
        kind="court",
        level=PARTLY,
        needs=_TASKINGS | {"shifts"},
        sql=_COURT_VISIT,
        looks_for="a day at court, after a tasking to a case that names the person",
    ),
    Template(
        kind="responsibility",
        level=PARTLY,
        needs=_TASKINGS | _CASES | _STAFF,
        sql=_RESPONSIBLE_VISIT,
        looks_for="an open case that names the person, of a type that the taskings of earlier "
        "weeks show to be their role's work",
    ),
)

# What people decided, and no feed tells: it is found, or there is nothing to say of it.
DECIDED: Final = Template(
    kind="decided_legitimate",
    level=EXPLAINS,
    needs=frozenset(),
    sql="""
        select v.visit_no, null::bigint as case_no from visit_plain v
        join allowed a on a.user_no = v.user_no and a.subject_no = v.subject_no
                      and v.started_at >= a.from_at and v.started_at < a.until_at
    """,
    looks_for="a decision that lookups of the person by the member of staff are legitimate",
)


def testable(feeds: frozenset[str]) -> tuple[Template, ...]:
    """The templates that the loaded feeds allow to be tested."""
    return tuple(template for template in TEMPLATES if template.needs <= feeds)
