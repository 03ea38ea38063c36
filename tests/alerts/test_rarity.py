"""How rarely chance alone brings evidence this strong, told from what was seen before."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from alerts.rarity import DAYS_IN_YEAR, FURTHEST, LEAST_EPISODES, Rarity, rarity

Floats = NDArray[np.float64]
WEEKS = 56.0  # days


def of_pairs(
    strength: Floats, *, users: int, roles: NDArray[np.int64] | None = None, days: float = WEEKS
) -> Rarity:
    """A reference of so many pairs, one row each, spread over the users."""
    number = np.arange(strength.size)
    return rarity(
        log_evidence=strength,
        user_no=number % users,
        pair_no=number,
        role_no=np.zeros(strength.size, dtype=np.int64) if roles is None else roles,
        reference_days=days,
    )


def years(source: Rarity, score: float, *, role: int = 0) -> float:
    """The interval of one score."""
    return float(source.user_years_between(np.array([score]), np.array([role]))[0])


def test_what_one_pair_in_a_hundred_reaches_comes_as_often_as_pairs_do() -> None:
    """10,000 pairs in 80 user-years are 125 a user-year; one in a hundred of them is 1.25."""
    source = of_pairs(np.arange(10_000.0), users=80, days=DAYS_IN_YEAR)

    assert years(source, 9_000.0) == pytest.approx(1 / 12.5, rel=0.01)


def test_a_pair_counts_once_with_the_strongest_evidence_it_reached() -> None:
    strength = np.random.default_rng(1).exponential(0.4, 5000)
    once = of_pairs(strength, users=80)
    thrice = rarity(
        log_evidence=np.concatenate([strength - 1.0, strength, strength - 0.5]),
        user_no=np.tile(np.arange(5000) % 80, 3),
        pair_no=np.tile(np.arange(5000), 3),
        role_no=np.zeros(15_000, dtype=np.int64),
        reference_days=WEEKS,
    )

    assert years(thrice, 2.0) == years(once, 2.0)
    assert thrice.everybody.episodes_per_user_year == once.everybody.episodes_per_user_year


@settings(max_examples=30)
@given(
    st.lists(st.floats(-1, 6), min_size=1, max_size=300),
    st.lists(st.floats(-2, 40), min_size=2, max_size=15),
)
def test_stronger_evidence_is_never_less_rare(sample: list[float], scores: list[float]) -> None:
    source = of_pairs(np.array(sample), users=7)
    ordered = np.sort(np.array(scores))

    told = source.user_years_between(ordered, np.zeros(ordered.size, dtype=np.int64))

    assert (np.diff(told) >= -1e-9 * told[1:]).all()
    assert np.isfinite(told).all()


def test_no_interval_is_told_beyond_what_the_reference_can_carry() -> None:
    source = of_pairs(np.random.default_rng(2).exponential(0.4, 5000), users=80)

    assert years(source, 1000.0) == source.everybody.user_years * FURTHEST


def test_a_role_with_few_episodes_borrows_everybodys_reference() -> None:
    strength = np.random.default_rng(3).exponential(0.4, LEAST_EPISODES + 500)
    roles = (np.arange(strength.size) >= LEAST_EPISODES).astype(np.int64)
    source = of_pairs(strength, users=80, roles=roles)

    assert set(source.by_role) == {0}
    assert source.of_role(1) is source.everybody


def test_a_busy_roles_evidence_is_told_by_its_own_reference() -> None:
    chance = np.random.default_rng(4)
    strength = np.concatenate([chance.exponential(0.4, 30_000), chance.exponential(0.8, 30_000)])
    roles = np.repeat([0, 1], 30_000)
    number = np.arange(60_000)
    source = rarity(
        log_evidence=strength,
        user_no=number % 80 + 80 * roles,
        pair_no=number,
        role_no=roles,
        reference_days=WEEKS,
    )

    assert years(source, 4.0, role=0) > 20 * years(source, 4.0, role=1)


@pytest.mark.parametrize("shape", [0.0, 0.2])
def test_a_small_force_of_eight_weeks_has_no_more_chance_alerts_than_budgeted(shape: float) -> None:
    """80 staff: 12.3 user-years of reference, and a floor that lies beyond them."""
    chance, floor, passed, judged_years = np.random.default_rng(5), 19.2, 0, 0.0
    for _ in range(150):
        drawn = (
            chance.exponential(0.4, 2400) if shape == 0 else chance.pareto(1 / shape, 2400) * 0.08
        )
        source = of_pairs(drawn, users=80)
        later = chance.exponential(0.4, 600) if shape == 0 else chance.pareto(1 / shape, 600) * 0.08
        told = source.user_years_between(later, np.zeros(600, dtype=np.int64))
        passed += int((told >= floor).sum())
        judged_years += 80 * 14 / DAYS_IN_YEAR

    assert passed <= 2.0 * judged_years / floor + 3


@pytest.mark.parametrize("tied", [0.0, 0.5, 0.99, 1.0])
def test_ties_never_make_a_little_more_evidence_infinitely_rare(tied: float) -> None:
    """A log of few people and few looks: most pairs have the very same evidence."""
    size = 2400
    strength = np.random.default_rng(6).exponential(0.4, size)
    strength[: int(tied * size)] = 0.1
    source = of_pairs(strength, users=80)

    assert years(source, 0.6) < 100 * source.everybody.user_years


def test_a_reference_of_one_pair_tells_something_and_does_not_fail() -> None:
    source = of_pairs(np.array([0.3]), users=1)

    assert 0 < years(source, 0.2) < years(source, 5.0)


def test_where_drills_tell_the_end_live_cases_make_no_case_less_rare() -> None:
    chance = np.random.default_rng(5)
    drills = chance.normal(2.0, 1.8, 3_000)
    innocent = chance.normal(2.0 - 1.6 * 1.8**2, 1.8, 15_000)
    with_cases = np.concatenate([innocent, chance.normal(1.5, 1.2, 60)])
    told = {
        name: rarity(
            log_evidence=strength,
            user_no=np.arange(strength.size) % 500,
            pair_no=np.arange(strength.size),
            role_no=np.zeros(strength.size, dtype=np.int64),
            reference_days=WEEKS,
            drills=drills if name != "by itself" else np.zeros(0),
        )
        for name, strength in (
            ("innocent", innocent),
            ("with cases", with_cases),
            ("by itself", with_cases),
        )
    }

    assert years(told["with cases"], 3.0) == pytest.approx(years(told["innocent"], 3.0), rel=0.6)
    assert years(told["by itself"], 3.0) < 0.8 * years(told["with cases"], 3.0)
