r"""Proportions that are overdispersed: the beta-binomial, its tail and its fit.

Of ``n`` trials ``k`` succeed, with a chance that itself varies as a beta law of mean ``m`` and precision ``s``
(``a = m s``, ``b = (1-m) s``).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import betaln

Floats = NDArray[np.float64]

_LOG_PRECISION_BOUNDS = (-2.0, 7.0)  # s from 0.14 (all or nothing) to 1,100 (nearly binomial)


@dataclass(frozen=True, slots=True, kw_only=True)
class BetaBinomial:
    """A fitted law of successes among trials."""

    mean: float  # chance of a success, 0 to 1, both excluded
    precision: float  # above 0; small is all-or-nothing
    rows: int  # rows the fit rests on


def at_least(successes: Floats, *, trials: Floats, a: Floats, b: Floats) -> Floats:
    """The probability of as many successes or more, shape (rows,).

    The terms are summed by their recurrence, t(j+1) = t(j) (n-j)/(j+1) (j+a)/(n-j-1+b), from j = n downward.

    >>> one = np.array([1.0])
    >>> round(float(at_least(np.array([2.0]), trials=np.array([3.0]), a=one, b=one)[0]), 6)
    0.5
    """
    return _tails(successes, trials=trials, a=a, b=b).at_least


def middle_p(successes: Floats, *, trials: Floats, a: Floats, b: Floats) -> Floats:
    """The probability of more successes plus half that of exactly as many, shape (rows,).

    >>> one = np.array([1.0])
    >>> round(float(middle_p(np.array([2.0]), trials=np.array([3.0]), a=one, b=one)[0]), 6)
    0.375
    """
    tails = _tails(successes, trials=trials, a=a, b=b)
    return tails.at_least - tails.exactly / 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tails:
    at_least: Floats
    exactly: Floats


def _tails(successes: Floats, *, trials: Floats, a: Floats, b: Floats) -> _Tails:
    """Both parts of the tail, each shape (rows,), summed from all successes down to those seen."""
    log_term = betaln(trials + a, b) - betaln(a, b)  # all trials succeed
    term = np.exp(log_term)
    total = term.copy()
    steps = trials - successes
    position = trials.astype(np.float64)
    for step in range(int(steps.max(initial=0.0))):
        going = steps > step
        position_now, a_now, b_now, n_now = position[going], a[going], b[going], trials[going]
        ratio = (
            position_now
            / (n_now - position_now + 1.0)
            * (n_now - position_now + b_now)
            / (position_now - 1.0 + a_now)
        )
        term[going] *= ratio
        total[going] += term[going]
        position[going] -= 1.0
    return _Tails(at_least=np.minimum(total, 1.0), exactly=np.minimum(term, 1.0))


def fitted(successes: Floats, *, trials: Floats, weights: Floats) -> BetaBinomial:
    """The law that makes weighted rows likeliest, its mean held at the pooled share.

    Args:
        successes: shape (cells,).
        trials: shape (cells,), 1 or more.
        weights: how often each pair of successes and trials occurs, shape (cells,).
    """
    mean = (float(weights @ successes) + 0.5) / (
        float(weights @ trials) + 1.0
    )  # Laplace: never 0 or 1
    search = minimize_scalar(
        lambda log_precision: _cost(log_precision, successes, trials, weights, mean),
        bounds=_LOG_PRECISION_BOUNDS,
        method="bounded",
        options={"xatol": 1e-3},
    )
    return BetaBinomial(mean=mean, precision=float(np.exp(search.x)), rows=int(weights.sum()))


def _cost(
    log_precision: float, successes: Floats, trials: Floats, weights: Floats, mean: float
) -> float:
    precision = np.exp(log_precision)
    a, b = mean * precision, (1.0 - mean) * precision
    return -float(weights @ (betaln(successes + a, trials - successes + b) - betaln(a, b)))
