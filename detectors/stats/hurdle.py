r"""A count of an event that mostly does not happen: whether it does at all, and then how often."""

import numpy as np
from numpy.typing import NDArray

from detectors.stats.conditional import Sample, Surprise, surprise
from detectors.stats.events import event_share

Floats = NDArray[np.float64]


def hurdle(counts: Floats, *, share: Floats, beyond: Surprise) -> Surprise:
    r"""How each count departs: $p = \pi P$ where the event happened, $(1+\pi)/2$ where it did not.

    Source: Cragg, Some statistical models for limited dependent variables, Econometrica, 1971.

    Args:
        counts: 0 for no event, 1 or more for events, NaN where unknown, shape (rows,).
        share: chance $\pi$ of any event, 0 to 1, NaN where nothing can be said, shape (rows,).
        beyond: of the counts given an event; where it says nothing, the event alone speaks.

    One pair in five has the event; of those a quarter have as many, half of them exactly as many:

    >>> half, many = np.full(2, 0.125), np.full(2, 1.5)
    >>> some = Surprise(middle=half, at_least=np.full(2, 0.25), expected=many)
    >>> found = hurdle(np.array([0.0, 3.0]), share=np.array([0.2, 0.2]), beyond=some)
    >>> found.at_least.round(4).tolist(), found.middle.round(4).tolist()
    ([1.0, 0.05], [0.6, 0.025])
    >>> found.expected.round(4).tolist()
    [0.3, 0.3]
    """
    happened = counts >= 1
    known = ~np.isnan(counts) & ~np.isnan(share)

    def told(some: Floats, none: Floats) -> Floats:
        return np.where(known, np.where(happened, some, none), np.nan)

    return Surprise(
        middle=told(share * _or(beyond.middle, 1.0), (1.0 + share) / 2.0),
        at_least=told(share * _or(beyond.at_least, 1.0), np.ones(counts.size)),
        expected=np.where(known, share * _or(beyond.expected, 1.0), np.nan),
    )


def hurdled(judged: Sample, *, peers: Sample, own: Sample, share: Floats | None = None) -> Surprise:
    """How each count of nought or more departs from those of peers and of the user's own past.

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
    return hurdle(judged.counts, share=share, beyond=surprise(judged, peers=peers, own=own))


def event_alone(events: Floats, *, share: Floats) -> Surprise:
    r"""How each event departs that happens or does not: $\pi$, its mid-p $\pi / 2$.

    >>> found = event_alone(np.array([0.0, 1.0]), share=np.array([0.2, 0.2]))
    >>> found.at_least.tolist(), found.middle.tolist()
    ([1.0, 0.2], [0.6, 0.1])
    """
    one = np.ones(events.size)
    return hurdle(events, share=share, beyond=Surprise(middle=one / 2, at_least=one, expected=one))


def _or(values: Floats, instead: float) -> Floats:
    return np.where(np.isnan(values), instead, values)
