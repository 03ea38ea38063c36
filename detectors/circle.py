"""Family, friends, address, phone and car of one person, looked up around her."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.model.detector import Floats
from detectors.stats.cells import by_cell
from detectors.stats.proportions import BetaBinomial, at_least, fitted, middle_p
from detectors.strata import averaged_evidence, cells, most_surprising, paid_for

_MOST_LINKS = 60.0  # a longer list of links is a record of an institution, not of a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    r"""Did this member of staff also look up this person's family, friends, address, phone or car?

    Statistic:    Of the $d$ records linked to the focus, the number $K_w$ that the user also looked at without an
                  explanation within $w$ = 2 and 28 days up to the day. $K_w$ of $d$ is beta-binomial with the mean and
                  precision of the role and explanation level. E-values of the mid-p are averaged over the windows.
    Assumes:      Links are those the force has recorded; a linked record that a tasking explains, or that is linked to
                  a party of a tasked case, does not count.
    False alarms: An unrecorded domestic incident with everybody in the house checked, intelligence development.
                  Measured in tests/detectors/test_calibration.py.
    Blind to:     Relatives and friends unknown to the force; abstains on people without a recorded link.
    Source:       Neil, Hash, Brugh, Fisk, Storlie, Scan statistics for the online detection of locally anomalous
                  subgraphs, Technometrics, 2013.
    """

    name: ClassVar[str] = "circle"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "linked records also looked at, unexplained"
    needs: ClassVar[frozenset[str]] = frozenset({"subject_links"})
    sharpened_by: ClassVar[frozenset[str]] = frozenset({"taskings", "cases", "case_subjects"})

    windows_days: tuple[int, ...] = (2, 28)

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Links of the focus, and how many of them the user looked at in each window that ends on the day."""
        touched = ", ".join(
            f"count(distinct p.subject_no) filter (p.day > a.day - {w}) as touched_{w}"
            for w in self.windows_days
        )
        kept = ", ".join(f"coalesce(touched_{w}, 0) as touched_{w}" for w in self.windows_days)
        return laid_on(
            frame,
            frame.columns(f"""
            with degree as (select subject_no, count(*) as links from link group by all),
            around as (
                select a.row_no, {touched}
                from active a join link l on l.subject_no = a.subject_no
                join pair_day p on p.user_no = a.user_no and p.subject_no = l.linked_no
                where p.day <= a.day and p.day > a.day - {max(self.windows_days)} and coalesce(p.level, 0) = 0
                group by a.row_no
            )
            select row_no, least(links, {_MOST_LINKS}) as links, {kept}
            from active join degree using (subject_no) left join around using (row_no)
        """),
        )

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the touched circle departs from that of comparable people, the windows paid for."""
        names = [f"touched_{days}" for days in self.windows_days]
        parts = [self._one_window(name, measured, baseline) for name in names]
        cautious = np.stack([part.pvalue for part in parts], axis=1)
        best = most_surprising(cautious)
        rows = np.arange(measured.rows)
        return Tested(
            pvalue=paid_for(cautious),
            evidence_value=averaged_evidence(
                np.stack([part.evidence_value for part in parts], axis=1)
            ),
            observed=np.stack([part.observed for part in parts], axis=1)[rows, best],
            expected=np.stack([part.expected for part in parts], axis=1)[rows, best],
            span=np.asarray(self.windows_days, dtype=np.float64)[best],
        )

    def _one_window(self, name: str, measured: Measured, baseline: Baseline) -> Tested:
        """One window's test; its evidence_value column holds the mid-p until the windows are averaged."""
        linked = measured.counts["links"] >= 1
        trials = np.where(linked, measured.counts["links"], 1.0)
        successes = np.minimum(np.where(linked, measured.counts[name], 0.0), trials)
        peers = baseline.peers.where(baseline.peers.counts["links"] >= 1)
        laws = by_cell(
            (np.minimum(peers.counts[name], peers.counts["links"]), peers.counts["links"]),
            cells(peers),
            _fit,
        )
        cell = cells(measured).of_row
        mean, precision = (
            laws.values(cell, lambda law: law.mean),
            laws.values(cell, lambda law: law.precision),
        )
        a, b = mean * precision, (1.0 - mean) * precision
        return Tested(
            pvalue=np.where(linked, at_least(successes, trials=trials, a=a, b=b), np.nan),
            evidence_value=np.where(linked, middle_p(successes, trials=trials, a=a, b=b), np.nan),
            observed=measured.counts[name],
            expected=trials * mean,
            span=np.zeros(measured.rows),
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        return (
            f"also looked at {row.observed:.0f} of {row.counts['links']:.0f} people and records linked to this person "
            f"within {row.span:.0f} days, unexplained; comparable staff ({row.role}): {row.expected:.1f}"
        )


def _fit(columns: tuple[Floats, ...], weights: Floats) -> BetaBinomial:
    return fitted(columns[0], trials=np.maximum(columns[1], 1.0), weights=weights)
