"""Looking one person up when not at work."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detectors.model import Abstention, Baseline, Frame, Measured, Row, Tested, laid_on
from detectors.stats.conditional import Surprise
from detectors.stats.evidence import evidence_value
from detectors.stats.habit import HabitSample, beyond_habit
from detectors.strata import cells

_WEIGHT = 0.25  # of what breaks in activity tell of duty, beside a roster (METHODS 2.1, D5)
_LEAST_A_DAY = 2.0  # visits on a day at work, below which breaks tell nothing of duty
_SOURCES = ("roster", "breaks")


@dataclass(frozen=True, slots=True, kw_only=True)
class OffDuty:
    r"""Was this member of staff at work when they looked this person up?

    Statistic:    Of the $D$ duty days in the last 90 with a visit that no tasking fully explains,
                  the $K$ with a visit outside the rostered shifts and their margin. $K$ is
                  beta-binomial of $a_r + x_u$ and $b_r + y_u$, the user's own days off and on duty
                  with everybody else beside those of the role. One mid-p, one e-value. Where no
                  roster tells, a second spell of activity, after six hours without a row and within
                  sixteen of the beginning of the day's work, counts as off duty, and the p-value is
                  raised to the power of a quarter: such a day weighs a quarter of a rostered one.
    Assumes:      The roster is posted as it was worked, or is as often wrong on other days of the
                  same member of staff; a day is one trial, however many looks it holds.
    False alarms: Overtime not posted, on-call work, a swapped shift, a call at home from a
                  colleague. Measured in tests/detectors/test_calibration.py.
    Blind to:     What is done on duty; without a roster also a whole day off, which looks like a
                  day of work.
    Source:       Heard, Weston, Platanioti, Hand, Bayesian anomaly detection methods for social
                  networks, Annals of Applied Statistics, 2010; Working Time Regulations 1998,
                  regulation 10 (daily rest).
    """

    name: ClassVar[str] = "off_duty"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "duty days with a visit off duty"
    asks_of: ClassVar[str] = "pair"
    needs: ClassVar[frozenset[str]] = frozenset()
    sharpened_by: ClassVar[frozenset[str]] = frozenset(
        {"shifts", "staff", "taskings", "cases", "case_subjects"}
    )

    window_days: int = 90

    def measure(self, frame: Frame) -> Measured | Abstention:
        """Days off duty and days in all, by the roster and by breaks in activity."""
        if "shifts" not in frame.feeds and _visits_a_day(frame) < _LEAST_A_DAY:
            return Abstention(
                detector=self.name,
                version=self.version,
                pairs=frame.rows,
                needs=("shifts",),
                reason="no shifts are loaded, and the log holds too few visits a day to tell work "
                "from rest by its breaks",
            )
        span = f"pair range between interval {self.window_days - 1} day preceding and current row"
        sums = ", ".join(
            f"""coalesce(sum(d.off_{source}) over ({span}), 0) as off_{source},
                coalesce(sum(d.days_{source}) over ({span}), 0) as days_{source},
                case when d.days_{source} > 0 then (d.off_{source} > 0)::int end as today_{source}
            """
            for source in _SOURCES
        )
        counts = frame.columns(f"""
            with told as (
                select v.user_no, v.subject_no, v.duty_day, v.day, o.off_by_roster, o.off_by_breaks
                from (from visit semi join active using (user_no, subject_no)) v
                join visit_off o using (visit_no) where coalesce(v.level, 0) < 2
            ), known as (
                select user_no, subject_no, duty_day, day, 'roster' as source, off_by_roster as off
                from told where off_by_roster is not null
                union all
                select user_no, subject_no, duty_day, day, 'breaks', off_by_breaks
                from told where off_by_breaks is not null
            ), trial as (
                select user_no, subject_no, source, off, duty_day, min(day) as day
                from known group by all
            ), daily as (
                select user_no, subject_no, day, {_DAILY} from trial
                group by user_no, subject_no, day
            ), rolling as (
                select p.user_no, p.subject_no, p.day, {sums}
                from pair_day p semi join active using (user_no, subject_no)
                left join daily d using (user_no, subject_no, day)
                window pair as (partition by p.user_no, p.subject_no order by p.day)
            )
            select row_no, rolling.* exclude (user_no, subject_no, day)
            from active join rolling using (user_no, subject_no, day)
        """)
        return laid_on(frame, counts)

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the days off duty depart from the user's habit; by the roster where one tells."""
        roster, breaks = (_by(source, measured, baseline=baseline) for source in _SOURCES)
        rostered = ~np.isnan(roster.at_least)
        middle = np.where(rostered, roster.middle, breaks.middle**_WEIGHT)
        return Tested(
            pvalue=np.where(rostered, roster.at_least, breaks.at_least**_WEIGHT),
            evidence_value=evidence_value(middle),
            observed=np.where(
                rostered, measured.counts["off_roster"], measured.counts["off_breaks"]
            ),
            expected=np.where(rostered, roster.expected, breaks.expected),
            span=np.where(rostered, measured.counts["days_roster"], measured.counts["days_breaks"]),
        )

    def words(self, row: Row) -> str:
        """One sentence about one row."""
        told = (
            "outside the rostered shifts"
            if row.counts["days_roster"] >= 1
            else "apart from the day's work by the breaks in their activity (no roster tells, so "
            "this weighs a quarter)"
        )
        return (
            f"{row.observed:.0f} of {row.span:.0f} duty days in {self.window_days} with a visit "
            f"{told}; by their own habit and that of comparable staff ({row.role}): "
            f"{row.expected:.1f}"
        )


_DAILY = ", ".join(
    f"count(*) filter (source = '{source}' and off) as off_{source}, "
    f"count(*) filter (source = '{source}') as days_{source}"
    for source in _SOURCES
)


def _visits_a_day(frame: Frame) -> float:
    """Visits on the average day at work of a member of staff; nought where there is none."""
    found = frame.connection.execute("""
        select (select count(*) from visit) / greatest((select count(*) from attended), 1)
    """).fetchone()
    return float(found[0]) if found else 0.0


def _by(source: str, measured: Measured, *, baseline: Baseline) -> Surprise:
    """The departure of each row as one source tells duty."""
    return beyond_habit(
        _habit(measured, source),
        peers=_habit(baseline.peers, source),
        own=_habit(baseline.own, source),
    )


def _habit(measured: Measured, source: str) -> HabitSample:
    return HabitSample(
        successes=measured.counts[f"off_{source}"],
        trials=measured.counts[f"days_{source}"],
        today=measured.counts[f"today_{source}"],
        cells=cells(measured),
        users=measured.user_no,
        pairs=measured.pair_no,
        days=measured.day,
    )
