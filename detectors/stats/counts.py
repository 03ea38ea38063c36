r"""Counts that are overdispersed: the negative binomial, its tail and its fit.

A count ``x`` of mean ``mu`` and shape ``k`` has variance ``mu + mu**2 / k``; as ``k`` grows it
becomes Poisson.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import betainc, gammaln

Floats = NDArray[np.float64]

_LOG_SHAPE_BOUNDS = (-4.0, 7.0)  # k from 0.018 (heavy tail) to 1,100 (nearly Poisson)
_UNUSUAL = 0.05  # of counts, beyond which one is no part of a habit
_LARGEST_DEPARTURE = 2.58  # standard deviations; Noufaily et al., Statistics in Medicine, 2013


@dataclass(frozen=True, slots=True, kw_only=True)
class NegativeBinomial:
    """A fitted law of counts 0, 1, 2, ..."""

    mean: float  # same unit as the count, above 0
    shape: float  # above 0; small is heavy-tailed
    rows: int  # counts the fit rests on


def upper_tail(counts: Floats, *, mean: Floats, shape: Floats) -> Floats:
    r"""The probability of a count strictly above each given one, shape (rows,).

    $P(X > x) = I_{\mu/(k+\mu)}(x+1, k)$, the regularised incomplete beta function.
    Source: Johnson, Kemp, Kotz, Univariate Discrete Distributions, 3rd ed., 2005, section 5.6.

    >>> round(float(upper_tail(np.array([2.0]), mean=np.array([1.0]), shape=np.array([1.0]))[0]), 6)
    0.125
    """
    return np.asarray(betainc(counts + 1.0, shape, mean / (shape + mean)), dtype=np.float64)


def at_least(counts: Floats, *, mean: Floats, shape: Floats) -> Floats:
    """The probability of a count as large as each given one or larger, shape (rows,).

    >>> round(float(at_least(np.array([3.0]), mean=np.array([1.0]), shape=np.array([1.0]))[0]), 6)
    0.125
    >>> float(at_least(np.array([0.0]), mean=np.array([1.0]), shape=np.array([1.0]))[0])
    1.0
    """
    tail = upper_tail(np.maximum(counts - 1.0, 0.0), mean=mean, shape=shape)
    return np.where(counts <= 0, 1.0, tail)


def middle_p(counts: Floats, *, mean: Floats, shape: Floats) -> Floats:
    r"""The mid-p of each count, shape (rows,): $P(X > x) + P(X = x)/2$.

    Its average over the law is one half, so that discreteness does not bias a later ranking.
    Source: Rubin-Delanchy, Heard, Lawson, Meta-analysis of mid-p-values, JASA, 2019.

    >>> round(float(middle_p(np.array([0.0]), mean=np.array([1.0]), shape=np.array([1.0]))[0]), 6)
    0.75
    """
    above = upper_tail(counts, mean=mean, shape=shape)
    return (above + at_least(counts, mean=mean, shape=shape)) / 2.0


def usual_most(law: NegativeBinomial) -> float:
    """The least count, 1 or more, that no more than one in twenty exceeds.

    >>> usual_most(NegativeBinomial(mean=1.0, shape=1.0, rows=100))
    4.0
    """
    counts = np.arange(1.0, max(10.0 * law.mean / min(law.shape, 1.0), 10.0) + 2.0)
    above = upper_tail(counts, mean=np.array(law.mean), shape=np.array(law.shape))
    return float(counts[np.argmax(above <= _UNUSUAL)] if above[-1] <= _UNUSUAL else counts[-1])


def mean_up_to(law: NegativeBinomial, most: float) -> float:
    r"""The mean of counts of which those above the most are taken for the most.

    $E[\min(X, c)] = \sum_{x < c} P(X > x)$; with mean and shape 1, 1/2 + 1/4 for two at most.

    >>> round(mean_up_to(NegativeBinomial(mean=1.0, shape=1.0, rows=100), 2.0), 6)
    0.75
    """
    counts = np.arange(most)
    above = upper_tail(counts, mean=np.array(law.mean), shape=np.array(law.shape))
    return float(above.sum())


def fitted(counts: Floats, weights: Floats) -> NegativeBinomial:
    """The law that makes weighted counts likeliest, with large departures weighted down once.

    Args:
        counts: whole numbers, 0 or more, shape (cells,).
        weights: how often each occurs, shape (cells,); their sum is above 0.

    Counts in the proportions of the geometric law of mean 1, which is of shape 1:

    >>> counts = np.arange(20.0)
    >>> law = fitted(counts, 100_000 * 0.5 ** (counts + 1.0))
    >>> round(law.mean, 2), round(law.shape, 2)
    (1.0, 1.0)
    """
    first = _likeliest(counts, weights)
    calmer = weights * _weight_of_departure(counts, first)
    return _likeliest(counts, calmer, rows=int(weights.sum()))


def _likeliest(counts: Floats, weights: Floats, rows: int | None = None) -> NegativeBinomial:
    total = float(weights.sum())
    # A quarter of an event in half a row: counts that were all nought leave another one possible.
    mean = (float(weights @ counts) + 0.25) / (total + 0.5)
    search = minimize_scalar(
        lambda log_shape: _cost(float(np.exp(log_shape)), counts, weights=weights, mean=mean),
        bounds=_LOG_SHAPE_BOUNDS,
        method="bounded",
        options={"xatol": 1e-3},
    )
    return NegativeBinomial(
        mean=mean, shape=float(np.exp(search.x)), rows=rows if rows is not None else int(total)
    )


def _cost(shape: float, counts: Floats, *, weights: Floats, mean: float) -> float:
    log_likelihood = (
        gammaln(counts + shape)
        - gammaln(shape)
        - gammaln(counts + 1.0)
        + shape * np.log(shape / (shape + mean))
        + counts * np.log(mean / (shape + mean))
    )
    return -float(weights @ log_likelihood)


def _weight_of_departure(counts: Floats, law: NegativeBinomial) -> Floats:
    """Weights, 0 to 1: 1 up to the largest departure, then its inverse square (Noufaily, 2013)."""
    # Anscombe's transform makes a heavy-tailed count nearly normal: Anscombe, Biometrika, 1948.
    centre = _transformed(np.array([law.mean]), law.shape)[0]
    departure = (_transformed(counts, law.shape) - centre) / np.sqrt(_transformed_variance(law))
    calm: Floats = (_LARGEST_DEPARTURE / np.maximum(departure, _LARGEST_DEPARTURE)) ** 2
    return calm


def _transformed(counts: Floats, shape: float) -> Floats:
    value: Floats = np.arcsinh(np.sqrt((counts + 0.375) / max(shape - 0.75, 0.25)))
    return value


def _transformed_variance(law: NegativeBinomial) -> float:
    """Variance of the transformed count by the delta method, never below a quarter of 1/shape."""
    scale = max(law.shape - 0.75, 0.25)
    slope = 0.5 / np.sqrt((law.mean + 0.375) * (law.mean + 0.375 + scale))
    variance = law.mean + law.mean**2 / law.shape
    return float(max(slope**2 * variance, 0.05))
