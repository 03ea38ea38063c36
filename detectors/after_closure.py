"""Going on looking once the work was done."""

from dataclasses import dataclass
from typing import ClassVar

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.stats.hurdle import hurdled
from detectors.strata import reading_of, samples, told_together, too_short

_GRACE_HOURS = 48  # after a closure, in which the work is written up (METHODS 2.1, D7)


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterClosure:
    r"""Did this member of staff go on looking at this person once the job was done?

    Statistic:    Distinct duty days $A$ with a visit that no template explains, more than 48 hours
                  after the last tasking of the user or their team to a case of this person ended
                  (or the case itself, where the tasking has no end of its own). Closures and visits
                  count in a fixed window of 90 days, because an open one would grow with the
                  history. A hurdle: whether a pair has any such day has chance $\pi_u$, the user's
                  own share of pairs shrunk to the role's; given one, $A - 1$ is negative binomial.
                  $p = \pi_u P$ if there is such a day, 1 if not.
    Assumes:      The end of a tasking is on file when it ends; further work on the same person is a
                  tasking of its own.
    False alarms: Court files, disclosure, a victim's later call answered without a record. Measured
                  in tests/detectors/test_calibration.py.
    Blind to:     People the member of staff was never tasked to; taskings without an end; looks
                  more than 90 days after the closure.
    Source:       Cragg, Some statistical models for limited dependent variables, Econometrica, 1971
                  (hurdles); Fabbri, LeFevre, Explanation-based auditing, VLDB, 2011.
    """

    name: ClassVar[str] = "after_closure"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "unexplained duty days after the work had ended"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset({"taskings", "case_subjects"})
    sharpened_by: ClassVar[frozenset[str]] = frozenset(
        {"cases", "staff", "shifts", "subject_links"}
    )

    window_days: int = 90

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Unexplained days after the last closure, both in the window that ends on the day."""
        if declined := too_short(self, frame, days=self.window_days):
            return declined
        counts = frame.columns(f"""
            with ended as (
                select a.row_no, a.user_no, a.subject_no, a.day, max(c.closed_at) as closed_at
                from active a join closing c using (user_no, subject_no)
                where c.closed_at < a.day + interval 1 day - interval {_GRACE_HOURS} hour
                  and c.closed_at >= a.day - interval {self.window_days - 1} day
                group by all
            ), after as (
                select e.row_no, count(distinct v.duty_day) as days
                from ended e join visit v using (user_no, subject_no)
                where v.level = 0 and v.day <= e.day
                  and v.started_at >= e.closed_at + interval {_GRACE_HOURS} hour
                group by e.row_no
            )
            select row_no, coalesce(days, 0) as days from active left join after using (row_no)
        """)
        return laid_on(frame, counts, reach={"days": self.window_days})

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the days after closure depart, hurdle and count together."""
        compared = samples(measured, baseline, name="days")
        after = hurdled(compared.judged, peers=compared.peers, own=compared.own)
        reading = reading_of(after, span=self.window_days, observed=compared.judged.counts)
        return told_together([reading])

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        return (
            f"looked on {row.observed:.0f} duty days, unexplained, more than {_GRACE_HOURS} hours "
            f"after their last tasking to this person had ended, within {row.span:.0f} days; "
            f"comparable staff ({row.role}): {row.expected:.2f} days for any person looked up"
        )
