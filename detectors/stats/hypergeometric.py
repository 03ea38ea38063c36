r"""Marked ones among those drawn without replacement: the hypergeometric law and its tail.

Of ``t`` days ``m`` are marked and ``n`` are drawn; ``k`` of those drawn are marked.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln

from detectors.stats.distinct import distinct
from detectors.stats.proportions import Tails

Floats = NDArray[np.float64]


def tails(inside: Floats, *, drawn: Floats, marked: Floats, days: Floats) -> Tails:
    r"""How far up its law each number of marked ones lies, equal rows worked out once.

    $P(K = k) = \binom{m}{k} \binom{t-m}{n-k} / \binom{t}{n}$, the terms summed upward by their
    recurrence. Source: Fisher, The design of experiments, 1935, chapter 2 (eight cups, four marked,
    four drawn: all four right has the chance 1/70, three or more 17/70).

    Args:
        inside: of the drawn, marked; shape (rows,).
        drawn: shape (rows,).
        marked: shape (rows,).
        days: of which they are drawn, no fewer than the marked and the drawn together, those
            inside counted once; shape (rows,).

    >>> four, eight = np.full(2, 4.0), np.full(2, 8.0)
    >>> found = tails(np.array([4.0, 3.0]), drawn=four, marked=four, days=eight)
    >>> (70 * found.at_least).round(6).tolist(), (70 * found.middle_p).round(6).tolist()
    ([1.0, 17.0], [0.5, 9.0])
    """
    rows = distinct(np.stack(np.broadcast_arrays(inside, drawn, marked, days)))
    k, n, m, t = rows.columns
    exactly = np.exp(_log_ways(m, k) + _log_ways(t - m, n - k) - _log_ways(t, n))
    term, total = np.ones(k.size), np.ones(k.size)
    for step in range(int(np.max(np.minimum(m, n) - k, initial=0.0))):
        j = k + step
        left = np.maximum((m - j) * (n - j), 0.0)
        term = term * left / ((j + 1.0) * np.maximum(t - m - n + j + 1.0, 1.0))
        total = total + term
    at_least = np.where(k <= 0, 1.0, np.minimum(exactly * total, 1.0))
    return Tails(at_least=at_least[rows.place], exactly=np.minimum(exactly, at_least)[rows.place])


def _log_ways(many: Floats, taken: Floats) -> Floats:
    ways: Floats = -np.log1p(many) - betaln(many - taken + 1.0, taken + 1.0)
    return ways
