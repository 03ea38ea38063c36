"""Two members of staff who look up the same unrelated people, neither with a reason on file."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.model.detector import Floats
from detectors.stats.cells import Cells
from detectors.stats.evidence import evidence_value
from detectors.stats.in_proportion import ProportionSample, surprising_for_its_base

_MOST_LOOKS = 40  # viewer days of one record in a fortnight, beyond which it pairs nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPeople:
    r"""Do this member of staff and one of another team look up the same people, unexplained?

    Statistic:    Of everybody on other teams who also looked at this person, the one $v$ with whom
                  the user $u$ shares most people $c$ in the last 14 days, unexplained for both; of
                  several, who looked up fewest, then one of the same area. A circle or the parties
                  of one case are one person. Beyond this person, $c - 1$ is negative
                  binomial of mean $\kappa (d_u - 1)(d_v - 1)$, with $d$ the people each looked at
                  unexplained: the configuration model $\sum_s (d_u h_s / H)(d_v h_s / H)$, whose
                  factor $\kappa = \sum_s (h_s / H)^2$ and overdispersion are those of the role, for
                  partners of the same area and of others. $p$ is multiplied by the number of
                  partners to choose from.
    Assumes:      Staff on different teams come upon the same people in proportion to how many each
                  looks up; teams are loaded, and a common incident links its people in the records.
    False alarms: A pair on a joint operation that no tasking shows; two beats with one border.
                  Measured in tests/detectors/test_calibration.py.
    Blind to:     Two members of one team; people whose record had more than 40 unexplained viewer
                  days in the fortnight; sharing spread over more than 14 days.
    Source:       Newman, Networks, 2nd ed., Oxford, 2018 (configuration model); Rubin-Delanchy,
                  Heard, Lawson, Meta-analysis of mid-p-values, JASA, 2019.
    """

    name: ClassVar[str] = "shared_people"
    version: ClassVar[int] = 2
    unit: ClassVar[str] = "people also looked up by one other member of staff, unexplained for both"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset({"staff", "taskings", "case_subjects"})
    sharpened_by: ClassVar[frozenset[str]] = frozenset({"cases", "subject_links"})

    window_days: int = 14

    def measure(self, frame: Frame) -> Measured | Abstention:
        """People shared with the closest partner, out of how many, and of how many partners."""
        _lay_alone(frame)
        _lay_met(frame, days=self.window_days)
        counts = frame.columns(f"""
            with mine as (select distinct user_no, day from active), shared as (
                select m.user_no, m.other_no, d.day, count(distinct m.ring_no) as shared,
                       bool_or(m.near) as near
                from met m join mine d on d.user_no = m.user_no
                 and d.day between m.from_day and m.to_day
                group by all
            ), wanted as (
                select distinct user_no, day from mine union select other_no, day from shared
            ), degree as (
                select w.user_no, w.day, count(distinct l.ring_no) as people
                from wanted w join looked_alone l on l.user_no = w.user_no
                 and l.day between w.day - {self.window_days - 1} and w.day
                group by all
            ), met_here as (
                select distinct a.row_no, a.user_no, m.other_no, a.day
                from active a join met m on m.user_no = a.user_no and m.subject_no = a.subject_no
                 and a.day between m.from_day and m.to_day
            ), best as (
                select h.row_no, count(*) as partners,
                       arg_max(struct_pack(shared, near, people), (shared, -people, near)) as best
                from met_here h join shared s using (user_no, other_no, day)
                join degree d on d.user_no = h.other_no and d.day = h.day
                group by all
            ), here as (
                select distinct a.row_no from active a join looked_alone l
                  on l.user_no = a.user_no and l.subject_no = a.subject_no
                 and l.day between a.day - {self.window_days - 1} and a.day
            )
            select row_no, coalesce(best.shared, 1) as shared, coalesce(partners, 0) as partners,
                   coalesce((d.people - 1) * (best.people - 1), 0) as chances,
                   coalesce(best.near, false)::int as near
            from here join active using (row_no) join degree d using (user_no, day)
            left join best using (row_no)
        """)
        return laid_on(frame, counts, reach=dict.fromkeys(counts, self.window_days))

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the closest partner's share departs, the choice of partner paid for."""
        shared = surprising_for_its_base(_sample(measured), peers=_sample(baseline.peers))
        choice = np.maximum(measured.counts["partners"], 1.0)
        return Tested(
            pvalue=np.minimum(shared.at_least * choice, 1.0),
            evidence_value=evidence_value(np.minimum(shared.middle * choice, 1.0)),
            observed=measured.counts["shared"],
            expected=1.0 + shared.expected,
            span=np.full(measured.rows, float(self.window_days)),
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        return (
            f"{row.observed:.0f} unrelated people, this one among them, were also looked up by one "
            f"other member of staff of another team within {row.span:.0f} days, unexplained for "
            f"both; staff in this role ({row.role}), by how many the two look up: "
            f"{row.expected:.1f}"
        )


def _lay_alone(frame: Frame) -> None:
    """Lays `looked_alone`: unexplained pair-days with ring, team and area; no crowds."""
    frame.connection.execute(f"""
        create or replace temp table looked_alone as
        with alone as (
            select user_no, subject_no, day from pair_day where unexplained_visits > 0
            qualify count(*) over (partition by subject_no order by day
                                   range between interval 13 day preceding and current row)
                    <= {_MOST_LOOKS}
        ), posted as (
            select a.user_no, a.day, arg_max(p.team, (p.valid_from, p.team)) as team,
                   arg_max(p.area, (p.valid_from, p.area)) as area
            from (select distinct user_no, day from alone) a
            join post p on p.user_no = a.user_no
                       and p.valid_from < a.day + interval 1 day and p.valid_to > a.day
            group by all
        )
        select alone.*, ring_no, team, area
        from alone join ring using (subject_no) left join posted using (user_no, day)
    """)


def _lay_met(frame: Frame, *, days: int) -> None:
    """Lays `met`: whom each user shares a person with, and from which day to which it counts."""
    frame.connection.execute(f"""
        create or replace temp table met as
        select distinct a.user_no, b.user_no as other_no, a.subject_no, a.ring_no,
               greatest(a.day, b.day) as from_day, least(a.day, b.day) + {days - 1} as to_day,
               coalesce(a.area = b.area, false) as near
        from looked_alone a join looked_alone b
          on b.subject_no = a.subject_no and b.user_no <> a.user_no
         and b.day between a.day - {days - 1} and a.day + {days - 1}
        where coalesce(a.team <> b.team, true)
    """)


def _sample(measured: Measured) -> ProportionSample:
    """People shared beyond this one, in cells of role by whether the partner is of the same area.

    The parent of a cell is the area's.
    """
    known = np.nan_to_num(measured.counts["near"]).astype(np.int64)
    extra: Floats = measured.counts["shared"] - 1.0
    of_cell = np.arange(2 * len(measured.roles))
    return ProportionSample(
        counts=extra,
        bases=measured.counts["chances"],
        cells=Cells(of_row=measured.role_no * 2 + known, parent_of=of_cell % 2),
    )
