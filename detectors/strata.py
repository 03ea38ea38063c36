"""Who is compared with whom, and how several spans of time become one answer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.model import CONTEXTS, Abstention, Baseline, Detector, Frame, Measured, Tested
from detectors.model.detector import Floats
from detectors.stats.cells import Cells
from detectors.stats.conditional import Sample, Surprise
from detectors.stats.evidence import best_of, evidence_value
from detectors.stats.trials import TrialSample, shrunk_share

_DAY_BASE = 100_000  # more days than any history has


def cells(measured: Measured) -> Cells:
    """The cell of each row, role by context, with the role as its parent.

    The weaker cell is that of the next weaker explanation.
    """
    roles = len(measured.roles)
    number = np.arange(roles * CONTEXTS)
    return Cells(
        of_row=measured.role_no * CONTEXTS + measured.context,
        parent_of=number // CONTEXTS,
        weaker_of=np.where(number % CONTEXTS == 0, number, number - 1),
    )


def sample(measured: Measured, name: str) -> Sample:
    """One measured count as a sample for the conditional tests."""
    return Sample(
        counts=measured.counts[name],
        cells=cells(measured),
        users=measured.user_no,
        pairs=measured.pair_no,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """One count of the rows to be judged, of other users, and of the same users before."""

    judged: Sample
    peers: Sample
    own: Sample


def samples(measured: Measured, baseline: Baseline, *, name: str) -> Samples:
    """One measured count of everybody a test compares."""
    return Samples(
        judged=sample(measured, name),
        peers=sample(baseline.peers, name),
        own=sample(baseline.own, name),
    )


def unexplained_share(measured: Measured, baseline: Baseline) -> Floats:
    """The chance that an engagement of each row's user has no record, 0 to 1, shape (rows,).

    Of rows with the counts `engagements` and `unexplained_others`, of the user with everybody else.
    """
    return shrunk_share(_practice(measured), peers=_practice(baseline.peers))


def _practice(measured: Measured) -> TrialSample:
    return TrialSample(
        successes=measured.counts["unexplained_others"],
        trials=measured.counts["engagements"],
        cells=cells(measured),
        users=measured.user_no,
    )


def once_a_day(measured: Measured) -> Measured:
    """One row for each user and day, so that who looks up many counts no more than others."""
    first = np.zeros(measured.rows, dtype=bool)
    key = measured.user_no * _DAY_BASE + measured.day
    first[np.unique(key, return_index=True)[1]] = True
    return measured.where(first)


def too_short(detector: Detector, frame: Frame, *, days: int) -> Abstention | None:
    """An abstention where the history reaches so many days back from no row, else nothing."""
    if frame.in_reach(days).any():
        return None
    return Abstention(
        detector=detector.name,
        version=detector.version,
        pairs=frame.rows,
        reason=f"the history of accesses is shorter than the {days} days this question looks at",
    )


def unexplainable(detector: Detector, frame: Frame) -> Abstention | None:
    """An abstention where no record could explain a visit, so that none is unexplained either."""
    if {"taskings", "cases"} & frame.feeds:
        return None
    return Abstention(
        detector=detector.name,
        version=detector.version,
        pairs=frame.rows,
        needs=("taskings", "cases"),
        reason="neither taskings nor cases are loaded, so no visit can be called unexplained",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanReading:
    """What one span of time says of every row; NaN where it says nothing."""

    span: int  # hours or days, the detector says which
    at_least: Floats  # the cautious p-value, 0 to 1, shape (rows,)
    middle: Floats  # mid-p, 0 to 1, shape (rows,)
    observed: Floats  # shape (rows,)
    expected: Floats  # shape (rows,)


def reading_of(found: Surprise, *, span: int, observed: Floats) -> SpanReading:
    """What was found over one span, as a reading of it.

    Args:
        found: how surprising each row is.
        span: hours or days.
        observed: what was counted, shape (rows,).
    """
    return SpanReading(
        span=span,
        at_least=found.at_least,
        middle=found.middle,
        observed=observed,
        expected=found.expected,
    )


def told_together(readings: Sequence[SpanReading]) -> Tested:
    """The evidence averaged over the spans; the most surprising one told, the choice paid for."""
    cautious = np.stack([reading.at_least for reading in readings], axis=1)
    best = most_surprising(cautious)
    rows = np.arange(best.size)
    return Tested(
        pvalue=paid_for(cautious),
        evidence_value=averaged_evidence(np.stack([r.middle for r in readings], axis=1)),
        observed=np.stack([r.observed for r in readings], axis=1)[rows, best],
        expected=np.stack([r.expected for r in readings], axis=1)[rows, best],
        span=np.array([r.span for r in readings], dtype=np.float64)[best],
    )


def averaged_evidence(middles: Floats) -> Floats:
    """The mean e-value over the spans that could be judged, shape (rows,); NaN where none could.

    Args:
        middles: mid-p, shape (rows, spans), NaN where a span says nothing.
    """
    values = evidence_value(middles)
    spoken = ~np.isnan(values)
    summed = np.where(spoken, values, 0.0).sum(axis=1)
    return np.where(spoken.any(axis=1), summed / np.maximum(spoken.sum(axis=1), 1), np.nan)


def paid_for(pvalues: Floats) -> Floats:
    """The smallest p-value over the spans, times their number; NaN where none, shape (rows,)."""
    return np.where(np.isnan(pvalues).all(axis=1), np.nan, best_of(pvalues))


def most_surprising(pvalues: Floats) -> NDArray[np.int64]:
    """The index of the span with the smallest p-value, shape (rows,)."""
    found: NDArray[np.int64] = np.argmin(np.where(np.isnan(pvalues), 2.0, pvalues), axis=1)
    return found
