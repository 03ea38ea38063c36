"""One account that was active as if it were two people."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.stats.at_all import surprise_at_all
from detectors.stats.cells import Cells
from detectors.stats.conditional import Sample
from detectors.stats.evidence import evidence_value
from detectors.strata import once_a_day


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoPlaces:
    r"""Was this account in use at two places at once, or while its owner was rostered away?

    Statistic:    Days $N$ in the last 28 on which the account was at two locations within five
                  minutes, went to and fro between two terminals, was in two overlapping sessions of
                  one system that share no desk, or was active during leave, sickness or suspension.
                  A hurdle: $\pi$ is the share of comparable users with any such day; given one,
                  $N - 1$ is negative binomial with the mean and shape of the role.
                  $p = \pi P$, one row for each user and day. A change of desk alone is no such day.
    Assumes:      Terminals and locations are written down alike for everybody of a role, so that
                  who works from a car and a desk at once is compared with others who do.
    False alarms: A colleague at a terminal left unlocked; a kiosk or a car's terminal that shares a
                  login; a remote session; clocks that differ between systems; leave that was
                  cancelled. Measured in tests/detectors/test_calibration.py.
    Blind to:     Two people who use one account in turn; who of them it was. Says nothing of
                  whom they looked up: it is the same on all rows of the user's day.
    Source:       Cragg, Some statistical models for limited dependent variables, Econometrica,
                  1971; Heard et al., Annals of Applied Statistics, 2010.
    """

    name: ClassVar[str] = "two_places"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "days on which one account was in two places"
    asks_of: ClassVar[str] = "user"
    needs: ClassVar[frozenset[str]] = frozenset()
    sharpened_by: ClassVar[frozenset[str]] = frozenset({"shifts", "staff"})

    window_days: int = 28

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Days in the window on which the account was in two places."""
        if not _placed(frame):
            return Abstention(
                detector=self.name,
                version=self.version,
                pairs=frame.rows,
                reason="no access says from which terminal, location or session it was made",
            )
        counts = frame.columns(f"""
            with asked as (select distinct user_no, day from active), torn as (
                select a.user_no, a.day, count(*) as days
                from asked a join torn_day t on t.user_no = a.user_no
                 and t.day between a.day - {self.window_days - 1} and a.day
                group by all
            )
            select row_no, coalesce(days, 0) as days
            from active left join torn using (user_no, day)
        """)
        return laid_on(frame, counts, reach={"days": self.window_days})

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the days depart from those of comparable users, each user and day counted once."""
        found = surprise_at_all(
            _of_users(measured),
            peers=_of_users(once_a_day(baseline.peers)),
            own=_of_users(once_a_day(baseline.own)),
        )
        return Tested(
            pvalue=found.at_least,
            evidence_value=evidence_value(found.middle),
            observed=measured.counts["days"],
            expected=found.expected,
            span=np.full(measured.rows, float(self.window_days)),
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        return (
            f"the account was in use at two places at once, or while rostered away, on "
            f"{row.observed:.0f} days in {row.span:.0f}; comparable staff ({row.role}): "
            f"{row.expected:.1f} on average"
        )


def _placed(frame: Frame) -> bool:
    """Whether any row says from where it was made."""
    found = frame.connection.execute(
        "select count(terminal_id) + count(location) + count(session_id) from visit_row"
    ).fetchone()
    return found is not None and found[0] > 0


def _of_users(measured: Measured) -> Sample:
    """The days as a sample of users, compared within their role, each user one trial."""
    role = np.arange(len(measured.roles))
    return Sample(
        counts=measured.counts["days"],
        cells=Cells(of_row=measured.role_no, parent_of=role),
        users=measured.user_no,
        pairs=measured.user_no,
    )
