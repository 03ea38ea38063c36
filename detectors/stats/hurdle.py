"""A count that is nought for most pairs: whether there is any, and given some, how many."""

import numpy as np
from numpy.typing import NDArray

from detectors.stats.conditional import Sample, Surprise, surprise
from detectors.stats.events import event_share

Floats = NDArray[np.float64]


def hurdled(judged: Sample, *, peers: Sample, own: Sample, share: Floats | None = None) -> Surprise:
    r"""How each count of nought or more departs, the chance of there being any paid for.

    $p = \pi_u P(N \ge n \mid N \ge 1)$ where there is some, 1 where there is none; the mid-p is
    $\pi_u$ times that of the count, or $(1 + \pi_u)/2$. Source: Cragg, Some statistical models for
    limited dependent variables, Econometrica, 1971.

    Args:
        judged: the rows to be tested; a count is 0 where the thing did not happen.
        peers: rows of other users.
        own: earlier rows of the judged users.
        share: the chance of there being any, 0 to 1, shape (rows,), where it is known better than
            by the pairs of these samples.

    One pair in four of everybody's has a count, so that a pair without one lies at (1 + 1/4)/2:

    >>> from detectors.stats.cells import Cells
    >>> users = np.repeat(np.arange(50), 4)
    >>> cells = Cells(of_row=np.zeros(200, dtype=int), parent_of=np.array([0]))
    >>> counts = np.tile([1.0, 0.0, 0.0, 0.0], 50)
    >>> peers = Sample(counts=counts, cells=cells, users=users, pairs=np.arange(200))
    >>> one = Cells(of_row=np.array([0]), parent_of=np.array([0]))
    >>> new = Sample(counts=np.zeros(1), cells=one, users=np.array([99]), pairs=np.array([999]))
    >>> told = hurdled(new, peers=peers, own=peers)
    >>> told.at_least.tolist(), told.middle.round(2).tolist()
    ([1.0], [0.63])
    """
    if share is None:
        share = event_share(judged, peers=peers, own=own)
    count = surprise(judged, peers=peers, own=own)
    return Surprise(
        middle=_either(judged.counts, share * _or_one(count.middle), none=(1.0 + share) / 2.0),
        at_least=_either(
            judged.counts, share * _or_one(count.at_least), none=np.where(np.isnan(share), share, 1)
        ),
        expected=share * _or_one(count.expected),
    )


def _either(counts: Floats, some: Floats, *, none: Floats) -> Floats:
    """One p-value where there was something, another where there was not, NaN where unknown."""
    return np.where(np.isnan(counts), np.nan, np.where(counts >= 1, some, none))


def _or_one(told: Floats) -> Floats:
    """What is told, or 1 where peers have too few such counts to say how many are many."""
    return np.where(np.isnan(told), 1.0, told)
