"""What each strand found on a row, and what it adds to the row's score."""

import numpy as np

from alerts.cases import Case
from alerts.fusing import TestedStrand
from alerts.model import Contribution
from alerts.scene import SCENE
from detectors.model import Finding, Frame, Row
from monitor.judgement.identities import Identities
from monitor.judgement.sitting import Sitting

_SHOWN_CONTRIBUTION = 0.05  # log-odds, below which strands are added up
_SHOWN_BELOW = 0.05  # p-value of a strand that is worth a finding beside the strongest one
_BESIDE_STRANDS = {  # what the taught fusion sees besides strands, in words
    SCENE: "how much was looked up in all, and since when this person has been",
    "explained": "how well the lookups of this pair are explained",
}


def findings_of(sitting: Sitting, case: Case, named: Identities) -> tuple[Finding, ...]:
    """What each strand found on the case's strongest row, most surprising first."""
    frame, verdict = sitting.frame, sitting.verdict
    place = case.place
    found = []
    for item in verdict.fused.strands:
        tested = item.tested
        of_users = item.strand.detector.asks_of == "user"
        if np.isnan(tested.pvalue[place]) or (case.alone and not of_users):
            continue
        row = _row(frame, item, place)
        found.append(
            Finding(
                detector=item.strand.detector.name,
                version=item.strand.detector.version,
                user_id=named.user_id,
                focus_id="" if case.alone else named.subject_ids[0],
                observed=row.observed,
                expected=float(f"{row.expected:.4g}"),
                unit=item.strand.detector.unit,
                pvalue=float(f"{tested.pvalue[place]:.3g}"),
                evidence_value=float(f"{tested.evidence_value[place]:.4g}"),
                says=item.strand.detector.words(row),
            )
        )
    found.sort(key=lambda finding: (finding.pvalue, finding.detector))
    return tuple(
        finding
        for place, finding in enumerate(found)
        if place == 0 or finding.pvalue < _SHOWN_BELOW
    )


def contributions_of(sitting: Sitting, place: int) -> tuple[Contribution, ...]:
    """What each strand adds to the taught score of a row, the largest first, and the small rest."""
    frame, verdict = sitting.frame, sitting.verdict
    apart = verdict.taken_apart(frame, place)
    if apart is None:
        return ()
    words = {
        item.strand.detector.name: _words(sitting, item, place=place)
        for item in verdict.fused.strands
    }
    told = [
        Contribution(
            name=name,
            says=words.get(name, _BESIDE_STRANDS.get(name, "")),
            log_evidence=round(float(apart.added[0, turn]), 4),
        )
        for turn, name in enumerate(apart.strands)
    ]
    told.sort(key=lambda part: (-abs(part.log_evidence), part.name))
    shown = [part for part in told if abs(part.log_evidence) >= _SHOWN_CONTRIBUTION]
    rest = sum(part.log_evidence for part in told if abs(part.log_evidence) < _SHOWN_CONTRIBUTION)
    start = Contribution(
        name="start",
        says="a pair of which nothing is known",
        log_evidence=round(float(apart.start[0]), 4),
    )
    others = Contribution(
        name="others", says="all other strands together", log_evidence=round(rest, 4)
    )
    return (start, *shown, others)


def _words(sitting: Sitting, item: TestedStrand, *, place: int) -> str:
    """What a strand says of a row, or that it says nothing."""
    if np.isnan(item.tested.pvalue[place]):
        return "had nothing to say"
    return item.strand.detector.words(_row(sitting.frame, item, place))


def _row(frame: Frame, item: TestedStrand, place: int) -> Row:
    tested = item.tested
    return Row(
        observed=float(tested.observed[place]),
        expected=float(tested.expected[place]),
        span=float(tested.span[place]),
        role=frame.roles[int(frame.role_no[place])],
        counts={name: float(column[place]) for name, column in item.measured.counts.items()},
    )
