"""Many looks at one person in a short spell, none of them explained by a record."""

from dataclasses import dataclass
from typing import ClassVar

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.model.detector import Floats
from detectors.stats.hurdle import hurdled
from detectors.strata import (
    SpanReading,
    reading_of,
    samples,
    told_together,
    unexplainable,
    unexplained_share,
)

_SLOTS_PER_HOUR = 6  # ten-minute slots


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstUnexplained:
    r"""How often did this member of staff look this person up in a short spell with no reason?

    Statistic:    The most looks $n_w$ (ten-minute slots with an access) of visits that no template
                  explains, in any trailing spell of $w$ = 1, 4, 12 and 24 hours that ends on the
                  day. A hurdle: an engagement has no record with the chance $\pi_u$, the user's own
                  share of all engagements in 90 days, those with a tasking included, shrunk to the
                  role's; given one, $n_w - 1$ is negative binomial with the mean and shape of the
                  role and explanation level, the mean times the user's own habit. $p = \pi_u P$ if
                  there is such a look, $(1 + \pi_u)/2$ if not. E-values of the mid-p are averaged
                  over the four spells.
    Assumes:      Records go missing by engagement, at a rate proper to the user; taskings and cases
                  are loaded for the whole force and the whole window.
    False alarms: Unrecorded help to a colleague on a busy enquiry, stop-checks with many rows,
                  taskings entered late. Measured in tests/detectors/test_calibration.py.
    Blind to:     Patterns of one look a day; bursts under a record that names the person but was
                  not the real reason.
    Source:       Heard, Weston, Platanioti, Hand, Bayesian anomaly detection methods for social
                  networks, Annals of Applied Statistics, 2010; Cragg, Econometrica, 1971 (hurdles).
    """

    name: ClassVar[str] = "burst_unexplained"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "unexplained ten-minute looks in one spell"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset({"case_subjects"})
    sharpened_by: ClassVar[frozenset[str]] = frozenset(
        {"taskings", "cases", "staff", "shifts", "subject_links"}
    )

    spells_hours: tuple[int, ...] = (1, 4, 12, 24)

    def measure(self, frame: Frame) -> Measured | Abstention:
        """The most unexplained looks in each spell that ends on the day."""
        if declined := unexplainable(self, frame):
            return declined
        spells = ", ".join(
            f"""count(*) over (pair range between {_SLOTS_PER_HOUR * hours - 1} preceding
                                          and current row) as spell_{hours}"""
            for hours in self.spells_hours
        )
        most = ", ".join(f"max(spell_{hours}) as spell_{hours}" for hours in self.spells_hours)
        kept = ", ".join(
            f"coalesce(spell_{hours}, 0) as spell_{hours}" for hours in self.spells_hours
        )
        counts = frame.columns(f"""
            with rolling as (
                select user_no, subject_no, day, {spells}
                from look semi join active using (user_no, subject_no) where unexplained
                window pair as (partition by user_no, subject_no order by slot)
            ), daily as (select user_no, subject_no, day, {most} from rolling group by all)
            select row_no, engagements, unexplained as unexplained_others, {kept}
            from active join practice using (row_no)
            left join daily using (user_no, subject_no, day)
        """)
        return laid_on(frame, counts)

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the unexplained spells depart, hurdle and count together, the four paid for."""
        share = unexplained_share(measured, baseline)
        return told_together(
            [
                self._spell(hours, measured, baseline=baseline, share=share)
                for hours in self.spells_hours
            ]
        )

    def _spell(
        self, hours: int, measured: Measured, *, baseline: Baseline, share: Floats
    ) -> SpanReading:
        compared = samples(measured, baseline, name=f"spell_{hours}")
        looks = hurdled(compared.judged, peers=compared.peers, own=compared.own, share=share)
        return reading_of(looks, span=hours, observed=compared.judged.counts)

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        spell = "an hour" if row.span == 1 else f"{row.span:.0f} hours"
        return (
            f"looked in {row.observed:.0f} separate ten-minute slots within {spell} in visits that "
            f"no record explains; comparable staff ({row.role}): {row.expected:.1f} on average"
        )
