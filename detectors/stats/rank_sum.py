r"""The sum of places drawn without replacement: exact for a few places, normal for many.

Of the places 1 to ``n``, ``m`` are taken, every set as likely as any other; ``w`` is their sum.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ndtr

from detectors.stats.distinct import distinct
from detectors.stats.proportions import Tails

Floats = NDArray[np.float64]

_FIRST = np.array([[1.0], [0.0], [0.0]])  # of the three columns, the sum
_MOST_EXACT = 4  # places taken, up to which the sets are counted one by one


def tails(total: Floats, *, taken: Floats, places: Floats) -> Tails:
    r"""How far up its law each sum of places lies, shape (rows,).

    $W$ has the mean $m(n+1)/2$ and the variance $m(n-m)(n+1)/12$; with up to four places taken the
    law is counted exactly, with more it is taken for normal, a half added or taken away for
    continuity, and never rarer than one set of all. Source: Wilcoxon, Individual comparisons by
    ranking methods, Biometrics Bulletin, 1945.

    Args:
        total: sums of the places taken.
        taken: how many, 1 or more and no more than there are.
        places: how many there are.

    Of the six pairs of 1 to 4 two sum to 5, one to 6 and one to 7:

    >>> found = tails(np.array([7.0, 5.0]), taken=np.full(2, 2.0), places=np.full(2, 4.0))
    >>> found.at_least.round(4).tolist(), found.exactly.round(4).tolist()
    ([0.1667, 0.6667], [0.1667, 0.3333])
    """
    rows = distinct(np.stack(np.broadcast_arrays(total, taken, places)))
    at_least, above = (_at_least(rows.columns + step * _FIRST) for step in (0, 1))
    return Tails(at_least=at_least[rows.place], exactly=(at_least - above)[rows.place])


def _at_least(rows: Floats) -> Floats:
    """The chance of no smaller a sum, of rows of sum, places taken and places, shape (3, rows)."""
    told = _by_normal(rows)
    few = rows[1] <= _MOST_EXACT
    told[few] = _by_counting(rows[:, few].astype(np.int64))
    return told


def _by_normal(rows: Floats) -> Floats:
    total, taken, places = rows
    mean = taken * (places + 1.0) / 2.0
    deviation = np.sqrt(taken * (places - taken) * (places + 1.0) / 12.0)
    beyond = (total - 0.5 - mean) / np.maximum(deviation, 1e-9)
    one_set = np.exp(-_log_sets(taken, places))
    most = taken * (2.0 * places - taken + 1.0) / 2.0
    return np.where(total > most, 0.0, np.maximum(ndtr(-beyond), one_set))


def _by_counting(rows: NDArray[np.int64]) -> Floats:
    """The share of sets whose sum is no less, by one place more at a time."""
    total, taken, places = rows
    told = np.ones(total.size)
    if not told.size:
        return told
    sums = _MOST_EXACT * int(places.max()) + 2
    sets = np.zeros((_MOST_EXACT + 1, sums))  # by places taken and their sum
    sets[0, 0] = 1.0
    for place in range(1, int(places.max()) + 1):
        for many in range(_MOST_EXACT, 0, -1):
            sets[many, place:] += sets[many - 1, : sums - place]
        here = np.flatnonzero(places == place)
        up = np.cumsum(sets[:, ::-1], axis=1)[:, ::-1]
        told[here] = up[taken[here], np.minimum(total[here], sums - 1)] / up[taken[here], 0]
    return told


def _log_sets(taken: Floats, places: Floats) -> Floats:
    left = np.maximum(places - taken, 0.0)
    ways: Floats = gammaln(places + 1.0) - gammaln(taken + 1.0) - gammaln(left + 1.0)
    return ways
