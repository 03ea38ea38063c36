"""How often each detector speaks up though nothing is wrong, measured and printed.

Two worlds in which nobody does anything wrong: pairs drawn from the laws themselves, where the
p-values must be what they say; and a force at ordinary work, whose counts follow no law exactly.
On the second the bounds are generous: what is promised there is the review budget, that of the
recurrence interval, and it is measured too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from alerts.fusing import Strand, measured
from alerts.judging import Judged, judged, weeks
from detectors.catalogue import available
from detectors.model import Detector
from detectors.stats.cells import Cells
from detectors.stats.conditional import Sample, surprise
from detectors.stats.shares import ShareSample, surprising_share
from tests.detectors.force import OrdinaryForce, an_ordinary_force, day_of
from tests.detectors.tables import a_frame

Floats = NDArray[np.float64]

PAIRS = 200_000
ALPHAS = (0.1, 0.01, 0.001)
FLOORS = (3.0, 10.0, 19.2)  # user-years; the last is 1 chance alert in 1,000 user-weeks
JUDGED_DAYS, REFERENCE_DAYS, SETTLING_DAYS = 28, 56, 14
PLANS = tuple(OrdinaryForce(users=110, days=200, seed=seed) for seed in (21, 22, 23))


def ratios(pvalues: Floats) -> tuple[float, ...]:
    """How many p-values are at or below each alpha, over how many may be."""
    told = pvalues[~np.isnan(pvalues)]
    return tuple(float((told <= alpha).mean() / alpha) for alpha in ALPHAS)


def show(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """A line of figures on the terminal, whatever is captured."""
    with capsys.disabled():
        print(f"\n    {line}", end="")  # noqa: T201 the figures are what this file is for


def cells_of(rows: int) -> Cells:
    """Rows in four cells of two roles, in turn."""
    return Cells(of_row=np.arange(rows) % 4, parent_of=np.array([0, 0, 1, 1]))


@pytest.mark.parametrize(("mean", "shape"), [(0.2, 0.5), (1.0, 0.6), (3.0, 1.5)])
def test_counts_drawn_from_the_law_have_the_pvalues_they_should(
    mean: float, shape: float, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = np.random.default_rng(31)
    habit = chance.gamma(8.0, 1 / 8.0, 2000)  # how users differ, METHODS 2.0

    def drawn() -> Sample:
        users = np.arange(PAIRS) % 2000
        cells = cells_of(PAIRS)
        law = mean * (1 + cells.of_row) * habit[users]
        seen = chance.negative_binomial(shape, shape / (shape + law)) + 1.0
        return Sample(counts=seen, cells=cells, users=users, pairs=np.arange(PAIRS))

    tested, own, peers = drawn(), drawn(), drawn()
    tested_now = Sample(
        counts=tested.counts, cells=tested.cells, users=tested.users, pairs=tested.pairs + PAIRS
    )

    found = surprise(tested_now, peers=peers, own=own)

    told = ratios(found.at_least)
    show(capsys, f"counts of mean {mean}, shape {shape}: {in_words(told)}")
    assert told[1] < 1.3
    assert told[2] < 1.8
    assert told[0] > 0.1


@pytest.mark.parametrize(("mean", "precision"), [(0.05, 2.0), (0.3, 4.0)])
def test_shares_drawn_from_the_law_have_the_pvalues_they_should(
    mean: float, precision: float, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = np.random.default_rng(32)

    def drawn() -> ShareSample:
        trials = chance.integers(1, 15, PAIRS)
        share = chance.beta(mean * precision, (1 - mean) * precision, PAIRS)
        return ShareSample(
            successes=chance.binomial(trials, share).astype(float),
            trials=trials.astype(float),
            cells=cells_of(PAIRS),
        )

    found = surprising_share(drawn(), peers=drawn())

    told = ratios(found.at_least)
    show(capsys, f"shares of mean {mean}, precision {precision}: {in_words(told)}")
    assert told[1] < 1.2
    assert told[2] < 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What four weeks of some forces at ordinary work came to."""

    pvalues: Mapping[str, Floats]  # of every judged pair-day, by detector
    beyond: Mapping[float, int]  # pairs whose interval reached each floor
    user_years: float


@pytest.fixture(scope="module")
def ordinary_work() -> Measurement:
    """Every detector and the fusion on forces in which nothing is wrong."""
    pvalues: dict[str, list[Floats]] = {kind.name: [] for kind in available()}
    beyond = dict.fromkeys(FLOORS, 0)
    for plan in PLANS:
        pairs: dict[float, set[int]] = {floor: set() for floor in FLOORS}
        for week in judged_weeks(plan):
            for strand in week.fused.strands:
                pvalues[strand.strand.detector.name].append(strand.tested.pvalue[week.rows])
            number = week.fused.strands[0].measured.pair_no[week.rows]
            for floor in FLOORS:
                pairs[floor] |= set(number[week.interval >= floor].tolist())
        for floor in FLOORS:
            beyond[floor] += len(pairs[floor])
    return Measurement(
        pvalues={name: np.concatenate(parts) for name, parts in pvalues.items()},
        beyond=beyond,
        user_years=sum(plan.users for plan in PLANS) * JUDGED_DAYS / 365.25,
    )


def judged_weeks(plan: OrdinaryForce) -> Iterator[Judged]:
    """The last four weeks of a force, judged as the monitor judges them."""
    start = plan.days - JUDGED_DAYS - REFERENCE_DAYS - 7
    frame = a_frame(an_ordinary_force(plan), day_of(plan, start), day_of(plan, plan.days))
    found = measured(frame, [Strand(detector=kind(), weight=1.0) for kind in available()])
    last = frame.first_day + plan.days
    for week in weeks(
        range(last - JUDGED_DAYS, last),
        first_day=frame.first_day,
        reference_days=REFERENCE_DAYS,
        settling_days=SETTLING_DAYS,
    ):
        verdict = judged(frame, found, week)
        assert isinstance(verdict, Judged)
        yield verdict


@pytest.mark.parametrize("kind", available(), ids=lambda kind: str(kind.name))
def test_at_ordinary_work_a_detector_seldom_speaks_up(
    kind: type[Detector], ordinary_work: Measurement, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ratios(ordinary_work.pvalues[kind.name])

    show(capsys, f"{kind.name} v{kind.version} at ordinary work: {in_words(told)}")
    assert told[0] < 1.5
    assert told[1] < 2.0
    assert told[2] < 4.0


def test_at_ordinary_work_the_review_budget_holds(
    ordinary_work: Measurement, capsys: pytest.CaptureFixture[str]
) -> None:
    """So many pairs pass a floor of so many user-years as chance alone is allowed, give or take."""
    allowed = {floor: ordinary_work.user_years / floor for floor in FLOORS}
    said = ", ".join(
        f"{ordinary_work.beyond[floor]} beyond {floor:g} ({allowed[floor]:.1f} allowed for)"
        for floor in FLOORS
    )

    show(capsys, f"pairs in {ordinary_work.user_years:.0f} user-years: {said}")
    for floor in FLOORS:
        assert ordinary_work.beyond[floor] <= 2 * allowed[floor] + 3


def in_words(told: tuple[float, ...]) -> str:
    """The ratios in one line."""
    each = ", ".join(f"{ratio:.2f} at {alpha:g}" for ratio, alpha in zip(told, ALPHAS, strict=True))
    return f"observed over allowed {each}"
