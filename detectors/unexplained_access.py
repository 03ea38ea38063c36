"""One person looked up, and no record of any work with them."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.stats.evidence import evidence_value
from detectors.strata import unexplainable, unexplained_share


@dataclass(frozen=True, slots=True, kw_only=True)
class UnexplainedAccess:
    r"""Is there any work reason on file for this member of staff to look this person up?

    Statistic:    Whether no template explains any visit of the pair in the last 28 days. A missing
                  record blanks every visit of an engagement, so that an engagement is one trial: it
                  has the chance $\pi_u = (a_r + x_u)/(a_r + b_r + n_u)$, of the user's engagements
                  with everybody else in 90 days, those that a tasking explains included, beside
                  those of the role. $p = \pi_u$ if there is no reason, 1 if there is one; the mid-p
                  is $\pi_u/2$ or $(1 + \pi_u)/2$, so that this question alone is never strong
                  evidence.
    Assumes:      Records go missing by engagement, at a rate proper to the user; taskings and cases
                  are loaded for the whole force and the whole window.
    False alarms: Stop-checks, unrecorded help to a colleague, taskings entered late (they re-judge
                  the days). Measured in tests/detectors/test_calibration.py.
    Blind to:     How often the person was looked up; lookups under a record that was not the real
                  reason. Says little of somebody whose work is seldom on file.
    Source:       Fabbri, LeFevre, Explanation-based auditing, VLDB, 2011; Robbins, An empirical
                  Bayes approach to statistics, Berkeley Symposium, 1956.
    """

    name: ClassVar[str] = "unexplained_access"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "engagements with no reason on file"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset({"case_subjects"})
    sharpened_by: ClassVar[frozenset[str]] = frozenset(
        {"taskings", "cases", "staff", "shifts", "subject_links"}
    )

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Whether nothing explains any visit of the pair, and how many visits that are."""
        if declined := unexplainable(self, frame):
            return declined
        counts = frame.columns("""
            with rolling as (
                select user_no, subject_no, day, sum(unexplained_visits) over (
                           partition by user_no, subject_no order by day
                           range between interval 27 day preceding and current row) as visits
                from pair_day semi join active using (user_no, subject_no)
            )
            select row_no, (p.level = 0)::int as bare, r.visits, engagements,
                   unexplained as unexplained_others
            from active join practice using (row_no)
            join pair_day p using (user_no, subject_no, day)
            join rolling r using (user_no, subject_no, day)
        """)
        return laid_on(frame, counts)

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How seldom a pair of this user has no reason on file."""
        bare = measured.counts["bare"]
        share = np.where(np.isnan(bare), np.nan, unexplained_share(measured, baseline))
        none = bare >= 1
        return Tested(
            pvalue=np.where(none | np.isnan(share), share, 1.0),
            evidence_value=evidence_value(np.where(none, share, 1.0 + share) / 2.0),
            observed=bare,
            expected=share,
            span=np.full(measured.rows, 28.0),
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        visits = f"{row.counts['visits']:.0f}"
        found = (
            f"no record explains any of the visits to this person in 28 days ({visits})"
            if row.observed >= 1
            else f"a record explains this person in part; visits in 28 days without one: {visits}"
        )
        return (
            f"{found}; by this member of staff's records and those of comparable staff "
            f"({row.role}) {100 * row.expected:.0f} engagements in 100 have none"
        )
