"""Family, friends, address, phone and car of one person, looked up around her."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.stats.shares import ShareSample, surprising_share
from detectors.strata import SpanReading, cells, reading_of, told_together


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    r"""Did this member of staff also look up this person's family, friends, address, phone or car?

    Statistic:    Of the $d$ records linked to the focus, the number $K_w$ that the user also looked
                  at without an explanation within $w$ = 2 and 28 days up to the day. $K_w$ of $d$
                  is beta-binomial with the mean and precision of the role and explanation level,
                  or of a weaker level where that is less surprised. E-values of the mid-p are
                  averaged over the windows that the history is long enough for.
    Assumes:      Links are those the force has recorded; a linked record that a tasking explains,
                  or that is linked to a party of a tasked case, does not count.
    False alarms: An unrecorded domestic incident with everybody in the house checked, intelligence
                  development. Measured in tests/detectors/test_calibration.py.
    Blind to:     Relatives and friends unknown to the force; people with more than 60 links, and
                  what is linked through an institution with more. Abstains on people without a
                  recorded link.
    Source:       Neil, Hash, Brugh, Fisk, Storlie, Scan statistics for the online detection of
                  locally anomalous subgraphs, Technometrics, 2013.
    """

    name: ClassVar[str] = "circle"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "linked records also looked at, unexplained"
    asks_of: ClassVar[str] = "circle"
    needs: ClassVar[frozenset[str]] = frozenset({"subject_links"})
    sharpened_by: ClassVar[frozenset[str]] = frozenset({"taskings", "cases", "case_subjects"})

    windows_days: tuple[int, ...] = (2, 28)

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Links of the focus, and how many of them the user looked at in each window."""
        touched = ", ".join(
            f"count(distinct p.subject_no) filter (p.day > a.day - {days}) as touched_{days}"
            for days in self.windows_days
        )
        kept = ", ".join(
            f"coalesce(touched_{days}, 0) as touched_{days}" for days in self.windows_days
        )
        counts = frame.columns(f"""
            with degree as (select subject_no, count(*) as links from link group by all),
            around as (
                select a.row_no, {touched}
                from active a join link l on l.subject_no = a.subject_no
                join pair_day p on p.user_no = a.user_no and p.subject_no = l.linked_no
                where p.day <= a.day and p.day > a.day - {max(self.windows_days)}
                  and coalesce(p.level, 0) = 0
                group by a.row_no
            )
            select row_no, links, {kept}
            from active join degree using (subject_no) left join around using (row_no)
        """)
        return laid_on(frame, counts, reach={f"touched_{days}": days for days in self.windows_days})

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the touched circle departs from that of comparable people, the windows paid for."""
        return told_together([self._window(days, measured, baseline) for days in self.windows_days])

    def _window(self, days: int, measured: Measured, baseline: Baseline) -> SpanReading:
        circle = surprising_share(_touched(measured, days), peers=_touched(baseline.peers, days))
        return reading_of(circle, span=days, observed=measured.counts[f"touched_{days}"])

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        return (
            f"also looked at {row.observed:.0f} of {row.counts['links']:.0f} people and records "
            f"linked to this person within {row.span:.0f} days, unexplained; "
            f"comparable staff ({row.role}): {row.expected:.1f}"
        )


def _touched(measured: Measured, days: int) -> ShareSample:
    """Of the links of each focus, those looked at in the window; no link, no trial."""
    links = measured.counts["links"]
    return ShareSample(
        successes=np.minimum(measured.counts[f"touched_{days}"], links),
        trials=links,
        cells=cells(measured),
    )
