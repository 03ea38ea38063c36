"""Whether somebody looked up is known to the member of staff in private life."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.model.detector import Floats
from detectors.rolling import running, spans
from detectors.stats import poisson
from detectors.stats.conditional import Sample
from detectors.stats.events import event_share
from detectors.stats.hurdle import event_alone
from detectors.strata import SpanReading, sample, told_together

_TIES = {
    "own_record": "their own record",
    "own_address": "their own address",
    "declared": "an association they declared",
    "one_household": "linked to their own record or address",
    "colleague": "a colleague whom they do not manage",
}
_ON_THE_DAY = 1  # the span of a tie: it holds on the day of the look


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownToThem:
    r"""Is this person known to the member of staff: themselves, family, neighbour or colleague?

    Statistic:    Ties on record between the two: own record, own address, a declared association, a
                  record linked to their own person or address, a colleague whom they do not manage.
                  Whether a pair has one is an event of chance $\pi_u$, the role's share, or the
                  user's own with others where that is larger: $p = \pi_u$ if there is, 1 if not.
                  And where the person bears the
                  user's surname: of $m$ people looked up in 90 days, $k$ families bear it, Poisson
                  of mean $m f$, $f$ the share of the name among the people on record in the user's
                  area. E-values of the two mid-p are averaged.
    Assumes:      Whom work brings before a member of staff has nothing to do with their own name
                  and home; families are told apart by recorded links.
    False alarms: Namesakes, a beat where one lives, a colleague as victim or witness, a test of a
                  new system on oneself. Measured in tests/detectors/test_calibration.py.
    Blind to:     Friends, former partners and relatives by another name of whom nothing is on
                  record; a new surname.
    Source:       Office of the Legislative Auditor, Law Enforcement's Use of State Databases,
                  Minnesota, 2013.
    """

    name: ClassVar[str] = "known_to_them"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "ties on record, or families of the same surname"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset({"staff"})
    sharpened_by: ClassVar[frozenset[str]] = frozenset(
        {"subjects", "subject_links", "declared_associations", "taskings", "case_subjects"}
    )

    surname_days: int = 90
    least_names: int = 200  # people on record in an area, below which the whole force is asked

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Ties of each kind, and namesakes among the people looked up in the window."""
        connection = frame.connection
        connection.execute(_OWN)
        connection.execute(_NAME_SHARE, {"least": self.least_names})
        ties = frame.columns(_TIED)
        names = frame.columns(_namesakes(self.surname_days))
        return laid_on(frame, {**ties, **names})

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How rare a tie is in the role, and how rare so many namesakes, both paid for."""
        return told_together([_tie(measured, baseline), self._namesakes(measured)])

    def _namesakes(self, measured: Measured) -> SpanReading:
        counts = measured.counts
        known = ~np.isnan(counts["is_namesake"]) & (counts["expected_names"] > 0)
        bears = counts["is_namesake"] > 0
        mean = np.where(known, counts["expected_names"], 1.0)
        families = np.maximum(np.nan_to_num(counts["families"]), 1.0)

        def told(namesake: Floats) -> Floats:
            return np.where(known, np.where(bears, namesake, 1.0), np.nan)

        return SpanReading(
            span=self.surname_days,
            at_least=told(poisson.at_least(families, mean=mean)),
            middle=told(poisson.middle_p(families, mean=mean)),
            observed=np.where(bears, families, 0.0),
            expected=mean,
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        if row.span == self.surname_days:
            return (
                f"bears their surname, as do {row.observed:.0f} families among "
                f"{row.counts['people']:.0f} people looked up in {row.span:.0f} days; by the share "
                f"of the name in their area ({row.role}): {row.expected:.2f}"
            )
        kinds = ", ".join(said for name, said in _TIES.items() if row.counts[name] > 0)
        return (
            f"ties on record to this person: {row.observed:.0f} ({kinds or 'none'}); "
            f"comparable staff ({row.role}) have one to {row.expected:.2%} of those they look up"
        )


def _tie(measured: Measured, baseline: Baseline) -> SpanReading:
    judged = _tied(measured)
    peers, own = _tied(baseline.peers), _tied(baseline.own)
    # So few have any tie that to have had none with others makes the first no rarer.
    nobody = _tied(baseline.own.where(np.zeros(baseline.own.rows, dtype=np.bool_)))
    share = np.maximum(
        event_share(judged, peers=peers, own=own), event_share(judged, peers=peers, own=nobody)
    )
    found = event_alone(judged.counts, share=share)
    return SpanReading(
        span=_ON_THE_DAY,
        at_least=found.at_least,
        middle=found.middle,
        observed=measured.counts["ties"],
        expected=share,
    )


def _tied(measured: Measured) -> Sample:
    """Whether there is any tie."""
    return replace(sample(measured, "ties"), counts=np.minimum(measured.counts["ties"], 1.0))


_OWN = """
    create or replace temp table staff_own as
    select distinct u.user_no, lower(trim(s.surname)) as surname, s.area,
           m.user_no as supervisor_no, p.subject_no as person_no, h.subject_no as address_no,
           coalesce(s.valid_from, timestamp '0001-01-01') as valid_from,
           coalesce(s.valid_to, timestamp '9999-01-01') as valid_to
    from staff s join user_code u using (user_id)
    left join user_code m on m.user_id = s.supervisor_id
    left join subject_alias p on p.subject_id = s.person_subject_id
    left join subject_alias h on h.subject_id = s.address_subject_id
"""

_AT_THE_TIME = "o.valid_from < a.day + interval 1 day and o.valid_to > a.day"

_TIED = f"""
    with told as (
        select a.row_no, 'own_record' as kind
        from active a join staff_own o on o.user_no = a.user_no and o.person_no = a.subject_no
        union select a.row_no, 'own_address'
        from active a join staff_own o on o.user_no = a.user_no and o.address_no = a.subject_no
                                      and {_AT_THE_TIME}
        union select a.row_no, 'one_household'
        from active a join staff_own o on o.user_no = a.user_no and {_AT_THE_TIME}
        join link l on l.subject_no = a.subject_no
                   and l.linked_no in (o.person_no, o.address_no)
        union select a.row_no, 'colleague'
        from active a join staff_own o on o.person_no = a.subject_no and o.user_no <> a.user_no
                                      and o.supervisor_no is distinct from a.user_no
                                      and {_AT_THE_TIME}
        union select a.row_no, 'declared'
        from active a join user_code u on u.user_no = a.user_no
        join declared_associations d on d.user_id = u.user_id
        join subject_alias s on s.subject_id = d.subject_id and s.subject_no = a.subject_no
        where coalesce(d.valid_from, timestamp '0001-01-01') < a.day + interval 1 day
          and coalesce(d.valid_to, timestamp '9999-01-01') > a.day
    )
    select row_no, count(kind) as ties,
           {", ".join(f"count(*) filter (kind = '{kind}') as {kind}" for kind in _TIES)}
    from active left join told using (row_no) group by row_no
"""

_NAME_SHARE = """
    create or replace temp table name_share as
    with named as (
        select area, lower(trim(surname)) as surname, count(*) as people
        from subjects where trim(surname) <> '' group by all
    ), everybody as (
        select surname, sum(people) as bearers, (select sum(people) from named) as people
        from named group by surname
    ), of_area as (select area, sum(people) as people from named group by area)
    select u.user_no, u.area, u.surname,
           case when a.people >= $least
                then (coalesce(n.people, 0) + 0.5) / (a.people + 1)
                else (coalesce(e.bearers, 0) + 0.5) / (coalesce(e.people, 0) + 1)
           end as share
    from (select distinct user_no, area, surname from staff_own where surname <> '') u
    left join of_area a on a.area = u.area
    left join named n on n.area = u.area and n.surname = u.surname
    left join everybody e on e.surname = u.surname
"""


def _namesakes(days: int) -> str:
    """SQL of the families of the user's own name among the people looked up in the window."""
    people = spans("seen", keys="user_no", thing="subject_no", days=days)
    families = spans("alike", keys="user_no, surname", thing="family_no", days=days)
    return f"""
        with bearer as (
            select f.subject_no, f.surname,
                   least(f.subject_no, coalesce(min(g.subject_no), f.subject_no)) as family_no
            from subject_fact f semi join pair_day using (subject_no)
            left join link l on l.subject_no = f.subject_no
            left join subject_fact g on g.subject_no = l.linked_no and g.surname = f.surname
            where f.surname <> '' group by f.subject_no, f.surname
        ), seen as (
            select distinct v.user_no, v.subject_no, v.day, b.surname, b.family_no
            from visit v semi join active using (user_no) join bearer b using (subject_no)
            where coalesce(v.level, 0) < 2 and v.day > (select min(day) from active) - {days}
        ), alike as (
            select s.user_no, s.surname, s.family_no, s.day
            from seen s join (select distinct user_no, surname from staff_own) o
              on o.user_no = s.user_no and o.surname = s.surname
        ), people_span as ({people}), family_span as ({families}),
        people as ({running("people_span", keys="user_no", sums="sum(step) as people")}),
        family as ({running("family_span", keys="user_no, surname", sums="sum(step) as families")}),
        based as (
            select a.row_no, arg_max(n.surname, o.valid_from) as surname,
                   arg_max(n.share, o.valid_from) as share
            from active a join staff_own o on o.user_no = a.user_no and {_AT_THE_TIME}
            join name_share n on n.user_no = o.user_no and n.surname = o.surname
                             and n.area is not distinct from o.area
            group by a.row_no
        )
        select a.row_no, people, coalesce(families, 0) as families,
               people * share as expected_names, (r.surname = b.surname)::int as is_namesake
        from active a join based b on b.row_no = a.row_no
        join bearer r on r.subject_no = a.subject_no
        asof left join people on people.user_no = a.user_no and people.day <= a.day
        asof left join family on family.user_no = a.user_no and family.surname = b.surname
                            and family.day <= a.day
    """
