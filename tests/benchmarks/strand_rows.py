"""What the running detectors say of every row: counts for models, p-values for their calibration.

The one place that reaches into how a week is judged.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.features import Features as Seen
from alerts.features import features as seen_of
from alerts.fusing import Measurement, measured
from alerts.judging import Judged, judged, weeks
from detectors.model import Frame
from monitor.knowledge import Rules
from tests.benchmarks.features import Features, laid_out

Floats = NDArray[np.float64]

_SETTLING_DAYS = 14  # as the service leaves them out of every reference


@dataclass(frozen=True, slots=True, kw_only=True)
class StrandRows:
    """Every judged row of a frame, as each detector and the fusion saw it."""

    frame: Frame
    counts: Mapping[str, Floats]  # `detector.count`, each shape (rows,)
    pvalues: Mapping[str, Floats]  # by detector, after stage 2, 0 to 1, shape (rows,)
    log_evidence: Floats  # fused, shape (rows,)
    interval: Floats  # recurrence interval in user-years, NaN where unjudged, shape (rows,)

    @property
    def features(self) -> Features:
        """Counts and surprises as features of a model."""
        surprise = {
            f"{name}.surprise": -np.log(np.maximum(column, 1e-12))
            for name, column in self.pvalues.items()
        }
        return laid_out(self.frame, {**self.counts, **surprise})


def strand_rows(frame: Frame, rules: Rules) -> StrandRows:
    """Every week of a frame judged; rows without a reference stay NaN."""
    found = measured(frame, rules.strands)
    names = [item.strand.detector.name for item in found.strands]
    pvalues = {name: np.full(frame.rows, np.nan) for name in names}
    log_evidence, interval = np.full(frame.rows, np.nan), np.full(frame.rows, np.nan)
    for verdict in _verdicts(frame, found, rules):
        rows = verdict.rows
        log_evidence[rows], interval[rows] = verdict.fused.log_evidence[rows], verdict.interval
        for turn, item in enumerate(verdict.fused.strands):
            values = verdict.fused.values[rows, turn]
            pvalues[item.strand.detector.name][rows] = _pvalue(values)
    return StrandRows(
        frame=frame,
        counts={
            f"{item.strand.detector.name}.{name}": column
            for item in found.strands
            for name, column in item.measured.counts.items()
        },
        pvalues=pvalues,
        log_evidence=log_evidence,
        interval=interval,
    )


def seen_rows(frame: Frame, rules: Rules) -> Features:
    """Every judged row of a frame as the taught fusion sees it; rows of no judged week stay NaN."""
    found = measured(frame, rules.strands)
    columns: dict[str, Floats] = {}
    for verdict in _verdicts(frame, found, rules):
        seen: Seen = seen_of(verdict.fused.strands, verdict.rows, scene=verdict.scene)
        for turn, column in enumerate(seen.columns):
            laid = columns.setdefault(column.name, np.full(frame.rows, np.nan))
            laid[verdict.rows] = seen.matrix[:, turn]
    return laid_out(frame, columns)


def _pvalue(values: Floats) -> Floats:
    """The p-value behind each calibrated e-value $e = p^{-1/2} / 2$, 0 to 1."""
    return np.minimum(1.0, 0.25 / np.maximum(values, 0.5) ** 2)


def _verdicts(frame: Frame, found: Measurement, rules: Rules) -> Iterator[Judged]:
    plan = weeks(
        np.unique(frame.day).tolist(),
        first_day=frame.first_day,
        reference_days=rules.settings.judging.reference_days,
        settling_days=_SETTLING_DAYS,
    )
    for week in plan:
        verdict = judged(frame, found, week)
        if isinstance(verdict, Judged):
            yield verdict
