"""A count that grows in proportion to something known, against the proportion others show."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from detectors.stats import counts as nb
from detectors.stats.cells import Cells, Laws, by_cell
from detectors.stats.conditional import Surprise, least_surprise

Floats = NDArray[np.float64]

_LOG_SHAPE_BOUNDS = (-4.0, 7.0)  # k from 0.018 (heavy tail) to 1,100 (nearly Poisson)
_MOST_COUNTED = 2000.0  # a larger count is as unheard of as this one
_LARGEST_BASE = 1_000_000.0  # bases and counts make one whole key, see cells


@dataclass(frozen=True, slots=True, kw_only=True)
class ProportionSample:
    """Counts, each with what it grows in proportion to; NaN is a row of which nothing is known."""

    counts: Floats  # whole, 0 or more, shape (rows,)
    bases: Floats  # whole, 0 or more, shape (rows,)
    cells: Cells
    allowed: Floats | None = None  # expected besides, 0 or more, none if not given, shape (rows,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """A fitted law: a count is negative binomial of mean rate times base."""

    rate: float  # counts for each unit of the base, above 0
    shape: float  # above 0; small is heavy-tailed
    rows: int  # rows the fit rests on


def surprising_for_its_base(judged: ProportionSample, *, peers: ProportionSample) -> Surprise:
    r"""How each count departs: $X$ is negative binomial of mean $\theta_c b + a$ and shape $k_c$.

    A base of nought expects nought. $a$ is what is allowed for besides; the law is fitted on rows
    without it. Where there are next to no peers, nothing is said.

    Args:
        judged: the rows to be tested.
        peers: rows of other users, from which the law of each cell is fitted.

    With a base of 1, half of all counts are 0, a quarter 1 and so on: mean 1, shape 1. With a base
    of 2 the mean is 2, and 3 or more has the chance (2/3)**3:

    >>> counts = np.repeat(np.arange(15.0), 2 ** np.arange(14, -1, -1))
    >>> cells = Cells(of_row=np.zeros(counts.size, dtype=int), parent_of=np.array([0]))
    >>> peers = ProportionSample(counts=counts, bases=np.ones(counts.size), cells=cells)
    >>> one = Cells(of_row=np.array([0]), parent_of=np.array([0]))
    >>> judged = ProportionSample(counts=np.array([3.0]), bases=np.array([2.0]), cells=one)
    >>> round(float(surprising_for_its_base(judged, peers=peers).at_least[0]), 2)
    0.3
    """
    laws = _laws(peers)
    known = _known(judged) & laws.speak

    def by_law_of(cells: Cells, rows: NDArray[np.bool_]) -> Surprise:
        bases = np.minimum(judged.bases[rows], _LARGEST_BASE)
        mean = laws.values(cells.of_row[rows], lambda law: law.rate) * bases
        mean += 0.0 if judged.allowed is None else judged.allowed[rows]
        shape = laws.values(cells.of_row[rows], lambda law: law.shape)
        counts = np.minimum(judged.counts[rows], _MOST_COUNTED)
        return Surprise(
            middle=nb.middle_p(counts, mean=mean, shape=shape),
            at_least=nb.at_least(counts, mean=mean, shape=shape),
            expected=mean,
        )

    return least_surprise(judged.cells, by_law_of, known=known)


def fitted(counts: Floats, *, bases: Floats, weights: Floats) -> Proportion:
    r"""The proportion of the weighted sums, with the shape that makes the counts likeliest.

    A quarter of an event in half an ordinary row is added: counts that were all nought leave
    another one possible. A live case among the rows only makes the rate larger.

    Args:
        counts: whole, 0 or more, shape (cells,).
        bases: whole, 0 or more, shape (cells,).
        weights: how often each pair of count and base occurs, shape (cells,).

    Twice and three times the base alike often is a rate of 2.5, and next to no overdispersion:

    >>> bases = np.array([40.0, 40.0])
    >>> law = fitted(np.array([80.0, 120.0]), bases=bases, weights=np.array([500.0, 500.0]))
    >>> round(law.rate, 2), law.shape > 20
    (2.5, True)
    """
    total = float(weights.sum())
    ordinary = max(float(weights @ bases) / total, 1e-6)
    rate = (float(weights @ counts) + 0.25) / (ordinary * (total + 0.5))
    some = bases > 0
    search = minimize_scalar(
        lambda log_shape: _cost(
            float(np.exp(log_shape)), counts[some], mean=rate * bases[some], weights=weights[some]
        ),
        bounds=_LOG_SHAPE_BOUNDS,
        method="bounded",
        options={"xatol": 1e-3},
    )
    return Proportion(rate=rate, shape=float(np.exp(search.x)), rows=int(total))


def _cost(shape: float, counts: Floats, *, mean: Floats, weights: Floats) -> float:
    log_likelihood = (
        gammaln(counts + shape)
        - gammaln(shape)
        + shape * np.log(shape / (shape + mean))
        + counts * np.log(mean / (shape + mean))
    )
    return -float(weights @ log_likelihood)


def _known(sample: ProportionSample) -> NDArray[np.bool_]:
    known = ~np.isnan(sample.counts) & ~np.isnan(sample.bases)
    return known if sample.allowed is None else known & ~np.isnan(sample.allowed)


def _laws(peers: ProportionSample) -> Laws[Proportion]:
    known = _known(peers) & (True if peers.allowed is None else peers.allowed == 0.0)
    cells = Cells(of_row=peers.cells.of_row[known], parent_of=peers.cells.parent_of)
    columns = (
        np.minimum(peers.counts[known], _MOST_COUNTED),
        np.minimum(peers.bases[known], _LARGEST_BASE),
    )
    return by_cell(columns, cells, _likeliest)


def _likeliest(columns: tuple[Floats, ...], weights: Floats) -> Proportion:
    return fitted(columns[0], bases=columns[1], weights=weights)
