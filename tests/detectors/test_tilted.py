"""How rare a score is, told by drills where live cases may fill the end of the reference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm

from detectors.stats.tails import fitted
from detectors.stats.tilted import TiltedTail, tilted

Floats = NDArray[np.float64]

# Drills whose scores are normal; tilted by the slope they are ordinary work, normal again.
MIDDLE, SPREAD, SLOPE = 2.0, 1.8, 1.6
ORDINARY = norm(MIDDLE - SLOPE * SPREAD**2, SPREAD)


def drills(seed: int = 1) -> Floats:
    """Scores of 3,000 drills."""
    return np.random.default_rng(seed).normal(MIDDLE, SPREAD, 3_000)


def ordinary_work(seed: int = 2) -> Floats:
    """Strongest scores of 50,000 pairs."""
    return np.asarray(ORDINARY.rvs(50_000, random_state=seed))


def live_cases(seed: int = 3) -> Floats:
    """Strongest scores of 150 pairs: an eighth of what stands in the upper fiftieth."""
    return np.random.default_rng(seed).normal(1.0, 1.5, 150)


def law(sample: Floats, told_by: Floats) -> TiltedTail:
    """The tail; it is sure to be told."""
    tail = tilted(sample, told_by)
    assert tail is not None
    return tail


@pytest.mark.parametrize("seed", range(5))
def test_live_cases_in_the_reference_hide_no_live_case(seed: int) -> None:
    """A tail fitted to the largest scores is fitted to the cases among them."""
    whole = np.concatenate([ordinary_work(10 + seed), live_cases(20 + seed)])
    rare = np.array([float(ORDINARY.isf(1e-4))])

    told = law(whole, drills(30 + seed)).share_at_or_above(rare)[0]

    assert 1e-4 / 1.6 < told < 1e-4 * 1.6
    assert fitted(whole).share_at_or_above(rare)[0] > 1e-4 * 2


@pytest.mark.parametrize("chance", [0.03, 0.01, 0.001, 0.0001])
def test_without_any_case_the_shares_are_those_of_ordinary_work(chance: float) -> None:
    told = [
        law(ordinary_work(seed), drills(seed + 50)).share_at_or_above(
            np.array([float(ORDINARY.isf(chance))])
        )[0]
        for seed in range(6)
    ]

    assert 1 / 1.5 < np.median(told) / chance < 1.5


def test_below_the_upper_twentieth_the_ranks_speak() -> None:
    sample = ordinary_work()
    tail = law(sample, drills())
    score = float(np.quantile(sample, 0.7))

    assert tail.share_at_or_above(np.array([score]))[0] == pytest.approx(0.3, abs=0.001)


@settings(max_examples=20)
@given(st.lists(st.floats(-15, 25), min_size=2, max_size=20))
def test_a_higher_score_is_never_told_to_be_less_rare(scores: list[float]) -> None:
    tail = law(np.concatenate([ordinary_work(), live_cases()]), drills())

    told = tail.share_at_or_above(np.sort(np.array(scores)))

    assert (np.diff(told) <= 1e-12).all()
    assert ((told > 0) & (told <= 1)).all()


def test_beyond_the_strongest_drill_scores_are_still_told_apart() -> None:
    tail = law(ordinary_work(), drills())
    beyond = np.array([0.5, 1.5]) + tail.drills[0]

    nearer, further = tail.share_at_or_above(beyond)

    assert further == pytest.approx(nearer * np.exp(-tail.slope))


@pytest.mark.parametrize(
    "told_by",
    [np.zeros(0), drills()[:40], np.full(3_000, 30.0), ORDINARY.rvs(3_000, random_state=7)],
    ids=["none", "too few", "all beyond", "like ordinary work"],
)
def test_drills_that_tell_too_little_tell_nothing(told_by: Floats) -> None:
    assert tilted(ordinary_work(), told_by) is None
