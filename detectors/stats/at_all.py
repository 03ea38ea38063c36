"""A count that is mostly nought, by the user's own share of it and the law of comparable people."""

from detectors.stats.conditional import Sample, Surprise, surprise
from detectors.stats.events import event_share
from detectors.stats.hurdle import hurdle


def surprise_at_all(judged: Sample, *, peers: Sample, own: Sample) -> Surprise:
    """How each count departs, whether it happened at all and how often taken together.

    Args:
        judged: the rows to be tested; a count of 0 is that it did not happen.
        peers: rows of other users.
        own: earlier rows of the judged users.

    One pair of four has it, and never more than once, so once has the chance 1/4:

    >>> import numpy as np
    >>> from detectors.stats.cells import Cells
    >>> cells = Cells(of_row=np.zeros(400, dtype=int), parent_of=np.array([0]))
    >>> counts, users = np.tile([1.0, 0.0, 0.0, 0.0], 100), np.repeat(np.arange(100), 4)
    >>> peers = Sample(counts=counts, cells=cells, users=users, pairs=np.arange(400))
    >>> one = Cells(of_row=np.array([0]), parent_of=np.array([0]))
    >>> new = Sample(counts=np.ones(1), cells=one, users=np.array([999]), pairs=np.array([999]))
    >>> round(float(surprise_at_all(new, peers=peers, own=peers).at_least[0]), 2)
    0.25
    """
    share = event_share(judged, peers=peers, own=own)
    beyond = surprise(judged, peers=peers, own=own)
    return hurdle(judged.counts, share=share, beyond=beyond)
