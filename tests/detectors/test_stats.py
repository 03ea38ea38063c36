"""The mathematics against independent calculations, and what makes each law necessary."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import betabinom, genpareto, nbinom, poisson

from detectors.stats import counts, proportions, tails
from detectors.stats.cells import Cells, by_cell
from detectors.stats.conditional import Sample, surprise
from detectors.stats.events import event_share
from detectors.stats.evidence import evidence_value, mean_of_evidence
from detectors.stats.shares import ShareSample, surprising_share

Floats = NDArray[np.float64]

MEANS = st.floats(0.01, 50.0)
SHAPES = st.floats(0.05, 100.0)
ONE_CELL = np.array([0])


def in_one_cell(rows: int) -> Cells:
    """So many rows of one cell."""
    return Cells(of_row=np.zeros(rows, dtype=np.int64), parent_of=ONE_CELL)


def a_sample(values: Floats, *, users: NDArray[np.int64] | None = None) -> Sample:
    """Counts of one cell, a pair each; of one user unless told."""
    number = np.arange(values.size)
    of_one = np.zeros(values.size, dtype=np.int64)
    return Sample(
        counts=values,
        cells=in_one_cell(values.size),
        users=of_one if users is None else users,
        pairs=number,
    )


@given(count=st.integers(0, 200), mean=MEANS, shape=SHAPES)
def test_the_tail_of_overdispersed_counts_is_scipys(count: int, mean: float, shape: float) -> None:
    ours = counts.at_least(np.array([float(count)]), mean=np.array([mean]), shape=np.array([shape]))
    theirs = nbinom.sf(count - 1, shape, shape / (shape + mean))

    assert ours[0] == pytest.approx(theirs, rel=1e-9, abs=1e-300)


@given(mean=MEANS, shape=SHAPES)
def test_the_middle_p_of_counts_is_one_half_on_average(mean: float, shape: float) -> None:
    seen = np.arange(5000.0)
    law = nbinom(shape, shape / (shape + mean))
    middle = counts.middle_p(seen, mean=np.full(5000, mean), shape=np.full(5000, shape))

    missing = law.sf(4999)
    assert float(law.pmf(seen) @ middle) == pytest.approx(0.5, abs=1e-6 + missing)


@given(
    trials=st.integers(1, 300),
    share=st.floats(0.0, 1.0),
    a=st.floats(0.02, 60.0),
    b=st.floats(0.02, 60.0),
)
def test_the_tail_of_overdispersed_shares_is_the_sum_of_scipys_terms(
    trials: int, share: float, a: float, b: float
) -> None:
    seen = int(share * trials)
    ours = proportions.tails(
        np.array([float(seen)]), trials=np.array([float(trials)]), a=np.array([a]), b=np.array([b])
    )
    terms = betabinom.pmf(np.arange(seen, trials + 1), trials, a, b)

    assert ours.at_least[0] == pytest.approx(terms.sum(), rel=1e-8, abs=1e-300)
    assert ours.exactly[0] == pytest.approx(terms[0], rel=1e-8, abs=1e-300)


def test_the_tail_of_thousands_of_trials_does_not_vanish() -> None:
    """All of 3,000 has no chance a computer can hold; two of them or more is nearly certain."""
    found = proportions.tails(
        np.array([2.0]), trials=np.array([3000.0]), a=np.array([2.0]), b=np.array([98.0])
    )

    assert found.at_least[0] == pytest.approx(0.997032, abs=1e-6)


@settings(max_examples=20)
@given(mean=st.floats(0.2, 5.0), shape=st.floats(0.3, 5.0), seed=st.integers(0, 100))
def test_a_law_of_counts_is_recovered_from_a_sample_of_it(
    mean: float, shape: float, seed: int
) -> None:
    sample = np.random.default_rng(seed).negative_binomial(shape, shape / (shape + mean), 50_000)
    seen, often = np.unique(sample, return_counts=True)

    law = counts.fitted(seen.astype(float), often.astype(float))

    assert law.mean == pytest.approx(mean, rel=0.06)
    assert law.shape == pytest.approx(shape, rel=0.35)
    assert law.rows == 50_000


@settings(max_examples=20)
@given(mean=st.floats(0.05, 0.6), precision=st.floats(0.5, 30.0), seed=st.integers(0, 100))
def test_a_law_of_shares_is_recovered_from_a_sample_of_it(
    mean: float, precision: float, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    trials = chance.integers(1, 12, 40_000)
    share = chance.beta(mean * precision, (1 - mean) * precision, trials.size)
    successes = chance.binomial(trials, share)

    rows, often = np.unique(np.stack([successes, trials]), axis=1, return_counts=True)
    law = proportions.fitted(
        rows[0].astype(float), trials=rows[1].astype(float), weights=often.astype(float)
    )

    assert law.mean == pytest.approx(mean, rel=0.06)
    assert law.precision == pytest.approx(precision, rel=0.35)


def test_what_no_row_shows_is_as_rare_as_half_a_row_and_not_as_a_product() -> None:
    law = proportions.fitted(np.array([0.0]), trials=np.array([4.0]), weights=np.array([1000.0]))
    found = proportions.tails(
        np.array([1.0, 4.0]),
        trials=np.array([4.0, 4.0]),
        a=np.full(2, law.mean * law.precision),
        b=np.full(2, (1 - law.mean) * law.precision),
    )

    assert found.at_least[0] == pytest.approx(0.0005, rel=0.3)
    assert found.at_least[1] > found.at_least[0] / 3


def exceedances(pvalues: Floats, alpha: float) -> float:
    """How many p-values are at or below alpha, over how many should be."""
    return float((pvalues <= alpha).mean() / alpha)


def test_a_poisson_null_fails_on_overdispersed_counts_and_a_negative_binomial_one_passes() -> None:
    chance = np.random.default_rng(5)
    fitted_on, judged = (chance.negative_binomial(0.7, 0.7 / 1.9, 300_000) for _ in range(2))
    seen, often = np.unique(fitted_on, return_counts=True)
    law = counts.fitted(seen.astype(float), often.astype(float))
    size = judged.size

    by_poisson = poisson.sf(judged - 1, fitted_on.mean())
    by_ours = counts.at_least(
        judged.astype(float), mean=np.full(size, law.mean), shape=np.full(size, law.shape)
    )

    assert exceedances(by_poisson, 0.001) > 10
    assert 0.5 <= exceedances(by_ours, 0.001) <= 1.5
    assert 0.5 <= exceedances(by_ours, 0.01) <= 1.5


def test_the_middle_p_of_the_hurdle_is_one_half_on_average() -> None:
    """Whether it happens at all, then how often: the mid-p of both together, under its own law."""
    share, mean, shape = 0.3, 1.2, 0.7
    seen = np.arange(4000.0)
    law = nbinom(shape, shape / (shape + mean))
    some = share * counts.middle_p(seen, mean=np.full(4000, mean), shape=np.full(4000, shape))

    on_average = share * float(law.pmf(seen) @ some) + (1 - share) * (1 + share) / 2

    assert on_average == pytest.approx(0.5, abs=1e-9)


@settings(max_examples=25)
@given(events=st.integers(0, 30), pairs=st.integers(0, 30), seed=st.integers(0, 50))
def test_the_share_of_a_user_lies_between_their_own_and_their_peers(
    events: int, pairs: int, seed: int
) -> None:
    pairs = max(pairs, events)
    chance = np.random.default_rng(seed)
    peers = a_sample((chance.random(1000) < 0.2).astype(float), users=np.arange(1000) // 20)
    own = a_sample(np.repeat([1.0, 0.0], [events, pairs - events]))
    judged = Sample(
        counts=np.ones(1), cells=in_one_cell(1), users=np.zeros(1, int), pairs=np.array([-1])
    )

    share = event_share(judged, peers=peers, own=own)[0]

    role = event_share(judged, peers=peers, own=a_sample(np.zeros(0)))[0]
    mine = events / pairs if pairs else role
    assert min(mine, role) - 1e-9 <= share <= max(mine, role) + 1e-9


def test_a_user_without_history_has_the_share_of_their_peers() -> None:
    peers = a_sample(np.tile([1.0, 0.0, 0.0, 0.0], 250), users=np.arange(1000) // 20)
    new = Sample(counts=np.ones(1), cells=in_one_cell(1), users=np.array([9]), pairs=np.array([9]))

    assert event_share(new, peers=peers, own=a_sample(np.zeros(0)))[0] == pytest.approx(
        0.25, abs=0.01
    )


def test_a_pair_is_one_trial_however_many_rows_it_has() -> None:
    peers = a_sample(np.tile([1.0, 0.0, 0.0, 0.0], 250), users=np.arange(1000) // 20)
    new = Sample(counts=np.ones(1), cells=in_one_cell(1), users=np.array([9]), pairs=np.array([9]))
    often = Sample(
        counts=np.ones(50), cells=in_one_cell(50), users=np.full(50, 9), pairs=np.full(50, 1)
    )
    once = Sample(counts=np.ones(1), cells=in_one_cell(1), users=np.array([9]), pairs=np.array([1]))

    assert event_share(new, peers=peers, own=often) == event_share(new, peers=peers, own=once)


def test_a_persons_own_rows_do_not_excuse_them() -> None:
    """The multiplier is of everybody else the user looks at: this pair is left out."""
    peers = a_sample(np.random.default_rng(1).negative_binomial(1, 0.5, 5000) + 1.0)
    judged = Sample(
        counts=np.full(30, 20.0),
        cells=in_one_cell(30),
        users=np.ones(30, int),
        pairs=np.ones(30, int),
    )

    alone = surprise(judged, peers=peers, own=a_sample(np.zeros(0)))
    with_own = surprise(judged, peers=peers, own=judged)

    assert with_own.at_least.tolist() == alone.at_least.tolist()


def excused(own: Sample) -> float:
    """How much more than their peers a user with these earlier counts is expected to return."""
    peers = a_sample(np.random.default_rng(1).negative_binomial(1, 0.5, 5000) + 1.0)
    judged = Sample(
        counts=np.array([5.0]),
        cells=in_one_cell(1),
        users=np.zeros(1, dtype=np.int64),
        pairs=np.array([-1]),
    )
    found = surprise(judged, peers=peers, own=own).expected[0] - 1.0
    usual = surprise(judged, peers=peers, own=a_sample(np.zeros(0))).expected[0] - 1.0
    return float(found / usual)


def test_who_comes_back_to_everybody_is_expected_to_come_back() -> None:
    assert excused(a_sample(np.full(400, 5.0))) == pytest.approx(4.2, abs=0.1)


def test_a_few_people_visited_very_often_are_no_habit() -> None:
    ordinary = np.random.default_rng(7).negative_binomial(1, 0.5, 40) + 1.0
    ring = np.full(6, 40.0)

    assert excused(a_sample(ordinary)) == pytest.approx(1.0, abs=0.2)
    assert excused(a_sample(np.concatenate([ordinary, ring]))) < 1.6


def test_ordinary_returns_excuse_nothing_and_no_returns_expect_fewer() -> None:
    ordinary = np.random.default_rng(8).negative_binomial(1, 0.5, 4000) + 1.0

    assert excused(a_sample(ordinary)) == pytest.approx(1.0, abs=0.06)
    assert excused(a_sample(np.ones(4000))) == pytest.approx(0.25)


def test_an_explanation_never_makes_a_count_more_surprising() -> None:
    """Cell 1 is the better excused; its peers never return, those of cell 0 do."""
    chance = np.random.default_rng(2)
    both = Cells(
        of_row=np.repeat([0, 1], 2000), parent_of=np.array([0, 0]), weaker_of=np.array([0, 0])
    )
    number = np.arange(4000)
    seen = np.concatenate([chance.negative_binomial(0.7, 0.4, 2000), np.zeros(2000)]) + 1.0
    peers = Sample(counts=seen, cells=both, users=number, pairs=number)
    two = Cells(of_row=np.array([0, 1]), parent_of=both.parent_of, weaker_of=both.weaker_of)
    judged = Sample(
        counts=np.array([6.0, 6.0]), cells=two, users=np.array([-1, -2]), pairs=np.array([-1, -2])
    )

    found = surprise(judged, peers=peers, own=judged)

    assert found.at_least[1] == found.at_least[0]


def test_with_fewer_than_fifty_peers_nothing_is_said() -> None:
    judged = a_sample(np.array([9.0]))
    shares = ShareSample(successes=np.array([2.0]), trials=np.array([2.0]), cells=in_one_cell(1))
    few = ShareSample(successes=np.zeros(49), trials=np.ones(49), cells=in_one_cell(49))

    assert np.isnan(surprise(judged, peers=a_sample(np.ones(49)), own=judged).at_least[0])
    assert np.isnan(surprising_share(shares, peers=few).at_least[0])
    assert not np.isnan(surprise(judged, peers=a_sample(np.ones(50)), own=judged).at_least[0])


def test_a_thin_cell_borrows_its_parents_law_and_a_thin_parent_everybodys() -> None:
    cells = Cells(of_row=np.repeat([0, 1, 2], [400, 10, 10]), parent_of=np.array([0, 0, 1]))
    values = np.repeat([1.0, 9.0, 5.0], [400, 10, 10])

    laws = by_cell(
        (values,), cells, lambda columns, weights: float(np.average(columns[0], weights=weights))
    )

    assert laws.by_cell == pytest.approx((1.0, (400 + 90) / 410, (400 + 90 + 50) / 420))


@settings(max_examples=15)
@given(shape=st.floats(0.0, 0.4), scale=st.floats(0.3, 2.0), seed=st.integers(0, 20))
def test_a_pareto_tail_recovers_the_quantiles_it_was_drawn_from(
    shape: float, scale: float, seed: int
) -> None:
    drawn = genpareto.rvs(shape, scale=scale, size=100_000, random_state=seed)
    law = genpareto(shape, scale=scale)

    tail = tails.fitted(drawn)

    for chance in (0.01, 0.001, 0.0001):
        told = tail.share_at_or_above(np.array([law.isf(chance)]))[0]
        assert chance / 2.5 < told < chance * 2.5


@given(
    st.lists(st.floats(-2, 8), min_size=1, max_size=400),
    st.lists(st.floats(-3, 30), min_size=2, max_size=20),
)
def test_a_higher_score_is_never_told_to_be_less_rare(
    sample: list[float], scores: list[float]
) -> None:
    tail = tails.fitted(np.array(sample))

    told = tail.share_at_or_above(np.sort(np.array(scores)))

    assert (np.diff(told) <= 1e-12).all()
    assert ((told > 0) | (np.sort(np.array(scores)) > 25)).all()
    assert (told <= 1).all()


@pytest.mark.parametrize("above", [0, 5, 60])
def test_ties_do_not_make_what_lies_above_them_infinitely_rare(above: int) -> None:
    """Nearly every pair has the same evidence: how far above it another lies is no measure."""
    sample = np.concatenate([np.full(5000, 0.0), np.full(400, 0.01), np.linspace(0.5, 3, above)])

    told = tails.fitted(sample).share_at_or_above(np.array([1.0]))[0]

    assert told > 1e-6


def test_a_few_live_cases_at_the_top_hardly_change_what_is_rare() -> None:
    clean = np.random.default_rng(4).exponential(0.4, 20_000)
    with_cases = np.concatenate([clean, np.full(5, 8.0)])

    before, after = (
        tails.fitted(sample).share_at_or_above(np.array([3.5]))[0] for sample in (clean, with_cases)
    )

    assert after < 2 * before


@given(st.lists(st.floats(1e-12, 1.0), min_size=1, max_size=8))
def test_a_mean_of_evidence_lies_between_the_strands(pvalues: list[float]) -> None:
    values = evidence_value(np.array([pvalues]))

    mean = mean_of_evidence(values, weights=np.ones(len(pvalues)))[0]

    assert values.min() * (1 - 1e-12) <= mean <= values.max() * (1 + 1e-12)


def test_evidence_is_one_on_average_when_p_is_uniform() -> None:
    grid = (np.arange(1_000_000) + 0.5) / 1_000_000

    assert evidence_value(grid).mean() == pytest.approx(1.0, abs=0.001)


def test_a_strand_that_says_nothing_gives_its_weight_to_the_others() -> None:
    values = np.array([[np.nan, 9.0, 3.0], [np.nan, np.nan, np.nan]])

    assert mean_of_evidence(values, weights=np.array([2.0, 1.0, 1.0])).tolist() == [6.0, 1.0]
