"""Rates compared: events over exposure, two by two or by a Poisson model with strata."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv
from scipy.stats import norm

Floats = NDArray[np.float64]

_STEPS = 60  # Newton steps; a model that can be fitted needs fewer than ten
_CLOSE = 1e-10  # of a step, at which the fit has settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate and the bounds that hold it, all above 0 or from 0 to 1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PoissonFit:
    """A fitted Poisson model with a logarithmic link."""

    coefficients: Floats  # natural logarithms of rate ratios, shape (columns,)
    errors: Floats  # their standard errors, shape (columns,)

    def ratio(self, column: int, level: float = 0.95) -> Interval:
        """The rate ratio of one column with its interval of Wald."""
        half = float(norm.isf((1.0 - level) / 2.0)) * self.errors[column]
        middle = float(self.coefficients[column])
        return Interval(
            value=float(np.exp(middle)),
            low=float(np.exp(middle - half)),
            high=float(np.exp(middle + half)),
        )


def poisson_fit(counts: Floats, *, exposure: Floats, design: Floats) -> PoissonFit:
    r"""The maximum-likelihood fit of :math:`\log E[y_i] = \log t_i + x_i^\top \beta`.

    In words: counts grow with exposure, and each column of the design multiplies the rate.
    Source: McCullagh and Nelder, Generalized Linear Models, 2nd ed., London 1989, section 6.2.
    With one column of ones and one for a second group, the ratio is that of the two crude rates,
    and its error the root of the sum of the reciprocal counts:

    >>> y, t = np.array([10.0, 20.0]), np.array([100.0, 100.0])
    >>> fit = poisson_fit(y, exposure=t, design=np.array([[1.0, 0.0], [1.0, 1.0]]))
    >>> round(float(np.exp(fit.coefficients[1])), 6), round(float(fit.errors[1]), 6)
    (2.0, 0.387298)

    Args:
        counts: events of each cell, shape (cells,).
        exposure: of each cell, above 0, shape (cells,).
        design: shape (cells, columns), of full rank, each column with at least one event.
    """
    offset = np.log(exposure)
    beta = np.linalg.lstsq(design, np.log(counts + 0.5) - offset, rcond=None)[0]
    for _ in range(_STEPS):
        means = np.exp(offset + design @ beta)
        information = design.T @ (means[:, None] * design)
        step = np.linalg.solve(information, design.T @ (counts - means))
        reached = _log_likelihood(counts, offset + design @ beta) - _CLOSE
        while _log_likelihood(counts, offset + design @ (beta + step)) < reached:
            step = step / 2.0
        beta = beta + step
        if float(np.max(np.abs(step))) < _CLOSE:
            break
    means = np.exp(offset + design @ beta)
    covariance = np.linalg.inv(design.T @ (means[:, None] * design))
    return PoissonFit(coefficients=beta, errors=np.sqrt(np.diag(covariance)))


def share_interval(successes: int, trials: int, *, level: float = 0.95) -> Interval:
    """The share of successes with its exact interval.

    Source: Clopper and Pearson, Biometrika 26, 1934. Of ten trials with none, the upper bound is
    one less the tenth root of 0.025:

    >>> round(share_interval(0, 10).high, 6)
    0.308497
    """
    tail = (1.0 - level) / 2.0
    low = 0.0 if successes == 0 else float(betaincinv(successes, trials - successes + 1, tail))
    high = 1.0
    if successes < trials:
        high = float(betaincinv(successes + 1, trials - successes, 1.0 - tail))
    return Interval(value=successes / trials, low=low, high=high)


def rate_ratio(
    events: int, *, exposure: float, other_events: int, other_exposure: float
) -> Interval | None:
    """The ratio of two rates with its exact interval; nothing where neither had an event.

    Given the sum, the events of one of two Poisson counts are binomial. Source: Przyborowski and
    Wilenski, Biometrika 31, 1940. Ten events against five, over equal exposure:

    >>> found = rate_ratio(10, exposure=1.0, other_events=5, other_exposure=1.0)
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (2.0, 0.623, 7.457)
    """
    total = events + other_events
    if total == 0:
        return None
    share = share_interval(events, total)
    scale = other_exposure / exposure
    return Interval(
        value=_odds(share.value) * scale,
        low=_odds(share.low) * scale,
        high=_odds(share.high) * scale,
    )


def _odds(share: float) -> float:
    return float("inf") if share >= 1.0 else share / (1.0 - share)


def _log_likelihood(counts: Floats, logs: Floats) -> float:
    """The part of the log-likelihood that depends on the coefficients."""
    with np.errstate(over="ignore"):
        means = np.exp(np.minimum(logs, 700.0))
    return float(np.sum(counts * logs - means))
