"""Looking again each time the record of a person changes."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.stats.evidence import evidence_value
from detectors.stats.hypergeometric import tails

_SPELL_DAYS = 7  # looks closer together than this are one return, as long as a change is new


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterChange:
    r"""Does this member of staff look again each time this person's record changes?

    Statistic:    Of the user's $T$ days at work in the last 365, $m$ lie within seven days after a
                  change of the person's address, telephone or marker. The user came back to the
                  person $n$ times without an explanation (a look-day less than seven days after the
                  one before is the same return), $k$ times within seven days after a change. $k$ is
                  hypergeometric given $T$, $m$ and $n$: conditional on the user's own rate, so that
                  no comparison with others is needed. One mid-p, one e-value. Changes made while
                  the user was tasked to the person do not count.
    Assumes:      A return falls on any day at work as likely as on another; a change is entered on
                  the day it is made.
    False alarms: A record updated by a live enquiry to which the user was not tasked, checks before
                  a warrant or a summons is served. Measured in
                  tests/detectors/test_calibration.py.
    Blind to:     Looks on other days; people whose record never changes; somebody who looks every
                  few days, whose one long return meets every change.
    Source:       Fisher, The design of experiments, 1935, chapter 2 (the exact test).
    """

    name: ClassVar[str] = "after_change"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "unexplained returns soon after a change"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset({"record_changes"})
    sharpened_by: ClassVar[frozenset[str]] = frozenset(
        {"shifts", "taskings", "cases", "case_subjects"}
    )

    window_days: int = 365

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Days at work, those soon after a change, returns, and those soon after a change."""
        counts = frame.columns(f"""
            with person as (select distinct user_no, subject_no from changed), looked as (
                select v.user_no, v.subject_no, v.duty_day, min(v.day) as day
                from visit v semi join person using (user_no, subject_no)
                where coalesce(v.level, 0) = 0 group by all
            ), returned as (
                select *, coalesce(duty_day - lag(duty_day) over (
                    partition by user_no, subject_no order by duty_day
                ) >= {_SPELL_DAYS}, true) as begins
                from looked
            ), happened as (
                select user_no, subject_no, duty_day as day, 1 as marked, 0 as returns, 0 as inside
                from changed
                union all
                select r.user_no, r.subject_no, r.day, 0, 1, (c.duty_day is not null)::int
                from returned r left join changed c using (user_no, subject_no, duty_day)
                where r.begins
            ), counted as (
                select a.row_no, sum(h.marked) as marked, sum(h.returns) as returns,
                       sum(h.inside) as inside
                from active a join happened h using (user_no, subject_no)
                where h.day <= a.day and h.day > a.day - {self.window_days}
                group by a.row_no having sum(h.marked) > 0
            ), worked as (
                select user_no, duty_day, count(*) over (
                    partition by user_no order by duty_day
                    range between interval {self.window_days - 1} day preceding and current row
                ) as days
                from attended
            )
            select a.row_no, c.marked, c.returns, c.inside,
                   greatest(w.days, c.marked + c.returns - c.inside) as days
            from active a join counted c using (row_no)
            asof join worked w on w.user_no = a.user_no and w.duty_day <= a.day
        """)
        return laid_on(frame, counts)

    def test(self, measured: Measured, baseline: Baseline) -> Tested:  # noqa: ARG002 no peers needed
        """How the returns after a change depart from returns on any day at work."""
        counts = measured.counts
        told = (counts["marked"] >= 1) & (counts["returns"] >= 1)
        tail = tails(
            counts["inside"][told],
            drawn=counts["returns"][told],
            marked=counts["marked"][told],
            days=counts["days"][told],
        )
        pvalue, middle = np.full(told.size, np.nan), np.full(told.size, np.nan)
        pvalue[told], middle[told] = tail.at_least, tail.middle_p
        return Tested(
            pvalue=pvalue,
            evidence_value=evidence_value(middle),
            observed=counts["inside"],
            expected=counts["returns"] * counts["marked"] / np.maximum(counts["days"], 1.0),
            span=counts["returns"],
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        return (
            f"{row.observed:.0f} of {row.span:.0f} unexplained returns to this person fall within "
            f"seven days after a change of address, telephone or marker; on any day at work of "
            f"this member of staff ({row.role}): {row.expected:.1f}"
        )
