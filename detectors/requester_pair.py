"""Lookups run for another member of staff, again and again about one person."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.stats.conditional import Sample, surprise
from detectors.stats.events import event_share
from detectors.stats.hurdle import hurdle
from detectors.stats.shares import ShareSample, surprising_share
from detectors.strata import SpanReading, cells, reading_of, told_together

_PAIR_BASE = 2**32  # more people looked up than this no force has


@dataclass(frozen=True, slots=True, kw_only=True)
class RequesterPair:
    r"""Does this member of staff run lookups of this person for one and the same requester?

    Statistic:    Two questions. Of the $N$ requests (one for each requester, record and day) that
                  the operator ran in the last 28 days, $K$ were for one requester about this person
                  or their circle and are not fully explained: given one, $K - 1$ of $N - 1$ is
                  beta-binomial with the mean and precision of the role and explanation level, or of
                  a weaker level where that is less surprised. And the days $D$ in 90 on which that
                  requester had this person looked up by yet other operators, no tasking explaining
                  it. A hurdle: whether there is any such day has chance $\pi_r$, the requester's
                  own share shrunk to that of others; given one, $D - 1$ is negative binomial as
                  days by proxy are. E-values of the mid-p are averaged; the printed p is paid for
                  twice.
    Assumes:      Whoever runs lookups for others does so for several people about several matters;
                  the log names who asked.
    False alarms: A control-room operator who is on shift with one enquiry; a clerk who works for
                  one detective. Measured in tests/detectors/test_calibration.py.
    Blind to:     Requests that the log does not name, by telephone or across a desk; abstains where
                  it names none. A requester who asks many different operators is seen by the second
                  question alone.
    Source:       DuMouchel, Bayesian data mining in large frequency tables, The American
                  Statistician, 1999; Heard et al., Annals of Applied Statistics, 2010.
    """

    name: ClassVar[str] = "requester_pair"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "lookups of this person for one requester"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset()
    sharpened_by: ClassVar[frozenset[str]] = frozenset(
        {"taskings", "cases", "case_subjects", "subject_links"}
    )

    share_days: int = 28
    proxy_days: int = 90

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Requests of the operator and of the requester about this person, and of the operator."""
        if not _names_requesters(frame):
            return Abstention(
                detector=self.name,
                version=self.version,
                pairs=frame.rows,
                reason="no access names another member of staff who asked for it",
            )
        counts = frame.columns(f"""
            with request as (
                select r.user_no, r.requester_no, r.subject_no, r.day,
                       bool_or(coalesce(v.level, 0) < 2) as open
                from visit_row r join visit v using (user_no, subject_no, visit_ordinal)
                where r.requester_no is not null and r.requester_no <> r.user_no
                  and r.day > (select min(day) from active)
                              - {max(self.share_days, self.proxy_days)}
                group by all
            ), here as (
                select distinct a.row_no, a.user_no, a.subject_no, a.day, q.requester_no
                from active a join request q on q.user_no = a.user_no
                 and q.subject_no = a.subject_no and q.open
                 and q.day between a.day - {self.share_days - 1} and a.day
            ), around as (
                select subject_no, subject_no as member_no from subject_code
                union select subject_no, linked_no from link
            ), alike as (
                select h.row_no, h.requester_no, count(*) as alike
                from here h join around m on m.subject_no = h.subject_no
                join request q on q.user_no = h.user_no and q.requester_no = h.requester_no
                 and q.subject_no = m.member_no and q.open
                 and q.day between h.day - {self.share_days - 1} and h.day
                group by all
            ), best as (
                select row_no, arg_max(requester_no, (alike, -requester_no)) as requester,
                       max(alike) as alike
                from alike group by all
            ), every as (
                select a.user_no, a.day, count(*) as requests
                from (select distinct user_no, day from here) a
                join request q on q.user_no = a.user_no
                 and q.day between a.day - {self.share_days - 1} and a.day
                group by all
            ), proxy as (
                select b.row_no, count(distinct q.day) as proxy_days,
                       count(distinct q.day) filter (q.user_no <> a.user_no) as other_days
                from best b join active a using (row_no)
                join request q on q.requester_no = b.requester and q.subject_no = a.subject_no
                 and q.open and q.day between a.day - {self.proxy_days - 1} and a.day
                group by all
            )
            select row_no, requester, alike, requests, proxy_days, other_days
            from best join active using (row_no) join every using (user_no, day)
            join proxy using (row_no)
        """)
        reach = {"alike": self.share_days, "requests": self.share_days}
        reach |= {"proxy_days": self.proxy_days, "other_days": self.proxy_days}
        return laid_on(frame, counts, reach=reach)

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How both counts depart from those of comparable people, the two questions paid for."""
        return told_together(
            [self._share(measured, baseline.peers), self._by_proxy(measured, baseline)]
        )

    def _share(self, measured: Measured, peers: Measured) -> SpanReading:
        share = surprising_share(_beyond_one(measured), peers=_beyond_one(peers))
        return SpanReading(
            span=self.share_days,
            at_least=share.at_least,
            middle=share.middle,
            observed=measured.counts["alike"],
            expected=1.0 + share.expected,
        )

    def _by_proxy(self, measured: Measured, baseline: Baseline) -> SpanReading:
        others = _of_requesters(measured, "other_days")
        peers, own = baseline.peers, baseline.own
        share = event_share(
            others,
            peers=_of_requesters(peers, "other_days"),
            own=_of_requesters(own, "other_days"),
        )
        beyond = surprise(
            others,
            peers=_of_requesters(peers, "proxy_days"),
            own=_of_requesters(own, "proxy_days"),
        )
        days = hurdle(others.counts, share=share, beyond=beyond)
        return reading_of(days, span=self.proxy_days, observed=others.counts)

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        if row.span == self.share_days:
            return (
                f"{row.observed:.0f} of {row.counts['requests']:.0f} lookups run for others in "
                f"{row.span:.0f} days were for one requester about this person or their circle; "
                f"comparable staff ({row.role}) who run one: {row.expected:.1f}"
            )
        return (
            f"the requester had this person looked up by other operators too, on "
            f"{row.observed:.0f} days in {row.span:.0f}, with no tasking that explains it; "
            f"requesters served by comparable staff ({row.role}): {row.expected:.1f} on average"
        )


def _names_requesters(frame: Frame) -> bool:
    """Whether any access says that another member of staff asked for it."""
    found = frame.connection.execute("select count(*) from visit_asked").fetchone()
    return found is not None and found[0] > 0


def _beyond_one(measured: Measured) -> ShareSample:
    """Requests alike beyond the one that brought the row here, of all beyond it."""
    return ShareSample(
        successes=measured.counts["alike"] - 1.0,
        trials=measured.counts["requests"] - 1.0,
        cells=cells(measured),
    )


def _of_requesters(measured: Measured, name: str) -> Sample:
    """Days by proxy as counts of the requester, whoever ran the lookups."""
    requester = np.nan_to_num(measured.counts["requester"], nan=-1.0).astype(np.int64)
    return Sample(
        counts=measured.counts[name],
        cells=cells(measured),
        users=requester,
        pairs=requester * _PAIR_BASE + measured.focus_no,
    )
