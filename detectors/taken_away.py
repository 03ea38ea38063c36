"""What was printed or exported of one person."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.stats.conditional import Surprise, surprise
from detectors.stats.events import event_share
from detectors.stats.hurdle import hurdle
from detectors.strata import Samples, SpanReading, reading_of, samples, told_together

_SLOT_SECONDS = 600  # within which several rows are one printout


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenAway:
    r"""Did this member of staff print or export more of this person than their work explains?

    Statistic:    Printouts and exports of this record in the last 28 days; and of the rows $R$ they
                  took away in the last 90 (one where the log gives no number) the doublings
                  $1 + \lfloor \log_2 R \rfloor$. A hurdle for each: whether a pair has any has
                  chance $\pi_u$, the user's own share shrunk to the role's; given one, the count
                  less one is negative binomial with the mean and shape of the role and explanation
                  level, or of a weaker level where that is less surprised, the mean times the
                  user's own habit. E-values of the two mid-p are averaged. Visits that a tasking
                  fully explains do not count.
    Assumes:      Printouts within ten minutes are one; people in one role print alike; sizes of
                  exports differ by factors, so that their doublings are counted.
    False alarms: File building, court bundles, disclosure, a picture for a briefing. Measured in
                  tests/detectors/test_calibration.py.
    Blind to:     Photographs of the screen, notes, and exports that the log holds under no person.
    Source:       Cragg, Some statistical models for limited dependent variables, Econometrica, 1971
                  (hurdles).
    """

    name: ClassVar[str] = "taken_away"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "printouts and exports, or rows taken away by them"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset()
    sharpened_by: ClassVar[frozenset[str]] = frozenset({"taskings", "cases", "case_subjects"})

    acts_days: int = 28
    rows_days: int = 90

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Printouts and exports, and the rows they took, in the windows that end on the day."""
        if not self._logged(frame):
            return Abstention(
                detector=self.name,
                version=self.version,
                pairs=frame.rows,
                reason="no row of the log is a printout or an export, so none can be counted",
            )
        counts = frame.columns(f"""
            with act as (
                select r.user_no, r.subject_no, r.day,
                       epoch(r.occurred_at)::bigint // {_SLOT_SECONDS} as slot,
                       max(greatest(coalesce(r.export_rows, 1), 1)) as taken
                from visit_row r semi join active using (user_no, subject_no)
                join visit v on v.user_no = r.user_no and v.subject_no = r.subject_no
                            and v.visit_ordinal = r.visit_ordinal and coalesce(v.level, 0) < 2
                where r.action in ('print', 'export') or r.export_rows > 0
                group by all
            ), daily as (
                select user_no, subject_no, day, count(taken) as acts, sum(taken) as taken
                from pair_day semi join active using (user_no, subject_no)
                left join act using (user_no, subject_no, day) group by all
            ), rolling as (
                select user_no, subject_no, day,
                       sum(acts) over (pair range between interval {self.acts_days - 1} day
                                       preceding and current row) as acts,
                       coalesce(sum(taken) over (pair range between
                                interval {self.rows_days - 1} day
                                preceding and current row), 0) as taken
                from daily window pair as (partition by user_no, subject_no order by day)
            )
            select row_no, acts, taken from active join rolling using (user_no, subject_no, day)
        """)
        return laid_on(frame, counts, reach={"acts": self.acts_days, "taken": self.rows_days})

    def _logged(self, frame: Frame) -> bool:
        found = frame.connection.execute(
            "select exists (from visit_row where action in ('print', 'export') or export_rows > 0)"
        ).fetchall()
        return bool(found[0][0])

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How what was taken departs, hurdle and count together, the two readings paid for."""
        acts = samples(measured, baseline, name="acts")
        doubled = Baseline(peers=_doubled(baseline.peers), own=_doubled(baseline.own))
        taken = samples(_doubled(measured), doubled, name="taken")
        of_rows = _beyond(taken)
        in_rows = replace(of_rows, expected=2.0 ** (of_rows.expected - 1.0))
        return told_together(
            [
                _reading(acts, _beyond(acts), days=self.acts_days),
                replace(
                    _reading(taken, in_rows, days=self.rows_days), observed=measured.counts["taken"]
                ),
            ]
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        what = (
            f"printed or exported this record {row.observed:.0f} times in {row.span:.0f} days"
            if row.span == self.acts_days
            else f"took away {row.observed:.0f} rows of this record in {row.span:.0f} days"
        )
        return f"{what}; comparable staff ({row.role}): {row.expected:.2f} on average"


def _beyond(compared: Samples) -> Surprise:
    """How much was taken, where anything was."""
    return surprise(compared.judged, peers=compared.peers, own=compared.own)


def _reading(compared: Samples, beyond: Surprise, *, days: int) -> SpanReading:
    """Whether anything was taken at all, and how much."""
    judged = compared.judged
    share = event_share(judged, peers=compared.peers, own=compared.own)
    found = hurdle(judged.counts, share=share, beyond=beyond)
    return reading_of(found, span=days, observed=judged.counts)


def _doubled(measured: Measured) -> Measured:
    """The rows taken as one more than their whole doublings; none stays none."""
    taken = measured.counts["taken"]
    doublings = np.where(taken >= 1, 1.0 + np.floor(np.log2(np.maximum(taken, 1.0))), taken)
    return replace(measured, counts={"taken": doublings})
