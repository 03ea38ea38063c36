"""The same again after an earlier matter about the member of staff was decided."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.stats.before_after import SplitSample, surprising_after
from detectors.stats.cells import Cells
from detectors.stats.conditional import surprise
from detectors.stats.events import event_share
from detectors.stats.hurdle import hurdle
from detectors.strata import (
    SpanReading,
    once_a_day,
    reading_of,
    sample,
    samples,
    told_together,
    unexplainable,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterOutcome:
    r"""Does it happen again after an earlier matter about this member of staff was decided?

    Statistic:    From a week after the outcome to 84 days. Of this person: if they or their circle
                  were looked up unexplained in the 56 days before the outcome, the unexplained days
                  $A$ with them in the last 7 days (28, once so many have passed), else 0. A hurdle:
                  a pair has such days with chance $\pi_u$, as for users of the role around a day 7
                  (28) days ago at which nothing was decided; given one, $A - 1$ is negative
                  binomial as unexplained days with anybody and their circle are.
                  Of everybody: $K$ of the $n$ unexplained days before and after lie after;
                  $K$ is beta-binomial, its mean the share of working days that lie after, its
                  precision that of users of the role. E-values of the mid-p are averaged.
    Assumes:      Without relapse, lookups before and after an outcome are related no more than
                  before and after any other day.
    False alarms: A role that goes on lawfully with the same people and leaves no records; a change
                  of duties at the outcome. Measured in tests/detectors/test_calibration.py.
    Blind to:     The first week; what is more than 84 days after; outcomes nobody has loaded.
                  Says nothing of users without an outcome.
    Source:       Przyborowski, Wilenski, Homogeneity of results in testing samples from Poisson
                  series, Biometrika, 1940; Cragg, Econometrica, 1971.
    """

    name: ClassVar[str] = "after_outcome"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "unexplained days since an outcome"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset({"outcomes", "case_subjects"})
    sharpened_by: ClassVar[frozenset[str]] = frozenset(
        {"taskings", "cases", "staff", "subject_links"}
    )

    windows_days: tuple[int, ...] = (7, 28)
    before_days: int = 56
    after_days: int = 84

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Unexplained days after the outcome and before, of the person and of everybody."""
        if declined := unexplainable(self, frame):
            return declined
        self._lay_outcome_days(frame)
        usual = ", ".join(
            self._returned(f"a.day - {days}", days=days) for days in self.windows_days
        )
        bounds = (*self.windows_days, self.after_days + 1)
        again = ", ".join(
            f"""case when a.day - a.decided >= {days} and a.day - a.decided < {until}
                     then coalesce(again_{days}, 0) end as again_{days},
                coalesce(usual_{days}, 0) as usual_{days}, coalesce(any_{days}, 0) as any_{days}"""
            for days, until in zip(self.windows_days, bounds[1:], strict=True)
        )
        told = ", ".join(
            f"""{self._returned("a.decided", days=days, name="again")},
                count(*) filter (seen > a.day - {days}) as any_{days}"""
            for days in self.windows_days
        )
        counts = frame.columns(f"""
            with around as (
                select subject_no, subject_no as member_no from subject_code
                union select subject_no, linked_no from link
            ), asked as (
                select a.*, o.* exclude (user_no, day)
                from active a join outcome_day o using (user_no, day)
            ), seen as (
                select distinct a.row_no, a.day, a.decided, p.day as seen
                from asked a join around m using (subject_no)
                join pair_day p on p.user_no = a.user_no and p.subject_no = m.member_no
                 and p.day between a.day - {self.before_days + self.after_days} and a.day
                where p.unexplained_visits > 0
            ), counted as (select a.row_no, {usual}, {told} from seen a group by all)
            select row_no, {again}, days_after, days_in_all, exposure, usual_after,
                   usual_in_all, usual_exposure
            from asked a left join counted using (row_no)
        """)
        reach = {f"usual_{days}": days + self.before_days for days in self.windows_days}
        reach |= {f"any_{days}": days for days in self.windows_days}
        pseudo = dict.fromkeys(("usual_after", "usual_in_all"), self._pseudo_days())
        return laid_on(frame, counts, reach=reach | pseudo)

    def _pseudo_days(self) -> int:
        return max(self.windows_days) + self.before_days

    def _returned(self, split: str, *, days: int, name: str = "usual") -> str:
        """The SQL of unexplained days of late, nought unless there were some before a day."""
        return f"""
            count(*) filter (seen > a.day - {days})
            * max((seen between {split} - {self.before_days - 1} and {split})::int)
            as {name}_{days}
        """

    def _lay_outcome_days(self, frame: Frame) -> None:
        """Lays `outcome_day`: for each user and day the latest outcome, and days either side."""
        split, before = max(self.windows_days), self.before_days
        usual = f"w.day between a.day - {split + before - 1} and a.day"
        after, around = "w.day > a.decided", f"w.day > a.decided - {before}"
        frame.connection.execute(f"""
            create or replace temp table outcome_day as
            with asked as (
                select a.user_no, a.day, max(o.decided_at::date) as decided
                from (select distinct user_no, day from active) a
                left join user_code u using (user_no)
                left join outcomes o on o.user_id = u.user_id and o.decided_at::date < a.day
                 and o.decided_at::date >= a.day - {self.after_days}
                group by all
            ), worked as (
                select user_no, day, bool_or(unexplained_visits > 0) as untied
                from pair_day where visits > 0 group by all
            )
            select a.user_no, a.day, a.decided,
                   case when a.day - a.decided >= {min(self.windows_days)}
                        then count(*) filter (w.untied and {after}) end as days_after,
                   count(*) filter (w.untied and {around}) as days_in_all,
                   count(*) filter ({after}) / count(*) filter ({around}) as exposure,
                   count(*) filter (w.untied and w.day > a.day - {split}) as usual_after,
                   count(*) filter (w.untied and {usual}) as usual_in_all,
                   count(*) filter (w.day > a.day - {split}) / count(*) filter ({usual})
                       as usual_exposure
            from asked a join worked w on w.user_no = a.user_no
             and w.day between a.day - {before + self.after_days} and a.day
            group by a.user_no, a.day, a.decided
        """)

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How both depart from a day at which nothing was decided, the questions paid for."""
        return told_together(
            [
                *(self._person(days, measured, baseline=baseline) for days in self.windows_days),
                self._everybody(measured, baseline.peers),
            ]
        )

    def _person(self, days: int, measured: Measured, *, baseline: Baseline) -> SpanReading:
        judged = sample(measured, f"again_{days}")
        usual = samples(measured, baseline, name=f"usual_{days}")
        anybody = samples(measured, baseline, name=f"any_{days}")
        found = hurdle(
            judged.counts,
            share=event_share(judged, peers=usual.peers, own=usual.own),
            beyond=surprise(judged, peers=anybody.peers, own=anybody.own),
        )
        return reading_of(found, span=days, observed=judged.counts)

    def _everybody(self, measured: Measured, peers: Measured) -> SpanReading:
        found = surprising_after(
            _split(measured, after="days_after", in_all="days_in_all", exposure="exposure"),
            peers=_split(
                once_a_day(peers),
                after="usual_after",
                in_all="usual_in_all",
                exposure="usual_exposure",
            ),
        )
        return reading_of(found, span=self.after_days, observed=measured.counts["days_after"])

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        if row.span == self.after_days:
            return (
                f"{row.observed:.0f} of the days with an unexplained lookup, of anybody, lie after "
                f"an outcome about them; as before it, by working days, and as among comparable "
                f"staff ({row.role}): {row.expected:.1f}"
            )
        return (
            f"looked this person or their circle up before an outcome about them, and again on "
            f"{row.observed:.0f} days in the last {row.span:.0f}, unexplained; comparable staff "
            f"({row.role}) around any day: {row.expected:.1f} on average"
        )


def _split(measured: Measured, *, after: str, in_all: str, exposure: str) -> SplitSample:
    """Days either side of a day, compared within the role."""
    role = np.arange(len(measured.roles))
    return SplitSample(
        after=measured.counts[after],
        in_all=measured.counts[in_all],
        exposure=measured.counts[exposure],
        cells=Cells(of_row=measured.role_no, parent_of=role),
    )
