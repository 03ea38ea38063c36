"""Several strands of evidence about one pair become one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.model import Abstention, Baseline, Detector, Frame, Measured, Tested
from detectors.stats.evidence import mean_of_evidence

Floats = NDArray[np.float64]
Chosen = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """One detector with its say in the fusion."""

    detector: Detector
    weight: float  # above 0, relative to the other strands


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredStrand:
    """What one detector counted on a frame."""

    strand: Strand
    measured: Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class TestedStrand:
    """What one detector says of every row."""

    strand: Strand
    measured: Measured
    tested: Tested


@dataclass(frozen=True, slots=True, kw_only=True)
class Fused:
    """One evidence value for every row, and the strands it was made of."""

    strands: tuple[TestedStrand, ...]
    log_evidence: Floats  # natural logarithm of the mean e-value, shape (rows,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What the running detectors counted, and which of them declined."""

    strands: tuple[MeasuredStrand, ...]
    abstentions: tuple[Abstention, ...]


def measured(frame: Frame, strands: Sequence[Strand]) -> Measurement:
    """Every running detector's count on a frame; a detector without its feeds abstains aloud."""
    counted, declined = [], []
    for strand in strands:
        outcome = _counted(frame, strand.detector)
        if isinstance(outcome, Abstention):
            declined.append(outcome)
        else:
            counted.append(MeasuredStrand(strand=strand, measured=outcome))
    return Measurement(strands=tuple(counted), abstentions=tuple(declined))


def _counted(frame: Frame, detector: Detector) -> Measured | Abstention:
    reason = _cannot(frame, detector)
    if reason is None:
        return detector.measure(frame)
    return Abstention(
        detector=detector.name,
        version=detector.version,
        reason=reason,
        pairs=frame.rows,
        needs=tuple(sorted(detector.needs - frame.feeds)),
    )


def _cannot(frame: Frame, detector: Detector) -> str | None:
    missing = sorted(detector.needs - frame.feeds)
    if missing:
        return f"needs {', '.join(missing)}, which are not loaded"
    if frame.rows == 0 and frame.unresolved:
        return (
            "the record looked up is blank or masked at the source in every access, "
            "so no two lookups can be said to be of one person"
        )
    if frame.rows == 0:
        return "no access to a named record in the window"
    return None


def fused(
    strands: Sequence[MeasuredStrand], *, reference: Chosen, judged: Chosen, fold: NDArray[np.int64]
) -> Fused:
    """The evidence on judged and reference rows; each user is tested by the other fold's users.

    Args:
        strands: what was counted.
        reference: rows from which the laws are fitted, shape (rows,).
        judged: rows to be tested besides, shape (rows,).
        fold: 0 or 1 by user, shape (rows,).
    """
    tested = tuple(
        TestedStrand(
            strand=item.strand,
            measured=item.measured,
            tested=_crossed(item, reference=reference, judged=judged, fold=fold),
        )
        for item in strands
    )
    values = np.stack([item.tested.evidence_value for item in tested], axis=1)
    weights = np.array([item.strand.weight for item in tested])
    return Fused(strands=tested, log_evidence=np.log(mean_of_evidence(values, weights=weights)))


def _crossed(
    item: MeasuredStrand, *, reference: Chosen, judged: Chosen, fold: NDArray[np.int64]
) -> Tested:
    rows = item.measured.rows
    parts = {name: np.full(rows, np.nan) for name in _PARTS}
    for side in (0, 1):
        mine = fold == side
        chosen = mine & (reference | judged)
        baseline = Baseline(
            peers=item.measured.where(reference & ~mine), own=item.measured.where(reference & mine)
        )
        if chosen.any():
            tested = item.strand.detector.test(item.measured.where(chosen), baseline)
            for name, column in parts.items():
                column[chosen] = getattr(tested, name)
    return Tested(**parts)


_PARTS = ("pvalue", "evidence_value", "observed", "expected", "span")
