"""Whether unexplained looks lean to people who carry a marker of vulnerability."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.rolling import running, spans
from detectors.stats.cells import Cells
from detectors.stats.user_laws import UserSample, surprising_share_of_users
from detectors.strata import reading_of, told_together


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerShare:
    r"""Do this member of staff's unexplained looks lean to people with a marker of vulnerability?

    Statistic:    Of the $m_w$ different people whom the user looked up without an explanation in
                  the last $w$ = 28 and 90 days, the number $v_w$ with a marker of vulnerability on
                  record. $v_w$ of $m_w$ is beta-binomial with the mean and precision of the users
                  of the role in the area, of the role where those are fewer than fifty, or of
                  everybody; beyond one in as many as there are users, half of the logarithm counts.
                  E-values of the mid-p are averaged.
    Assumes:      Work brings members of staff of one role and area to people with markers alike; a
                  unit for domestic abuse is a role of its own.
    False alarms: A safeguarding post without a role of its own, a patrol for women's safety, a
                  project on repeat victims. Measured in tests/detectors/test_calibration.py.
    Blind to:     Vulnerability that nobody put on record; one person alone; looks that a record
                  explains. It is of the member of staff, the same for everybody they looked up.
    Source:       Skellam, A probability distribution derived from the binomial distribution, JRSS
                  B, 1948; Office of the Legislative Auditor, Law Enforcement's Use of State
                  Databases, Minnesota, 2013.
    """

    name: ClassVar[str] = "marker_share"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "people with a marker among those looked up unexplained"
    asks_of: ClassVar[str] = "user"
    needs: ClassVar[frozenset[str]] = frozenset({"subjects"})
    sharpened_by: ClassVar[frozenset[str]] = frozenset(
        {"staff", "taskings", "cases", "case_subjects"}
    )

    windows_days: tuple[int, ...] = (28, 90)
    markers: tuple[str, ...] = (  # words of a marker, in small letters, joined by _
        *("domestic_abuse", "domestic_violence", "da_victim", "dv_victim", "marac", "refuge"),
        *("stalking", "harassment", "sexual_offence_victim", "rape_victim", "sex_work"),
        *("sex_worker", "exploitation", "cse", "trafficking", "modern_slavery", "honour_based"),
        *("missing", "mental_health", "self_harm", "suicide", "care", "looked_after"),
        *("vulnerable", "vulnerability"),
    )

    def measure(self, frame: Frame) -> Measured | Abstention:
        """People looked up unexplained in each window, and those of them with a marker."""
        windows = ", ".join(
            f"span_{days} as ({self._marked_spans(days)}), people_{days} as ("
            + running(
                f"span_{days}",
                keys="user_no",
                sums=f"sum(step) as people_{days}, sum(step * marked) as marked_{days}",
            )
            + ")"
            for days in self.windows_days
        )
        joins = " ".join(
            f"asof left join people_{days} on people_{days}.user_no = a.user_no "
            f"and people_{days}.day <= a.day"
            for days in self.windows_days
        )
        chosen = ", ".join(
            f"coalesce({name}_{days}, 0) as {name}_{days}"
            for days in self.windows_days
            for name in ("people", "marked")
        )
        counts = frame.columns(
            f"""
            with fact as (
                select subject_no, len(list_filter($markers, lambda word: contains(
                           '_' || array_to_string(markers, '_') || '_', '_' || word || '_'
                       ))) > 0 as marked
                from subject_fact left join subject_kind using (subject_no)
                where coalesce(subject_type, 'person') in ('person', 'unknown')
            ), seen as (
                select distinct user_no, subject_no, day
                from visit semi join active using (user_no)
                where coalesce(level, 0) = 0
                  and day > (select min(day) from active) - {max(self.windows_days)}
            ), {windows}, based as (
                select a.user_no, a.day,
                       arg_max(c.area_no, (p.valid_from, c.area_no)) as area_no
                from (select distinct user_no, day from active) a
                join post p on p.user_no = a.user_no
                           and p.valid_from < a.day + interval 1 day and p.valid_to > a.day
                join area_code c on c.area = p.area
                group by all
            )
            select a.row_no, coalesce(area_no + 1, 0) as area_no, {chosen}
            from active a left join based b on b.user_no = a.user_no and b.day = a.day {joins}
            """,
            markers=list(self.markers),
        )
        return laid_on(frame, counts)

    def _marked_spans(self, days: int) -> str:
        one = spans("seen", keys="user_no", thing="subject_no", days=days)
        return f"select s.*, marked::int as marked from ({one}) s join fact using (subject_no)"

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the share with a marker departs from that of comparable staff."""
        areas = max(_areas(measured), _areas(baseline.peers))
        readings = []
        for days in self.windows_days:
            share = surprising_share_of_users(
                _marked(measured, days, areas=areas),
                peers=_marked(baseline.peers, days, areas=areas),
            )
            readings.append(
                reading_of(share, span=days, observed=measured.counts[f"marked_{days}"])
            )
        return told_together(readings)

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        people = row.counts[f"people_{row.span:.0f}"]
        return (
            f"of {people:.0f} people looked up unexplained in {row.span:.0f} days, "
            f"{row.observed:.0f} carry a marker of vulnerability; comparable staff ({row.role}): "
            f"{row.expected:.1f}"
        )


def _areas(measured: Measured) -> int:
    """How many areas there are, nowhere included."""
    return int(measured.counts["area_no"].max(initial=0)) + 1


def _marked(measured: Measured, days: int, *, areas: int) -> UserSample:
    """Of the people looked up unexplained, those with a marker; cells are role by area."""
    number = np.arange(len(measured.roles) * areas)
    area = measured.counts["area_no"].astype(np.int64)
    return UserSample(
        counts=measured.counts[f"marked_{days}"],
        trials=measured.counts[f"people_{days}"],
        cells=Cells(of_row=measured.role_no * areas + area, parent_of=number // areas),
        users=measured.user_no,
    )
