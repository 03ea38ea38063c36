"""Who is compared with whom: people in one role, on pairs with equally strong explanations."""

import numpy as np

from detectors.model import CONTEXTS, Measured
from detectors.stats.cells import Cells
from detectors.stats.conditional import Sample
from detectors.stats.evidence import best_of, evidence_value
from detectors.model.detector import Floats


def cells(measured: Measured) -> Cells:
    """The cell of each row, role by context, with the role as its parent."""
    roles = len(measured.roles)
    return Cells(
        of_row=measured.role_no * CONTEXTS + measured.context,
        parent_of=np.repeat(np.arange(roles), CONTEXTS),
    )


def sample(measured: Measured, name: str) -> Sample:
    """One measured count as a sample for the conditional tests."""
    return Sample(
        counts=measured.counts[name],
        cells=cells(measured),
        users=measured.user_no,
        pairs=measured.pair_no,
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
    """The smallest cautious p-value over the spans, times their number, shape (rows,); NaN where none."""
    return np.where(np.isnan(pvalues).all(axis=1), np.nan, best_of(pvalues))


def most_surprising(pvalues: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The index of the span with the smallest p-value, shape (rows,)."""
    return np.argmin(np.where(np.isnan(pvalues), 2.0, pvalues), axis=1)
