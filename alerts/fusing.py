"""Several strands of evidence about one pair become one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from alerts.scene import scene
from detectors.model import Abstention, Baseline, Detector, Frame, Measured, Tested
from detectors.stats.evidence import evidence_value, mean_of_evidence
from detectors.stats.tails import fitted

Floats = NDArray[np.float64]
Chosen = NDArray[np.bool_]

_LEAST_CALIBRATED = 5_000  # reference rows of a role, below which it borrows everybody's ranks
_LEAST_SAID = 5_000  # of everybody, below which stage 1 stands as it is


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
    values: Floats  # the e-value of each strand, NaN where it says nothing, shape (rows, strands)
    weights: Floats  # of each strand in the mean, 0 or above, shape (strands,)
    log_evidence: Floats  # natural logarithm of the mean e-value, shape (rows,)

    def of(self, names: Collection[str]) -> "Fused":
        """The same rows, the mean taken of the named strands alone."""
        named = np.array([item.strand.detector.name in names for item in self.strands])
        weights = np.where(named, self.weights, 0.0)
        mean = mean_of_evidence(self.values, weights=weights)
        return replace(self, weights=weights, log_evidence=np.log(mean))

    def log_evidence_without(self, rows: NDArray[np.int64], turns: Sequence[int]) -> Floats:
        """The logarithm for some rows, had some strands said nothing of them, shape (rows,)."""
        values = self.values[rows]
        values[:, list(turns)] = np.nan
        return np.log(mean_of_evidence(values, weights=self.weights))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What the running detectors counted, and which of them declined."""

    strands: tuple[MeasuredStrand, ...]
    abstentions: tuple[Abstention, ...]
    # Counts that no strand tests, by name, each shape (rows,).
    scene: Mapping[str, Floats] = field(default_factory=dict)


def measured(frame: Frame, strands: Sequence[Strand]) -> Measurement:
    """Every running detector's count on a frame; a detector without its feeds abstains aloud."""
    counted, declined = [], []
    for strand in strands:
        outcome = _counted(frame, strand.detector)
        if isinstance(outcome, Abstention):
            declined.append(outcome)
        else:
            counted.append(MeasuredStrand(strand=strand, measured=outcome))
    return Measurement(
        strands=tuple(counted),
        abstentions=tuple(declined),
        scene=scene(frame) if counted else {},
    )


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


def fused(  # noqa: PLR0913 what is judged, and how, each named
    strands: Sequence[MeasuredStrand],
    *,
    reference: Chosen,
    judged: Chosen,
    fold: NDArray[np.int64],
    calibrate: bool = True,
    within_support: bool = False,
) -> Fused:
    """The evidence on judged and reference rows; each user is tested by the other fold's users.

    Args:
        strands: what was counted.
        calibrate: rank every strand again among the reference rows of its role (stage 2).
        within_support: let no strand state a chance below one in ten times the rows it was ranked
            among.
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
    rows = reference | judged
    values = np.stack(
        [
            _calibrated(
                item, reference=reference, rows=rows, fold=fold, within_support=within_support
            )
            if calibrate
            else item.tested.evidence_value
            for item in tested
        ],
        axis=1,
    )
    weights = np.array([item.strand.weight for item in tested])
    return Fused(
        strands=tested,
        values=values,
        weights=weights,
        log_evidence=np.log(mean_of_evidence(values, weights=weights)),
    )


def tested_against(
    strands: Sequence[MeasuredStrand],
    reference: Sequence[MeasuredStrand],
    *,
    rows: Chosen,
    fold: NDArray[np.int64],
    reference_fold: NDArray[np.int64],
) -> tuple[TestedStrand, ...]:
    """What each strand says of chosen rows by the laws of another frame of the same people.

    Args:
        strands: what was counted on the frame of the rows.
        reference: what the same strands counted on the other frame.
        rows: to be tested, shape (rows of the first frame,).
        fold: of those rows.
        reference_fold: of the rows of the other frame.
    """
    laws = {item.strand.detector.name: item.measured for item in reference}
    return _tested_by(laws, strands, rows=rows, fold=fold, reference_fold=reference_fold)


def fused_against(  # noqa: PLR0913 what is judged, and by what, each named
    strands: Sequence[MeasuredStrand],
    *,
    laws: Mapping[str, Measured],
    evidence: Mapping[str, Floats],
    reference_fold: NDArray[np.int64],
    judged: Chosen,
    fold: NDArray[np.int64],
    within_support: bool = False,
) -> Fused:
    """The evidence on judged rows by the laws of a reference that stands apart from them.

    Args:
        strands: what was counted on the frame of the rows.
        laws: what each of them counted on the reference, by name; one that is not there is left
            out.
        evidence: the e-value of each row of the reference before it was ranked, by name.
        reference_fold: 0 or 1 by user, of the rows of the reference.
        judged: rows to be tested, shape (rows,).
        fold: of those rows, shape (rows,).
        within_support: let no strand state a chance below one in ten times the rows it was ranked
            among.
    """
    tested = _tested_by(laws, strands, rows=judged, fold=fold, reference_fold=reference_fold)
    values = [
        _ranked(
            item, among=evidence[item.strand.detector.name], rows=judged, fold=fold,
            role_no=laws[item.strand.detector.name].role_no, reference_fold=reference_fold,
            within_support=within_support,
        )
        for item in tested
    ]  # fmt: skip
    stacked = np.stack(values, axis=1) if values else np.zeros((judged.size, 0))
    weights = np.array([item.strand.weight for item in tested])
    return Fused(
        strands=tested,
        values=stacked,
        weights=weights,
        log_evidence=np.log(mean_of_evidence(stacked, weights=weights)),
    )


def _tested_by(
    laws: Mapping[str, Measured],
    strands: Sequence[MeasuredStrand],
    *,
    rows: Chosen,
    fold: NDArray[np.int64],
    reference_fold: NDArray[np.int64],
) -> tuple[TestedStrand, ...]:
    """What each strand that has a law says of chosen rows by it."""
    return tuple(
        TestedStrand(
            strand=item.strand,
            measured=item.measured,
            tested=_tested(
                item, law=laws[item.strand.detector.name], rows=rows, fold=fold,
                reference_fold=reference_fold,
            ),
        )
        for item in strands
        if item.strand.detector.name in laws
    )  # fmt: skip


def _tested(
    item: MeasuredStrand,
    *,
    law: Measured,
    rows: Chosen,
    fold: NDArray[np.int64],
    reference_fold: NDArray[np.int64],
) -> Tested:
    parts = {name: np.full(rows.size, np.nan) for name in _PARTS}
    for side in (0, 1):
        chosen = rows & (fold == side)
        if chosen.any():
            baseline = Baseline(
                peers=law.where(reference_fold != side), own=law.where(reference_fold == side)
            )
            tested = item.strand.detector.test(item.measured.where(chosen), baseline)
            for name, column in parts.items():
                column[chosen] = getattr(tested, name)
    return Tested(**parts)


def _calibrated(
    item: TestedStrand,
    *,
    reference: Chosen,
    rows: Chosen,
    fold: NDArray[np.int64],
    within_support: bool,
) -> Floats:
    """The e-value of each row's rank among the reference rows of its role and of the other fold.

    Stage 1 makes rows of different users comparable; stage 2 makes their p-values true. The two
    rest on different people: a law fitted on one fold is tried on the other, whose rows rank it.
    """
    return _ranked(
        item,
        among=item.tested.evidence_value[reference],
        role_no=item.measured.role_no[reference],
        reference_fold=fold[reference],
        rows=rows,
        fold=fold,
        within_support=within_support,
    )


def _ranked(  # noqa: PLR0913 what is ranked among what, each named
    item: TestedStrand,
    *,
    among: Floats,
    role_no: NDArray[np.int64],
    reference_fold: NDArray[np.int64],
    rows: Chosen,
    fold: NDArray[np.int64],
    within_support: bool,
) -> Floats:
    """The e-value of each chosen row's rank among the reference's, NaN where it says nothing.

    Args:
        item: what the strand says of the rows.
        among: the e-values of the reference, shape (reference,), as are role_no and its fold.
        role_no: of the reference.
        reference_fold: of the reference.
        rows: chosen, shape (rows,).
        fold: of the rows, shape (rows,).
        within_support: state no chance below one in ten times the rows it is ranked among.
    """
    told = np.full(rows.size, np.nan)
    says = ~np.isnan(item.tested.evidence_value)
    role = item.measured.role_no
    for side in (0, 1):
        mine, theirs = rows & says & (fold == side), ~np.isnan(among) & (reference_fold != side)
        everybody, role_of = np.log(among[theirs]), role_no[theirs]
        of_all = fitted(everybody) if everybody.size >= _LEAST_SAID else None
        for no in np.unique(role[mine]):
            chosen, like = mine & (role == no), everybody[role_of == no]
            told[chosen] = item.tested.evidence_value[chosen]
            tail = fitted(like) if like.size >= _LEAST_CALIBRATED else of_all
            if tail is not None:
                scores = np.log(item.tested.evidence_value[chosen])
                told[chosen] = evidence_value(tail.share_at_or_above(scores))
            if within_support:
                points = everybody.size if tail is None else tail.points
                told[chosen] = np.minimum(told[chosen], _most_evidence(points))
    return told


def _most_evidence(points: int) -> float:
    """The e-value of the smallest chance that so many reference rows can speak of (METHODS 2.0)."""
    return float(evidence_value(np.array(1.0 / (10.0 * max(points, 1)))))


def _crossed(
    item: MeasuredStrand, *, reference: Chosen, judged: Chosen, fold: NDArray[np.int64]
) -> Tested:
    return _tested(
        item,
        law=item.measured.where(reference),
        rows=reference | judged,
        fold=fold,
        reference_fold=fold[reference],
    )


_PARTS = ("pvalue", "evidence_value", "observed", "expected", "span")
