"""How much more, or less, somebody does of everything: a multiplier shrunk towards one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_LEAST, _MOST = 0.25, 8.0  # beyond this a person's own habit is not allowed to explain a departure


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Observed and expected counts summed by key, with the number of rows behind each."""

    keys: Codes  # ascending, shape (keys,)
    observed: Floats  # shape (keys,)
    expected: Floats  # shape (keys,)
    rows: Floats  # shape (keys,)

    def at(self, wanted: Codes) -> "Sums":
        """The sums of each wanted key, nought where there is none, shape (wanted,)."""
        if self.keys.size == 0:
            nought = np.zeros(wanted.size)
            return Sums(keys=wanted, observed=nought, expected=nought, rows=nought)
        place = np.minimum(np.searchsorted(self.keys, wanted), self.keys.size - 1)
        known = self.keys[place] == wanted
        return Sums(
            keys=wanted,
            observed=np.where(known, self.observed[place], 0.0),
            expected=np.where(known, self.expected[place], 0.0),
            rows=np.where(known, self.rows[place], 0.0),
        )


def summed(keys: Codes, *, observed: Floats, expected: Floats) -> Sums:
    """Observed and expected counts by key.

    >>> three = summed(np.array([7, 2, 7]), observed=np.ones(3), expected=np.array([0.5, 1.0, 0.5]))
    >>> three.keys.tolist(), three.observed.tolist(), three.expected.tolist()
    ([2, 7], [1.0, 2.0], [1.0, 1.0])
    """
    distinct, place = np.unique(keys, return_inverse=True)
    return Sums(
        keys=distinct,
        observed=np.bincount(place, observed, distinct.size).astype(np.float64),
        expected=np.bincount(place, expected, distinct.size).astype(np.float64),
        rows=np.bincount(place, minlength=distinct.size).astype(np.float64),
    )


def multiplier(by_user: Sums, by_pair: Sums, *, rows_per_pair: Floats, prior: float) -> Floats:
    r"""The multiplier of each row, shape (rows,): its user's habit with all but this one person.

    $\nu_u = (k_0 + \sum x) / (k_0 + \sum \mu)$ over the user's other pairs. Rows of one pair repeat
    one another, so that the sums are divided by the user's rows per pair. Source: the Gamma-Poisson
    shrinker, DuMouchel, The American Statistician, 1999.

    Args:
        by_user: sums of the row's user, shape (rows,).
        by_pair: sums of the row's own pair, shape (rows,), left out.
        rows_per_pair: of the user, 1 or more, shape (rows,).
        prior: pseudo-counts that speak for one, above 0.

    Twenty where ten were expected of others, with eight pseudo-counts, is (8 + 20) / (8 + 10):

    >>> key = np.array([3])
    >>> of_user = Sums(keys=key, observed=np.array([26.0]), expected=np.array([11.0]), rows=key)
    >>> of_pair = Sums(keys=key, observed=np.array([6.0]), expected=np.array([1.0]), rows=key)
    >>> multiplier(of_user, of_pair, rows_per_pair=np.ones(1), prior=8.0).round(4).tolist()
    [1.5556]
    """
    observed = np.maximum(by_user.observed - by_pair.observed, 0.0) / rows_per_pair
    expected = np.maximum(by_user.expected - by_pair.expected, 0.0) / rows_per_pair
    return np.clip((prior + observed) / (prior + expected), _LEAST, _MOST)
