"""A week of days judged: every pair fused, its rarity told, and those beyond the floor named."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.fusing import Fused, Measurement, fused
from alerts.rarity import DAYS_IN_YEAR, Rarity, rarity
from detectors.model import Frame

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

# Below these a tail says nothing that could be defended: some fifty exceedances carry the fit.
LEAST_PAIR_DAYS = 300
LEAST_USER_YEARS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Which days are judged together, against which earlier ones; as days since 1970-01-01 UTC."""

    reference_from: int
    reference_to: int  # excluded; the first day of the week
    judged_from: int
    judged_to: int  # excluded


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Every judged row of a week with its evidence and its rarity."""

    week: Week
    fused: Fused
    rarity: Rarity
    rows: Codes  # places of the judged rows in the frame, shape (judged,)
    interval: Floats  # recurrence interval in user-years, shape (judged,)

    def on_day(self, frame: Frame, day: int, *, floor: float) -> Codes:
        """Places in the frame of the day's rows that reach the floor, strongest first."""
        chosen = (frame.day[self.rows] == day) & (self.interval >= floor)
        evidence = self.fused.log_evidence[self.rows[chosen]]
        # Intervals tie where the data can say no more; there the evidence orders.
        order = np.lexsort((-evidence, -self.interval[chosen]))
        places: Codes = self.rows[chosen][order]
        return places

    def interval_at(self, place: int) -> float:
        """The recurrence interval of one row of the frame, user-years."""
        return float(self.interval[np.searchsorted(self.rows, place)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Unjudged:
    """A week that could not be judged, and why."""

    week: Week
    reason: str


def judged(frame: Frame, measurement: Measurement, week: Week) -> Judged | Unjudged:
    """The week's rows judged, or the reason why they cannot be."""
    reference = (frame.day >= week.reference_from) & (frame.day < week.reference_to)
    days = (frame.day >= week.judged_from) & (frame.day < week.judged_to)
    reason = _cannot(frame, reference, week)
    if not measurement.strands or not days.any() or reason:
        return Unjudged(week=week, reason=reason or "no access to a named record on these days")
    evidence = fused(measurement.strands, reference=reference, judged=days, fold=frame.fold)
    source = _reference(frame, evidence, reference, week)
    rows = np.flatnonzero(days)
    return Judged(
        week=week,
        fused=evidence,
        rarity=source,
        rows=rows,
        interval=source.user_years_between(evidence.log_evidence[rows], frame.role_no[rows]),
    )


def _cannot(frame: Frame, reference: NDArray[np.bool_], week: Week) -> str:
    """Why the reference cannot carry a judgement; empty if it can."""
    users = np.unique(frame.user_no[reference]).size
    user_years = users * max(week.reference_to - week.reference_from, 0) / DAYS_IN_YEAR
    if reference.sum() >= LEAST_PAIR_DAYS and user_years >= LEAST_USER_YEARS:
        return ""
    return (
        "the earlier period that expected figures are drawn from is too short; "
        f"possible from {LEAST_PAIR_DAYS:,} pair-days and {LEAST_USER_YEARS:.0f} user-year"
    )


def _reference(frame: Frame, evidence: Fused, rows: NDArray[np.bool_], week: Week) -> Rarity:
    return rarity(
        log_evidence=evidence.log_evidence[rows],
        user_no=frame.user_no[rows],
        pair_no=evidence.strands[0].measured.pair_no[rows],
        role_no=frame.role_no[rows],
        reference_days=float(week.reference_to - week.reference_from),
    )


def weeks(
    days: Sequence[int], *, first_day: int, reference_days: int, settling_days: int
) -> tuple[Week, ...]:
    """The weeks that hold the given days, each with its reference; weeks begin on Monday.

    Args:
        days: to be judged, since 1970-01-01.
        first_day: of the history.
        reference_days: the most that a reference reaches back.
        settling_days: first days of the history, left out of every reference because their
            look-back is short.
    """
    by_monday: dict[int, list[int]] = {}
    for day in sorted(days):
        by_monday.setdefault(_monday(day), []).append(day)
    return tuple(
        Week(
            reference_from=max(monday - reference_days, first_day + settling_days),
            reference_to=monday,
            judged_from=held[0],
            judged_to=held[-1] + 1,
        )
        for monday, held in by_monday.items()
    )


def _monday(day: int) -> int:
    """The Monday of the day's week; 1970-01-01 was a Thursday."""
    return day - (day + 3) % 7
