"""Many looks at one person in a short spell."""

from dataclasses import dataclass
from typing import ClassVar

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.stats.conditional import surprise
from detectors.strata import SpanReading, reading_of, samples, told_together

_SLOTS_PER_HOUR = 6  # ten-minute slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    r"""Does this member of staff look this person up far more in a short spell than others do?

    Statistic:    The most looks $n_w$ (ten-minute slots with an access) in any trailing spell of
                  $w$ = 1, 4, 12 and 24 hours that ends on the day. Given at least one look,
                  $n_w - 1$ is negative binomial with the mean and shape of the role and explanation
                  level, or of a weaker level where that is less surprised, the mean times the
                  user's own habit with everybody else. The e-values $\frac{1}{2} p_w^{-1/2}$ of the
                  four mid-p are averaged. Visits that a tasking fully explains do not count.
    Assumes:      Looks by people in one role, on people equally well explained, follow one
                  overdispersed law; a slot of ten minutes takes up screen refreshes and several
                  rows for one click.
    False alarms: Analyst research, a fast-moving missing-person enquiry, systems that write rows by
                  themselves. Measured in tests/detectors/test_calibration.py.
    Blind to:     Patterns of one look a day, however long they last.
    Source:       Heard, Weston, Platanioti, Hand, Bayesian anomaly detection methods for social
                  networks, Annals of Applied Statistics, 2010; Noufaily et al., Statistics in
                  Medicine, 2013.
    """

    name: ClassVar[str] = "burst"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "ten-minute looks in one spell"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset()
    sharpened_by: ClassVar[frozenset[str]] = frozenset({"taskings", "cases", "case_subjects"})

    spells_hours: tuple[int, ...] = (1, 4, 12, 24)

    def measure(self, frame: Frame) -> Measured | Abstention:
        """The most looks in each spell that ends on the day."""
        spells = ", ".join(
            f"""count(*) over (pair range between {_SLOTS_PER_HOUR * hours - 1} preceding
                                          and current row) as spell_{hours}"""
            for hours in self.spells_hours
        )
        most = ", ".join(f"max(spell_{hours}) as spell_{hours}" for hours in self.spells_hours)
        counts = frame.columns(f"""
            with rolling as (
                select user_no, subject_no, day, {spells}
                from look semi join active using (user_no, subject_no)
                window pair as (partition by user_no, subject_no order by slot)
            ), daily as (select user_no, subject_no, day, {most} from rolling group by all)
            select row_no, daily.* exclude (user_no, subject_no, day)
            from active join daily using (user_no, subject_no, day)
        """)
        return laid_on(frame, counts)

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the spells depart from those of comparable people, the four spells paid for."""
        return told_together(
            [self._spell(hours, measured, baseline) for hours in self.spells_hours]
        )

    def _spell(self, hours: int, measured: Measured, baseline: Baseline) -> SpanReading:
        compared = samples(measured, baseline, name=f"spell_{hours}")
        looks = surprise(compared.judged, peers=compared.peers, own=compared.own)
        return reading_of(looks, span=hours, observed=compared.judged.counts)

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        spell = "an hour" if row.span == 1 else f"{row.span:.0f} hours"
        return (
            f"looked in {row.observed:.0f} separate ten-minute slots within {spell}; "
            f"comparable staff ({row.role}) who look somebody up: {row.expected:.1f} on average"
        )
