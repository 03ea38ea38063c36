"""Coming back to one person on many days."""

from dataclasses import dataclass
from typing import ClassVar

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.rolling import in_windows
from detectors.stats.conditional import surprise
from detectors.strata import SpanReading, reading_of, samples, told_together, too_short


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatSubject:
    r"""Does this member of staff return to this person on more days than their work explains?

    Statistic:    Distinct duty days $D_w$ with a visit that no tasking fully explains, in the last
                  $w$ = 28, 90 and 365 days. Given at least one, $D_w - 1$ is negative binomial with
                  the mean and shape of the role and explanation level, or of a weaker level where
                  that is less surprised, the mean times the user's own habit of returning. E-values
                  of the mid-p are averaged over the windows that the history is long enough for.
    Assumes:      A night shift is one day, the day it began; people in one role return alike to
                  people whose lookups are equally well explained.
    False alarms: Offender managers, neighbourhood officers with a nominal, detectives with an open
                  case. Measured in tests/detectors/test_calibration.py.
    Blind to:     A single day, however busy; what happened before the longest window.
    Source:       Marshall et al., Statistical issues in the prospective monitoring of health
                  outcomes, JRSS A, 2004; Spiegelhalter et al., Statistical methods for healthcare
                  regulation, JRSS A, 2012.
    """

    name: ClassVar[str] = "repeat_subject"
    version: ClassVar[int] = 2
    unit: ClassVar[str] = "duty days with a visit"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset()
    sharpened_by: ClassVar[frozenset[str]] = frozenset(
        {"shifts", "taskings", "cases", "case_subjects"}
    )

    windows_days: tuple[int, ...] = (28, 90, 365)

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Duty days with a visit in each window that ends on the day."""
        if declined := too_short(self, frame, days=min(self.windows_days)):
            return declined
        counts = frame.columns(
            in_windows("greatest(sum(open_days) over {window}, 1)", windows_days=self.windows_days)
        )
        return laid_on(frame, counts, reach={f"days_{days}": days for days in self.windows_days})

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the days depart from those of comparable people, the windows paid for."""
        return told_together([self._window(days, measured, baseline) for days in self.windows_days])

    def _window(self, days: int, measured: Measured, baseline: Baseline) -> SpanReading:
        compared = samples(measured, baseline, name=f"days_{days}")
        returns = surprise(compared.judged, peers=compared.peers, own=compared.own)
        return reading_of(returns, span=days, observed=compared.judged.counts)

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        return (
            f"came back on {row.observed:.0f} duty days in {row.span:.0f}; comparable staff "
            f"({row.role}) who look somebody up: {row.expected:.1f} days on average"
        )
