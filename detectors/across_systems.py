"""One person run through every system there is."""

from dataclasses import dataclass
from typing import ClassVar

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.stats.given import MOST_GIVEN, GivenSample, surprising_given
from detectors.strata import SpanReading, cells, reading_of, told_together

_SLOT_SECONDS = 600  # in which rows of one system are one look (METHODS 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcrossSystems:
    r"""Did this member of staff run this person through one system after another?

    Statistic:    The distinct systems $K_w$ in which the user looked the person up in the last $w$
                  = 1 and 28 days, given the number of looks $n_w$ there (slots of ten minutes in
                  one system; ten stand for ten and more). $P(K \ge k \mid n)$ is read from a table
                  of what peers of the role with as many looks do, drawn to that of everybody.
                  E-values of the mid-p are averaged over the windows that the history is long
                  enough for.
    Assumes:      Staff in one role use the same systems for the same work; which systems there are
                  does not change within the reference.
    False alarms: A full check that a procedure asks for (a missing person, a firearms licence), a
                  new system. Measured in tests/detectors/test_calibration.py.
    Blind to:     How often the person was looked up in one system. Abstains where the log is of one
                  system alone.
    Source:       Bates, Candes, Lei, Romano, Sesia, Testing for outliers with conformal p-values,
                  Annals of Statistics, 2023; Robbins, Berkeley Symposium, 1956 (empirical Bayes).
    """

    name: ClassVar[str] = "across_systems"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "systems in which the person was looked up"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset()
    sharpened_by: ClassVar[frozenset[str]] = frozenset({"staff"})

    windows_days: tuple[int, ...] = (1, 28)

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Systems and looks in each window that ends on the day."""
        if _systems(frame) < 2:
            return Abstention(
                detector=self.name,
                version=self.version,
                pairs=frame.rows,
                reason="the log holds accesses to one system alone, so none can be across systems",
            )
        windows = ", ".join(
            f"""count(distinct s.system) filter (s.day > a.day - {days}) as systems_{days},
                least(sum(s.looks) filter (s.day > a.day - {days}), {MOST_GIVEN}) as looks_{days}"""
            for days in self.windows_days
        )
        counts = frame.columns(f"""
            with used as (
                select user_no, subject_no, system, day,
                       count(distinct epoch(occurred_at)::bigint // {_SLOT_SECONDS}) as looks
                from visit_row semi join active using (user_no, subject_no)
                where system is not null group by all
            )
            select a.row_no, {windows}
            from active a join used s using (user_no, subject_no)
            where s.day <= a.day and s.day > a.day - {max(self.windows_days)}
            group by a.row_no
        """)
        spans = {
            f"{what}_{days}": days for days in self.windows_days for what in ("systems", "looks")
        }
        return laid_on(frame, counts, reach=spans)

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the number of systems departs from that of peers with as many looks."""
        return told_together(
            [self._window(days, measured, baseline=baseline) for days in self.windows_days]
        )

    def _window(self, days: int, measured: Measured, *, baseline: Baseline) -> SpanReading:
        spread = surprising_given(_used(measured, days), peers=_used(baseline.peers, days))
        return reading_of(spread, span=days, observed=measured.counts[f"systems_{days}"])

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        days = "one day" if row.span == 1 else f"{row.span:.0f} days"
        return (
            f"looked this person up in {row.observed:.0f} different systems within {days}; "
            f"comparable staff ({row.role}) with as many looks: {row.expected:.1f}"
        )


def _used(measured: Measured, days: int) -> GivenSample:
    """Systems and looks of each row in one window."""
    return GivenSample(
        counts=measured.counts[f"systems_{days}"],
        chances=measured.counts[f"looks_{days}"],
        cells=cells(measured),
    )


def _systems(frame: Frame) -> int:
    """How many systems the log tells of."""
    found = frame.connection.execute("select count(distinct system) from visit_row").fetchone()
    return int(found[0]) if found else 0
