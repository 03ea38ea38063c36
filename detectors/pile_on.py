"""Many members of staff at one person's record in a few days, tied to no case."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.model.detector import Floats
from detectors.stats.cells import Cells
from detectors.stats.in_proportion import ProportionSample, surprising_for_its_base
from detectors.strata import SpanReading, told_together, unexplainable

_FOCUS_BASE = 100_000  # more days than any history has


@dataclass(frozen=True, slots=True, kw_only=True)
class PileOn:
    r"""Do many members of staff look this person up within a few days with no case to tie them?

    Statistic:    Distinct viewers $V_w$ of the record without an explanation, in the last $w$ = 2
                  and 14 days. Beyond the one who is asked about, $V_w - 1$ is negative binomial of
                  mean $\theta + U_w + E_w / 2$: $U_w$ are the usual viewers of the record (those of
                  the 28 days before the longer window, for $w$ days), $E_w$ its explained viewers
                  in the same days, of whom every second is allowed a helper who is on no list.
                  $\theta$ and the shape are those of records with neither, one law for all roles,
                  each record and day counted once. E-values of the mid-p are averaged over the
                  windows.
    Assumes:      A record has the viewers it had; a case that many work on has helpers that no
                  list names, and no more than one for two who are listed.
    False alarms: A wanted or missing person who is circulated but in no case; a new arrest before
                  its case is written down. Measured in tests/detectors/test_calibration.py.
    Blind to:     Who of the crowd had a reason of their own: it says the same of everybody who
                  looked unexplained. A crowd around a genuine case that is no larger than the work.
    Source:       Neil, Hash, Brugh, Fisk, Storlie, Scan statistics for the online detection of
                  locally anomalous subgraphs, Technometrics, 2013; Office of the Legislative
                  Auditor, Law Enforcement's Use of State Databases, Saint Paul, 2013.
    """

    name: ClassVar[str] = "pile_on"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "members of staff who looked at the record, unexplained"
    asks_of: ClassVar[str] = "record"
    needs: ClassVar[frozenset[str]] = frozenset({"case_subjects"})
    sharpened_by: ClassVar[frozenset[str]] = frozenset({"taskings", "cases", "staff"})

    windows_days: tuple[int, ...] = (2, 14)
    usual_days: int = 28
    unlisted_each: float = 0.5  # helpers on no list, for each explained viewer

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Unexplained viewers of each record in each window, and the explained and usual ones."""
        if declined := unexplainable(self, frame):
            return declined
        longest = max(self.windows_days)
        around = ", ".join(self._around(days) for days in self.windows_days)
        asked = ", ".join(
            f"case when mine > -{days} then untied_{days} end as viewers_{days}, allowed_{days}"
            for days in self.windows_days
        )
        counts = frame.columns(f"""
            with seen as (
                select p.user_no, p.subject_no, p.day, p.unexplained_visits > 0 as untied,
                       p.visits > p.unexplained_visits as tied
                from pair_day p semi join active using (subject_no)
            ), asked as (select distinct subject_no, day from active), crowd as (
                select a.subject_no, a.day,
                       count(distinct s.user_no) filter (s.day <= a.day - {longest}) as usual,
                       {around}
                from asked a join seen s on s.subject_no = a.subject_no
                 and s.day between a.day - {longest + self.usual_days - 1} and a.day
                group by all
            ), mine as (
                select a.row_no, max(s.day - a.day) filter (s.untied) as mine
                from active a join seen s on s.user_no = a.user_no and s.subject_no = a.subject_no
                 and s.day between a.day - {longest - 1} and a.day
                group by all
            )
            select row_no, {asked}
            from active join mine using (row_no) join crowd using (subject_no, day)
        """)
        return laid_on(frame, counts, reach=dict.fromkeys(counts, longest + self.usual_days))

    def _around(self, days: int) -> str:
        """The SQL of one window: viewers without an explanation, and how many are allowed for."""
        inside = f"s.day > a.day - {days}"
        return f"""
            count(distinct s.user_no) filter (s.untied and {inside}) as untied_{days},
            count(distinct s.user_no) filter (s.tied and {inside}) * {self.unlisted_each}
              + usual * {days} / {self.usual_days} as allowed_{days}
        """

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the crowd departs from what draws it, the windows paid for."""
        once = _once_a_record(baseline.peers)
        return told_together(
            [self._window(days, measured, peers=once) for days in self.windows_days]
        )

    def _window(self, days: int, measured: Measured, *, peers: Measured) -> SpanReading:
        crowd = surprising_for_its_base(_beyond_one(measured, days), peers=_beyond_one(peers, days))
        return SpanReading(
            span=days,
            at_least=crowd.at_least,
            middle=crowd.middle,
            observed=measured.counts[f"viewers_{days}"],
            expected=1.0 + crowd.expected,
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        return (
            f"{row.observed:.0f} members of staff looked at this record within {row.span:.0f} days "
            f"with no case that ties them to it; for a record that comparable staff ({row.role}) "
            f"look at, by its explained and usual viewers: {row.expected:.1f}"
        )


def _beyond_one(measured: Measured, days: int) -> ProportionSample:
    """Unexplained viewers beyond the one the row is of, all in one cell."""
    viewers: Floats = measured.counts[f"viewers_{days}"] - 1.0
    everybody = Cells(of_row=np.zeros(measured.rows, dtype=np.int64), parent_of=np.zeros(1, int))
    return ProportionSample(
        counts=viewers,
        bases=np.ones(measured.rows),
        cells=everybody,
        allowed=measured.counts[f"allowed_{days}"],
    )


def _once_a_record(measured: Measured) -> Measured:
    """One row for each record and day: a crowd of fifty is one crowd."""
    key = measured.focus_no * _FOCUS_BASE + measured.day
    first = np.zeros(measured.rows, dtype=bool)
    first[np.unique(key, return_index=True)[1]] = True
    return measured.where(first)
