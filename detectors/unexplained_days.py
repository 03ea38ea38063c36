"""Days on which one person was looked up and no record explains it."""

from dataclasses import dataclass
from typing import ClassVar

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.rolling import in_windows
from detectors.stats.hurdle import hurdled
from detectors.strata import (
    SpanReading,
    reading_of,
    samples,
    told_together,
    too_short,
    unexplainable,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnexplainedDays:
    r"""On how many days did this member of staff look this person up with no work reason on file?

    Statistic:    Distinct duty days $U_w$ with a visit that no template explains, in the last $w$ =
                  28 and 90 days. A hurdle: whether a pair has any such day has chance $\pi_u$, the
                  user's own share shrunk to the role's (one trial a pair, because a missing record
                  blanks every visit of an engagement); given one, $U_w - 1$ is negative binomial.
                  $p = \pi_u P$ if there is such a day, $(1 + \pi_u)/2$ if not. E-values of the
                  mid-p are averaged over the windows that the history is long enough for.
    Assumes:      Records go missing by engagement, at a rate proper to the user; taskings and cases
                  are loaded for the whole force and the whole window.
    False alarms: Stop-checks, unrecorded help to a colleague, taskings entered late (they re-judge
                  the days). Measured in tests/detectors/test_calibration.py.
    Blind to:     Lookups under a record that names the person but was not the real reason.
    Source:       Fabbri, LeFevre, Explanation-based auditing, VLDB, 2011; Cragg, Econometrica, 1971
                  (hurdles).
    """

    name: ClassVar[str] = "unexplained_days"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "duty days with an unexplained visit"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset({"case_subjects"})
    sharpened_by: ClassVar[frozenset[str]] = frozenset(
        {"taskings", "cases", "staff", "shifts", "subject_links"}
    )

    windows_days: tuple[int, ...] = (28, 90)

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Duty days with an unexplained visit in each window that ends on the day."""
        if declined := unexplainable(self, frame):
            return declined
        if declined := too_short(self, frame, days=min(self.windows_days)):
            return declined
        counts = frame.columns(
            in_windows("sum(unexplained_days) over {window}", windows_days=self.windows_days)
        )
        return laid_on(frame, counts, reach={f"days_{days}": days for days in self.windows_days})

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the unexplained days depart, hurdle and count together, the windows paid for."""
        return told_together([self._window(days, measured, baseline) for days in self.windows_days])

    def _window(self, days: int, measured: Measured, baseline: Baseline) -> SpanReading:
        compared = samples(measured, baseline, name=f"days_{days}")
        unexplained = hurdled(compared.judged, peers=compared.peers, own=compared.own)
        return reading_of(unexplained, span=days, observed=compared.judged.counts)

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        return (
            f"{row.observed:.0f} duty days in {row.span:.0f} with a visit that no record explains; "
            f"comparable staff ({row.role}): {row.expected:.1f} on average"
        )
