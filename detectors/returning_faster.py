"""Coming back to one person ever more often."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.model.detector import Floats
from detectors.stats.cells import LEAST_IN_ALL
from detectors.stats.evidence import evidence_value
from detectors.stats.rank_sum import tails

_LEAST_DAYS = 4  # with a look, below which no order in time can be told (METHODS 2.1, D2b)
_USUAL_SPREAD = 1.5  # where peers are too few to tell it: what forces at ordinary work have


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturningFaster:
    r"""Does this member of staff come back to this person faster and faster?

    Statistic:    The $D$ duty days with a visit that no tasking fully explains in the last 365
                  days, by the user's own days at work since the first of them, $1$ to $T$. The
                  first and the last are given, because the pair is judged on a day of a visit; of
                  the $D - 2$ between, $W$ is the sum of their places among the $T - 2$ days. Were
                  they spread by chance, $W$ has mean $(D-2)(T-1)/2$; its law is counted exactly up
                  to $D$ = 6 and normal beyond. One mid-p, one e-value. It is conditional on the
                  pair's own days; peers tell only how far work comes in bouts: $p$ is raised to the
                  power of $1/\phi$, with $\phi$ the mean squared standard departure of their $W$,
                  1 or more.
    Assumes:      Given how many days, any of the days at work is as likely as another; work that is
                  spread evenly, or is thickest at its beginning, does not speak.
    False alarms: A case that becomes busy after a quiet start, an approaching court date, a person
                  who calls for help more and more often. Measured in
                  tests/detectors/test_calibration.py.
    Blind to:     Fewer than four days; returning often but evenly.
    Source:       Wilcoxon, Individual comparisons by ranking methods, Biometrics Bulletin, 1945;
                  Cox, Lewis, The statistical analysis of series of events, 1966, chapter 3 (trend).
    """

    name: ClassVar[str] = "returning_faster"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "of the days at work, the mean place of the visits between"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset()
    sharpened_by: ClassVar[frozenset[str]] = frozenset(
        {"shifts", "taskings", "cases", "case_subjects"}
    )

    window_days: int = 365

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Days with a visit, and the places of the first, of the last and of all together."""
        span = f"pair range between interval {self.window_days - 1} day preceding and current row"
        counts = frame.columns(f"""
            with opened as (
                select v.user_no, v.subject_no, v.day, count(*) as days, sum(t.turn) as turns,
                       min(t.turn) as first_turn, max(t.turn) as last_turn
                from (from visit semi join active using (user_no, subject_no)) v
                join attended t using (user_no, duty_day)
                where v.opens_open_day group by v.user_no, v.subject_no, v.day
            ), rolling as (
                select p.user_no, p.subject_no, p.day,
                       sum(o.days) over ({span}) as days, sum(o.turns) over ({span}) as turns,
                       min(o.first_turn) over ({span}) as first_turn,
                       max(o.last_turn) over ({span}) as last_turn
                from pair_day p semi join active using (user_no, subject_no)
                left join opened o using (user_no, subject_no, day)
                window pair as (partition by p.user_no, p.subject_no order by p.day)
            )
            select row_no, days, last_turn - first_turn + 1 as duty_days,
                   turns - days * (first_turn - 1) as places
            from active join rolling using (user_no, subject_no, day)
        """)
        return laid_on(frame, counts)

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How late the days between the first and the last lie, had they no order."""
        order = _order(measured)
        spread = _spread(_order(baseline.peers))
        tail = tails(order.total, taken=order.between, places=order.places)
        middle = _laid(tail.middle_p ** (1.0 / spread), order.told)
        return Tested(
            pvalue=_laid(tail.at_least ** (1.0 / spread), order.told),
            evidence_value=evidence_value(middle),
            observed=_laid(1.0 + order.total / order.between, order.told),
            expected=_laid((order.places + 3.0) / 2.0, order.told),
            span=measured.counts["duty_days"],
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        return (
            f"visits on {row.counts['days']:.0f} of {row.span:.0f} days at work, those between the "
            f"first and the last on average on day {row.observed:.0f}; spread by chance, for "
            f"{row.role} staff as for any: day {row.expected:.1f}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """The days between the first and the last, of the rows that have enough of them."""

    told: NDArray[np.bool_]  # shape (rows,)
    total: Floats  # of their places, counted from the day after the first, shape (told,)
    between: Floats  # how many, shape (told,)
    places: Floats  # that they could have, shape (told,)


def _order(measured: Measured) -> _Order:
    days, duty_days = measured.counts["days"], measured.counts["duty_days"]
    told = (days >= _LEAST_DAYS) & (duty_days >= days)
    between = days[told] - 2.0
    # Without the first day and the last, and counted from the day after the first.
    total = measured.counts["places"][told] - 1.0 - duty_days[told] - between
    return _Order(told=told, total=total, between=between, places=duty_days[told] - 2.0)


def _spread(peers: _Order) -> float:
    """How many times the squared departures of peers are those of chance, 1 or more."""
    free = peers.places > peers.between
    m, n, total = peers.between[free], peers.places[free], peers.total[free]
    if total.size < LEAST_IN_ALL:
        return _USUAL_SPREAD
    departure = (total - m * (n + 1.0) / 2.0) ** 2 / (m * (n - m) * (n + 1.0) / 12.0)
    return max(float(departure.mean()), 1.0)


def _laid(told: Floats, chosen: NDArray[np.bool_]) -> Floats:
    """Values of the chosen rows among all, NaN elsewhere."""
    laid = np.full(chosen.size, np.nan)
    laid[chosen] = told
    return laid
