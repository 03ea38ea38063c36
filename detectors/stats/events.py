"""The chance that something happens to a pair at all: one trial a pair, shrunk to one's peers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.stats.cells import Cells, Laws, by_cell
from detectors.stats.conditional import Sample
from detectors.stats.own_rate import summed
from detectors.stats.proportions import BetaBinomial, fitted

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_LEAST_USERS = 20  # below this a parent says too little of its users and borrows everybody's law
_FEWEST_USERS = 5  # below this nothing can be said of anybody


def event_share(judged: Sample, *, peers: Sample, own: Sample) -> Floats:
    r"""The chance that a pair of this user has a count at all, 0 to 1, shape (rows,).

    The counts of these samples are 0 for no event and 1 or more for an event; all rows of one pair
    are one trial. $\pi_u = (a + x_u) / (a + b + n_u)$ over the user's other pairs, with $a, b$ of
    the users of the same parent. A user without history has the parent's mean, $a / (a + b)$.

    Args:
        judged: the rows to be tested.
        peers: rows of other users, from which a and b are fitted.
        own: earlier rows of the judged users.

    Of each peer's four pairs one has the event: so a newcomer's pair has it with a chance of 1/4.

    >>> users = np.repeat(np.arange(50), 4)
    >>> cells = Cells(of_row=np.zeros(200, dtype=int), parent_of=np.array([0]))
    >>> counts = np.tile([1.0, 0.0, 0.0, 0.0], 50)
    >>> peers = Sample(counts=counts, cells=cells, users=users, pairs=np.arange(200))
    >>> one = Cells(of_row=np.array([0]), parent_of=np.array([0]))
    >>> new = Sample(counts=np.ones(1), cells=one, users=np.array([99]), pairs=np.array([999]))
    >>> round(float(event_share(new, peers=peers, own=peers)[0]), 2)
    0.25
    """
    law = _law_of_users(peers)
    a = np.array([item.mean * item.precision for item in law.by_cell])
    b = np.array([(1.0 - item.mean) * item.precision for item in law.by_cell])
    parents = judged.cells.parent_of[judged.cells.of_row]
    trial = _trials(own)
    nought = np.zeros(trial.users.size)
    of_user = summed(trial.users, observed=trial.events, expected=nought).at(judged.users)
    of_pair = summed(trial.pairs, observed=trial.events, expected=nought).at(judged.pairs)
    events, trials = of_user.observed - of_pair.observed, of_user.rows - of_pair.rows
    share: Floats = (a[parents] + events) / (a[parents] + b[parents] + trials)
    return np.where(law.rows >= _FEWEST_USERS, share, np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trials:
    users: Codes  # shape (pairs,)
    pairs: Codes  # shape (pairs,)
    parents: Codes  # shape (pairs,)
    events: Floats  # 0 or 1, shape (pairs,)


def _trials(sample: Sample) -> _Trials:
    """The pairs that could be counted at all; a row without a count is no trial."""
    told = np.flatnonzero(~np.isnan(sample.counts))
    pairs, first, place = np.unique(sample.pairs[told], return_index=True, return_inverse=True)
    happened = np.bincount(place, sample.counts[told] >= 1, pairs.size) > 0
    return _Trials(
        users=sample.users[told[first]],
        pairs=pairs,
        parents=sample.cells.parent_of[sample.cells.of_row[told[first]]],
        events=happened.astype(np.float64),
    )


def _law_of_users(peers: Sample) -> Laws[BetaBinomial]:
    """The law of each parent's share of pairs with an event, fitted over its users."""
    trial = _trials(peers)
    users, first, place = np.unique(trial.users, return_index=True, return_inverse=True)
    events = np.bincount(place, trial.events, users.size).astype(np.float64)
    pairs = np.bincount(place, minlength=users.size).astype(np.float64)
    parents = int(peers.cells.parent_of.max(initial=0)) + 1
    cells = Cells(of_row=trial.parents[first], parent_of=np.arange(parents))
    return by_cell((events, pairs), cells, _likeliest, least=_LEAST_USERS)


def _likeliest(columns: tuple[Floats, ...], weights: Floats) -> BetaBinomial:
    return fitted(columns[0], trials=np.maximum(columns[1], 1.0), weights=weights)
