"""Of everybody who looked at a person, how much was one member of staff."""

from dataclasses import dataclass
from typing import ClassVar

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.stats.evidence import evidence_value
from detectors.stats.shares import ShareSample, surprising_share
from detectors.strata import cells


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerShare:
    r"""Of all days on which anybody looked at this person, were nearly all this member of staff's?

    Statistic:    Viewer days in the last 56: $T$ of everybody (one for each user and duty day), $D$
                  of them this user's that no tasking fully explains. Given that the user looked at
                  all, $D - 1$ of $T - 1$ is beta-binomial with the mean and precision of the role
                  and explanation level, or of a weaker level where that is less surprised. One
                  mid-p, one e-value.
    Assumes:      People of public interest to the police are looked at by several members of staff;
                  who looks is overdispersed in the same way within a role.
    False alarms: The only owner of a case, a rural beat, a specialist desk. Measured in
                  tests/detectors/test_calibration.py.
    Blind to:     A person whom many others look at too; abstains where the day is the only viewer
                  day.
    Source:       DuMouchel, Bayesian data mining in large frequency tables, The American
                  Statistician, 1999.
    """

    name: ClassVar[str] = "viewer_share"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "of the viewer days of this person"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset()
    sharpened_by: ClassVar[frozenset[str]] = frozenset(
        {"staff", "taskings", "cases", "case_subjects"}
    )

    window_days: int = 56

    def measure(self, frame: Frame) -> Measured | Abstention:
        """This user's viewer days and everybody's, in the window that ends on the day."""
        span = f"range between interval {self.window_days - 1} day preceding and current row"
        counts = frame.columns(f"""
            with watched as (
                select * from pair_day semi join active using (subject_no)
            ), everybody as (
                select subject_no, day, sum(sum(duty_days)) over (
                           partition by subject_no order by day {span}) as total
                from watched group by subject_no, day
            ), mine as (
                select user_no, subject_no, day, sum(open_days) over (
                           partition by user_no, subject_no order by day {span}) as own
                from watched
            )
            select row_no, greatest(own, 1) as own, greatest(total, own, 1) as total
            from active
            join mine using (user_no, subject_no, day) join everybody using (subject_no, day)
        """)
        return laid_on(frame, counts)

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the share departs from that of comparable people."""
        share = surprising_share(_beyond_one_look(measured), peers=_beyond_one_look(baseline.peers))
        return Tested(
            pvalue=share.at_least,
            evidence_value=evidence_value(share.middle),
            observed=measured.counts["own"],
            expected=1.0 + share.expected,
            span=measured.counts["total"],
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        return (
            f"{row.observed:.0f} of the {row.span:.0f} viewer days on this record in "
            f"{self.window_days} days are theirs; comparable staff ({row.role}): {row.expected:.1f}"
        )


def _beyond_one_look(measured: Measured) -> ShareSample:
    """Viewer days beyond the one that brought the row here."""
    return ShareSample(
        successes=measured.counts["own"] - 1.0,
        trials=measured.counts["total"] - 1.0,
        cells=cells(measured),
    )
