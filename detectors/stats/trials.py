"""Somebody's share of trials that went one way, shrunk to those of comparable people."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.stats.cells import Cells, Laws, by_cell
from detectors.stats.proportions import BetaBinomial, fitted

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_LEAST_USERS = 20  # below this a parent says too little of its users and borrows everybody's law
_FEWEST_USERS = 5  # below this nothing can be said of anybody


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialSample:
    """Successes among the trials of each row's user."""

    successes: Floats  # 0 to the trials, shape (rows,)
    trials: Floats  # 0 or more, NaN where unknown, shape (rows,)
    cells: Cells
    users: Codes  # shape (rows,)


def shrunk_share(judged: TrialSample, *, peers: TrialSample) -> Floats:
    r"""The chance of a success of each row's user, 0 to 1, shape (rows,); NaN without peers.

    $\pi_u = (a + x_u) / (a + b + n_u)$ with $a, b$ fitted over the users of the same parent, each
    by the row with the most trials. Source: Robbins, An empirical Bayes approach to statistics,
    Berkeley Symposium, 1956.

    Args:
        judged: the rows to be tested.
        peers: rows of other users.

    Every peer has one of four: so has somebody new, and less than that who has none of 96:

    >>> fifty = Cells(of_row=np.zeros(50, dtype=int), parent_of=np.array([0]))
    >>> peers = TrialSample(successes=np.ones(50), trials=np.full(50, 4.0), cells=fifty,
    ...     users=np.arange(50))
    >>> two = Cells(of_row=np.zeros(2, dtype=int), parent_of=np.array([0]))
    >>> new = TrialSample(successes=np.zeros(2), trials=np.array([0.0, 96.0]), cells=two,
    ...     users=np.array([77, 78]))
    >>> share = shrunk_share(new, peers=peers)
    >>> round(float(share[0]), 2), bool(share[1] < share[0])
    (0.25, True)
    """
    law = _law_of_users(peers)
    a = np.array([item.mean * item.precision for item in law.by_cell])
    b = np.array([(1.0 - item.mean) * item.precision for item in law.by_cell])
    parents = judged.cells.parent_of[judged.cells.of_row]
    total = a[parents] + b[parents] + judged.trials
    share: Floats = (a[parents] + np.minimum(judged.successes, judged.trials)) / total
    return np.where(law.rows >= _FEWEST_USERS, share, np.nan)


def _law_of_users(peers: TrialSample) -> Laws[BetaBinomial]:
    told = np.flatnonzero(peers.trials >= 1)
    order = told[np.lexsort((-peers.successes[told], -peers.trials[told], peers.users[told]))]
    _, first = np.unique(peers.users[order], return_index=True)
    rows = order[first]
    parents = int(peers.cells.parent_of.max(initial=0)) + 1
    cells = Cells(
        of_row=peers.cells.parent_of[peers.cells.of_row[rows]], parent_of=np.arange(parents)
    )
    columns = (peers.successes[rows], peers.trials[rows])
    return by_cell(columns, cells, _likeliest, least=_LEAST_USERS)


def _likeliest(columns: tuple[Floats, ...], weights: Floats) -> BetaBinomial:
    return fitted(columns[0], trials=np.maximum(columns[1], 1.0), weights=weights)
