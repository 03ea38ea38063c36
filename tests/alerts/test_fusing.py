"""Several strands of evidence about one pair become one, and nobody is judged by their own law."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pytest

from alerts.fusing import Measurement, Strand, fused, fused_against, measured
from detectors.burst import Burst
from detectors.circle import Circle
from detectors.model import Abstention, Baseline, Frame, Measured, Row, laid_on
from detectors.model import Tested as Said
from tests.alerts.judged_worlds import a_frame_of
from tests.detectors.tables import Row as TableRow

CROWD: list[TableRow] = [
    {"occurred_at": f"2026-03-{day:02d} 10:00", "user_id": f"U{user:02d}", "subject_id": f"P{user}"}
    for user in range(12)
    for day in range(1, 29, 3)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """Is there a row? A detector that gives every row the same e-value and keeps its baselines."""

    name: ClassVar[str] = "counting"
    version: ClassVar[int] = 1
    unit: ClassVar[str] = "rows"
    needs: ClassVar[frozenset[str]] = frozenset()
    sharpened_by: ClassVar[frozenset[str]] = frozenset()

    value: float = 1.0
    seen: list[tuple[Measured, Baseline]] = field(default_factory=list)

    def measure(self, frame: Frame) -> Measured | Abstention:
        """One for every row."""
        return laid_on(frame, {"one": np.ones(frame.rows)})

    def test(self, measured: Measured, baseline: Baseline) -> Said:
        """The same for every row."""
        self.seen.append((measured, baseline))
        column = np.full(measured.rows, self.value)
        return Said(
            pvalue=column, evidence_value=column, observed=column, expected=column, span=column
        )

    def words(self, row: Row) -> str:
        """Few."""
        return f"{row.observed:.0f} row"


def strand(detector: Counting | Burst | Circle, weight: float = 1.0) -> Strand:
    """A strand of the fusion."""
    return Strand(detector=detector, weight=weight)


def counted(frame: Frame, *strands: Strand) -> Measurement:
    """What the strands counted."""
    return measured(frame, strands)


def test_a_detector_without_its_feed_abstains_aloud_and_the_others_speak() -> None:
    frame = a_frame_of(CROWD)
    found = counted(frame, strand(Burst()), strand(Circle()))

    assert [item.strand.detector.name for item in found.strands] == ["burst"]
    assert found.abstentions == (
        Abstention(
            detector="circle",
            version=1,
            reason="needs subject_links, which are not loaded",
            pairs=frame.rows,
            needs=("subject_links",),
        ),
    )


def test_where_every_record_is_masked_at_the_source_every_detector_says_so() -> None:
    masked: list[TableRow] = [{**row, "subject_id": None} for row in CROWD]
    found = counted(a_frame_of(masked), strand(Burst()))

    assert found.strands == ()
    assert found.abstentions[0].reason == (
        "the record looked up is blank or masked at the source in every access, "
        "so no two lookups can be said to be of one person"
    )


def test_where_nobody_looked_at_anybody_every_detector_says_so() -> None:
    found = counted(a_frame_of([]), strand(Burst()))

    assert found.abstentions[0].reason == "no access to a named record in the window"


def halves(frame: Frame) -> tuple[np.ndarray, np.ndarray]:
    """Rows before the 15th, and from it on."""
    before = frame.day < np.median(frame.day)
    return before, ~before


def test_nobody_is_judged_by_a_law_of_their_own_rows() -> None:
    detector = Counting()
    frame = a_frame_of(CROWD)
    reference, judged = halves(frame)

    fused(
        counted(frame, strand(detector)).strands,
        reference=reference,
        judged=judged,
        fold=frame.fold,
    )

    assert len(detector.seen) == 2
    for rows, baseline in detector.seen:
        assert not set(rows.user_no.tolist()) & set(baseline.peers.user_no.tolist())
        assert set(baseline.own.user_no.tolist()) <= set(rows.user_no.tolist())
        assert baseline.peers.day.max() < frame.day[judged].min()


def test_rows_that_are_neither_reference_nor_judged_have_no_evidence_either_way() -> None:
    frame = a_frame_of(CROWD)
    nothing = np.zeros(frame.rows, dtype=bool)
    found = fused(
        counted(frame, strand(Counting(value=9.0))).strands,
        reference=frame.day < frame.day.max(),
        judged=nothing,
        fold=frame.fold,
    )

    assert found.log_evidence[frame.day == frame.day.max()].tolist() == [0.0] * 12
    assert found.log_evidence[0] == pytest.approx(np.log(9.0))


@pytest.mark.parametrize("within_support", [True, False])
def test_within_support_no_strand_speaks_of_a_chance_that_its_reference_cannot_show(
    *, within_support: bool
) -> None:
    """One count far beyond a law is no reason to drown every other strand."""
    rows = 12_000
    evidence = np.exp(np.random.default_rng(3).exponential(0.5, rows))
    law = Measured(
        user_no=np.arange(rows), focus_no=np.zeros(rows, dtype=np.int64),
        day=np.zeros(rows, dtype=np.int64), role_no=np.zeros(rows, dtype=np.int64),
        context=np.zeros(rows, dtype=np.int64), roles=("response",),
        counts={"one": np.ones(rows)},
    )  # fmt: skip
    frame = a_frame_of(CROWD)
    found = fused_against(
        counted(frame, strand(Counting(value=1e30))).strands,
        laws={"counting": law},
        evidence={"counting": evidence},
        reference_fold=np.arange(rows) % 2,
        judged=np.ones(frame.rows, dtype=bool),
        fold=frame.fold,
        within_support=within_support,
    )

    of_other_fold = rows // 2
    least = 1 / (10 * of_other_fold)
    told = found.values[:, 0]
    assert np.allclose(told, 0.5 * least**-0.5) if within_support else (told > 1e6).all()


@pytest.mark.parametrize(
    ("first", "second", "mean"), [(9.0, 1.0, 7.0), (1.0, 9.0, 3.0), (float("nan"), 9.0, 9.0)]
)
def test_strands_are_averaged_by_weight_and_a_silent_one_has_none(
    first: float, second: float, mean: float
) -> None:
    frame = a_frame_of(CROWD)
    reference, judged = halves(frame)
    both = counted(frame, strand(Counting(value=first), 3.0), strand(Counting(value=second)))

    found = fused(both.strands, reference=reference, judged=judged, fold=frame.fold)

    assert np.exp(found.log_evidence) == pytest.approx(np.full(frame.rows, mean))
