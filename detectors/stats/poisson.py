"""Counts of rare and independent events: the Poisson law and its tail."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc

Floats = NDArray[np.float64]


def at_least(counts: Floats, *, mean: Floats) -> Floats:
    r"""The probability of a count as large as each given one or larger, shape (rows,).

    $P(X \ge x) = P(x, \mu)$, the regularised incomplete gamma function. Source: Johnson, Kemp,
    Kotz, Univariate Discrete Distributions, 3rd ed., 2005, section 4.2.

    Of a mean of one, two or more have the chance $1 - 2/e$:

    >>> at_least(np.array([0.0, 1.0, 2.0]), mean=np.ones(3)).round(6).tolist()
    [1.0, 0.632121, 0.264241]
    """
    tail = np.asarray(gammainc(np.maximum(counts, 1.0), mean), dtype=np.float64)
    return np.where(np.isnan(counts), np.nan, np.where(counts < 1, 1.0, tail))


def middle_p(counts: Floats, *, mean: Floats) -> Floats:
    r"""The mid-p of each count, shape (rows,): $P(X > x) + P(X = x)/2$.

    $1 - 2.5/e + 1/4e$ for two of a mean of one:

    >>> middle_p(np.array([2.0]), mean=np.ones(1)).round(6).tolist()
    [0.172271]
    """
    return (at_least(counts, mean=mean) + at_least(counts + 1.0, mean=mean)) / 2.0
