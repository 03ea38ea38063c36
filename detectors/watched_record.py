"""A watched record opened with no reason on file."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.stats.conditional import surprise
from detectors.stats.events import event_share
from detectors.stats.evidence import evidence_value
from detectors.stats.hurdle import hurdle
from detectors.strata import samples, unexplainable


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedRecord:
    r"""Did this member of staff open a watched record that no work explains?

    Statistic:    Days $N$ in the last 28 with an unexplained visit to the record while it was
                  watched, itself or as a party of a watched case. A hurdle: whether a pair has any
                  such day has chance $\pi_u$, the user's own share shrunk to the role's, never set
                  below 0.06; given one, $N - 1$ is negative binomial as unexplained days with
                  anybody are in the role, watched or not. $p = \pi_u P$ if there is such a day,
                  $(1 + \pi_u)/2$ in the middle if not.
    Assumes:      Of those who open a much discussed record some six in a hundred have no reason,
                  so that one look is weak evidence, however rare watched records are.
    False alarms: A cordon, communications, command support, disclosure or a duty officer whose part
                  in the matter no tasking shows. Measured in
                  tests/detectors/test_calibration.py.
    Blind to:     Records that nobody has put on the list; a view under a tasking to the same case.
    Source:       Cragg, Econometrica, 1971 (hurdles); for the six in a hundred, the published audit
                  of who viewed the material of one much reported case, England, 2024: 11 of some
                  180 members of staff.
    """

    name: ClassVar[str] = "watched_record"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "days with an unexplained visit to a watched record"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset({"watched_records", "case_subjects"})
    sharpened_by: ClassVar[frozenset[str]] = frozenset({"taskings", "cases", "staff"})

    window_days: int = 28
    least_share: float = 0.06  # of views of a watched record, those without a reason

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Days in the window with an unexplained visit to the record while it was watched."""
        if declined := unexplainable(self, frame):
            return declined
        counts = frame.columns(f"""
            with listed as (
                select a.subject_no, w.valid_from, w.valid_to
                from watched_records w join subject_alias a on a.subject_id = w.subject_id
                union all
                select p.subject_no, w.valid_from, w.valid_to
                from watched_records w join case_code k using (case_ref)
                join party p using (case_no)
            ), opened as (
                select p.user_no, p.subject_no, p.day,
                       bool_or(l.subject_no is not null) as watched
                from pair_day p left join listed l on l.subject_no = p.subject_no
                 and coalesce(l.valid_from < p.day + interval 1 day, true)
                 and coalesce(l.valid_to > p.day, true)
                where p.unexplained_visits > 0
                group by all
            ), counted as (
                select a.row_no, count(*) filter (o.watched) as days, count(*) as any_days
                from active a join opened o on o.user_no = a.user_no
                 and o.subject_no = a.subject_no
                 and o.day between a.day - {self.window_days - 1} and a.day
                group by all
            )
            select row_no, coalesce(days, 0) as days, coalesce(any_days, 0) as any_days
            from active left join counted using (row_no)
        """)
        return laid_on(frame, counts, reach=dict.fromkeys(counts, self.window_days))

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the days depart, hurdle and count together."""
        watched = samples(measured, baseline, name="days")
        anybody = samples(measured, baseline, name="any_days")
        share = event_share(watched.judged, peers=watched.peers, own=watched.own)
        found = hurdle(
            watched.judged.counts,
            share=np.maximum(share, self.least_share),
            beyond=surprise(watched.judged, peers=anybody.peers, own=anybody.own),
        )
        return Tested(
            pvalue=found.at_least,
            evidence_value=evidence_value(found.middle),
            observed=watched.judged.counts,
            expected=found.expected,
            span=np.full(measured.rows, float(self.window_days)),
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        return (
            f"opened a watched record on {row.observed:.0f} days in {row.span:.0f} with no work on "
            f"file that explains it; comparable staff ({row.role}), for anybody they look up: "
            f"{row.expected:.2f} on average"
        )
