r"""Proportions that are overdispersed: the beta-binomial, its tail and its fit.

Of ``n`` trials ``k`` succeed, with a chance that itself varies as a beta law of mean ``m`` and
precision ``s`` (``a = m s``, ``b = (1-m) s``).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import betaln

from detectors.stats.distinct import distinct

Floats = NDArray[np.float64]

_LOG_PRECISION_BOUNDS = (-2.0, 7.0)  # s from 0.14 (all or nothing) to 1,100 (nearly binomial)


@dataclass(frozen=True, slots=True, kw_only=True)
class BetaBinomial:
    """A fitted law of successes among trials."""

    mean: float  # chance of a success, 0 to 1, both excluded
    precision: float  # above 0; small is all-or-nothing
    rows: int  # rows the fit rests on


@dataclass(frozen=True, slots=True, kw_only=True)
class Tails:
    """How far up its law each row lies."""

    at_least: Floats  # probability of as many successes or more, shape (rows,)
    exactly: Floats  # probability of exactly as many, shape (rows,)

    @property
    def middle_p(self) -> Floats:
        """The probability of more successes plus half that of exactly as many, shape (rows,)."""
        return self.at_least - self.exactly / 2.0


def tails(successes: Floats, *, trials: Floats, a: Floats, b: Floats) -> Tails:
    """Both parts of the tail of each row, equal rows worked out once.

    The terms are summed by their recurrence from those seen to the nearer end of the law,
    t(j+1) = t(j) (n-j)/(j+1) (j+a)/(n-j-1+b). Source: Johnson, Kemp, Kotz, Univariate Discrete
    Distributions, 3rd ed., 2005, section 6.2.2. With a = b = 1 every number of successes is equally
    likely:

    >>> one = np.array([1.0])
    >>> found = tails(np.array([2.0]), trials=np.array([3.0]), a=one, b=one)
    >>> round(float(found.at_least[0]), 6), round(float(found.middle_p[0]), 6)
    (0.5, 0.375)
    """
    rows = distinct(np.stack(np.broadcast_arrays(successes, trials, a, b)))
    k, n, a, b = rows.columns
    exactly = np.exp(_log_chance(k, n, a=a, b=b))
    below = k < n * a / (a + b)
    at_least = np.empty(k.size)
    at_least[~below] = exactly[~below] * _ratio_sum(*rows.columns[:, ~below])
    # From below the mean the lower tail is the short one: the same law, its two sides exchanged.
    lower = exactly[below] * _ratio_sum((n - k)[below], n[below], b[below], a[below])
    at_least[below] = 1.0 - lower + exactly[below]
    found = np.clip(at_least, 0.0, 1.0)
    return Tails(at_least=found[rows.place], exactly=np.minimum(exactly, found)[rows.place])


def _log_chance(successes: Floats, trials: Floats, *, a: Floats, b: Floats) -> Floats:
    ways = -np.log1p(trials) - betaln(trials - successes + 1.0, successes + 1.0)
    chance: Floats = ways + betaln(successes + a, trials - successes + b) - betaln(a, b)
    return chance


def _ratio_sum(successes: Floats, trials: Floats, a: Floats, b: Floats) -> Floats:
    """The sum of all terms from the successes seen up, over the first of them, shape (rows,)."""
    order = np.argsort(successes - trials, kind="stable")  # the longest way first
    k, n, a, b = successes[order], trials[order], a[order], b[order]
    term, total = np.ones(k.size), np.ones(k.size)
    for step in range(int((n - k).max(initial=0.0))):
        on = slice(0, int(np.searchsorted(k - n, -step)))  # rows not yet at their end
        j = k[on] + step
        term[on] *= (n[on] - j) / (j + 1.0) * (j + a[on]) / (n[on] - j - 1.0 + b[on])
        total[on] += term[on]
    summed = np.empty(k.size)
    summed[order] = total
    return summed


def fitted(successes: Floats, *, trials: Floats, weights: Floats) -> BetaBinomial:
    """The law that makes weighted rows likeliest, its mean held at the pooled share.

    Half a row without a success and half a row of successes alone are added, so that no share is
    ever 0 or 1, and so that what was seen in no row is as rare as half a row and not as a product
    of independent chances: who looks at one of a household looks at the rest.

    Args:
        successes: shape (cells,).
        trials: shape (cells,), 1 or more.
        weights: how often each pair of successes and trials occurs, shape (cells,).

    All or nothing in 50 of 100 trials each way is as overdispersed as the law goes:

    >>> nine, fifty = np.array([9.0, 9.0]), np.array([50.0, 50.0])
    >>> law = fitted(np.array([0.0, 9.0]), trials=nine, weights=fifty)
    >>> law.mean, law.precision < 0.14
    (0.5, True)
    """
    usual = max(round(float(weights @ trials) / float(weights.sum())), 1)
    successes = np.append(successes, [usual, 0.0])
    trials = np.append(trials, [usual, usual])
    weights = np.append(weights, [0.5, 0.5])
    mean = float(weights @ successes) / float(weights @ trials)
    search = minimize_scalar(
        lambda log_precision: _cost(
            float(np.exp(log_precision)), successes, trials=trials, weights=weights, mean=mean
        ),
        bounds=_LOG_PRECISION_BOUNDS,
        method="bounded",
        options={"xatol": 1e-3},
    )
    rows = int(weights.sum()) - 1
    return BetaBinomial(mean=mean, precision=float(np.exp(search.x)), rows=rows)


def _cost(
    precision: float, successes: Floats, *, trials: Floats, weights: Floats, mean: float
) -> float:
    a, b = mean * precision, (1.0 - mean) * precision
    return -float(weights @ (betaln(successes + a, trials - successes + b) - betaln(a, b)))
