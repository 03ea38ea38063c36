r"""From p-values to e-values, and how several become one.

An e-value is 1 or less on average when nothing is unusual, so that $P(E \ge 1/\alpha) \le \alpha$.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SMALLEST_P = 1e-300  # below this a p-value says nothing more


def evidence_value(pvalues: Floats, *, exponent: float = 0.5) -> Floats:
    r"""The e-value of each p-value, same shape: $e(p) = \kappa p^{\kappa-1}$.

    Source: Vovk, Wang, E-values: calibration, combination and applications, Annals of Statistics,
    2021.

    >>> [round(float(e), 3) for e in evidence_value(np.array([1.0, 0.01, 0.0001]))]
    [0.5, 5.0, 50.0]
    """
    values: Floats = exponent * np.maximum(pvalues, SMALLEST_P) ** (exponent - 1.0)
    return values


def mean_of_evidence(values: Floats, *, weights: Floats) -> Floats:
    """The weighted mean of e-values, shape (rows,); strands that abstained (NaN) have no weight.

    Averaging is the only admissible way to merge e-values whose dependence is unknown.
    Source: Vovk, Wang, Annals of Statistics, 2021, section 3.
    A row on which every strand abstained has the value 1: no evidence either way.

    Args:
        values: e-values, shape (rows, strands), NaN where a strand abstained.
        weights: shape (strands,), 0 or above.

    >>> values = np.array([[4.0, np.nan], [1.0, 5.0]])
    >>> mean_of_evidence(values, weights=np.array([1.0, 1.0])).tolist()
    [4.0, 3.0]
    """
    spoken = ~np.isnan(values)
    total = (spoken * weights).sum(axis=1)
    summed = (np.where(spoken, values, 0.0) * weights).sum(axis=1)
    return np.where(total > 0, summed / np.where(total > 0, total, 1.0), 1.0)


def best_of(pvalues: Floats) -> Floats:
    """The smallest of several p-values, paid for by their number (Bonferroni), shape (rows,).

    >>> best_of(np.array([[0.01, 0.5], [0.9, np.nan]])).tolist()
    [0.02, 0.9]
    """
    count = np.maximum((~np.isnan(pvalues)).sum(axis=1), 1)
    smallest = np.min(np.where(np.isnan(pvalues), 1.0, pvalues), axis=1)
    paid: Floats = np.minimum(smallest * count, 1.0)
    return paid
