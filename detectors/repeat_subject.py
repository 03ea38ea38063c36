"""Coming back to one person on many days."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.stats.conditional import surprise
from detectors.strata import averaged_evidence, most_surprising, paid_for, sample


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatSubject:
    r"""Does this member of staff return to this person on more days than their work explains?

    Statistic:    Distinct duty days $D_w$ with a visit in the last $w$ = 28 and 90 days. Given at least one,
                  $D_w - 1$ is negative binomial with the mean and shape of the role and explanation level, the mean
                  times the user's own habit of returning. E-values of the mid-p are averaged over the windows.
    Assumes:      A night shift is one day, the day it began; people in one role return alike to people whose lookups
                  are equally well explained.
    False alarms: Offender managers, neighbourhood officers with a nominal, detectives with an open case.
                  Measured in tests/detectors/test_calibration.py.
    Blind to:     A single day, however busy; what happened before the longest window.
    Source:       Marshall et al., Statistical issues in the prospective monitoring of health outcomes, JRSS A, 2004;
                  Spiegelhalter et al., Statistical methods for healthcare regulation, JRSS A, 2012.
    """

    name: ClassVar[str] = "repeat_subject"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "duty days with a visit"
    needs: ClassVar[frozenset[str]] = frozenset()
    sharpened_by: ClassVar[frozenset[str]] = frozenset(
        {"shifts", "taskings", "cases", "case_subjects"}
    )

    windows_days: tuple[int, ...] = (28, 90)

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Duty days with a visit in each window that ends on the day."""
        sums = ", ".join(
            f"sum(duty_days) over (pair range between interval {w - 1} day preceding and current row) as days_{w}"
            for w in self.windows_days
        )
        kept = ", ".join(f"greatest(days_{w}, 1) as days_{w}" for w in self.windows_days)
        return laid_on(
            frame,
            frame.columns(f"""
            with rolling as (
                select user_no, subject_no, day, {sums}
                from pair_day semi join (select distinct user_no, subject_no from active) using (user_no, subject_no)
                window pair as (partition by user_no, subject_no order by day)
            )
            select row_no, {kept} from active join rolling using (user_no, subject_no, day)
        """),
        )

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the days depart from those of comparable people, the windows paid for."""
        names = [f"days_{days}" for days in self.windows_days]
        tests = [
            surprise(
                sample(measured, n), peers=sample(baseline.peers, n), own=sample(baseline.own, n)
            )
            for n in names
        ]
        cautious = np.stack([item.at_least for item in tests], axis=1)
        best = most_surprising(cautious)
        rows = np.arange(measured.rows)
        return Tested(
            pvalue=paid_for(cautious),
            evidence_value=averaged_evidence(np.stack([item.middle for item in tests], axis=1)),
            observed=np.stack([measured.counts[n] for n in names], axis=1)[rows, best],
            expected=np.stack([item.expected for item in tests], axis=1)[rows, best],
            span=np.asarray(self.windows_days, dtype=np.float64)[best],
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        return (
            f"came back on {row.observed:.0f} duty days in {row.span:.0f}; "
            f"comparable staff ({row.role}) who look somebody up: {row.expected:.1f} days on average"
        )
